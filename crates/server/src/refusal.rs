//! Why the application said no. Nothing changed, unless it says that money may have moved.

use std::borrow::Cow;

use vinr_domain::PaymentId;
use vinr_domain::payment::Illegal;
use vinr_wire::rest::body::FieldError;
use vinr_wire::rest::error::ErrorCode;

use crate::payments::AdvanceError;
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
    /// The account has no such object; the words say what was looked for, `location`.
    #[error("no such {0}")]
    NoSuch(&'static str),
    /// A field does not hold what it must; found out only by the application.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// What has a code and words of its own.
    #[error("{}", .0.message)]
    Stated(Box<Statement>),
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

/// A refusal with a code and words of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// What went wrong, for programs.
    pub code: ErrorCode,
    /// What went wrong, for people. Never repeats what was sent.
    pub message: Cow<'static, str>,
    /// The field at fault.
    pub param: Option<Cow<'static, str>>,
    /// When it can be tried again, in seconds.
    pub retry_after_s: Option<u64>,
}

impl Refusal {
    /// A refusal with a code and words of its own.
    #[must_use]
    pub fn stated(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self::Stated(Box::new(Statement { code, message: message.into(), param: None, retry_after_s: None }))
    }

    /// Names the field at fault; only [`Refusal::Stated`] can.
    #[must_use]
    pub fn param(mut self, param: impl Into<Cow<'static, str>>) -> Self {
        if let Self::Stated(statement) = &mut self {
            statement.param = Some(param.into());
        }
        self
    }

    /// Says when it can be tried again; only [`Refusal::Stated`] can.
    #[must_use]
    pub fn retry_after_s(mut self, seconds: u64) -> Self {
        if let Self::Stated(statement) = &mut self {
            statement.retry_after_s = Some(seconds);
        }
        self
    }
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
            CommitError::RecordStale { .. } | CommitError::RecordTaken { .. } => Self::stated(
                ErrorCode::ConcurrentChange,
                "Somebody else changed the object at the same moment. Nothing was done; send it again.",
            ),
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
