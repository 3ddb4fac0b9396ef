//! The Cashless API (contract 1.9 and the ECR page): paths, the shared key, and the shape of what is refused. What is
//! charged is decided by the device loop; what only the cloud can do is asked of the cloud.

mod batch;
mod deal;
mod door;
mod forgotten;
mod hold;
mod look;
mod office;
mod original;
mod refund;

use std::sync::Arc;

use hyper::Method;
use hyper::header::{self, HeaderValue};
use serde::de::DeserializeOwned;
use vinr_wire::lan::cashless::{CashlessCode, CashlessError};
use vinr_wire::rest::body::{BodyError, FieldError, decode};

use super::counter::Counter;
use super::reply::Reply;
use super::request::{Ask, BodyFault};
pub(super) use door::Door;
use door::Refused;

const BASE: &str = "/cashless/v1/";
const KEY: &str = "x-vinr-cashless-key";

/// A request that was carried out, or the error that it is answered with.
type Answered = Result<Reply, Box<CashlessError>>;

/// What a path asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Status,
    Sale,
    Preauth,
    PreauthComplete,
    PreauthCancel,
    Cancel,
    Refund,
    BatchClose,
    ReceiptLast,
    ReceiptReprint,
}

fn operation(path: &str) -> Option<Operation> {
    Some(match path.strip_prefix(BASE)? {
        "status" => Operation::Status,
        "sale" => Operation::Sale,
        "preauth" => Operation::Preauth,
        "preauth/complete" => Operation::PreauthComplete,
        "preauth/cancel" => Operation::PreauthCancel,
        "cancel" => Operation::Cancel,
        "refund" => Operation::Refund,
        "batch/close" => Operation::BatchClose,
        "receipt/last" => Operation::ReceiptLast,
        "receipt/reprint" => Operation::ReceiptReprint,
        _ => return None,
    })
}

/// Answers one request.
pub(super) async fn answer(counter: Arc<Counter>, ask: Ask) -> Reply {
    if !counter.guard.access().cashless {
        return refusal(&CashlessError::new(
            CashlessCode::NotFound,
            "The Cashless API is not enabled on this terminal.",
        ));
    }
    let Some(operation) = operation(ask.path()) else {
        return refusal(&CashlessError::new(CashlessCode::NotFound, "There is nothing at this path."));
    };
    if ask.method() != Method::POST {
        let error = CashlessError::new(CashlessCode::MethodNotAllowed, "Every request is a POST.");
        return refusal(&error).header(header::ALLOW, HeaderValue::from_static("POST"));
    }
    if let Err(reply) = admit(&counter, &ask) {
        return *reply;
    }
    carry_out(operation, counter, ask).await.unwrap_or_else(|error| refusal(&error))
}

fn refusal(error: &CashlessError) -> Reply {
    Reply::json(error.status(), error)
}

async fn carry_out(operation: Operation, counter: Arc<Counter>, mut ask: Ask) -> Answered {
    match operation {
        Operation::Status => look::status(&counter, body_of(&mut ask).await?).await,
        Operation::Sale => {
            let body = body_of(&mut ask).await?;
            deal::sale(counter, &ask, body).await
        }
        Operation::Preauth => {
            let body = body_of(&mut ask).await?;
            deal::preauth(counter, &ask, body).await
        }
        Operation::PreauthComplete => hold::complete(counter, body_of(&mut ask).await?).await,
        Operation::PreauthCancel => hold::cancel(counter, body_of(&mut ask).await?).await,
        Operation::Cancel => deal::cancel(&counter, body_of(&mut ask).await?).await,
        Operation::Refund => refund::refund(counter, body_of(&mut ask).await?).await,
        Operation::BatchClose => batch::close(counter, body_of(&mut ask).await?).await,
        Operation::ReceiptLast => look::receipt_last(&counter, body_of(&mut ask).await?).await,
        Operation::ReceiptReprint => look::reprint(&counter, body_of(&mut ask).await?).await,
    }
}

/// Whether the caller has the shared key. The key is never repeated, nor logged.
fn admit(counter: &Counter, ask: &Ask) -> Result<(), Box<Reply>> {
    let mut keys = ask.headers().get_all(KEY).iter();
    let key = keys.next().filter(|_| keys.next().is_none());
    let hash = counter.guard.access().cashless_key_hash;
    let admitted = counter.door.admit(ask.caller.peer, key.map(HeaderValue::as_bytes), hash.as_ref());
    admitted.map_err(|refused| Box::new(match refused {
        Refused::NoKey => refusal(&CashlessError::new(
            CashlessCode::InvalidKey,
            "The header X-VINR-Cashless-Key is missing, or was sent more than once.",
        )),
        Refused::WrongKey => refusal(&CashlessError::new(
            CashlessCode::InvalidKey,
            "The shared key is not the one of this terminal. It may have been regenerated.",
        )),
        Refused::LockedOut { retry_after_s } => {
            tracing::warn!(peer = %ask.caller.peer, retry_after_s, "an address guesses the shared key and is locked out");
            let error = CashlessError::new(
                CashlessCode::TooManyAttempts,
                "Too many wrong keys came from this address. The header Retry-After says when to try again.",
            );
            refusal(&error).header(header::RETRY_AFTER, retry_after_s.into())
        }
    }))
}

/// Reads the body, which is JSON and nothing else; an empty one says nothing.
async fn body_of<B: DeserializeOwned>(ask: &mut Ask) -> Result<B, Box<CashlessError>> {
    let bytes = ask.body().await.map_err(|fault| {
        Box::new(match fault {
            BodyFault::TooLarge => {
                CashlessError::new(CashlessCode::BodyTooLarge, "The body is larger than 256 KiB.")
            }
            BodyFault::TimedOut => {
                CashlessError::new(CashlessCode::InvalidRequest, "The body did not arrive in time.")
            }
            BodyFault::Broken => CashlessError::new(CashlessCode::InvalidRequest, "The body broke off."),
        })
    })?;
    let content_type = ask.content_type();
    let is_json = content_type.is_some_and(|text| {
        text.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
    });
    let says_nothing = bytes.is_empty() && content_type.is_none();
    if !(is_json || says_nothing) {
        return Err(not_json());
    }
    decode(content_type, &bytes).map_err(|wrong| match wrong {
        BodyError::Field(field) => refused_field(&field),
        BodyError::UnsupportedMediaType => not_json(),
    })
}

fn not_json() -> Box<CashlessError> {
    let message = "The body must be application/json, in UTF-8.";
    Box::new(CashlessError::new(CashlessCode::UnsupportedMediaType, message))
}

fn refused_field(field: &FieldError) -> Box<CashlessError> {
    Box::new(CashlessError::from_field(field))
}

fn error(code: CashlessCode, message: &'static str) -> Box<CashlessError> {
    Box::new(CashlessError::new(code, message))
}

/// Whatever the ECR does meanwhile, what was asked is asked to its end.
async fn to_the_end(work: impl Future<Output = Answered> + Send + 'static) -> Answered {
    let ended = tokio::spawn(work).await;
    ended.unwrap_or_else(|_| {
        Err(error(
            CashlessCode::InternalError,
            "The terminal failed. Ask for the status of the transaction before anything is sent again.",
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_s_paths_are_known() {
        for path in [
            "status",
            "sale",
            "preauth",
            "preauth/complete",
            "preauth/cancel",
            "cancel",
            "refund",
            "batch/close",
            "receipt/last",
            "receipt/reprint",
        ] {
            assert!(operation(&format!("/cashless/v1/{path}")).is_some(), "{path}");
        }
        for path in ["/cashless/v1/", "/cashless/v1/sale/", "/cashless/v2/sale", "/cashless/v1/sales"] {
            assert!(operation(path).is_none(), "{path}");
        }
    }
}
