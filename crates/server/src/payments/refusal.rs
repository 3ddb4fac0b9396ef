//! Why the application said no. Nothing changed, unless it says that money may have moved.

use vinr_domain::PaymentId;
use vinr_domain::payment::Illegal;

use super::advance::AdvanceError;
use crate::store::{CommitError, StoreError};

/// Why a request was not carried out.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The account has no such payment.
    #[error("no such payment")]
    NoSuchPayment,
    /// The account has no such terminal.
    #[error("no such terminal")]
    NoSuchTerminal,
    /// The payment's state does not allow it.
    #[error(transparent)]
    Illegal(#[from] Illegal),
    /// The reference belongs to a payment that is not finished.
    #[error("the reference belongs to {0}, which is not finished")]
    DuplicateReference(PaymentId),
    /// The client token belongs to another payment.
    #[error("the client token belongs to {0}, which asks for something else")]
    ClientTokenReused(PaymentId),
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    IdempotencyKeyReused,
    /// Only a test key may do this.
    #[error("only in test mode")]
    TestModeOnly,
    /// The terminal is not connected.
    #[error("the terminal is not connected")]
    TerminalOffline,
    /// The terminal is not waiting for a card.
    #[error("the terminal is not waiting for a card")]
    NothingToPresentTo,
    /// Too much at once; nothing happened.
    #[error("overloaded")]
    Overloaded,
    /// The store cannot answer.
    #[error("unavailable")]
    Unavailable {
        /// Whether the payment may have gone on without the caller learning of it.
        money_may_have_moved: bool,
    },
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Overloaded => Self::Overloaded,
            StoreError::Closed | StoreError::Engine(_) => {
                tracing::error!(%error, "the store did not answer");
                Self::Unavailable { money_may_have_moved: false }
            }
        }
    }
}

impl From<CommitError> for Refusal {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::ReferenceTaken(id) => Self::DuplicateReference(id),
            CommitError::ClientTokenTaken(id) => Self::ClientTokenReused(id),
            CommitError::IdempotencyKeyTaken(_) => Self::IdempotencyKeyReused,
            // Whoever changed it first goes on; this request did nothing.
            CommitError::StaleRevision(_) => Self::Overloaded,
            CommitError::Failed(error) => error.into(),
        }
    }
}

impl From<AdvanceError> for Refusal {
    fn from(error: AdvanceError) -> Self {
        match error {
            AdvanceError::Illegal(illegal) => Self::Illegal(illegal),
            AdvanceError::Commit(error) => error.into(),
            AdvanceError::NoSuchPayment => Self::NoSuchPayment,
        }
    }
}
