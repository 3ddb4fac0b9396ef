//! What the cloud says, in the words of the Cashless API. Silence is never a refusal.

use serde_json::Value;
use vinr_domain::Timestamp;
use vinr_wire::lan::cashless::{CashlessCode, CashlessError};

use super::error;
use crate::till::{OfficeFault, OfficeReply};

/// The cloud has not said anything.
pub(super) fn fault(fault: OfficeFault) -> Box<CashlessError> {
    match fault {
        OfficeFault::Offline => error(
            CashlessCode::CommunicationError,
            "The terminal has no connection, which this needs. Nothing was done; send the request again later.",
        ),
        OfficeFault::NoAnswer | OfficeFault::Stopped => error(
            CashlessCode::CommunicationError,
            "There was no answer in time. Send the same request with the same reference again: it is carried out once.",
        ),
    }
}

/// The account may begin and change nothing.
pub(super) fn suspended() -> Box<CashlessError> {
    error(CashlessCode::AccountSuspended, "The account has been suspended. Nothing was charged or changed.")
}

/// The cloud said no.
pub(super) fn refusal(reply: &OfficeReply) -> Box<CashlessError> {
    let code = reply.body.pointer("/error/code").and_then(Value::as_str).unwrap_or("");
    match code {
        "not_found" => {
            error(CashlessCode::TransactionNotFound, "No transaction of this terminal has this reference.")
        }
        "already_captured" => {
            error(CashlessCode::PreauthAlreadyCompleted, "The pre-authorisation has been completed before.")
        }
        "authorization_expired" => error(
            CashlessCode::PreauthExpired,
            "The pre-authorisation has expired; the held funds have been released.",
        ),
        "capture_not_allowed" => error(
            CashlessCode::PreauthExpired,
            "The pre-authorisation holds nothing any more: it was cancelled or has expired.",
        ),
        "amount_too_large" => error(
            CashlessCode::AmountExceedsOriginal,
            "The amount is more than what is left of the original.",
        ),
        "refund_not_allowed" => error(
            CashlessCode::AmountExceedsOriginal,
            "Nothing has been taken of the original that could be given back.",
        ),
        "cancel_not_allowed" => error(
            CashlessCode::CancelNotAllowed,
            "It cannot be cancelled any more; refund it if it was completed.",
        ),
        "idempotency_key_reused" => error(
            CashlessCode::DuplicateReference,
            "The reference was used before, for a request with other content.",
        ),
        "account_suspended" => suspended(),
        "currency_mismatch" => error(CashlessCode::CurrencyMismatch, "The currency is not the original's."),
        _ if reply.status >= 500 || reply.status == 429 => error(
            CashlessCode::CommunicationError,
            "The cloud could not do it now. Send the same request with the same reference again.",
        ),
        _ => {
            tracing::warn!(status = reply.status, code, "the cloud refused what an ECR asked for");
            error(CashlessCode::InternalError, "The cloud refused the request, and nothing was done.")
        }
    }
}

/// The first of these times that is there, RFC 3339 or Unix seconds.
pub(super) fn time_in(object: &Value, keys: &[&str]) -> Option<Timestamp> {
    keys.iter().find_map(|key| match object.get(*key)? {
        Value::String(text) => text.parse::<jiff::Timestamp>().ok().map(|at| Timestamp(at.as_millisecond())),
        Value::Number(seconds) => seconds.as_i64().map(|seconds| Timestamp(seconds.saturating_mul(1000))),
        _ => None,
    })
}
