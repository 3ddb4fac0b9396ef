//! No card number and no PIN leaves the reader in the clear: not into the journal, the log, the screen, a receipt or
//! a message to the cloud (contract 3.6).

use vinr_domain::IntentId;
use vinr_sandbox::deck;
use vinr_wire::link::{Simulation, ToCloud};

use crate::world::{Bench, log};

/// Whether the number, or nearly all of it, stands anywhere in the bytes. Runs of zeros prove nothing.
fn shows(bytes: &[u8], number: &str) -> bool {
    let telling = |digits: &&[u8]| digits.iter().any(|digit| *digit != b'0');
    number
        .as_bytes()
        .windows(13)
        .filter(telling)
        .any(|digits| bytes.windows(13).any(|window| window == digits))
}

fn number_of(card: &deck::TestCard) -> String {
    card.present(None, None).unwrap().issuer_view(|view| view.pan.to_owned())
}

#[tokio::test(start_paused = true)]
async fn no_card_number_stands_anywhere() {
    let mut bench = Bench::new().await;
    let mut seen = Vec::new();
    let mut numbers = Vec::new();
    for (n, card) in deck::documented().enumerate() {
        let intent = IntentId(n as u128 + 1);
        let mut collect = bench.collect(intent.0);
        collect.simulation = Some(Simulation { card: Some(card.name().to_owned()), delay_ms: Some(10) });
        bench.prompts(&collect).await;
        let said = bench.cloud.recv().await;
        let ToCloud::Authorize(authorize) = &said else { panic!("{said:?}") };
        bench.approve(intent, authorize.request.stan);
        seen.extend(format!("{said:?}").into_bytes());
        seen.extend(said.encode());
        bench.cloud.recv().await;
        seen.extend(format!("{:?}", bench.screen()).into_bytes());
        numbers.push(number_of(card));
    }
    let text = log().text();
    assert!(text.contains("Approved"), "the log was not captured");
    let places = [
        ("the journal", bench.disk.bytes()),
        ("the log", text.into_bytes()),
        ("the receipts", bench.printer.printed().concat().into_bytes()),
        ("messages and screens", seen),
    ];
    for number in &numbers {
        assert!(shows(number.as_bytes(), number), "the search finds nothing");
        for (place, bytes) in &places {
            assert!(!bytes.is_empty() && !shows(bytes, number), "a card number stands in {place}");
        }
    }
}
