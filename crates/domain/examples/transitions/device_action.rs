//! The table of the terminal's machine of actions, made by asking it.

use std::sync::Arc;

use vinr_domain::device::action::{Event, Order, State, begin, step};

use super::table::{Outcome, Sample, section};

const PREFACE: &str = "# Every state and event of an action on the terminal\n\n\
Made by `cargo xtask gen` from `crates/domain/examples/transitions`; the machine itself fills it in. A dash means that \
the event has no meaning in the state and changes nothing. The state is durable before the first effect.\n";

/// The whole table.
pub fn table() -> String {
    let mut text = PREFACE.to_owned();
    text +=
        "\nAn order that the terminal has not seen:\n\n| Order | State | Effects |\n| --- | --- | --- |\n";
    for order in [Order::Reboot, Order::Update, Order::Lock, Order::Unlock, Order::Flush] {
        let first = begin(order);
        text += &format!("| {order:?} | {} | {} |\n", state_name(&first.state), effects(&first.effects));
    }
    for state in states() {
        let samples: Vec<_> = events()
            .into_iter()
            .map(|event| Sample { event: event_name(&event), case: "", outcome: outcome(&state, &event) })
            .collect();
        text += &section(&state_name(&state), &["Event", "Next state", "Effects"], &samples);
    }
    text
}

fn states() -> [State; 8] {
    [
        State::Waiting(Order::Reboot),
        State::Waiting(Order::Update),
        State::Installing,
        State::Restarting(Order::Reboot),
        State::Restarting(Order::Update),
        State::Forwarding,
        State::Completed,
        State::Failed { reason: Arc::from("a reason") },
    ]
}

fn events() -> [Event; 8] {
    [
        Event::OrderedAgain,
        Event::Free,
        Event::Expired,
        Event::Installed,
        Event::Forwarded,
        Event::Refused { reason: Arc::from("a reason") },
        Event::Started { as_wanted: true },
        Event::Started { as_wanted: false },
    ]
}

fn outcome(state: &State, event: &Event) -> Outcome {
    let cells = match step(state, event) {
        Err(_) => vec!["–".to_owned(), String::new()],
        Ok(step) => {
            let next = if step.state == *state { "unchanged".to_owned() } else { state_name(&step.state) };
            vec![next, effects(&step.effects)]
        }
    };
    Outcome { cells }
}

fn effects<E: std::fmt::Debug>(effects: &[E]) -> String {
    effects.iter().map(|effect| format!("{effect:?}")).collect::<Vec<_>>().join(", ")
}

fn state_name(state: &State) -> String {
    match state {
        State::Waiting(order) => format!("Waiting ({order:?})"),
        State::Restarting(order) => format!("Restarting ({order:?})"),
        State::Installing | State::Forwarding | State::Completed => format!("{state:?}"),
        State::Failed { .. } => "Failed".to_owned(),
    }
}

fn event_name(event: &Event) -> String {
    match event {
        Event::Refused { .. } => "Refused".to_owned(),
        Event::Started { as_wanted: true } => "Started, as wanted".to_owned(),
        Event::Started { as_wanted: false } => "Started, with something else".to_owned(),
        Event::OrderedAgain | Event::Free | Event::Expired | Event::Installed | Event::Forwarded => {
            format!("{event:?}")
        }
    }
}
