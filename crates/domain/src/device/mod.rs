//! The life of one intent on the terminal: what its journal must remember, and what the screen may say.
//!
//! The journal is the arbiter (contract 3.1): the first arrival of an intent runs, every later one attaches. A
//! tombstone ([`State::Ended`]) keeps a cancelled intent from running even if its command arrives afterwards.
//!
//! The checked-in table of every state × event is `transitions/device.md`.

pub mod action;

use crate::payment::EndCause;
use crate::{DeclineCode, Timestamp};

/// Where an intent stands on the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The screen prompts for a card until `deadline` (server time). Nothing has left the terminal.
    Waiting {
        /// Fence of the command that is being carried out.
        attempt_epoch: u32,
        /// The lease.
        deadline: Timestamp,
    },
    /// The request for authorization has left, or is about to. Durable before it leaves.
    AuthSent {
        /// Number of the request.
        stan: u32,
    },
    /// No answer came in time, or the answer was that nobody knows. The outcome is asked for.
    Unknown {
        /// Number of the request.
        stan: u32,
    },
    /// The issuer approved.
    Approved {
        /// Number of the request.
        stan: u32,
        /// How much, in minor units.
        authorized_minor: i64,
    },
    /// The issuer declined, or the cloud reversed.
    Declined {
        /// Number of the request.
        stan: u32,
        /// Why.
        code: DeclineCode,
    },
    /// Approved without asking anybody (contract 1.10). The cloud will be told, and decides.
    ApprovedAlone {
        /// Number of the request that is to be forwarded.
        stan: u32,
        /// How much, in minor units.
        authorized_minor: i64,
    },
    /// Approved here alone, and never charged: the intent had been closed, or taken by another terminal.
    Voided {
        /// Number of the request.
        stan: u32,
    },
    /// Ended without a request, or with one that the cloud refused to pass on. A tombstone.
    Ended {
        /// Why.
        cause: EndCause,
    },
}

/// Something that happened on or to the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A card was read (and its PIN, where one is asked); `stan` is the number given to the request.
    CardRead {
        /// Number of the request.
        stan: u32,
    },
    /// A card was read while nobody could be asked, and the limits allow to approve alone.
    ApprovedAlone {
        /// Number of the request.
        stan: u32,
        /// In minor units.
        authorized_minor: i64,
    },
    /// A card was read while nobody could be asked, and approving alone would go beyond the limits.
    BeyondLimits,
    /// A card was read while nobody could be asked, and the terminal approves nothing alone.
    NobodyToAsk,
    /// The cloud, or the till that asked for the payment, asks to cancel.
    CancelAsked,
    /// Nobody presented a card in time.
    PromptTimedOut,
    /// The customer pressed cancel.
    CustomerCancelled,
    /// The lease is over by the terminal's own reckoning, clock error included.
    LeaseOver,
    /// The issuer approved this much (minor units).
    HostApproved {
        /// In minor units.
        authorized_minor: i64,
    },
    /// The issuer declined.
    HostDeclined(DeclineCode),
    /// The cloud did not pass the request on: cancelled, superseded or lapsed. No money moved.
    HostRefused,
    /// The cloud does not know yet.
    HostUnknown,
    /// The acquirer has never seen the request: it is to be sent once more.
    HostAgain,
    /// No answer within the terminal's patience.
    AnswerOverdue,
    /// The terminal started again and found this entry in its journal.
    PowerReturned,
}

/// What must follow, after the journal is durable where [`Step::durable`] says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send the request for authorization.
    SendAuthorize,
    /// Forward the approval that was given alone; again until the cloud has answered.
    Forward,
    /// Tell the cloud that the intent ended here, and why.
    SendEnded(EndCause),
    /// Tell the cloud that the cancel came after the request had left.
    SendTooLate,
    /// Ask the cloud how the request ended.
    AskStatus,
    /// Tell the cloud that its verdict is in the journal.
    Confirm,
    /// The screen says approved; the receipt may be printed.
    ShowApproved,
    /// The screen says declined.
    ShowDeclined(DeclineCode),
    /// The screen says cancelled.
    ShowCancelled,
    /// The screen says that the outcome is not known yet.
    ShowUnknown,
}

/// A step taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where the intent stands now.
    pub state: State,
    /// Whether the journal must be on disk before the first effect.
    pub durable: bool,
    /// What follows, in order.
    pub effects: Vec<Effect>,
}

/// The event has no meaning where the intent stands; nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} has no meaning in {state:?}")]
pub struct Illegal {
    /// Where the intent stands.
    pub state: State,
    /// What was said to have happened.
    pub event: Event,
}

/// The entry that a cancel leaves for an intent that has not been seen yet, or has ended.
#[must_use]
pub fn tombstone(cause: EndCause) -> Step {
    Step { state: State::Ended { cause }, durable: true, effects: vec![Effect::SendEnded(cause)] }
}

/// Takes one step.
///
/// # Errors
/// [`Illegal`] when the event has no meaning in this state.
pub fn step(state: &State, event: &Event) -> Result<Step, Illegal> {
    match state {
        State::Waiting { attempt_epoch, .. } => from_waiting(state, *attempt_epoch == 0, event),
        State::AuthSent { stan } => from_auth_sent(state, *stan, event),
        State::Unknown { stan } => from_unknown(state, *stan, event),
        State::ApprovedAlone { stan, .. } => from_approved_alone(state, *stan, event),
        State::Approved { .. } | State::Declined { .. } | State::Voided { .. } => from_decided(state, event),
        State::Ended { cause } => from_ended(state, *cause, event),
    }
}

/// What the cloud commanded waits for the cloud; only what began here may be approved, or refused, without it.
fn from_waiting(state: &State, began_here: bool, event: &Event) -> Result<Step, Illegal> {
    let ended = |cause| Step {
        state: State::Ended { cause },
        durable: true,
        effects: vec![
            Effect::SendEnded(cause),
            cause.decline_code().map_or(Effect::ShowCancelled, Effect::ShowDeclined),
        ],
    };
    match event {
        Event::CardRead { stan } => Ok(Step {
            state: State::AuthSent { stan: *stan },
            durable: true,
            effects: vec![Effect::SendAuthorize],
        }),
        Event::ApprovedAlone { stan, authorized_minor } if began_here => Ok(Step {
            state: State::ApprovedAlone { stan: *stan, authorized_minor: *authorized_minor },
            durable: true,
            effects: vec![Effect::ShowApproved, Effect::Forward],
        }),
        Event::BeyondLimits if began_here => Ok(ended(EndCause::OfflineLimit)),
        Event::NobodyToAsk if began_here => Ok(ended(EndCause::NoConnection)),
        Event::CancelAsked => Ok(ended(EndCause::Cancelled)),
        Event::PromptTimedOut => Ok(ended(EndCause::PromptTimedOut)),
        Event::CustomerCancelled => Ok(ended(EndCause::CustomerCancelled)),
        Event::LeaseOver => Ok(ended(EndCause::LeaseOver)),
        // Nothing had left the terminal. The cloud sends its command again if it still wants it.
        Event::PowerReturned => Ok(unchanged(state, vec![])),
        Event::ApprovedAlone { .. }
        | Event::BeyondLimits
        | Event::NobodyToAsk
        | Event::HostApproved { .. }
        | Event::HostDeclined(_)
        | Event::HostRefused
        | Event::HostUnknown
        | Event::HostAgain
        | Event::AnswerOverdue => illegal(state, event),
    }
}

fn from_auth_sent(state: &State, stan: u32, event: &Event) -> Result<Step, Illegal> {
    match event {
        Event::HostApproved { .. } | Event::HostDeclined(_) | Event::HostRefused => {
            decided(state, stan, event)
        }
        Event::HostUnknown => Ok(unknown(stan, vec![Effect::ShowUnknown])),
        Event::AnswerOverdue => Ok(unknown(stan, vec![Effect::ShowUnknown, Effect::AskStatus])),
        Event::PowerReturned => Ok(unknown(stan, vec![Effect::AskStatus])),
        Event::CancelAsked => Ok(unchanged(state, vec![Effect::SendTooLate])),
        Event::CardRead { .. }
        | Event::ApprovedAlone { .. }
        | Event::BeyondLimits
        | Event::NobodyToAsk
        | Event::PromptTimedOut
        | Event::CustomerCancelled
        | Event::LeaseOver
        | Event::HostAgain => illegal(state, event),
    }
}

fn from_unknown(state: &State, stan: u32, event: &Event) -> Result<Step, Illegal> {
    match event {
        Event::HostApproved { .. } | Event::HostDeclined(_) | Event::HostRefused => {
            decided(state, stan, event)
        }
        Event::HostUnknown => Ok(unchanged(state, vec![])),
        Event::AnswerOverdue | Event::PowerReturned => Ok(unchanged(state, vec![Effect::AskStatus])),
        Event::CancelAsked => Ok(unchanged(state, vec![Effect::SendTooLate])),
        Event::CardRead { .. }
        | Event::ApprovedAlone { .. }
        | Event::BeyondLimits
        | Event::NobodyToAsk
        | Event::PromptTimedOut
        | Event::CustomerCancelled
        | Event::LeaseOver
        | Event::HostAgain => illegal(state, event),
    }
}

/// The goods are gone: only the cloud's word ends this, and it is asked for until it comes.
fn from_approved_alone(state: &State, stan: u32, event: &Event) -> Result<Step, Illegal> {
    let settled = |state| Ok(Step { state, durable: true, effects: vec![Effect::Confirm] });
    match event {
        Event::HostApproved { authorized_minor } => {
            settled(State::Approved { stan, authorized_minor: *authorized_minor })
        }
        Event::HostDeclined(code) => settled(State::Declined { stan, code: *code }),
        Event::HostRefused => settled(State::Voided { stan }),
        Event::HostUnknown => Ok(unchanged(state, vec![])),
        Event::HostAgain | Event::AnswerOverdue | Event::PowerReturned => {
            Ok(unchanged(state, vec![Effect::Forward]))
        }
        Event::CancelAsked => Ok(unchanged(state, vec![Effect::SendTooLate])),
        Event::CardRead { .. }
        | Event::ApprovedAlone { .. }
        | Event::BeyondLimits
        | Event::NobodyToAsk
        | Event::PromptTimedOut
        | Event::CustomerCancelled
        | Event::LeaseOver => illegal(state, event),
    }
}

fn from_decided(state: &State, event: &Event) -> Result<Step, Illegal> {
    match event {
        // The verdict again: the first confirmation was lost.
        Event::HostApproved { .. } | Event::HostDeclined(_) | Event::HostRefused => {
            Ok(unchanged(state, vec![Effect::Confirm]))
        }
        Event::HostUnknown | Event::HostAgain | Event::PowerReturned | Event::AnswerOverdue => {
            Ok(unchanged(state, vec![]))
        }
        Event::CancelAsked => Ok(unchanged(state, vec![Effect::SendTooLate])),
        Event::CardRead { .. }
        | Event::ApprovedAlone { .. }
        | Event::BeyondLimits
        | Event::NobodyToAsk
        | Event::PromptTimedOut
        | Event::CustomerCancelled
        | Event::LeaseOver => illegal(state, event),
    }
}

fn from_ended(state: &State, cause: EndCause, event: &Event) -> Result<Step, Illegal> {
    match event {
        Event::CancelAsked | Event::PowerReturned => Ok(unchanged(state, vec![Effect::SendEnded(cause)])),
        Event::HostRefused => Ok(unchanged(state, vec![Effect::Confirm])),
        Event::CardRead { .. }
        | Event::ApprovedAlone { .. }
        | Event::BeyondLimits
        | Event::NobodyToAsk
        | Event::HostAgain
        | Event::PromptTimedOut
        | Event::CustomerCancelled
        | Event::LeaseOver
        | Event::HostApproved { .. }
        | Event::HostDeclined(_)
        | Event::HostUnknown
        | Event::AnswerOverdue => illegal(state, event),
    }
}

fn decided(state: &State, stan: u32, event: &Event) -> Result<Step, Illegal> {
    let (state, shown) = match event {
        Event::HostApproved { authorized_minor } => {
            (State::Approved { stan, authorized_minor: *authorized_minor }, Effect::ShowApproved)
        }
        Event::HostDeclined(code) => (State::Declined { stan, code: *code }, Effect::ShowDeclined(*code)),
        Event::HostRefused => (State::Ended { cause: EndCause::Cancelled }, Effect::ShowCancelled),
        Event::CardRead { .. }
        | Event::ApprovedAlone { .. }
        | Event::BeyondLimits
        | Event::NobodyToAsk
        | Event::CancelAsked
        | Event::PromptTimedOut
        | Event::CustomerCancelled
        | Event::LeaseOver
        | Event::HostUnknown
        | Event::HostAgain
        | Event::AnswerOverdue
        | Event::PowerReturned => return illegal(state, event),
    };
    Ok(Step { state, durable: true, effects: vec![shown, Effect::Confirm] })
}

fn unknown(stan: u32, effects: Vec<Effect>) -> Step {
    Step { state: State::Unknown { stan }, durable: false, effects }
}

fn unchanged(state: &State, effects: Vec<Effect>) -> Step {
    Step { state: state.clone(), durable: false, effects }
}

fn illegal(state: &State, event: &Event) -> Result<Step, Illegal> {
    Err(Illegal { state: state.clone(), event: event.clone() })
}
