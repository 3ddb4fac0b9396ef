//! What is said between an acquirer and the issuer. Plain data; decides nothing.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vinr_domain::{Currency, DeclineCode, IntentId, Money, PaymentId};
use vinr_wire::card::SealedCard;

/// The name of a request: the same name is the same request, for ever (de-duplication at the host).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RequestKey {
    /// The terminal as its link knows it, which is also what its card data is sealed for.
    pub terminal: Box<str>,
    /// Life of the terminal's journal.
    pub generation: u32,
    /// Number of the request, never reused within a generation.
    pub stan: u32,
}

impl RequestKey {
    /// The name of one terminal's request.
    #[must_use]
    pub fn new(terminal: &str, generation: u32, stan: u32) -> Self {
        Self { terminal: terminal.into(), generation, stan }
    }
}

impl fmt::Display for RequestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.terminal, self.generation, self.stan)
    }
}

/// A request for authorization.
#[derive(Clone, Debug)]
pub struct Authorize<'a> {
    /// Its name.
    pub key: RequestKey,
    /// The payment's one identity on every path; what the ledger proves "charged at most once" about.
    pub intent: IntentId,
    /// The payment's name on the API.
    pub payment: PaymentId,
    /// What is asked, tip included.
    pub amount: Money,
    /// Whether the money is to be taken at once (a purchase) or held.
    pub capture: bool,
    /// The card, sealed by the reader for this very request.
    pub sealed: &'a SealedCard,
}

/// What comes back for a request for authorization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Yes.
    Approved {
        /// How much, in minor units; less than asked for a partial approval.
        authorized_minor: i64,
        /// The approval code.
        auth_code: Arc<str>,
    },
    /// No.
    Declined(DeclineCode),
    /// Nothing, ever. Says nothing about the decision: money may have moved.
    Silent,
    /// The decision is taken now and its answer leaves later.
    Late {
        /// How much later, in milliseconds.
        after_ms: u32,
        /// `Approved` or `Declined`.
        answer: Box<Reply>,
    },
}

/// What comes back for an inquiry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InquiryReply {
    /// The request was approved, and has not been reversed.
    Approved {
        /// How much, in minor units.
        authorized_minor: i64,
        /// The approval code.
        auth_code: Arc<str>,
    },
    /// The request was declined, or has been reversed (`communication_error`).
    Declined(DeclineCode),
    /// There has been no such request. There may still be one: it may be on its way.
    NotFound,
    /// Nothing.
    Silent,
}

/// What comes back for a reversal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReversalReply {
    /// Whatever the request had reserved or taken is given back, and the request can no longer take anything.
    Acknowledged,
    /// Nothing: the ledger could not be written. Ask again.
    Silent,
}

/// What comes back for a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaptureReply {
    /// The amount is taken, now or before.
    Acknowledged,
    /// It is not, and will not be.
    Refused(CaptureRefusal),
    /// Nothing: the ledger could not be written. Ask again.
    Silent,
}

/// Why a capture is refused. The acquirer is at fault in every case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaptureRefusal {
    /// No such request.
    #[error("there has been no such request")]
    UnknownRequest,
    /// It was declined, so that it holds nothing.
    #[error("the request was declined")]
    NotApproved,
    /// It was reversed.
    #[error("the request has been reversed")]
    Reversed,
    /// It holds another currency.
    #[error("the request holds {held}")]
    OtherCurrency {
        /// What it holds.
        held: Currency,
    },
    /// It was captured with another amount.
    #[error("{captured_minor} minor units have been captured before")]
    AlreadyCaptured {
        /// How much, in minor units.
        captured_minor: i64,
    },
    /// Not a whole positive amount.
    #[error("a capture takes at least one minor unit")]
    TooLittle,
    /// More than the tolerance allows (contract 1.7, 3.7).
    #[error("at most {most_minor} minor units can be captured")]
    TooMuch {
        /// The most, in minor units.
        most_minor: i64,
    },
}
