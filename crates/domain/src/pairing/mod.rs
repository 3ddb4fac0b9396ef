//! How a device that nobody owns becomes an account's terminal: the one place that decides what an offer, a claim, a
//! fetched certificate and a confirmation mean. Signs nothing, and knows neither the code nor the certificate.
//!
//! The checked-in table of every state × event is `transitions/pairing.md`.

mod code;

pub use code::{ActivationCode, CodeError};

use crate::Timestamp;

/// How long the parts of a pairing may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How long an activation code can be entered, in milliseconds (15 min).
    pub offer_ms: i64,
    /// How long a device has to fetch and to keep its identity once its code was entered, in milliseconds (1 h: a
    /// device that lost its network meanwhile comes back to it).
    pub fetch_ms: i64,
}

impl Default for Terms {
    fn default() -> Self {
        Self { offer_ms: 15 * 60_000, fetch_ms: 3_600_000 }
    }
}

/// Where a pairing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The device shows its code.
    Offered {
        /// From when on the code is of no use.
        expires_at: Timestamp,
    },
    /// An account entered the code. Terminal and certificate exist; the device does not know yet.
    Claimed {
        /// From when on the identity is withdrawn.
        expires_at: Timestamp,
    },
    /// The device was given its certificate, at least once. Whether it kept it is not known.
    Issued {
        /// From when on the identity is withdrawn.
        expires_at: Timestamp,
    },
    /// The device keeps its identity, or has used it.
    Confirmed,
    /// It took too long. What had been issued is withdrawn.
    Expired,
    /// The device or the account gave it up. What had been issued is withdrawn.
    Abandoned,
}

/// Which state, without what is true in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateKind {
    /// See [`State::Offered`].
    Offered,
    /// See [`State::Claimed`].
    Claimed,
    /// See [`State::Issued`].
    Issued,
    /// See [`State::Confirmed`].
    Confirmed,
    /// See [`State::Expired`].
    Expired,
    /// See [`State::Abandoned`].
    Abandoned,
}

impl StateKind {
    /// As the device is told.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Claimed => "claimed",
            Self::Issued => "issued",
            Self::Confirmed => "confirmed",
            Self::Expired => "expired",
            Self::Abandoned => "abandoned",
        }
    }
}

/// Something that happened to a pairing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// An account entered the code.
    Claimed,
    /// The device asks for what was issued to it.
    Fetched,
    /// The device says that it keeps its identity, or came online with it.
    Confirmed,
    /// The device makes another offer, or the account takes the terminal out of service before it came.
    Withdrawn,
    /// Its time is over.
    Lapsed,
}

/// What has to be done about a step: at the same moment (it is part of the same transaction), or right after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Register the terminal and certify its key, in the same transaction.
    Issue,
    /// Give the device its identity, once the step is durable.
    HandOver,
    /// Revoke what certificates the terminal had before, in the same transaction; then cut links that use them.
    RevokeOlder,
    /// Revoke what was issued and take the terminal out of service unless it was in service before, in the same
    /// transaction.
    Withdraw,
}

/// A step taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where the pairing stands now.
    pub state: State,
    /// What has to be done about it.
    pub effect: Option<Effect>,
}

/// Why a step is not taken; nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    /// The code was entered before, by whomever.
    #[error("the activation code has been used")]
    Used,
    /// The code or the identity is past its time.
    #[error("the pairing has expired")]
    Expired,
    /// It is not yet past its time.
    #[error("the pairing has not expired yet")]
    TooEarly,
    /// The event has no meaning in this state.
    #[error("{event:?} has no meaning in {state:?}")]
    Meaningless {
        /// Where the pairing stands.
        state: StateKind,
        /// What was said to have happened.
        event: Event,
    },
}

impl State {
    /// A device offers itself.
    #[must_use]
    pub fn offered(now: Timestamp, terms: &Terms) -> Self {
        Self::Offered { expires_at: now.plus_ms(terms.offer_ms) }
    }

    /// Which state it is.
    #[must_use]
    pub fn kind(self) -> StateKind {
        match self {
            Self::Offered { .. } => StateKind::Offered,
            Self::Claimed { .. } => StateKind::Claimed,
            Self::Issued { .. } => StateKind::Issued,
            Self::Confirmed => StateKind::Confirmed,
            Self::Expired => StateKind::Expired,
            Self::Abandoned => StateKind::Abandoned,
        }
    }

    /// When its time is over, while it is not finished.
    #[must_use]
    pub fn expires_at(self) -> Option<Timestamp> {
        match self {
            Self::Offered { expires_at } | Self::Claimed { expires_at } | Self::Issued { expires_at } => {
                Some(expires_at)
            }
            Self::Confirmed | Self::Expired | Self::Abandoned => None,
        }
    }
}

/// Takes one step.
///
/// # Errors
/// [`Illegal`]: nothing changed.
pub fn step(state: State, event: Event, now: Timestamp, terms: &Terms) -> Result<Step, Illegal> {
    match state {
        State::Offered { expires_at } => from_offered(state, expires_at, event, now, terms),
        State::Claimed { expires_at } => from_claimed(state, expires_at, event, now),
        State::Issued { expires_at } => from_issued(state, expires_at, event, now),
        State::Confirmed => from_confirmed(state, event),
        State::Expired | State::Abandoned => from_ended(state, event),
    }
}

fn from_offered(
    state: State,
    expires_at: Timestamp,
    event: Event,
    now: Timestamp,
    terms: &Terms,
) -> Result<Step, Illegal> {
    match event {
        Event::Claimed if now >= expires_at => Err(Illegal::Expired),
        Event::Claimed => to(State::Claimed { expires_at: now.plus_ms(terms.fetch_ms) }, Some(Effect::Issue)),
        Event::Withdrawn => to(State::Abandoned, None),
        Event::Lapsed if now < expires_at => Err(Illegal::TooEarly),
        Event::Lapsed => to(State::Expired, None),
        Event::Fetched | Event::Confirmed => meaningless(state, event),
    }
}

fn from_claimed(state: State, expires_at: Timestamp, event: Event, now: Timestamp) -> Result<Step, Illegal> {
    match event {
        Event::Claimed => Err(Illegal::Used),
        Event::Fetched if now >= expires_at => Err(Illegal::Expired),
        Event::Fetched => to(State::Issued { expires_at }, Some(Effect::HandOver)),
        Event::Withdrawn => to(State::Abandoned, Some(Effect::Withdraw)),
        Event::Lapsed if now < expires_at => Err(Illegal::TooEarly),
        Event::Lapsed => to(State::Expired, Some(Effect::Withdraw)),
        // Nobody can keep what nobody was given.
        Event::Confirmed => meaningless(state, event),
    }
}

fn from_issued(state: State, expires_at: Timestamp, event: Event, now: Timestamp) -> Result<Step, Illegal> {
    match event {
        Event::Claimed => Err(Illegal::Used),
        Event::Fetched if now >= expires_at => Err(Illegal::Expired),
        // The answer was lost on its way, or the device lost its power: the same again.
        Event::Fetched => to(state, Some(Effect::HandOver)),
        // However late: as long as the identity was not withdrawn it is good.
        Event::Confirmed => to(State::Confirmed, Some(Effect::RevokeOlder)),
        Event::Withdrawn => to(State::Abandoned, Some(Effect::Withdraw)),
        Event::Lapsed if now < expires_at => Err(Illegal::TooEarly),
        Event::Lapsed => to(State::Expired, Some(Effect::Withdraw)),
    }
}

fn from_confirmed(state: State, event: Event) -> Result<Step, Illegal> {
    match event {
        Event::Claimed => Err(Illegal::Used),
        Event::Confirmed => to(state, None),
        Event::Fetched | Event::Withdrawn | Event::Lapsed => meaningless(state, event),
    }
}

fn from_ended(state: State, event: Event) -> Result<Step, Illegal> {
    match event {
        // A code that is over is over for everybody, also when it had been entered before.
        Event::Claimed | Event::Fetched | Event::Confirmed => Err(Illegal::Expired),
        Event::Withdrawn => to(state, None),
        Event::Lapsed => meaningless(state, event),
    }
}

fn to(state: State, effect: Option<Effect>) -> Result<Step, Illegal> {
    Ok(Step { state, effect })
}

fn meaningless(state: State, event: Event) -> Result<Step, Illegal> {
    Err(Illegal::Meaningless { state: state.kind(), event })
}
