//! Everything that a call can fail with. An error says who has to act, whether the request may have been carried out all
//! the same, and whether money may have moved. No error holds a key, a header or a body that was sent.

use std::fmt;
use std::ops::Deref;

use serde::Serialize;

use crate::models::{LegacyTerminalPayment, TerminalPayment};

/// What went wrong, in the kinds that a program tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// 401: the key is absent or wrong.
    Authentication,
    /// 403: the key may not do this.
    PermissionDenied,
    /// 400, 404, 413, 415, 422: the request cannot be carried out as it is.
    InvalidRequest,
    /// 409: something else is already there.
    Conflict,
    /// 402: the card was declined.
    Card,
    /// 429: too many requests; `retry_after` says when to go on.
    RateLimit,
    /// The platform, or something in front of it, failed.
    Api,
    /// There was no answer.
    ApiConnection,
    /// There was no answer in time.
    ApiTimeout,
    /// A terminal on the local network could not be spoken to; `layer` says where it ended.
    LocalConnection,
    /// A webhook is not to be believed; `code` is `malformed`, `not_fresh` or `no_match`.
    SignatureVerification,
    /// The SDK was asked for something that cannot be; nothing was sent.
    Configuration,
}

impl ErrorKind {
    /// What the kind is called in every SDK.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Authentication => "AuthenticationError",
            Self::PermissionDenied => "PermissionDeniedError",
            Self::InvalidRequest => "InvalidRequestError",
            Self::Conflict => "ConflictError",
            Self::Card => "CardError",
            Self::RateLimit => "RateLimitError",
            Self::Api => "ApiError",
            Self::ApiConnection => "ApiConnectionError",
            Self::ApiTimeout => "ApiTimeoutError",
            Self::LocalConnection => "LocalConnectionError",
            Self::SignatureVerification => "SignatureVerificationError",
            Self::Configuration => "ConfigurationError",
        }
    }

    /// Whether there was no answer, for whatever reason.
    #[must_use]
    pub fn is_connection(self) -> bool {
        matches!(self, Self::ApiConnection | Self::ApiTimeout | Self::LocalConnection)
    }

    pub(crate) fn of_type(name: &str) -> Self {
        match name {
            "authentication_error" => Self::Authentication,
            "permission_error" => Self::PermissionDenied,
            "invalid_request_error" => Self::InvalidRequest,
            "conflict_error" => Self::Conflict,
            "card_error" => Self::Card,
            "rate_limit_error" => Self::RateLimit,
            _ => Self::Api,
        }
    }

    /// The type of an answer that does not say it.
    pub(crate) fn type_of_status(status: u16) -> &'static str {
        match status {
            401 => "authentication_error",
            402 => "card_error",
            403 => "permission_error",
            409 => "conflict_error",
            429 => "rate_limit_error",
            400..=499 => "invalid_request_error",
            _ => "api_error",
        }
    }
}

/// A payment as it was when it was looked up, in the version of the call.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum PaymentSnapshot {
    /// Version 2026-06-11.
    Current(Box<TerminalPayment>),
    /// Version 2025-05-31.
    Legacy(Box<LegacyTerminalPayment>),
}

impl PaymentSnapshot {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Current(payment) => &payment.id,
            Self::Legacy(payment) => &payment.id,
        }
    }
}

/// What is known about a failure.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ErrorFacts {
    /// Which kind of error it is.
    pub kind: ErrorKind,
    /// Who has to act, as the API writes it: `invalid_request_error`, `connection_error`, …
    pub type_: String,
    /// What went wrong, for programs.
    pub code: String,
    /// What went wrong, for people.
    pub message: String,
    /// Why the card was declined.
    pub decline_code: Option<String>,
    /// The field at fault.
    pub param: Option<String>,
    /// Names the request in the platform's logs.
    pub request_id: Option<String>,
    /// The HTTP status, when there was an answer.
    pub status_code: Option<u16>,
    /// When to go on, in seconds.
    pub retry_after: Option<u64>,
    /// Whether the request may have been carried out.
    pub outcome_unknown: bool,
    /// Whether a card may have been charged, or money given back, although this is an error.
    pub money_may_have_moved: bool,
    /// The payment that is in the way.
    pub payment_id: Option<String>,
    /// Where the code is explained.
    pub doc_url: Option<String>,
    /// The identity of a payment whose answer was lost: creating it again with this token cannot charge twice.
    pub client_token: Option<String>,
    /// The idempotency key of a change whose answer was lost.
    pub idempotency_key: Option<String>,
    /// The payment whose answer was lost, as it was when it was looked up.
    pub payment: Option<PaymentSnapshot>,
    /// Where on the way to a terminal it ended: `name`, `route`, `port`, `tls`, `certificate`, `clock`, `http`, `terminal`.
    pub layer: Option<&'static str>,
    /// What the system said.
    pub cause: Option<String>,
    /// Why a payment in hybrid mode did not go over the local network: the layer, and what was said.
    pub local_failure: Option<(&'static str, String)>,
}

/// The error of every call. Its facts are read as fields: `error.code`, `error.outcome_unknown`.
#[derive(Clone)]
pub struct VinrError {
    facts: Box<ErrorFacts>,
}

impl VinrError {
    pub(crate) fn new(
        type_: &str,
        kind: ErrorKind,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        let facts = ErrorFacts {
            kind,
            type_: type_.to_owned(),
            code: code.into(),
            message: message.into(),
            decline_code: None,
            param: None,
            request_id: None,
            status_code: None,
            retry_after: None,
            outcome_unknown: false,
            money_may_have_moved: false,
            payment_id: None,
            doc_url: None,
            client_token: None,
            idempotency_key: None,
            payment: None,
            layer: None,
            cause: None,
            local_failure: None,
        };
        Self { facts: Box::new(facts) }
    }

    /// The SDK was asked for something that cannot be.
    pub(crate) fn configuration(code: &str, message: impl Into<String>) -> Self {
        Self::new("configuration_error", ErrorKind::Configuration, code, message)
    }

    /// A webhook is not to be believed.
    pub(crate) fn signature(code: &str, message: impl Into<String>) -> Self {
        Self::new("signature_error", ErrorKind::SignatureVerification, code, message)
    }

    /// Names the field at fault.
    pub(crate) fn about(self, param: &str) -> Self {
        self.with(|facts| facts.param = Some(param.to_owned()))
    }

    /// Says more.
    pub(crate) fn with(mut self, say: impl FnOnce(&mut ErrorFacts)) -> Self {
        say(&mut self.facts);
        self
    }

    /// Which kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.facts.kind
    }
}

impl Deref for VinrError {
    type Target = ErrorFacts;

    fn deref(&self) -> &ErrorFacts {
        &self.facts
    }
}

impl fmt::Display for VinrError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)?;
        if let Some(id) = &self.request_id {
            write!(f, " (request {id})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for VinrError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("VinrError");
        shown.field("kind", &self.kind).field("code", &self.code).field("message", &self.message);
        for (name, value) in [
            ("decline_code", &self.decline_code),
            ("param", &self.param),
            ("request_id", &self.request_id),
            ("payment_id", &self.payment_id),
            ("client_token", &self.client_token),
            ("cause", &self.cause),
        ] {
            if let Some(value) = value {
                shown.field(name, value);
            }
        }
        shown.field("outcome_unknown", &self.outcome_unknown);
        shown.field("money_may_have_moved", &self.money_may_have_moved).finish_non_exhaustive()
    }
}

impl std::error::Error for VinrError {}
