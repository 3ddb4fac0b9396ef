//! Payments on the device, seen from the cloud, the screen and the printer. Virtual time; nothing here waits.

use crate::world::{Bench, euros, nobody};
use vinr_domain::payment::EndCause;
use vinr_domain::{Brand, DeclineCode, EntryMode, IntentId};
use vinr_terminal::reader::PresentError;
use vinr_terminal::screen::Screen;
use vinr_wire::link::{
    CardPresented, CollectAnswer, HostVerdict, PresentCard, Simulation, Takes, ToCloud, ToTerminal,
};

const ONE: IntentId = IntentId(1);
const TWO: IntentId = IntentId(2);

fn ended(message: &ToCloud) -> Option<(IntentId, EndCause)> {
    match message {
        ToCloud::Ended { intent, cause, .. } => Some((*intent, *cause)),
        _ => None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_card_is_charged_once_and_everybody_hears_of_it() {
    let mut bench = Bench::new().await;
    assert!(matches!(bench.screen(), Screen::Idle { .. }), "{:?}", bench.screen());
    let collect = bench.collect(1);
    let begun = bench.cloud.now();
    bench.prompts(&collect).await;
    let items = Vec::new();
    let prompt = Screen::Prompt { amount: euros(42_00), reference: Some("order 17".into()), items };
    assert_eq!(bench.screen(), prompt);
    let (stan, _) = bench.request(ONE).await;
    assert_eq!((stan, bench.cloud.now().ms_since(begun)), (1, 1_500), "the cardholder's pace");
    assert_eq!(bench.screen(), Screen::Authorizing { amount: euros(42_00) });
    assert_eq!(bench.printer.printed().len(), 0);
    bench.approve(ONE, stan);
    assert_eq!(bench.cloud.recv().await, ToCloud::ResultConfirmed { intent: ONE, stan });
    match bench.screen() {
        Screen::Approved { amount, last4, auth_code } => {
            assert_eq!((amount, auth_code.as_str()), (euros(42_00), "A12345"));
            assert_eq!(last4.unwrap().as_str(), "4242");
        }
        other => panic!("{other:?}"),
    }
    let printed = bench.printer.printed();
    assert_eq!(printed.len(), 2, "{printed:?}");
    for line in ["€42.00", "VISA", "************4242", "contactless", "order 17", "A12345"] {
        assert!(printed.iter().all(|receipt| receipt.contains(line)), "{line} in {printed:?}");
    }
    bench.shows(|screen| matches!(screen, Screen::Idle { .. })).await;
    bench.cloud.silence(120_000).await;
}

#[tokio::test(start_paused = true)]
async fn one_payment_costs_two_syncs_and_numbers_rise() {
    let mut bench = Bench::new().await;
    let before = bench.disk.syncs();
    for number in 1..=3_u32 {
        let intent = IntentId(u128::from(number));
        let collect = bench.collect(intent.0);
        bench.prompts(&collect).await;
        let (stan, _) = bench.request(intent).await;
        assert_eq!(stan, number);
        bench.approve(intent, stan);
        assert_eq!(bench.cloud.recv().await, ToCloud::ResultConfirmed { intent, stan });
        assert_eq!(bench.disk.syncs() - before, u64::from(number) * 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_declined_card_says_why() {
    let mut bench = Bench::new().await;
    let collect = bench.collect(1);
    bench.prompts(&collect).await;
    let (stan, _) = bench.request(ONE).await;
    let verdict = HostVerdict::Declined(DeclineCode::InsufficientFunds);
    bench.cloud.send(ToTerminal::AuthorizeResult { intent: ONE, stan, verdict, renamed: None });
    assert_eq!(bench.cloud.recv().await, ToCloud::ResultConfirmed { intent: ONE, stan });
    assert_eq!(bench.screen(), Screen::Declined { code: DeclineCode::InsufficientFunds });
    assert_eq!(bench.printer.printed().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_command_says_which_card_is_presented_and_when() {
    let mut bench = Bench::new().await;
    let mut collect = bench.collect(1);
    collect.simulation = Some(Simulation { card: Some("online_pin".into()), delay_ms: Some(10_000) });
    let begun = bench.cloud.now();
    bench.prompts(&collect).await;
    bench.shows(|screen| matches!(screen, Screen::PinEntry { .. })).await;
    assert_eq!(bench.cloud.now().ms_since(begun), 10_000);
    bench.request(ONE).await;
    assert_eq!(bench.cloud.now().ms_since(begun), 12_000, "the PIN takes its time");
}

#[tokio::test(start_paused = true)]
async fn a_cancel_before_the_card_ends_it_for_good() {
    let mut bench = Bench::new().await;
    let mut collect = bench.collect(1);
    collect.simulation = nobody();
    bench.prompts(&collect).await;
    bench.cloud.send(ToTerminal::Cancel { intent: ONE, attempt_epoch: 2 });
    let ended = ToCloud::Ended { intent: ONE, attempt_epoch: 2, cause: EndCause::Cancelled, origin: None };
    assert_eq!(bench.cloud.recv().await, ended);
    assert_eq!(bench.screen(), Screen::Cancelled { cause: EndCause::Cancelled });
    // The command was on another way: its fence is lower, so it is dropped. At the same fence it is told the end.
    bench.cloud.send(ToTerminal::Collect(collect.clone()));
    bench.cloud.silence(5_000).await;
    collect.attempt_epoch = 2;
    bench.cloud.send(ToTerminal::Collect(collect));
    assert_eq!(bench.cloud.recv().await, ended);
    bench.cloud.silence(120_000).await;
}

#[tokio::test(start_paused = true)]
async fn a_cancel_after_the_card_comes_too_late() {
    let mut bench = Bench::new().await;
    let collect = bench.collect(1);
    bench.prompts(&collect).await;
    let (stan, _) = bench.request(ONE).await;
    bench.cloud.send(ToTerminal::Cancel { intent: ONE, attempt_epoch: 2 });
    assert_eq!(bench.cloud.recv().await, ToCloud::CancelTooLate { intent: ONE, attempt_epoch: 2 });
    assert_eq!(bench.screen(), Screen::Authorizing { amount: euros(42_00) });
    bench.approve(ONE, stan);
    assert_eq!(bench.cloud.recv().await, ToCloud::ResultConfirmed { intent: ONE, stan });
}

#[tokio::test(start_paused = true)]
async fn a_request_that_the_cloud_refused_ends_as_cancelled() {
    let mut bench = Bench::new().await;
    let collect = bench.collect(1);
    bench.prompts(&collect).await;
    let (stan, _) = bench.request(ONE).await;
    let refused =
        ToTerminal::AuthorizeResult { intent: ONE, stan, verdict: HostVerdict::Refused, renamed: None };
    bench.cloud.send(refused.clone());
    assert_eq!(bench.cloud.recv().await, ToCloud::ResultConfirmed { intent: ONE, stan });
    assert_eq!(bench.screen(), Screen::Cancelled { cause: EndCause::Cancelled });
    bench.cloud.send(refused);
    assert_eq!(bench.cloud.recv().await, ToCloud::ResultConfirmed { intent: ONE, stan });
    bench.approve(ONE, stan);
    bench.cloud.silence(10_000).await;
    assert_eq!(bench.printer.printed().len(), 0, "what has ended is never approved");
}

#[tokio::test(start_paused = true)]
async fn a_tombstone_keeps_a_late_command_from_running() {
    let mut bench = Bench::new().await;
    bench.cloud.send(ToTerminal::Cancel { intent: ONE, attempt_epoch: 1 });
    let ended = ToCloud::Ended { intent: ONE, attempt_epoch: 1, cause: EndCause::Cancelled, origin: None };
    assert_eq!(bench.cloud.recv().await, ended);
    bench.lose_power().await;
    bench.start().await;
    // Nobody acknowledged durably before the power went, so it is reported again.
    assert_eq!(bench.cloud.recv().await, ended);
    let collect = bench.collect(1);
    bench.cloud.send(ToTerminal::Collect(collect));
    assert_eq!(bench.cloud.recv().await, ended);
    assert!(matches!(bench.screen(), Screen::Idle { .. }));
    bench.cloud.silence(120_000).await;
}

#[tokio::test(start_paused = true)]
async fn nobody_with_a_card_ends_the_prompt() {
    let mut bench = Bench::new().await;
    bench.config.settings.prompt_timeout_ms = 30_000;
    bench.shutdown().await;
    bench.start().await;
    let mut collect = bench.collect(1);
    collect.simulation = nobody();
    let begun = bench.cloud.now();
    bench.prompts(&collect).await;
    assert_eq!(ended(&bench.cloud.recv().await), Some((ONE, EndCause::PromptTimedOut)));
    assert_eq!(bench.cloud.now().ms_since(begun), 30_000);
    assert_eq!(bench.screen(), Screen::Cancelled { cause: EndCause::PromptTimedOut });
}

#[tokio::test(start_paused = true)]
async fn the_customer_can_press_cancel() {
    let mut bench = Bench::new().await;
    assert!(!bench.terminal().press_cancel().await);
    let mut collect = bench.collect(1);
    collect.simulation = nobody();
    bench.prompts(&collect).await;
    assert!(bench.terminal().press_cancel().await);
    assert_eq!(ended(&bench.cloud.recv().await), Some((ONE, EndCause::CustomerCancelled)));
    assert!(!bench.terminal().press_cancel().await);
}

#[tokio::test(start_paused = true)]
async fn a_second_payment_is_told_that_the_terminal_is_busy() {
    let mut bench = Bench::new().await;
    let mut one = bench.collect(1);
    one.simulation = nobody();
    bench.prompts(&one).await;
    let two = bench.collect(2);
    bench.cloud.send(ToTerminal::Collect(two.clone()));
    let busy = Takes::Refused(DeclineCode::TerminalBusy);
    let refused = CollectAnswer { intent: TWO, attempt_epoch: 1, answer: busy };
    assert_eq!(bench.cloud.recv().await, ToCloud::CollectAnswer(refused));
    assert!(bench.terminal().press_cancel().await);
    assert!(ended(&bench.cloud.recv().await).is_some());
    // Busy was not the end of it.
    bench.prompts(&two).await;
    bench.request(TWO).await;
}

#[tokio::test(start_paused = true)]
async fn a_command_that_comes_again_joins_the_payment() {
    let mut bench = Bench::new().await;
    let collect = bench.collect(1);
    bench.prompts(&collect).await;
    bench.prompts(&collect).await;
    let (stan, sealed) = bench.request(ONE).await;
    bench.prompts(&collect).await;
    assert_eq!(bench.request(ONE).await, (stan, sealed), "the same bytes again");
    bench.approve(ONE, stan);
    assert_eq!(bench.cloud.recv().await, ToCloud::ResultConfirmed { intent: ONE, stan });
    bench.cloud.send(ToTerminal::Collect(collect));
    assert!(matches!(bench.cloud.recv().await, ToCloud::StatusQuery { intent: ONE, stan: 1, .. }));
    bench.approve(ONE, stan);
    assert_eq!(bench.cloud.recv().await, ToCloud::ResultConfirmed { intent: ONE, stan });
    bench.cloud.silence(60_000).await;
    assert_eq!(bench.printer.printed().len(), 2, "one payment, two copies");
}

#[tokio::test(start_paused = true)]
async fn a_superseded_command_does_nothing() {
    let mut bench = Bench::new().await;
    let mut collect = bench.collect(1);
    collect.simulation = nobody();
    collect.attempt_epoch = 3;
    bench.prompts(&collect).await;
    bench.cloud.send(ToTerminal::Cancel { intent: ONE, attempt_epoch: 2 });
    bench.cloud.send(ToTerminal::Collect(vinr_wire::link::Collect { attempt_epoch: 2, ..collect.clone() }));
    bench.cloud.silence(5_000).await;
    assert!(matches!(bench.screen(), Screen::Prompt { .. }));
    bench.cloud.send(ToTerminal::Cancel { intent: ONE, attempt_epoch: 4 });
    let last = ToCloud::Ended { intent: ONE, attempt_epoch: 4, cause: EndCause::Cancelled, origin: None };
    assert_eq!(bench.cloud.recv().await, last);
}

#[tokio::test(start_paused = true)]
async fn a_newer_command_extends_the_lease() {
    let mut bench = Bench::new().await;
    let mut collect = bench.collect(1);
    collect.deadline = bench.cloud.now().plus_ms(10_000);
    collect.simulation = Some(Simulation { card: None, delay_ms: Some(20_000) });
    bench.prompts(&collect).await;
    collect.attempt_epoch = 2;
    collect.deadline = bench.cloud.now().plus_ms(60_000);
    bench.prompts(&collect).await;
    match bench.cloud.recv().await {
        ToCloud::Authorize(authorize) => assert_eq!(authorize.request.attempt_epoch, 2),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_card_can_be_presented_at_any_moment_of_a_prompt() {
    let mut bench = Bench::new().await;
    let present = |card: &str| {
        let card = Some(card.to_owned());
        ToTerminal::PresentCard(PresentCard { request: 5, card, entry_mode: Some(EntryMode::Chip) })
    };
    bench.cloud.send(present("visa_approved"));
    match bench.cloud.recv().await {
        ToCloud::CardPresented(CardPresented { request: 5, accepted: false, intent: None, reason }) => {
            assert_eq!(reason, Some(PresentError::NotPrompting.to_string()));
        }
        other => panic!("{other:?}"),
    }
    let mut collect = bench.collect(1);
    collect.simulation = nobody();
    bench.prompts(&collect).await;
    bench.cloud.send(present("no such card"));
    assert!(matches!(bench.cloud.recv().await, ToCloud::CardPresented(said) if !said.accepted));
    bench.cloud.send(present("mastercard_approved"));
    let accepted = CardPresented { request: 5, accepted: true, intent: Some(ONE), reason: None };
    assert_eq!(bench.cloud.recv().await, ToCloud::CardPresented(accepted));
    match bench.cloud.recv().await {
        ToCloud::Authorize(authorize) => {
            let card = authorize.request.card;
            assert_eq!((card.brand, card.entry_mode), (Brand::Mastercard, EntryMode::Chip));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(bench.terminal().present_card(None, None).await, Err(PresentError::NotPrompting));
}

#[tokio::test(start_paused = true)]
async fn an_overdue_answer_is_unknown_and_asked_for_until_it_is_known() {
    let mut bench = Bench::new().await;
    let collect = bench.collect(1);
    bench.prompts(&collect).await;
    let (stan, _) = bench.request(ONE).await;
    let sent = bench.cloud.now();
    for asked_after_ms in [30_000, 40_000, 50_000] {
        assert!(matches!(bench.cloud.recv().await, ToCloud::StatusQuery { intent: ONE, .. }));
        assert_eq!(bench.cloud.now().ms_since(sent), asked_after_ms);
    }
    // Whoever is next need not wait for it, and keeps the screen when the answer comes.
    let mut two = bench.collect(2);
    two.simulation = nobody();
    bench.prompts(&two).await;
    bench.approve(ONE, stan);
    assert_eq!(bench.cloud.recv().await, ToCloud::ResultConfirmed { intent: ONE, stan });
    assert!(matches!(bench.screen(), Screen::Prompt { .. }));
    assert_eq!(bench.printer.printed().len(), 2);
    bench.cloud.silence(30_000).await;
}

#[tokio::test(start_paused = true)]
async fn the_cloud_may_say_itself_that_the_outcome_is_unknown() {
    let mut bench = Bench::new().await;
    let collect = bench.collect(1);
    bench.prompts(&collect).await;
    let (stan, _) = bench.request(ONE).await;
    bench.cloud.send(ToTerminal::AuthorizeResult {
        intent: ONE,
        stan,
        verdict: HostVerdict::Unknown,
        renamed: None,
    });
    assert_eq!(
        bench.shows(|screen| matches!(screen, Screen::Unknown { .. })).await,
        Screen::Unknown { amount: euros(42_00) }
    );
    let declined = HostVerdict::Declined(DeclineCode::CommunicationError);
    bench.cloud.send(ToTerminal::AuthorizeResult { intent: ONE, stan, verdict: declined, renamed: None });
    assert_eq!(bench.cloud.recv().await, ToCloud::ResultConfirmed { intent: ONE, stan });
    bench.cloud.silence(60_000).await;
}

#[tokio::test(start_paused = true)]
async fn a_verdict_on_another_request_changes_nothing() {
    let mut bench = Bench::new().await;
    let collect = bench.collect(1);
    bench.prompts(&collect).await;
    let (stan, _) = bench.request(ONE).await;
    bench.approve(ONE, stan + 1);
    bench.approve(TWO, stan);
    bench.cloud.silence(10_000).await;
    assert_eq!(bench.screen(), Screen::Authorizing { amount: euros(42_00) });
}
