//! Everything that can be wrong with a request, and what the caller is told about it. The one place where a refusal
//! of the application meets an HTTP status; no match has a wildcard, so a new refusal cannot slip through.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use vinr_domain::RequestId;
use vinr_domain::payment::Illegal;
use vinr_wire::rest::body::{BodyError, FieldError};
use vinr_wire::rest::error::{ErrorBody, ErrorCode};

use crate::access::{AccessDenied, Grant};
use crate::refusal::Refusal;

/// Why a request is not carried out.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fault {
    /// No valid key.
    Denied(AccessDenied),
    /// No valid operator key.
    NotAnOperator(AccessDenied),
    /// Two keys.
    KeysDiffer,
    /// The key's scopes do not reach this far.
    Forbidden(Grant),
    /// The operator has stopped the account.
    Suspended,
    /// `Vinr-Version` names none.
    UnsupportedVersion,
    /// No such path.
    NoSuchPath,
    /// The path knows other methods.
    MethodNotAllowed(HeaderValue),
    /// Too many requests.
    RateLimited {
        /// When the next one will be taken, in seconds.
        retry_after_s: u64,
    },
    /// The body is over its limit.
    BodyTooLarge,
    /// The body did not come in time.
    BodyTimeout,
    /// The body broke off.
    BodyBroken,
    /// The body makes no sense.
    Body(BodyError),
    /// A parameter makes no sense.
    Field(FieldError),
    /// The id in the path is not one.
    NoSuchPayment,
    /// A parameter that only test keys may use.
    TestOnlyParameter(&'static str),
    /// The application said no.
    Refused(Refusal),
    /// The handler panicked.
    Panicked {
        /// Whether the request could have moved money before that.
        money_may_have_moved: bool,
    },
    /// A handler without its caller: the endpoint is not in the table of permissions.
    Unguarded,
}

impl From<FieldError> for Fault {
    fn from(error: FieldError) -> Self {
        Self::Field(error)
    }
}

impl From<BodyError> for Fault {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl IntoResponse for Fault {
    /// A bare answer that carries the fault to [`super::front::guard`], which alone knows the request's id.
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response.extensions_mut().insert(self);
        response
    }
}

impl Fault {
    /// The whole answer, but for the headers that every answer has.
    pub(super) fn answer(&self, request: RequestId) -> Response {
        let body = self.body(request);
        let mut response = Response::new(Body::from(body.to_json()));
        *response.status_mut() =
            StatusCode::from_u16(body.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some((name, value)) = self.header() {
            headers.insert(name, value);
        }
        response
    }

    /// What went wrong, for programs.
    pub(super) fn code(&self, request: RequestId) -> ErrorCode {
        self.body(request).code()
    }

    /// The header that belongs to the status.
    fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::Denied(AccessDenied::Missing) | Self::NotAnOperator(AccessDenied::Missing) => {
                Some((header::WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer realm="vinr""#)))
            }
            Self::Denied(AccessDenied::Malformed | AccessDenied::Unknown | AccessDenied::Revoked)
            | Self::NotAnOperator(AccessDenied::Malformed | AccessDenied::Unknown | AccessDenied::Revoked)
            | Self::KeysDiffer => {
                let challenge = HeaderValue::from_static(r#"Bearer realm="vinr", error="invalid_token""#);
                Some((header::WWW_AUTHENTICATE, challenge))
            }
            Self::MethodNotAllowed(allow) => Some((header::ALLOW, allow.clone())),
            Self::RateLimited { retry_after_s } => Some((header::RETRY_AFTER, (*retry_after_s).into())),
            Self::Refused(Refusal::Stated(statement)) => {
                statement.retry_after_s.map(|seconds| (header::RETRY_AFTER, seconds.into()))
            }
            Self::Refused(Refusal::Overloaded | Refusal::Unavailable { money_may_have_moved: false }) => {
                Some((header::RETRY_AFTER, HeaderValue::from_static("1")))
            }
            Self::Forbidden(_)
            | Self::Suspended
            | Self::UnsupportedVersion
            | Self::NoSuchPath
            | Self::BodyTooLarge
            | Self::BodyTimeout
            | Self::BodyBroken
            | Self::Body(_)
            | Self::Field(_)
            | Self::NoSuchPayment
            | Self::TestOnlyParameter(_)
            | Self::Refused(_)
            | Self::Panicked { .. }
            | Self::Unguarded => None,
        }
    }

    /// What the caller is told. Messages never repeat what was sent.
    fn body(&self, request: RequestId) -> ErrorBody {
        let error = |code, message| ErrorBody::new(code, message, request);
        match self {
            Self::Denied(denied) => denial(*denied, request),
            Self::NotAnOperator(denied) => operator_denial(*denied, request),
            Self::KeysDiffer => error(
                ErrorCode::ApiKeysDiffer,
                "The request carries two different API keys. Send one, in Authorization or in X-Api-Key.",
            ),
            Self::Forbidden(grant) => ErrorBody::new(
                ErrorCode::PermissionDenied,
                format!("This API key lacks the scope {grant}."),
                request,
            ),
            Self::Suspended => error(
                ErrorCode::AccountSuspended,
                "The operator of this server has suspended the account. Nothing can be changed; reading still works.",
            ),
            Self::UnsupportedVersion => error(
                ErrorCode::UnsupportedVersion,
                "There is no such version of the API. Send 2026-06-11 or 2025-05-31.",
            )
            .param("Vinr-Version"),
            Self::NoSuchPath => error(ErrorCode::NotFound, "There is nothing at this path. See /docs."),
            Self::MethodNotAllowed(_) => error(
                ErrorCode::MethodNotAllowed,
                "This path does not know this method. The header Allow lists those it knows.",
            ),
            Self::RateLimited { .. } => error(
                ErrorCode::RateLimited,
                "Too many requests. Nothing was done; the header Retry-After says when to send it again.",
            ),
            Self::BodyTooLarge => error(ErrorCode::BodyTooLarge, "The body is larger than 256 KiB."),
            Self::BodyTimeout => error(ErrorCode::RequestTimeout, "The body did not arrive in time."),
            Self::BodyBroken => error(ErrorCode::MalformedRequest, "The body broke off."),
            Self::Body(fault) => ErrorBody::from_body(fault, request),
            Self::Field(fault) => ErrorBody::from_field(fault, request),
            Self::NoSuchPayment => no_such(request, "terminal payment"),
            Self::TestOnlyParameter(name) => {
                error(ErrorCode::TestModeOnly, "This parameter works with test keys only.").param(*name)
            }
            Self::Refused(refusal) => refused(refusal, request),
            Self::Panicked { money_may_have_moved } => {
                let body =
                    error(ErrorCode::InternalError, "The server failed to answer. This is not your fault.");
                if *money_may_have_moved { body.money_may_have_moved() } else { body }
            }
            Self::Unguarded => {
                error(ErrorCode::InternalError, "The server refused to run an endpoint without its guard.")
            }
        }
    }
}

fn denial(denied: AccessDenied, request: RequestId) -> ErrorBody {
    let (code, message) = match denied {
        AccessDenied::Missing => (
            ErrorCode::ApiKeyMissing,
            "No API key was sent. Send your secret key as `Authorization: Bearer sk_…` or as `X-Api-Key: sk_…`.",
        ),
        AccessDenied::Malformed => {
            (ErrorCode::ApiKeyInvalid, "What was sent is not an API key. Keys begin with sk_ or rk_.")
        }
        AccessDenied::Unknown => (ErrorCode::ApiKeyInvalid, "This API key does not exist."),
        AccessDenied::Revoked => (ErrorCode::ApiKeyInvalid, "This API key has been revoked."),
    };
    ErrorBody::new(code, message, request)
}

fn operator_denial(denied: AccessDenied, request: RequestId) -> ErrorBody {
    let (code, message) = match denied {
        AccessDenied::Missing => (
            ErrorCode::ApiKeyMissing,
            "No operator key was sent. Send it as `Authorization: Bearer ok_…` or as `X-Api-Key: ok_…`.",
        ),
        AccessDenied::Malformed => (
            ErrorCode::ApiKeyInvalid,
            "What was sent is not an operator key. They begin with ok_; a merchant's keys do not open this.",
        ),
        AccessDenied::Unknown => (ErrorCode::ApiKeyInvalid, "This operator key does not exist."),
        AccessDenied::Revoked => (ErrorCode::ApiKeyInvalid, "This operator key has been revoked."),
    };
    ErrorBody::new(code, message, request)
}

/// An object of a path that this account and mode does not have; another's is not told apart from none.
fn no_such(request: RequestId, what: &str) -> ErrorBody {
    let message = format!("There is no such {what} in this account and mode.");
    ErrorBody::new(ErrorCode::NotFound, message, request).param("id")
}

/// What a caller is told whom the application refused.
pub(crate) fn refused(refusal: &Refusal, request: RequestId) -> ErrorBody {
    let error = |code, message| ErrorBody::new(code, message, request);
    match refusal {
        Refusal::NoSuchPayment => no_such(request, "terminal payment"),
        Refusal::NoSuchTerminal => no_such(request, "terminal"),
        Refusal::NoSuch(what) => no_such(request, what),
        Refusal::Field(field) => ErrorBody::from_field(field, request),
        Refusal::Stated(statement) => {
            let body = ErrorBody::new(statement.code, statement.message.clone(), request);
            match &statement.param {
                Some(param) => body.param(param.as_ref()),
                None => body,
            }
        }
        Refusal::Illegal(illegal) => illegal_step(illegal, request),
        Refusal::DuplicateReference(id) => ErrorBody::new(
            ErrorCode::DuplicateReference,
            format!(
                "The reference belongs to {id}, which is not finished. Retrieve it before you charge again."
            ),
            request,
        )
        .param("reference")
        .payment(*id),
        Refusal::ClientTokenReused(id) => ErrorBody::new(
            ErrorCode::ClientTokenReused,
            format!("The client token names {id}, which asks for something else."),
            request,
        )
        .param("clientToken")
        .payment(*id),
        Refusal::IdempotencyKeyReused => error(
            ErrorCode::IdempotencyKeyReused,
            "The idempotency key was used before, for a request with another body or query.",
        )
        .param("Idempotency-Key"),
        Refusal::TestModeOnly => error(ErrorCode::TestModeOnly, "This endpoint works with test keys only."),
        Refusal::TerminalOffline => error(
            ErrorCode::NoCardExpected,
            "The terminal is not connected, so nobody can present a card to it.",
        ),
        Refusal::NothingToPresentTo => {
            error(ErrorCode::NoCardExpected, "The terminal is not waiting for a card.")
        }
        Refusal::Overloaded => {
            error(ErrorCode::Unavailable, "The server has too much to do. Nothing was done; send it again.")
        }
        Refusal::Unavailable { money_may_have_moved: false } => {
            error(ErrorCode::Unavailable, "The server cannot do this now. Nothing was done; send it again.")
        }
        Refusal::Unavailable { money_may_have_moved: true } => error(
            ErrorCode::Unavailable,
            "The server lost track of the request. Retrieve the payment before you send anything again.",
        )
        .money_may_have_moved(),
    }
}

fn illegal_step(illegal: &Illegal, request: RequestId) -> ErrorBody {
    let body = |message| ErrorBody::new(ErrorCode::from(illegal), message, request);
    match illegal {
        Illegal::CancelNotAllowed => body(
            "A payment can be cancelled while it is pending, and voided while it is authorized. \
             This one is past that; refund it if it completes.",
        ),
        Illegal::CaptureNotAllowed => body("Only an authorized payment can be captured."),
        Illegal::AlreadyCaptured => body("The payment has been captured. It can be captured only once."),
        Illegal::AuthorizationExpired => body("The authorization has expired. Collect the payment anew."),
        Illegal::AmountTooLarge { most_minor } => {
            let message = format!("At most {most_minor} of the currency's smallest unit can be captured.");
            ErrorBody::new(ErrorCode::from(illegal), message, request).param("amount")
        }
        Illegal::AmountTooSmall => {
            body("A capture takes at least 1 of the currency's smallest unit.").param("amount")
        }
        Illegal::RefundNotAllowed => {
            body("Only a completed payment can be refunded. Cancel one that is pending or held.")
                .param("payment")
        }
        Illegal::RefundTooLarge { left_minor } => {
            let message =
                format!("At most {left_minor} of the currency's smallest unit are left to be refunded.");
            ErrorBody::new(ErrorCode::from(illegal), message, request).param("amount")
        }
        Illegal::Superseded
        | Illegal::AnotherPayment
        | Illegal::WaitOver
        | Illegal::AmountMismatch
        | Illegal::ApprovedTooMuch
        | Illegal::TooEarly
        | Illegal::Meaningless { .. } => {
            body("The server tried a step that is not legal. Nothing was done. This is not your fault.")
        }
    }
}
