//! The terminal payment as the cloud keeps it: what was asked, where it stands, and every legal step.
//!
//! The outside sees seven statuses (contract 1.5). Inside there are eleven states, because "waits for a terminal",
//! "is being cancelled" and "the acquirer fell silent" need different next steps than the status they are shown as:
//!
//! ```text
//! Queued ──▶ (a terminal is free) Pending | Cancelled | (nobody in time) Failed
//! Pending ──▶ (the terminal of a group refuses) Queued
//! Pending ──▶ Authorizing ──▶ Completed | Authorized | Failed
//!    │            └─ silence ─▶ Uncertain ──▶ (positive inquiry) Completed | Authorized | Failed
//!    ▼                              └──▶ Reversing ──▶ (acknowledged) Failed
//! Cancelling ──▶ Cancelled       Authorized ──▶ Completed | Cancelled (voided) | Expired
//! ```
//!
//! A payment that begins at its terminal comes into being when the terminal asks for its authorization, or says that it
//! ended there (`originated.rs`). What a terminal approved alone is never reversed: from `Uncertain` it goes back to
//! `Authorizing` when the terminal sends the same request again.
//!
//! The checked-in table of every state × event is `transitions/payment.md`.

mod accept;
mod event;
mod origin;
mod originated;
mod queued;
mod rules;
mod state;
mod step;
mod terms;

pub use accept::{Order, accept, enqueue, refuse};
pub use event::{Announcement, Effect, EndCause, Event, EventKind, Illegal, Verdict};
pub use origin::{
    Birth, Channel, Forward, NEWEST_NAME_MS, OLDEST_NAME_MS, OfflineApproval, OfflineFacts, Origin,
    Originated, believed_creation,
};
pub use originated::{Adopted, adopt, adopt_ended, adopt_refused};
pub use rules::capture_ceiling_minor;
pub use state::{
    Advice, AdviceKind, Approval, AuthorizationRequest, Payment, State, StateKind, Status, Tip, TipMode,
};
pub use step::step;
pub use terms::Terms;

/// When the money moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CaptureMethod {
    /// Authorize and capture in one step.
    Automatic,
    /// Authorize now, capture later.
    Manual,
}

impl CaptureMethod {
    /// As the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Manual => "manual",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Automatic, Self::Manual].into_iter().find(|m| m.as_str() == text)
    }
}

/// How the caller who created the payment wants its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResponseMode {
    /// At once, while pending.
    Async,
    /// When the outcome is known.
    Sync,
}

impl ResponseMode {
    /// As the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Async => "async",
            Self::Sync => "sync",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Async, Self::Sync].into_iter().find(|m| m.as_str() == text)
    }
}
