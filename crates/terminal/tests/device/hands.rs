//! A person in the place of the simulated cardholder: nothing happens by itself, a card is read in the way in which it is
//! held out, and its PIN is the one that was typed, which stands nowhere but under the seal.

use vinr_domain::{EntryMode, IntentId};
use vinr_terminal::reader::{Pin, PresentError};
use vinr_terminal::screen::Screen;
use vinr_wire::card::{SealContext, open};
use vinr_wire::link::ToCloud;

use crate::world::{Bench, LINK_ID, log, nobody, pass, reader_key};

const ONE: IntentId = IntentId(1);
/// Long enough not to stand anywhere by chance.
const TYPED: &str = "739516284";

async fn asked() -> Bench {
    let mut bench = Bench::new().await;
    bench.hands.set_by_hand(true);
    let collect = bench.collect(1);
    bench.prompts(&collect).await;
    bench
}

#[tokio::test(start_paused = true)]
async fn nobody_pays_while_a_person_has_not() {
    let mut bench = asked().await;
    pass(60_000).await;
    assert!(matches!(bench.screen(), Screen::Prompt { .. }));
    assert_eq!(bench.terminal().hold_out("visa_approved", EntryMode::Swipe).await, Ok(ONE));
    let ToCloud::Authorize(authorize) = bench.cloud.recv().await else { panic!("no request") };
    assert_eq!(authorize.request.card.entry_mode, EntryMode::Swipe);
}

#[tokio::test(start_paused = true)]
async fn the_pin_is_the_one_that_was_typed() {
    let mut bench = asked().await;
    let terminal = bench.terminal();
    assert_eq!(terminal.enter_pin(Pin::new(TYPED)).await, Err(PresentError::NoPinAsked));
    // A card with a PIN has no stripe to be read.
    assert_eq!(terminal.hold_out("online_pin", EntryMode::Swipe).await, Err(PresentError::NotThisWay));
    assert_eq!(terminal.hold_out("online_pin", EntryMode::Chip).await, Ok(ONE));
    bench.shows(|screen| matches!(screen, Screen::PinEntry { .. })).await;
    pass(30_000).await;
    let terminal = bench.terminal();
    for bad in ["", "123", "1234567890123", "12a4"] {
        assert_eq!(terminal.enter_pin(Pin::new(bad)).await, Err(PresentError::BadPin), "{bad:?}");
    }
    let again = terminal.hold_out("visa_approved", EntryMode::Chip).await;
    assert_eq!(again, Err(PresentError::AlreadyPresented));
    assert_eq!(terminal.enter_pin(Pin::new(TYPED)).await, Ok(()));
    let said = bench.cloud.recv().await;
    let ToCloud::Authorize(authorize) = &said else { panic!("{said:?}") };
    let (generation, stan) = (authorize.request.generation, authorize.request.stan);
    let context = SealContext { terminal: LINK_ID, generation, stan, intent: ONE };
    let card = open(&authorize.sealed_card, &reader_key(), context).unwrap();
    card.issuer_view(|view| {
        assert_eq!((view.pin, view.entry_mode), (Some(TYPED), EntryMode::Chip));
    });
    bench.approve(ONE, stan);
    bench.cloud.recv().await;
    let places = [
        ("the journal", bench.disk.bytes()),
        ("the log", log().text().into_bytes()),
        ("the receipts", bench.printer.printed().concat().into_bytes()),
        ("the message", said.encode().to_vec()),
    ];
    for (place, bytes) in &places {
        let shown = bytes.windows(TYPED.len()).any(|window| window == TYPED.as_bytes());
        assert!(!bytes.is_empty() && !shown, "the PIN stands in {place}");
    }
    assert!(!format!("{:?}", Pin::new(TYPED)).contains('7'));
}

#[tokio::test(start_paused = true)]
async fn a_person_may_cancel_instead_of_typing() {
    let mut bench = asked().await;
    assert_eq!(bench.terminal().hold_out("online_pin", EntryMode::Contactless).await, Ok(ONE));
    bench.shows(|screen| matches!(screen, Screen::PinEntry { .. })).await;
    assert!(bench.terminal().press_cancel().await);
    assert!(matches!(bench.cloud.recv().await, ToCloud::Ended { intent: ONE, .. }));
    let late = bench.terminal().enter_pin(Pin::new("1234")).await;
    assert_eq!(late, Err(PresentError::NoPinAsked));
}

#[tokio::test(start_paused = true)]
async fn what_a_request_says_of_its_customer_holds_for_a_person_too() {
    let mut bench = Bench::new().await;
    bench.hands.set_by_hand(true);
    let mut collect = bench.collect(1);
    collect.simulation =
        Some(vinr_wire::link::Simulation { card: Some("amex_approved".into()), delay_ms: None });
    bench.prompts(&collect).await;
    let ToCloud::Authorize(authorize) = bench.cloud.recv().await else { panic!("no request") };
    assert_eq!(authorize.request.card.entry_mode, EntryMode::Contactless);
    // And a simulated customer who presents nothing leaves the card to a person.
    let mut bench = Bench::new().await;
    let mut collect = bench.collect(2);
    collect.simulation = nobody();
    bench.prompts(&collect).await;
    assert_eq!(bench.terminal().hold_out("visa_approved", EntryMode::Contactless).await, Ok(IntentId(2)));
    assert!(matches!(bench.cloud.recv().await, ToCloud::Authorize(_)));
}
