//! The table of the presence machine, made by asking it.

use vinr_domain::terminal::{Event, Reason, Reasons, State, step};

use super::table::{Outcome, Sample, section};

const PREFACE: &str = "# Every state and event of a terminal\n\n\
Made by `cargo xtask gen` from `crates/domain/examples/transitions`; the machine itself fills it in. A dash means that \
the event has no meaning in the state and changes nothing. *Status* is what the API shows afterwards, *Told* the event \
that is written with the step.\n";

/// The whole table.
pub fn table() -> String {
    let mut text = PREFACE.to_owned();
    for (title, state) in states() {
        let samples: Vec<_> = events()
            .into_iter()
            .map(|(case, event)| Sample { event: event_name(event), case, outcome: outcome(state, event) })
            .collect();
        text += &section(title, &["Event", "Next state", "Status", "Told"], &samples);
    }
    text
}

fn states() -> [(&'static str, State); 7] {
    let reasons = paper_out();
    [
        ("Absent", State::NEW),
        ("Absent, paper out", State::Absent { reasons }),
        ("Connected", State::Connected { reasons: Reasons::NONE }),
        ("Connected, paper out", State::Connected { reasons }),
        ("Awaited", State::Awaited { reasons: Reasons::NONE }),
        ("Awaited, paper out", State::Awaited { reasons }),
        ("Deactivated", State::Deactivated),
    ]
}

fn paper_out() -> Reasons {
    [Reason::PaperOut].into_iter().collect()
}

fn events() -> [(&'static str, Event); 10] {
    let both = paper_out().with(Reason::BatteryLow, true);
    [
        ("", Event::Greeted),
        ("", Event::Parted),
        ("", Event::ServerStarted),
        ("", Event::WaitOver),
        ("nothing", Event::Wrong(Reasons::NONE)),
        ("paper out", Event::Wrong(paper_out())),
        ("paper out and battery low", Event::Wrong(both)),
        ("", Event::Changed),
        ("", Event::Deactivated),
        ("", Event::Activated),
    ]
}

fn outcome(state: State, event: Event) -> Outcome {
    let cells = match step(state, event) {
        Err(_) => vec!["–".to_owned(), String::new(), String::new()],
        Ok(step) => {
            let next = if step.state == state { "unchanged".to_owned() } else { state_name(step.state) };
            let told = step.effect.map_or("", |notice| notice.as_str());
            vec![next, step.state.status().as_str().to_owned(), told.to_owned()]
        }
    };
    Outcome { cells }
}

fn state_name(state: State) -> String {
    let with = |name: &str, reasons: Reasons| {
        if reasons.is_empty() { name.to_owned() } else { format!("{name} {reasons:?}") }
    };
    match state {
        State::Absent { reasons } => with("Absent", reasons),
        State::Connected { reasons } => with("Connected", reasons),
        State::Awaited { reasons } => with("Awaited", reasons),
        State::Deactivated => "Deactivated".to_owned(),
    }
}

fn event_name(event: Event) -> String {
    match event {
        Event::Wrong(_) => "Wrong".to_owned(),
        Event::Greeted
        | Event::Parted
        | Event::ServerStarted
        | Event::WaitOver
        | Event::Changed
        | Event::Deactivated
        | Event::Activated => format!("{event:?}"),
    }
}
