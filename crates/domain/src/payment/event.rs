//! What can happen to a payment, what follows from it, and what is refused.

use std::sync::Arc;

use super::origin::Originated;
use super::state::{AdviceKind, Approval, AuthorizationRequest, StateKind};
use crate::{DeclineCode, LocationId};

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A terminal of the group is free and takes the payment.
    TerminalAssigned {
        /// The terminal.
        terminal: Arc<str>,
        /// Where it stands.
        location: Option<LocationId>,
    },
    /// The merchant asked to cancel, or to void a hold.
    CancelRequested,
    /// The terminal says, durably, that this payment ended there without a request to the acquirer.
    TerminalEnded(EndCause),
    /// The terminal did not take the command.
    TerminalRefused(DeclineCode),
    /// The lease and its margin are over without a word from the terminal; or the wait for a terminal is over.
    LeaseLapsed,
    /// A card was presented and the terminal asks for an authorization.
    CardPresented(AuthorizationRequest),
    /// The terminal of this payment asks for the authorization of one that began there under the same intent.
    Originated(Box<Originated>),
    /// The acquirer answered yes, to the request or to an inquiry.
    Approved(Approval),
    /// The acquirer answered no, to the request or to an inquiry.
    Declined(DeclineCode),
    /// No answer in time, to the request or to an inquiry; or the answer was lost with a process.
    Silent,
    /// The acquirer answered an inquiry: it knows no such request.
    NotFound,
    /// The merchant asked to capture; `None` for all that is held. In minor units.
    CaptureRequested(Option<i64>),
    /// The hold's time is over.
    HoldLapsed,
    /// The acquirer acknowledged the advice.
    AdviceAcknowledged,
    /// The acquirer did not acknowledge the advice in time.
    AdviceUnanswered,
    /// The merchant asked to give back this much (minor units). It counts as given back from now on.
    RefundReserved(i64),
    /// A refund of this much failed for good: it may be asked for again.
    RefundReleased(i64),
}

/// The names of the events, for tables and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is documented at the Event variant of the same name")]
pub enum EventKind {
    TerminalAssigned,
    CancelRequested,
    TerminalEnded,
    TerminalRefused,
    LeaseLapsed,
    CardPresented,
    Originated,
    Approved,
    Declined,
    Silent,
    NotFound,
    CaptureRequested,
    HoldLapsed,
    AdviceAcknowledged,
    AdviceUnanswered,
    RefundReserved,
    RefundReleased,
}

impl Event {
    /// Which event this is.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        match self {
            Self::TerminalAssigned { .. } => EventKind::TerminalAssigned,
            Self::CancelRequested => EventKind::CancelRequested,
            Self::TerminalEnded(_) => EventKind::TerminalEnded,
            Self::TerminalRefused(_) => EventKind::TerminalRefused,
            Self::LeaseLapsed => EventKind::LeaseLapsed,
            Self::CardPresented(_) => EventKind::CardPresented,
            Self::Originated(_) => EventKind::Originated,
            Self::Approved(_) => EventKind::Approved,
            Self::Declined(_) => EventKind::Declined,
            Self::Silent => EventKind::Silent,
            Self::NotFound => EventKind::NotFound,
            Self::CaptureRequested(_) => EventKind::CaptureRequested,
            Self::HoldLapsed => EventKind::HoldLapsed,
            Self::AdviceAcknowledged => EventKind::AdviceAcknowledged,
            Self::AdviceUnanswered => EventKind::AdviceUnanswered,
            Self::RefundReserved(_) => EventKind::RefundReserved,
            Self::RefundReleased(_) => EventKind::RefundReleased,
        }
    }
}

/// Why a payment ended on the terminal without a request to the acquirer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndCause {
    /// The cloud asked for it.
    Cancelled,
    /// Nobody presented a card in time.
    PromptTimedOut,
    /// The customer pressed cancel.
    CustomerCancelled,
    /// The lease ended first.
    LeaseOver,
    /// A card was read while nobody could be asked, and the limits did not allow the terminal to approve alone.
    OfflineLimit,
    /// A card was read while nobody could be asked, and the terminal approves nothing alone.
    NoConnection,
}

impl EndCause {
    /// Every cause.
    pub const ALL: [Self; 6] = [
        Self::Cancelled,
        Self::PromptTimedOut,
        Self::CustomerCancelled,
        Self::LeaseOver,
        Self::OfflineLimit,
        Self::NoConnection,
    ];

    /// Why the payment failed; `None` when it was cancelled. Nothing has left the terminal, and no money has moved.
    #[must_use]
    pub fn decline_code(self) -> Option<DeclineCode> {
        match self {
            Self::Cancelled | Self::PromptTimedOut | Self::CustomerCancelled | Self::LeaseOver => None,
            Self::OfflineLimit => Some(DeclineCode::OfflineLimitExceeded),
            Self::NoConnection => Some(DeclineCode::CommunicationError),
        }
    }
}

/// What must be done once the step is durable.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Let it wait for a terminal again, in its old place.
    WaitAgain,
    /// Send the cancel to the terminal.
    SendCancel,
    /// Ask the acquirer to authorize.
    AskAcquirer,
    /// Ask the acquirer what became of the request.
    Inquire,
    /// Tell the acquirer, until it acknowledges.
    Advise(AdviceKind),
    /// Tell the terminal how its request ended.
    TellTerminal(Verdict),
    /// Tell the outside. Belongs into the same transaction as the step.
    Announce(Announcement),
}

/// How a terminal's request for authorization ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Approved(Approval),
    /// No, by the issuer.
    Declined(DeclineCode),
    /// Not asked: the payment had been cancelled, superseded or had lapsed. No money moved.
    Refused,
    /// Nobody knows yet; the cloud finds out or reverses.
    Unknown,
    /// The acquirer has never seen the request of what the terminal approved alone: it is to be sent once more.
    Again,
}

/// The kinds of events that merchants see about a payment (contract 2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Announcement {
    /// It was accepted.
    Created,
    /// Something else about it changed.
    Updated,
    /// It is held.
    Authorized,
    /// The money is taken.
    Completed,
    /// It failed.
    Failed,
    /// It was called off or voided.
    Cancelled,
    /// The hold ended.
    Expired,
}

impl Announcement {
    /// The event type as webhooks write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "terminal_payment.created",
            Self::Updated => "terminal_payment.updated",
            Self::Authorized => "terminal_payment.authorized",
            Self::Completed => "terminal_payment.completed",
            Self::Failed => "terminal_payment.failed",
            Self::Cancelled => "terminal_payment.cancelled",
            Self::Expired => "terminal_payment.expired",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Created,
            Self::Updated,
            Self::Authorized,
            Self::Completed,
            Self::Failed,
            Self::Cancelled,
            Self::Expired,
        ]
        .into_iter()
        .find(|a| a.as_str() == text)
    }
}

/// A step that is not legal. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    /// Cancel after the acquirer was asked, or after the end (contract 1.5).
    #[error("a payment can be cancelled only while it is pending, or voided while it is authorized")]
    CancelNotAllowed,
    /// Capture of something that holds nothing.
    #[error("only an authorized payment can be captured")]
    CaptureNotAllowed,
    /// A second capture (contract 1.7).
    #[error("the payment has already been captured")]
    AlreadyCaptured,
    /// The hold has ended.
    #[error("the authorization has expired")]
    AuthorizationExpired,
    /// A capture above the tolerance (contract 1.7).
    #[error("at most {most_minor} minor units can be captured")]
    AmountTooLarge {
        /// The most that can be captured, in minor units.
        most_minor: i64,
    },
    /// A capture of nothing.
    #[error("a capture takes at least one minor unit")]
    AmountTooSmall,
    /// A refund of something that has not been taken.
    #[error("only a completed payment can be refunded")]
    RefundNotAllowed,
    /// A refund above what was taken and has not been given back.
    #[error("at most {left_minor} minor units are left to be refunded")]
    RefundTooLarge {
        /// What is left, in minor units.
        left_minor: i64,
    },
    /// The request answers a command that has been superseded.
    #[error("the command has been superseded")]
    Superseded,
    /// What began at the terminal under the intent is another payment: another amount, reference or way to capture.
    #[error("the intent asks for something else")]
    AnotherPayment,
    /// The request's amount is not what was asked plus its tip.
    #[error("the amount does not match what was asked")]
    AmountMismatch,
    /// The issuer approved more than it was asked.
    #[error("the issuer approved more than was asked")]
    ApprovedTooMuch,
    /// The wait for a terminal is over.
    #[error("the wait for a terminal is over")]
    WaitOver,
    /// The deadline has not passed yet.
    #[error("too early")]
    TooEarly,
    /// The event has no meaning in this state.
    #[error("{event:?} has no meaning in {state:?}")]
    Meaningless {
        /// Where the payment stands.
        state: StateKind,
        /// What was said to have happened.
        event: EventKind,
    },
}
