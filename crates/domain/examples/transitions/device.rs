//! The table of the device machine, made by asking it.

use vinr_domain::device::{Event, State, step, tombstone};
use vinr_domain::payment::EndCause;
use vinr_domain::{DeclineCode, Timestamp};

use super::table::{Outcome, Sample, section};

const PREFACE: &str = "# Every state and event of an intent on the terminal\n\n\
Made by `cargo xtask gen` from `crates/domain/examples/transitions`; the machine itself fills it in. A dash means that \
the event has no meaning in the state and changes nothing. *Durable* says whether the journal must be on disk before \
the first effect.\n";

/// The whole table.
pub fn table() -> String {
    let unseen = tombstone(EndCause::Cancelled);
    let mut text = PREFACE.to_owned();
    text += &format!(
        "\nA cancel for an intent that is not in the journal leaves {}: {:?}, durable: {}.\n",
        state_name(&unseen.state),
        unseen.effects,
        yes_or_no(unseen.durable)
    );
    for state in states() {
        let samples: Vec<_> = events()
            .into_iter()
            .map(|event| Sample { event: event_name(&event), case: "", outcome: outcome(&state, &event) })
            .collect();
        text += &section(&state_name(&state), &["Event", "Next state", "Durable", "Effects"], &samples);
    }
    text
}

fn states() -> [State; 9] {
    [
        State::Waiting { attempt_epoch: 0, deadline: Timestamp(1_800_000_090_000) },
        State::Waiting { attempt_epoch: 1, deadline: Timestamp(1_800_000_090_000) },
        State::AuthSent { stan: 7 },
        State::Unknown { stan: 7 },
        State::Approved { stan: 7, authorized_minor: 4_500 },
        State::Declined { stan: 7, code: DeclineCode::CardDeclined },
        State::ApprovedAlone { stan: 7, authorized_minor: 4_500 },
        State::Voided { stan: 7 },
        State::Ended { cause: EndCause::PromptTimedOut },
    ]
}

fn events() -> [Event; 15] {
    [
        Event::CardRead { stan: 7 },
        Event::ApprovedAlone { stan: 7, authorized_minor: 4_500 },
        Event::BeyondLimits,
        Event::NobodyToAsk,
        Event::CancelAsked,
        Event::PromptTimedOut,
        Event::CustomerCancelled,
        Event::LeaseOver,
        Event::HostApproved { authorized_minor: 4_500 },
        Event::HostDeclined(DeclineCode::CardDeclined),
        Event::HostRefused,
        Event::HostUnknown,
        Event::HostAgain,
        Event::AnswerOverdue,
        Event::PowerReturned,
    ]
}

fn outcome(state: &State, event: &Event) -> Outcome {
    let cells = match step(state, event) {
        Err(_) => vec!["–".to_owned(), String::new(), String::new()],
        Ok(step) => {
            let next = if step.state == *state { "unchanged".to_owned() } else { state_name(&step.state) };
            let effects: Vec<_> = step.effects.iter().map(|effect| format!("{effect:?}")).collect();
            vec![next, yes_or_no(step.durable).to_owned(), effects.join(", ")]
        }
    };
    Outcome { cells }
}

fn yes_or_no(answer: bool) -> &'static str {
    if answer { "yes" } else { "no" }
}

fn state_name(state: &State) -> String {
    match state {
        State::Waiting { attempt_epoch: 0, .. } => "Waiting (began here)".to_owned(),
        State::Waiting { .. } => "Waiting (commanded)".to_owned(),
        State::AuthSent { .. } => "AuthSent".to_owned(),
        State::Unknown { .. } => "Unknown".to_owned(),
        State::Approved { .. } => "Approved".to_owned(),
        State::Declined { .. } => "Declined".to_owned(),
        State::ApprovedAlone { .. } => "ApprovedAlone".to_owned(),
        State::Voided { .. } => "Voided".to_owned(),
        State::Ended { cause } => format!("Ended ({cause:?})"),
    }
}

fn event_name(event: &Event) -> String {
    match event {
        Event::CardRead { .. } => "CardRead".to_owned(),
        Event::ApprovedAlone { .. } => "ApprovedAlone".to_owned(),
        Event::HostApproved { .. } => "HostApproved".to_owned(),
        Event::HostDeclined(_) => "HostDeclined".to_owned(),
        Event::BeyondLimits
        | Event::NobodyToAsk
        | Event::CancelAsked
        | Event::PromptTimedOut
        | Event::CustomerCancelled
        | Event::LeaseOver
        | Event::HostRefused
        | Event::HostUnknown
        | Event::HostAgain
        | Event::AnswerOverdue
        | Event::PowerReturned => format!("{event:?}"),
    }
}
