//! The table of the refund machine, made by asking it.

use std::collections::BTreeMap;

use vinr_domain::payment::Terms;
use vinr_domain::refund::{Effect, Event, FailureReason, Order, Refund, accept, step};
use vinr_domain::{AccountId, Currency, Money, PaymentId, RefundId, Timestamp};

use super::table::{Outcome, Sample, section};

const START: Timestamp = Timestamp(1_800_000_000_000);

const PREFACE: &str = "# Every state and event of a refund\n\n\
Made by `cargo xtask gen` from `crates/domain/examples/transitions`; the machine itself fills it in. A dash means that \
the event has no meaning in the state and changes nothing. *Due* is when somebody looks at the refund again. The \
release of what was reserved on the payment is written together with the step.\n";

/// The whole table.
pub fn table() -> String {
    let sections = subjects().into_iter().map(|(title, refund)| {
        let samples: Vec<_> = events()
            .into_iter()
            .map(|event| Sample {
                event: format!("{:?}", event.kind()),
                case: "",
                outcome: outcome(&refund, &event),
            })
            .collect();
        section(title, &["Event", "Next state", "Status", "Effects", "Due"], &samples)
    });
    std::iter::once(PREFACE.to_owned()).chain(sections).collect()
}

fn subjects() -> Vec<(&'static str, Refund)> {
    let reach = |events: &[Event]| {
        events.iter().fold(asking(), |refund, event| {
            step(&refund, event, START, &Terms::default()).expect("the way to a subject is legal").0
        })
    };
    vec![
        ("Asking", reach(&[])),
        ("Uncertain, for the first time", reach(&[Event::Silent])),
        ("Uncertain, for the third time", reach(&[Event::Silent, Event::Silent, Event::Silent])),
        ("Succeeded", reach(&[Event::Acknowledged])),
        ("Failed", reach(&[Event::Refused(FailureReason::Declined)])),
    ]
}

fn events() -> [Event; 5] {
    [
        Event::Acknowledged,
        Event::Refused(FailureReason::Declined),
        Event::Silent,
        Event::NotFound,
        Event::MetadataSet(BTreeMap::new().into()),
    ]
}

fn outcome(refund: &Refund, event: &Event) -> Outcome {
    let cells = match step(refund, event, START, &Terms::default()) {
        Err(_) => vec!["–".to_owned(), String::new(), String::new(), String::new()],
        Ok((next, effects)) => {
            let same = next.state == refund.state;
            let state = if same { "unchanged".to_owned() } else { format!("{:?}", next.state.kind()) };
            let effects: Vec<_> = effects.iter().map(|effect: &Effect| format!("{effect:?}")).collect();
            let due = next.due_at.map_or("never".to_owned(), |due| format!("+{} ms", due.ms_since(START)));
            vec![state, next.status().as_str().to_owned(), effects.join(", "), due]
        }
    };
    Outcome { cells }
}

fn asking() -> Refund {
    let order = Order {
        id: RefundId(1),
        account: AccountId::parse("acct_1").expect("a well-formed id"),
        livemode: false,
        payment: PaymentId(2),
        terminal: "term_1".into(),
        amount: Money { amount_minor: 1_000, currency: Currency::parse("EUR").expect("a currency") },
        reason: None,
        metadata: BTreeMap::new().into(),
    };
    accept(order, START, &Terms::default()).0
}
