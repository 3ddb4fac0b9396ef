//! The table of the batch machine, made by asking it.

use vinr_domain::batch::{Batch, Event, Opening, Totals, open, step};
use vinr_domain::payment::Terms;
use vinr_domain::{AccountId, BatchId, Currency, Timestamp};

use super::table::{Outcome, Sample, section};

const START: Timestamp = Timestamp(1_800_000_000_000);
const SALE: Totals = Totals { sales_count: 1, sales_minor: 4_500, refunds_count: 0, refunds_minor: 0 };

const PREFACE: &str = "# Every state and event of a batch\n\n\
Made by `cargo xtask gen` from `crates/domain/examples/transitions`; the machine itself fills it in. A dash means that \
the event has no meaning in the state and changes nothing. *Due* is when somebody looks at the batch again; an open one \
at the end of its business day, here after 36000 s. Transactions join in the transaction that writes `Gathered`.\n";

/// The whole table.
pub fn table() -> String {
    let sections = subjects().into_iter().map(|(title, batch)| {
        let samples: Vec<_> = events()
            .into_iter()
            .map(|event| Sample {
                event: format!("{:?}", event.kind()),
                case: "",
                outcome: outcome(&batch, &event),
            })
            .collect();
        section(title, &["Event", "Next state", "Status", "Effects", "Due"], &samples)
    });
    std::iter::once(PREFACE.to_owned()).chain(sections).collect()
}

fn subjects() -> Vec<(&'static str, Batch)> {
    let reach = |events: &[Event]| {
        events.iter().fold(opened(), |batch, event| {
            step(&batch, event, START, &Terms::default()).expect("the way to a subject is legal").0
        })
    };
    let close = Event::CloseRequested { reference: None };
    let all = Event::AllGathered { pending_count: 0 };
    let one = [close.clone(), Event::Gathered(SALE)];
    let closed = [&one[..], std::slice::from_ref(&all)].concat();
    let settled = [&closed[..], &[Event::SettlementAcknowledged]].concat();
    vec![
        ("Open", reach(&[])),
        ("Closing, nothing gathered", reach(std::slice::from_ref(&close))),
        ("Closing, a sale gathered", reach(&one)),
        ("Closed", reach(&closed)),
        ("Settled", reach(&settled)),
    ]
}

fn events() -> [Event; 5] {
    [
        Event::CloseRequested { reference: None },
        Event::Gathered(SALE),
        Event::AllGathered { pending_count: 0 },
        Event::SettlementAcknowledged,
        Event::SettlementUnanswered,
    ]
}

fn outcome(batch: &Batch, event: &Event) -> Outcome {
    let cells = match step(batch, event, START, &Terms::default()) {
        Err(_) => vec!["–".to_owned(), String::new(), String::new(), String::new()],
        Ok((next, effects)) => {
            let same = next.state == batch.state;
            let state = if same { "unchanged".to_owned() } else { format!("{:?}", next.state.kind()) };
            let effects: Vec<_> = effects.iter().map(|effect| format!("{effect:?}")).collect();
            let due = next.due_at.map_or("never".to_owned(), |due| format!("+{} ms", due.ms_since(START)));
            vec![state, next.status().as_str().to_owned(), effects.join(", "), due]
        }
    };
    Outcome { cells }
}

fn opened() -> Batch {
    let opening = Opening {
        id: BatchId(1),
        account: AccountId::parse("acct_1").expect("a well-formed id"),
        livemode: false,
        terminal: "term_1".into(),
        location: None,
        currency: Currency::parse("EUR").expect("a currency"),
        opened_at: START,
    };
    open(opening, START.plus_ms(36_000_000))
}
