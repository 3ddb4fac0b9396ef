//! The table of the pairing machine, made by asking it.

use vinr_domain::Timestamp;
use vinr_domain::pairing::{Event, Illegal, State, Terms, step};

use super::table::{Outcome, Sample, section};

const PREFACE: &str = "# Every state and event of a pairing\n\n\
Made by `cargo xtask gen` from `crates/domain/examples/transitions`; the machine itself fills it in. A dash means that \
the event has no meaning in the state and changes nothing; a word in brackets is why it is refused.\n";

const OVER: Timestamp = Timestamp(1_800_000_900_000);

/// The whole table.
pub fn table() -> String {
    let mut text = PREFACE.to_owned();
    for (title, state) in states() {
        let moments = [("in time", OVER.plus_ms(-1)), ("too late", OVER)];
        let samples: Vec<_> = events()
            .into_iter()
            .flat_map(|event| moments.map(|(case, now)| (event, case, now)))
            .map(|(event, case, now)| Sample {
                event: format!("{event:?}"),
                case,
                outcome: outcome(state, event, now),
            })
            .collect();
        text += &section(title, &["Event", "Next state", "Effect"], &samples);
    }
    text
}

fn states() -> [(&'static str, State); 6] {
    [
        ("Offered", State::Offered { expires_at: OVER }),
        ("Claimed", State::Claimed { expires_at: OVER }),
        ("Issued", State::Issued { expires_at: OVER }),
        ("Confirmed", State::Confirmed),
        ("Expired", State::Expired),
        ("Abandoned", State::Abandoned),
    ]
}

fn events() -> [Event; 5] {
    [Event::Claimed, Event::Fetched, Event::Confirmed, Event::Withdrawn, Event::Lapsed]
}

fn outcome(state: State, event: Event, now: Timestamp) -> Outcome {
    let cells = match step(state, event, now, &Terms::default()) {
        Err(Illegal::Meaningless { .. }) => vec!["–".to_owned(), String::new()],
        Err(refused) => vec![format!("({refused:?})"), String::new()],
        Ok(step) if step.state == state => vec!["unchanged".to_owned(), effect_of(step.effect)],
        Ok(step) => vec![format!("{:?}", step.state.kind()), effect_of(step.effect)],
    };
    Outcome { cells }
}

fn effect_of(effect: Option<vinr_domain::pairing::Effect>) -> String {
    effect.map(|effect| format!("{effect:?}")).unwrap_or_default()
}
