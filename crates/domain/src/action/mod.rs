//! A remote action on a terminal: asked for, sent, begun, ended. Every legal step is in [`step`]; what an action does
//! on the terminal is the terminal's business, and how it gets there the server's.

use crate::Timestamp;

/// What a terminal can be told to do (terminals reference, "Send a remote action").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Start over.
    Reboot,
    /// Look for newer software and install it.
    Update,
    /// Take no new payments until unlocked.
    Lock,
    /// Take payments again.
    Unlock,
    /// Forward every payment that was approved without a connection.
    Flush,
}

impl Action {
    /// Every action, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Reboot, Self::Update, Self::Lock, Self::Unlock, Self::Flush];

    /// As the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reboot => "reboot",
            Self::Update => "update",
            Self::Lock => "lock",
            Self::Unlock => "unlock",
            Self::Flush => "flush",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == text)
    }
}

/// How long after its expiry an action that was sent may still be reported as begun: the terminal began it in time and
/// its word is on the way. In milliseconds.
pub const REPORT_MARGIN_MS: i64 = 30_000;

/// How long after its expiry an action that was begun is believed to be under way, in milliseconds (1 h).
pub const PATIENCE_MS: i64 = 3_600_000;

/// Where an action stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Waits for its terminal; nobody but the cloud knows of it.
    Queued,
    /// On its way to the terminal, or there and not begun.
    Sent,
    /// The terminal has begun.
    Processing,
    /// Done.
    Completed {
        /// Whether there was nothing to do, which ends an update too.
        nothing_to_do: bool,
    },
    /// Not done, and never will be.
    Failed(Failure),
}

/// Why an action was not done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// Whoever asked for it took it back.
    Cancelled,
    /// It was not begun in time.
    Expired,
    /// It was begun, and the terminal never said how it ended.
    NoReport,
    /// The terminal says why.
    Terminal(String),
}

impl Failure {
    /// As the API writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::NoReport => "no_report",
            Self::Terminal(reason) => reason,
        }
    }
}

/// How the API writes where an action stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Not begun.
    Queued,
    /// Begun.
    Processing,
    /// Done; final.
    Completed,
    /// Not done; final.
    Failed,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Queued, Self::Processing, Self::Completed, Self::Failed];

    /// As the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

impl State {
    /// As the API shows it.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::Queued | Self::Sent => Status::Queued,
            Self::Processing => Status::Processing,
            Self::Completed { .. } => Status::Completed,
            Self::Failed(_) => Status::Failed,
        }
    }

    /// Whether it has ended, for ever.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Completed { .. } | Self::Failed(_))
    }

    /// When [`Event::Lapsed`] becomes legal for an action that expires at the moment; `None`: never.
    #[must_use]
    pub fn lapses_at(&self, expires_at: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Queued => Some(expires_at),
            Self::Sent => Some(expires_at.plus_ms(REPORT_MARGIN_MS)),
            Self::Processing => Some(expires_at.plus_ms(PATIENCE_MS)),
            Self::Completed { .. } | Self::Failed(_) => None,
        }
    }
}

/// What can happen to an action.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// The terminal is connected.
    Reached,
    /// There is nothing to send: the terminal has what it would be given.
    NothingToDo,
    /// The terminal says that it has begun.
    Begun,
    /// The terminal says that it is done.
    Done,
    /// The terminal says that it is not done, and why.
    Refused(String),
    /// Whoever asked for it takes it back.
    CancelRequested,
    /// Its time is over.
    Lapsed,
}

/// What follows from a step, once it is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Tell the terminal, which knows by the id whether it has done it before.
    Send,
    /// The outside sees a change.
    Announce,
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The state afterwards.
    pub state: State,
    /// What follows.
    pub effects: Vec<Effect>,
}

/// Why an event changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    /// It has been sent, so the terminal may be doing it.
    #[error("the action has been sent to the terminal and cannot be taken back")]
    CancelNotAllowed,
    /// It has ended, for ever.
    #[error("the action has ended")]
    Final,
    /// It still has time.
    #[error("the action has not lapsed yet")]
    TooEarly,
    /// The event has no meaning in the state.
    #[error("the event has no meaning in this state")]
    Meaningless,
}

/// Takes one step. `expires_at` is until when the action may be begun.
///
/// # Errors
/// [`Illegal`]: nothing changes.
pub fn step(state: &State, event: &Event, expires_at: Timestamp, now: Timestamp) -> Result<Step, Illegal> {
    let lapsed = state.lapses_at(expires_at).is_some_and(|moment| moment <= now);
    match (state, event) {
        (State::Completed { .. } | State::Failed(_), Event::CancelRequested) => {
            Err(Illegal::CancelNotAllowed)
        }
        (
            State::Completed { .. } | State::Failed(_),
            Event::Reached
            | Event::NothingToDo
            | Event::Begun
            | Event::Done
            | Event::Refused(_)
            | Event::Lapsed,
        ) => Err(Illegal::Final),

        (State::Queued | State::Sent | State::Processing, Event::Lapsed) if !lapsed => Err(Illegal::TooEarly),
        (State::Queued | State::Sent, Event::Lapsed) => shown(State::Failed(Failure::Expired)),
        (State::Processing, Event::Lapsed) => shown(State::Failed(Failure::NoReport)),

        (State::Queued, Event::Reached) if lapsed => shown(State::Failed(Failure::Expired)),
        (State::Queued, Event::Reached) => took(State::Sent, vec![Effect::Send]),
        (State::Sent, Event::Reached) => took(State::Sent, vec![Effect::Send]),
        (State::Processing, Event::Reached) => took(State::Processing, vec![Effect::Send]),
        (State::Queued, Event::NothingToDo) => shown(State::Completed { nothing_to_do: true }),
        (State::Sent | State::Processing, Event::NothingToDo) => Err(Illegal::Meaningless),

        (State::Queued, Event::CancelRequested) => shown(State::Failed(Failure::Cancelled)),
        (State::Sent | State::Processing, Event::CancelRequested) => Err(Illegal::CancelNotAllowed),

        // What was never sent cannot be reported.
        (State::Queued, Event::Begun | Event::Done | Event::Refused(_)) => Err(Illegal::Meaningless),
        (State::Sent, Event::Begun) => shown(State::Processing),
        (State::Processing, Event::Begun) => took(State::Processing, Vec::new()),
        (State::Sent | State::Processing, Event::Done) => shown(State::Completed { nothing_to_do: false }),
        (State::Sent | State::Processing, Event::Refused(reason)) => {
            shown(State::Failed(Failure::Terminal(reason.clone())))
        }
    }
}

fn took(state: State, effects: Vec<Effect>) -> Result<Step, Illegal> {
    Ok(Step { state, effects })
}

fn shown(state: State) -> Result<Step, Illegal> {
    took(state, vec![Effect::Announce])
}
