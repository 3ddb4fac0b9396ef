//! The Local API (contract 1.8): paths, who may use them, and the shape of what is refused. Each operation has a file; what
//! is charged is decided by the device loop alone.

mod change;
mod create;
mod events;
mod read;
mod sandbox;
mod status;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::Method;
use hyper::header::{self, HeaderName, HeaderValue};
use serde::de::DeserializeOwned;
use vinr_domain::PaymentId;
use vinr_pki::ClientFault;
use vinr_wire::rest::body::{FieldError, decode, decode_query};
use vinr_wire::rest::error::{ErrorBody, ErrorCode};
use vinr_wire::rest::version::ApiVersion;

use super::counter::Counter;
use super::reply::Reply;
use super::request::{Ask, BodyFault};
pub(super) use create::simulated;
pub(super) use status::{modes, readiness};

const VINR_VERSION: HeaderName = HeaderName::from_static("vinr-version");
/// The client certificate on the open wire: base64url of its DER.
const DEVICE_CERTIFICATE: &str = "x-device-certificate";
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// A certificate in the header is not longer than this.
const MAX_CERTIFICATE_CHARS: usize = 8 * 1024;

const PAYMENTS: &str = "/v1/terminal/payments";

/// A request that is refused, or could not be carried out.
pub(super) type Answered = Result<Reply, Box<ErrorBody>>;

/// What a path and a method ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Status,
    Create,
    List,
    Retrieve(PaymentId),
    Cancel(PaymentId),
    Capture(PaymentId),
    Events,
    SetInternet,
}

/// There is no such operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NoOperation {
    Path,
    /// The path knows these methods only.
    Method(&'static str),
    /// The path names no payment.
    Payment,
}

fn operation(method: &Method, path: &str) -> Result<Operation, NoOperation> {
    let only = |known: Method, operation, allow| {
        if *method == known { Ok(operation) } else { Err(NoOperation::Method(allow)) }
    };
    match path {
        "/v1/status" => return only(Method::GET, Operation::Status, "GET"),
        "/v1/events" => return only(Method::GET, Operation::Events, "GET"),
        "/v1/pay" => return only(Method::POST, Operation::Create, "POST"),
        "/v1/test/internet" => return only(Method::POST, Operation::SetInternet, "POST"),
        PAYMENTS if *method == Method::POST => return Ok(Operation::Create),
        PAYMENTS => return only(Method::GET, Operation::List, "GET, POST"),
        _ => {}
    }
    let below =
        path.strip_prefix(PAYMENTS).and_then(|below| below.strip_prefix('/')).ok_or(NoOperation::Path)?;
    let (id, verb) = below.split_once('/').map_or((below, None), |(id, verb)| (id, Some(verb)));
    let named = PaymentId::parse(id).map_err(|_| NoOperation::Payment);
    match verb {
        None => only(Method::GET, Operation::Retrieve(named?), "GET"),
        Some("cancel") => only(Method::POST, Operation::Cancel(named?), "POST"),
        Some("capture") => only(Method::POST, Operation::Capture(named?), "POST"),
        Some(_) => Err(NoOperation::Path),
    }
}

/// Answers one request.
pub(super) async fn answer(counter: Arc<Counter>, ask: Ask) -> Reply {
    let (id, default) = (ask.id, default_version(&ask));
    let mut version = default;
    let answered = carry_out(counter, ask, &mut version).await;
    let reply = answered.unwrap_or_else(|body| {
        debug_assert!(body.status() >= 400, "{id}");
        let reply = Reply::written(body.status(), body.to_json());
        // Who may not be here does not stay either.
        if body.status() == 403 { reply.closing() } else { reply }
    });
    reply.header(VINR_VERSION, HeaderValue::from_static(version.as_str()))
}

async fn carry_out(counter: Arc<Counter>, ask: Ask, version: &mut ApiVersion) -> Answered {
    let id = ask.id;
    let operation = match operation(ask.method(), ask.path()) {
        Ok(operation) => operation,
        Err(NoOperation::Path) => {
            return Err(error(&ask, ErrorCode::NotFound, "There is nothing at this path."));
        }
        Err(NoOperation::Payment) => return Err(no_such_payment(&ask)),
        Err(NoOperation::Method(allow)) => {
            let message = "This path does not know this method. The header Allow lists those it knows.";
            let body = ErrorBody::new(ErrorCode::MethodNotAllowed, message, id);
            let reply = Reply::written(body.status(), body.to_json());
            return Ok(reply.header(header::ALLOW, HeaderValue::from_static(allow)));
        }
    };
    if operation == Operation::Status {
        return Ok(status::status(&counter));
    }
    if !counter.guard.access().local_api {
        let message = "The Local API is not enabled on this terminal.";
        return Err(error(&ask, ErrorCode::NotFound, message));
    }
    admit(&counter, &ask)?;
    *version = version_of(&ask, *version)?;
    match operation {
        Operation::Status => Ok(status::status(&counter)),
        Operation::Create => create::create(counter, ask, *version).await,
        Operation::List => read::list(&counter, &ask, *version).await,
        Operation::Retrieve(payment) => read::retrieve(&counter, &ask, payment, *version).await,
        Operation::Cancel(payment) => change::cancel(counter, ask, payment, *version).await,
        Operation::Capture(payment) => change::capture(counter, ask, payment, *version).await,
        Operation::Events => events::stream(counter, &ask, *version),
        Operation::SetInternet => sandbox::set_internet(&counter, ask).await,
    }
}

/// On the open wire the reference page's own requests are answered as that page shows (contract 1.3).
fn default_version(ask: &Ask) -> ApiVersion {
    if ask.caller.tls { ApiVersion::V2026_06_11 } else { ApiVersion::V2025_05_31 }
}

fn version_of(ask: &Ask, default: ApiVersion) -> Result<ApiVersion, Box<ErrorBody>> {
    let Some(text) = ask.header(VINR_VERSION.as_str()) else { return Ok(default) };
    ApiVersion::parse(text).ok_or_else(|| {
        let message = "There is no such version of the API. Send 2026-06-11 or 2025-05-31.";
        Box::new(ErrorBody::new(ErrorCode::UnsupportedVersion, message, ask.id).param("Vinr-Version"))
    })
}

/// Whether the caller's certificate lets it in; on the open wire it comes in a header, and proves nothing but that
/// its holder was told it.
fn admit(counter: &Counter, ask: &Ask) -> Result<(), Box<ErrorBody>> {
    let judged = if ask.caller.tls {
        counter.guard.judge(ask.caller.certificate.as_deref())
    } else {
        let certificate = ask.header(DEVICE_CERTIFICATE).map(certificate_in);
        counter.guard.judge(certificate.as_deref())
    };
    judged.map(|_who| ()).map_err(|fault| {
        let (code, message) = refusal(fault);
        error(ask, code, message)
    })
}

fn certificate_in(text: &str) -> Vec<u8> {
    if text.len() > MAX_CERTIFICATE_CHARS {
        return Vec::new();
    }
    // What is no base64url is no certificate.
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).unwrap_or_default()
}

fn refusal(fault: ClientFault) -> (ErrorCode, &'static str) {
    match fault {
        ClientFault::Required => (
            ErrorCode::CertificateRequired,
            "A client certificate is required. Issue one for this terminal in the dashboard or with the API.",
        ),
        ClientFault::UnknownAuthority => (
            ErrorCode::CertificateUnknownAuthority,
            "The client certificate was not issued by the authority for clients that this terminal knows.",
        ),
        ClientFault::WrongTerminal => {
            (ErrorCode::CertificateWrongTerminal, "The client certificate was issued for another terminal.")
        }
        ClientFault::Revoked => (ErrorCode::CertificateRevoked, "The client certificate has been revoked."),
        ClientFault::Expired => {
            (ErrorCode::CertificateExpired, "The client certificate has expired. Issue a new one.")
        }
        ClientFault::NotYetValid => (
            ErrorCode::CertificateNotYetValid,
            "The client certificate is not valid yet. Check the clocks of the till and of the terminal.",
        ),
    }
}

pub(super) fn error(ask: &Ask, code: ErrorCode, message: &'static str) -> Box<ErrorBody> {
    Box::new(ErrorBody::new(code, message, ask.id))
}

fn no_such_payment(ask: &Ask) -> Box<ErrorBody> {
    let message = "There is no such terminal payment in this account and mode.";
    Box::new(ErrorBody::new(ErrorCode::NotFound, message, ask.id).param("id"))
}

fn field(ask: &Ask, field: &FieldError) -> Box<ErrorBody> {
    Box::new(ErrorBody::from_field(field, ask.id))
}

fn query_of<Q: DeserializeOwned>(ask: &Ask) -> Result<Q, Box<ErrorBody>> {
    decode_query(ask.query()).map_err(|wrong| field(ask, &wrong))
}

async fn body_of<B: DeserializeOwned>(ask: &mut Ask) -> Result<B, Box<ErrorBody>> {
    let bytes = match ask.body().await {
        Ok(bytes) => bytes,
        Err(BodyFault::TooLarge) => {
            return Err(error(ask, ErrorCode::BodyTooLarge, "The body is larger than 256 KiB."));
        }
        Err(BodyFault::TimedOut) => {
            return Err(error(ask, ErrorCode::RequestTimeout, "The body did not arrive in time."));
        }
        Err(BodyFault::Broken) => return Err(error(ask, ErrorCode::MalformedRequest, "The body broke off.")),
    };
    decode(ask.content_type(), &bytes).map_err(|wrong| Box::new(ErrorBody::from_body(&wrong, ask.id)))
}

/// The idempotency key, if there is one (contract 2.2).
fn key_of(ask: &Ask) -> Result<Option<Arc<str>>, Box<ErrorBody>> {
    let mut values = ask.headers().get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let bytes = value.as_bytes();
    let fits = (1..=255).contains(&bytes.len()) && bytes.iter().all(|byte| (b' '..=b'~').contains(byte));
    match value.to_str() {
        Ok(text) if fits && values.next().is_none() => Ok(Some(text.into())),
        Ok(_) | Err(_) => {
            let message = "must be given once, with 1 to 255 printable ASCII characters";
            Err(field(ask, &FieldError::invalid("Idempotency-Key", message)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_methods_are_told_apart() {
        let id = PaymentId(7);
        let of = |method: Method, path: &str| operation(&method, path);
        assert_eq!(of(Method::POST, "/v1/pay"), Ok(Operation::Create));
        assert_eq!(of(Method::POST, "/v1/terminal/payments"), Ok(Operation::Create));
        assert_eq!(of(Method::GET, "/v1/terminal/payments"), Ok(Operation::List));
        assert_eq!(of(Method::GET, &format!("/v1/terminal/payments/{id}")), Ok(Operation::Retrieve(id)));
        assert_eq!(
            of(Method::POST, &format!("/v1/terminal/payments/{id}/cancel")),
            Ok(Operation::Cancel(id))
        );
        assert_eq!(
            of(Method::POST, &format!("/v1/terminal/payments/{id}/capture")),
            Ok(Operation::Capture(id))
        );
        assert_eq!(of(Method::GET, "/v1/pay"), Err(NoOperation::Method("POST")));
        assert_eq!(of(Method::DELETE, "/v1/terminal/payments"), Err(NoOperation::Method("GET, POST")));
        assert_eq!(of(Method::GET, "/v1/terminal/payments/7"), Err(NoOperation::Payment));
        assert_eq!(of(Method::GET, &format!("/v1/terminal/payments/{id}/x")), Err(NoOperation::Path));
        assert_eq!(of(Method::GET, "/v1/terminal/paymentsx"), Err(NoOperation::Path));
        assert_eq!(of(Method::GET, "/"), Err(NoOperation::Path));
    }
}
