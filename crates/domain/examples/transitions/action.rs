//! The table of the machine of remote actions, made by asking it.

use vinr_domain::Timestamp;
use vinr_domain::action::{Event, Failure, PATIENCE_MS, REPORT_MARGIN_MS, State, step};

use super::table::{Outcome, Sample, section};

const PREFACE: &str = "# Every state and event of a remote action\n\n\
Made by `cargo xtask gen` from `crates/domain/examples/transitions`; the machine itself fills it in. A dash means that \
the event changes nothing in the state. *Status* is what the API shows afterwards.\n";

const EXPIRES_AT: Timestamp = Timestamp(1_000_000);

/// The whole table.
pub fn table() -> String {
    let mut text = PREFACE.to_owned();
    for (title, state) in states() {
        let samples: Vec<_> = events()
            .into_iter()
            .map(|(case, event, now)| Sample {
                event: event_name(&event),
                case,
                outcome: outcome(&state, &event, now),
            })
            .collect();
        text += &section(title, &["Event", "Next state", "Status", "Effects"], &samples);
    }
    text
}

fn states() -> [(&'static str, State); 5] {
    [
        ("Queued", State::Queued),
        ("Sent", State::Sent),
        ("Processing", State::Processing),
        ("Completed", State::Completed { nothing_to_do: false }),
        ("Failed", State::Failed(Failure::Cancelled)),
    ]
}

fn events() -> [(&'static str, Event, Timestamp); 12] {
    let (early, late) = (EXPIRES_AT.plus_ms(-1), EXPIRES_AT.plus_ms(PATIENCE_MS));
    [
        ("in time", Event::Reached, early),
        ("past its expiry", Event::Reached, EXPIRES_AT),
        ("", Event::NothingToDo, early),
        ("", Event::Begun, early),
        ("", Event::Done, early),
        ("", Event::Refused("no room".to_owned()), early),
        ("in time", Event::CancelRequested, early),
        ("past its expiry", Event::CancelRequested, EXPIRES_AT),
        ("before its expiry", Event::Lapsed, early),
        ("at its expiry", Event::Lapsed, EXPIRES_AT),
        ("a margin after its expiry", Event::Lapsed, EXPIRES_AT.plus_ms(REPORT_MARGIN_MS)),
        ("an hour after its expiry", Event::Lapsed, late),
    ]
}

fn outcome(state: &State, event: &Event, now: Timestamp) -> Outcome {
    let cells = match step(state, event, EXPIRES_AT, now) {
        Err(_) => vec!["–".to_owned(), String::new(), String::new()],
        Ok(step) => {
            let next =
                if step.state == *state { "unchanged".to_owned() } else { format!("{:?}", step.state) };
            let effects: Vec<_> = step.effects.iter().map(|effect| format!("{effect:?}")).collect();
            vec![next, step.state.status().as_str().to_owned(), effects.join(", ")]
        }
    };
    Outcome { cells }
}

fn event_name(event: &Event) -> String {
    match event {
        Event::Refused(_) => "Refused".to_owned(),
        Event::Reached
        | Event::NothingToDo
        | Event::Begun
        | Event::Done
        | Event::CancelRequested
        | Event::Lapsed => format!("{event:?}"),
    }
}
