//! The payment and its states: each variant carries only what is true in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{CaptureMethod, Channel, OfflineFacts, ResponseMode};
use crate::{AccountId, CardFacts, DeclineCode, IntentId, LocationId, Money, PaymentId, Timestamp};

/// A terminal payment: what was asked, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Payment {
    /// Its name on the API.
    pub id: PaymentId,
    /// Whose it is.
    pub account: AccountId,
    /// Live or test data; the two never meet.
    pub livemode: bool,
    /// Its one identity on every path (contract 3.1).
    pub intent: IntentId,
    /// Where the card is read. Text, because a payment for a terminal that does not exist is a payment too: it
    /// failed with `terminal_not_found`. `None` while the payment waits for one of its group, and for ever if it
    /// ended while it waited.
    pub terminal: Option<Arc<str>>,
    /// The terminals it was asked for, any of which may take it; in the order in which they are to be tried. `None`
    /// when it was asked for one.
    pub group: Option<Arc<[Arc<str>]>>,
    /// Where the terminal stood when it got the payment.
    pub location: Option<LocationId>,
    /// What was asked, without a tip.
    pub asked: Money,
    /// When the money moves.
    pub capture_method: CaptureMethod,
    /// How the caller wants to be answered.
    pub response_mode: ResponseMode,
    /// The caller's own name for the order.
    pub reference: Option<Arc<str>>,
    /// Free text.
    pub description: Option<Arc<str>>,
    /// The caller's own key-value pairs (contract 2.7).
    pub metadata: Arc<BTreeMap<String, String>>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// Where it was asked for.
    pub channel: Channel,
    /// That its terminal approved it alone; `None` when the acquirer was asked first, or nobody yet. Once set for ever.
    pub offline: Option<OfflineFacts>,
    /// The lease: from this moment of server time on the terminal must not act on it. While it waits for a terminal:
    /// when the wait is over.
    pub deadline: Timestamp,
    /// Fence of the command: raised on issue, move and cancel; the terminal keeps the highest it has seen.
    pub attempt_epoch: u32,
    /// Counts the changes that the outside can see; gap-free from 1.
    pub sequence: u64,
    /// Counts all changes; a writer states the revision it read and fails if somebody else was faster.
    pub revision: u64,
    /// When recovery must look at it, whatever else happens. `None` once nothing is left to do.
    pub due_at: Option<Timestamp>,
    /// What the acquirer still has to be told, until it acknowledges.
    pub advice: Option<Advice>,
    /// How much of what was taken has been given back or is on its way back, in minor units; never more than was
    /// taken (contract 3.7). A refund counts from the moment it is asked for until it has failed.
    pub refunded_minor: i64,
    /// Where it stands.
    pub state: State,
}

/// Where a payment stands.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Accepted; it waits until a terminal of its group is free. No terminal knows of it.
    Queued,
    /// Accepted; the terminal prompts for a card, or will when the command reaches it.
    Pending,
    /// Cancel was asked; the terminal's word or the end of the lease decides.
    Cancelling,
    /// The acquirer is being asked. Written before it is asked.
    Authorizing {
        /// What it is asked.
        request: AuthorizationRequest,
        /// Since when.
        asked_at: Timestamp,
    },
    /// The acquirer fell silent: money may have moved. The outcome is inquired.
    Uncertain {
        /// What it was asked.
        request: AuthorizationRequest,
        /// Since when it is silent.
        since: Timestamp,
    },
    /// The outcome could not be learned in time: whatever happened is being reversed until acknowledged.
    Reversing {
        /// What it was asked.
        request: AuthorizationRequest,
        /// Since when it has been silent.
        since: Timestamp,
    },
    /// The issuer holds the amount; it waits to be captured.
    Authorized {
        /// What was asked.
        request: AuthorizationRequest,
        /// What the issuer said.
        approval: Approval,
        /// When the hold ends.
        expires_at: Timestamp,
    },
    /// The money is taken.
    Completed {
        /// What was asked.
        request: AuthorizationRequest,
        /// What the issuer said.
        approval: Approval,
        /// How much was taken, in minor units.
        captured_minor: i64,
        /// When.
        at: Timestamp,
    },
    /// No money moved, and none will.
    Failed {
        /// Why.
        code: DeclineCode,
        /// What the acquirer was asked, if it came to that; or would have been, had a terminal's own approval held.
        request: Option<AuthorizationRequest>,
        /// When.
        at: Timestamp,
    },
    /// Called off before a card was charged, or voided afterwards.
    Cancelled {
        /// The authorization that was voided, if there was one.
        voided: Option<(AuthorizationRequest, Approval)>,
        /// When.
        at: Timestamp,
    },
    /// The hold ended uncaptured.
    Expired {
        /// What was asked.
        request: AuthorizationRequest,
        /// What the issuer had said.
        approval: Approval,
        /// When.
        at: Timestamp,
    },
}

/// The names of the states, for tables, rows and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is documented at the State variant of the same name")]
pub enum StateKind {
    Queued,
    Pending,
    Cancelling,
    Authorizing,
    Uncertain,
    Reversing,
    Authorized,
    Completed,
    Failed,
    Cancelled,
    Expired,
}

impl StateKind {
    /// Every state, in the order of a payment's life.
    pub const ALL: [Self; 11] = [
        Self::Queued,
        Self::Pending,
        Self::Cancelling,
        Self::Authorizing,
        Self::Uncertain,
        Self::Reversing,
        Self::Authorized,
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
        Self::Expired,
    ];

    /// What the outside sees.
    #[must_use]
    pub fn status(self) -> Status {
        match self {
            Self::Queued | Self::Pending | Self::Cancelling => Status::Pending,
            Self::Authorizing | Self::Uncertain | Self::Reversing => Status::Processing,
            Self::Authorized => Status::Authorized,
            Self::Completed => Status::Completed,
            Self::Failed => Status::Failed,
            Self::Cancelled => Status::Cancelled,
            Self::Expired => Status::Expired,
        }
    }
}

/// The status of a payment as the outside sees it (contract 1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// The terminal prompts for a card, or the payment waits for a terminal.
    Pending,
    /// The outcome is not known yet.
    Processing,
    /// Held, not captured.
    Authorized,
    /// Money taken.
    Completed,
    /// No money moved.
    Failed,
    /// Called off.
    Cancelled,
    /// The hold ended uncaptured.
    Expired,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Processing,
        Self::Authorized,
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
        Self::Expired,
    ];

    /// As the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Authorized => "authorized",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    /// Whether it can never change again.
    #[must_use]
    pub fn is_final(self) -> bool {
        match self {
            Self::Pending | Self::Processing | Self::Authorized => false,
            Self::Completed | Self::Failed | Self::Cancelled | Self::Expired => true,
        }
    }
}

impl State {
    /// Which state this is.
    #[must_use]
    pub fn kind(&self) -> StateKind {
        match self {
            Self::Queued => StateKind::Queued,
            Self::Pending => StateKind::Pending,
            Self::Cancelling => StateKind::Cancelling,
            Self::Authorizing { .. } => StateKind::Authorizing,
            Self::Uncertain { .. } => StateKind::Uncertain,
            Self::Reversing { .. } => StateKind::Reversing,
            Self::Authorized { .. } => StateKind::Authorized,
            Self::Completed { .. } => StateKind::Completed,
            Self::Failed { .. } => StateKind::Failed,
            Self::Cancelled { .. } => StateKind::Cancelled,
            Self::Expired { .. } => StateKind::Expired,
        }
    }

    /// What the acquirer was asked, if it was.
    #[must_use]
    pub fn request(&self) -> Option<&AuthorizationRequest> {
        match self {
            Self::Queued | Self::Pending | Self::Cancelling => None,
            Self::Authorizing { request, .. }
            | Self::Uncertain { request, .. }
            | Self::Reversing { request, .. }
            | Self::Authorized { request, .. }
            | Self::Completed { request, .. }
            | Self::Expired { request, .. } => Some(request),
            Self::Failed { request, .. } => request.as_ref(),
            Self::Cancelled { voided, .. } => voided.as_ref().map(|(request, _)| request),
        }
    }

    /// What the issuer said, if it approved.
    #[must_use]
    pub fn approval(&self) -> Option<&Approval> {
        match self {
            Self::Authorized { approval, .. }
            | Self::Completed { approval, .. }
            | Self::Expired { approval, .. } => Some(approval),
            Self::Cancelled { voided, .. } => voided.as_ref().map(|(_, approval)| approval),
            Self::Queued
            | Self::Pending
            | Self::Cancelling
            | Self::Authorizing { .. }
            | Self::Uncertain { .. }
            | Self::Reversing { .. }
            | Self::Failed { .. } => None,
        }
    }
}

impl Payment {
    /// What the outside sees.
    #[must_use]
    pub fn status(&self) -> Status {
        self.state.kind().status()
    }

    /// Whether money may have moved without the platform knowing (contract 3.4).
    #[must_use]
    pub fn outcome_unknown(&self) -> bool {
        matches!(self.state, State::Uncertain { .. } | State::Reversing { .. })
    }

    /// What is to be collected, tip included, in minor units (contract 1.3).
    #[must_use]
    pub fn amount_minor(&self) -> i64 {
        self.state.request().map_or(self.asked.amount_minor, |request| request.amount_minor)
    }

    /// How much has been taken, in minor units.
    #[must_use]
    pub fn captured_minor(&self) -> i64 {
        match &self.state {
            State::Completed { captured_minor, .. } => *captured_minor,
            State::Queued
            | State::Pending
            | State::Cancelling
            | State::Authorizing { .. }
            | State::Uncertain { .. }
            | State::Reversing { .. }
            | State::Authorized { .. }
            | State::Failed { .. }
            | State::Cancelled { .. }
            | State::Expired { .. } => 0,
        }
    }

    /// How much can still be given back, in minor units.
    #[must_use]
    pub fn refundable_minor(&self) -> i64 {
        self.captured_minor() - self.refunded_minor
    }

    /// Whether a caller who waits for the outcome can be answered: it is final, held, or unknown.
    #[must_use]
    pub fn is_answerable(&self) -> bool {
        match self.state.kind() {
            StateKind::Queued | StateKind::Pending | StateKind::Cancelling | StateKind::Authorizing => false,
            StateKind::Uncertain
            | StateKind::Reversing
            | StateKind::Authorized
            | StateKind::Completed
            | StateKind::Failed
            | StateKind::Cancelled
            | StateKind::Expired => true,
        }
    }

    /// Whether it still occupies its terminal. What a terminal approved alone is over there.
    #[must_use]
    pub fn occupies_terminal(&self) -> bool {
        !self.is_answerable() && !self.is_queued() && self.offline.is_none()
    }

    /// The name that its terminal must be told, because the request began there under a name of the terminal's own.
    #[must_use]
    pub fn name_for_terminal(&self) -> Option<PaymentId> {
        self.state.request().filter(|request| request.attempt_epoch == 0).map(|_| self.id)
    }

    /// Whether it waits for a terminal of its group.
    #[must_use]
    pub fn is_queued(&self) -> bool {
        matches!(self.state, State::Queued)
    }

    /// Whether it is for this terminal.
    #[must_use]
    pub fn is_on(&self, terminal: &str) -> bool {
        self.terminal.as_deref() == Some(terminal)
    }
}

/// What the terminal wants authorized. Named for ever by (terminal, generation, stan).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// Number of the request on its terminal, never reused within a generation (ISO 8583 field 11 by role).
    pub stan: u32,
    /// Life of the terminal's journal; a new one starts when a journal is lost.
    pub generation: u32,
    /// The fence of the command it answers.
    pub attempt_epoch: u32,
    /// What may be known of the card.
    pub card: CardFacts,
    /// To be collected, tip included, in minor units.
    pub amount_minor: i64,
    /// The tip in it.
    pub tip: Option<Tip>,
}

/// A tip the customer chose on the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tip {
    /// In minor units.
    pub amount_minor: i64,
    /// How it was chosen.
    pub mode: TipMode,
}

/// How a tip was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TipMode {
    /// One of the suggestions.
    Preset,
    /// An amount of the customer's own.
    Custom,
    /// No tip.
    None,
}

impl TipMode {
    /// As the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Preset => "preset",
            Self::Custom => "custom",
            Self::None => "none",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Preset, Self::Custom, Self::None].into_iter().find(|m| m.as_str() == text)
    }
}

/// The issuer's yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// How much it holds or took, in minor units; less than asked for a partial approval, never more.
    pub authorized_minor: i64,
    /// Its approval code.
    pub auth_code: Arc<str>,
    /// When the platform learned it.
    pub at: Timestamp,
}

/// What the acquirer must still be told; repeated until acknowledged, never given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What it is told.
    pub kind: AdviceKind,
    /// How often it has been told without an acknowledgement.
    pub attempts: u32,
}

/// The kinds of advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AdviceKind {
    /// Take this much of what is held (minor units).
    Capture {
        /// In minor units.
        amount_minor: i64,
    },
    /// Undo the authorization, whatever became of it.
    Reversal,
}
