//! Takes a request apart for its handler: the caller, the id in the path, the query, the body, the idempotency key.
//! Everything that can be refused without knowing any payment is refused here.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Uri, header};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use vinr_domain::PaymentId;
use vinr_wire::rest::body::{FieldError, MAX_BODY_BYTES, decode, decode_query};

use super::error::Fault;
use super::front::{Caller, Operator};
use super::terminal_payments;
use crate::once::IdempotencyKey;
use crate::refusal::Refusal;

/// Makes a request repeatable (contract 2.2).
pub(super) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// How much of a body that is too large is read and thrown away, so that the client is there to read the answer.
const DISCARDED_BYTES: usize = 4 * 1024 * 1024;

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        parts.extensions.remove::<Caller>().ok_or(Fault::Unguarded)
    }
}

impl<S: Sync> FromRequestParts<S> for Operator {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        parts.extensions.remove::<Operator>().ok_or(Fault::Unguarded)
    }
}

/// The payment that the path names.
pub(super) struct PaymentPath(pub(super) PaymentId);

impl<S: Sync> FromRequestParts<S> for PaymentPath {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        terminal_payments::id_in(parts.uri.path()).map(Self).ok_or(Fault::NoSuchPayment)
    }
}

/// The terminal that the path names, as it was written.
pub(super) struct TerminalPath(pub(super) String);

impl<S: Sync> FromRequestParts<S> for TerminalPath {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let below = named_below(parts.uri.path(), &["/v1/terminals/", "/v1/test/terminals/"]);
        below.map(Self).ok_or(Fault::Refused(Refusal::NoSuchTerminal))
    }
}

/// The location that the path names, as it was written.
pub(super) struct LocationPath(pub(super) String);

impl<S: Sync> FromRequestParts<S> for LocationPath {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let below = named_below(parts.uri.path(), &["/v1/locations/"]);
        below.map(Self).ok_or(Fault::Refused(Refusal::NoSuch("location")))
    }
}

/// The first segment below one of the collections. Ids need no escapes, so an escaped one names nothing.
fn named_below(path: &str, collections: &[&str]) -> Option<String> {
    let below = collections.iter().find_map(|collection| path.strip_prefix(collection))?;
    below.split('/').next().filter(|id| !id.is_empty()).map(str::to_owned)
}
/// One segment of the path, from 1: of `/v1/api-keys/key_…`, the third is the id. What is not an id finds nothing.
pub(super) fn segment(uri: &Uri, place: usize) -> &str {
    uri.path().split('/').nth(place).unwrap_or("")
}

/// For endpoints whose body says nothing.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoBody {}

/// For endpoints whose URL takes no parameters.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoQuery {}

/// The query of a request without a body.
pub(super) struct Query<Q>(pub(super) Q);

impl<S: Sync, Q: DeserializeOwned> FromRequestParts<S> for Query<Q> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        Ok(Self(query_of(&parts.uri)?))
    }
}

/// A request that changes something.
pub(super) struct Submission<Q, B> {
    /// Its query.
    pub(super) query: Q,
    /// Its body.
    pub(super) body: B,
    /// Under which name it may be repeated.
    pub(super) key: Option<IdempotencyKey>,
}

impl<S: Sync, Q: DeserializeOwned, B: DeserializeOwned> FromRequest<S> for Submission<Q, B> {
    type Rejection = Fault;

    async fn from_request(request: Request, _: &S) -> Result<Self, Fault> {
        let (parts, body) = request.into_parts();
        let bytes = read(&parts.headers, body).await?;
        let content_type = match parts.headers.get(header::CONTENT_TYPE) {
            // What is not text is no media type that is known.
            Some(value) => Some(value.to_str().unwrap_or("")),
            None => None,
        };
        let body = decode(content_type, &bytes)?;
        let query = query_of(&parts.uri)?;
        let key = idempotency_key(&parts, &bytes)?;
        Ok(Self { query, body, key })
    }
}

fn query_of<Q: DeserializeOwned>(uri: &Uri) -> Result<Q, Fault> {
    Ok(decode_query(uri.query().unwrap_or(""))?)
}

/// Reads the body, up to its limit, in its time.
async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Fault> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: u64| bytes > DISCARDED_BYTES as u64) {
        return Err(Fault::BodyTooLarge);
    }
    match tokio::time::timeout(BODY_TIMEOUT, collect(body)).await {
        Ok(result) => result,
        Err(_) => Err(Fault::BodyTimeout),
    }
}

async fn collect(mut body: Body) -> Result<Bytes, Fault> {
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    let mut total = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Fault::BodyBroken)?.into_data() else { continue };
        total += data.len();
        if total > DISCARDED_BYTES {
            return Err(Fault::BodyTooLarge);
        }
        if total > MAX_BODY_BYTES {
            continue;
        }
        if first.is_empty() {
            // Nearly every body comes in one piece, and then nothing is copied.
            first = data;
        } else {
            if rest.is_empty() {
                rest.extend_from_slice(&first);
            }
            rest.extend_from_slice(&data);
        }
    }
    if total > MAX_BODY_BYTES {
        return Err(Fault::BodyTooLarge);
    }
    Ok(if rest.is_empty() { first } else { rest.freeze() })
}

/// The idempotency key with what it protects: method, path, query and body.
fn idempotency_key(parts: &Parts, body: &[u8]) -> Result<Option<IdempotencyKey>, Fault> {
    let mut values = parts.headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let bytes = value.as_bytes();
    let fits = (1..=255).contains(&bytes.len()) && bytes.iter().all(|b| (b' '..=b'~').contains(b));
    let text = value.to_str().ok().filter(|_| fits && values.next().is_none());
    let Some(text) = text else {
        let message = "must be given once, with 1 to 255 printable ASCII characters";
        return Err(FieldError::invalid("Idempotency-Key", message).into());
    };
    let operation = format!("{} {}", parts.method, parts.uri.path());
    let fingerprint = fingerprint(parts.uri.query().unwrap_or(""), body);
    Ok(Some(IdempotencyKey { operation: operation.into(), key: Arc::from(text), fingerprint }))
}

/// SHA-256 over query and body, with something between them that no query can contain.
fn fingerprint(query: &str, body: &[u8]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(query.as_bytes());
    context.update(b"\n");
    context.update(body);
    let mut fingerprint = [0; 32];
    fingerprint.copy_from_slice(context.finish().as_ref());
    fingerprint
}
