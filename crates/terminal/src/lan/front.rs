//! What happens to every request before and after its API: its name, the host it was sent to, who may not be here at all;
//! then the line in the log. Moves no money.

use std::convert::Infallible;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use hyper::body::Incoming;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Request, Response};
use tokio::time::Instant;
use vinr_domain::RequestId;
use vinr_wire::lan::cashless::{CashlessCode, CashlessError};
use vinr_wire::rest::error::{ErrorBody, ErrorCode};

use super::counter::Counter;
use super::reply::{Body, Reply};
use super::request::{Ask, Caller};
use super::{cashless, local};

/// Names the request in answers and logs.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Where the Cashless API is.
const CASHLESS: &str = "/cashless/";

const USE_HTTPS: &str = "This port speaks HTTPS only. Send the request to https:// instead of http://.";
const WRONG_HOST: &str =
    "The header Host names something else than this terminal: its address, its name or localhost.";
const FROM_A_PAGE: &str = "Requests from web pages are not served here: the header Origin must not be there.";

/// Answers one request.
pub(super) async fn answer(
    counter: Arc<Counter>,
    caller: Caller,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let started = Instant::now();
    let id = counter.names.request(counter.now());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let peer = caller.peer;
    let ask = Ask::new(id, caller, request);
    let answered = AssertUnwindSafe(route(Arc::clone(&counter), ask)).catch_unwind().await;
    let reply = answered.unwrap_or_else(|_| {
        tracing::error!(request = %id, "the request's handler panicked");
        panicked(id, is_cashless(&path))
    });
    let status = reply.status();
    let mut response = reply.into_response();
    if let Ok(name) = HeaderValue::try_from(id.to_string()) {
        response.headers_mut().insert(X_REQUEST_ID, name);
    }
    tracing::info!(
        request = %id,
        %method,
        // Only paths of ours: what else was asked may hold anything.
        path = if status == 404 { "unknown" } else { path.as_str() },
        status,
        %peer,
        duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        "answered a till"
    );
    Ok(response)
}

fn is_cashless(path: &str) -> bool {
    path.starts_with(CASHLESS)
}

async fn route(counter: Arc<Counter>, ask: Ask) -> Reply {
    let cashless = is_cashless(ask.path());
    if !host_is_ours(&counter, &ask) {
        return refused(ask.id, cashless, ErrorCode::HostNotAllowed, WRONG_HOST);
    }
    if ask.headers().contains_key(header::ORIGIN) {
        return refused(ask.id, cashless, ErrorCode::OriginNotAllowed, FROM_A_PAGE);
    }
    if !cashless {
        return local::answer(counter, ask).await;
    }
    if !ask.caller.tls {
        return Reply::json(400, &CashlessError::new(CashlessCode::InvalidRequest, USE_HTTPS)).closing();
    }
    cashless::answer(counter, ask).await
}

fn refused(id: RequestId, cashless: bool, code: ErrorCode, message: &'static str) -> Reply {
    let reply = if cashless {
        Reply::json(400, &CashlessError::new(CashlessCode::InvalidRequest, message))
    } else {
        let body = ErrorBody::new(code, message, id);
        Reply::written(body.status(), body.to_json())
    };
    reply.closing()
}

fn panicked(id: RequestId, cashless: bool) -> Reply {
    let message =
        "The terminal failed to answer. Ask how the payment stands before anything is charged again.";
    if cashless {
        return Reply::json(500, &CashlessError::new(CashlessCode::InternalError, message));
    }
    let body = ErrorBody::new(ErrorCode::InternalError, message, id).money_may_have_moved();
    Reply::written(body.status(), body.to_json())
}

/// What a client is told that speaks HTTP where TLS is expected.
pub(super) fn plain_refused(cashless: bool) -> String {
    if cashless {
        let error = CashlessError::new(CashlessCode::InvalidRequest, USE_HTTPS);
        return serde_json::to_string(&error).expect("a struct of strings always serializes");
    }
    let body = ErrorBody::new(ErrorCode::HttpsRequired, USE_HTTPS, RequestId(0));
    String::from_utf8(body.to_json()).unwrap_or_default()
}

/// Whether the request was meant for this terminal: a name that somebody else's DNS leads here is not ours, so that
/// no web page reaches a terminal through a browser in the shop.
fn host_is_ours(counter: &Counter, ask: &Ask) -> bool {
    let mut hosts = ask.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let Ok(host) = host.to_str() else { return false };
    let named = ask.uri().authority().is_none_or(|authority| authority.as_str().eq_ignore_ascii_case(host));
    named && is_ours(counter, ask.caller.local.ip(), host)
}

fn is_ours(counter: &Counter, local: IpAddr, host: &str) -> bool {
    let name = without_port(host).to_ascii_lowercase();
    if let Ok(address) = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
        let address = address.to_canonical();
        return address == local || (address.is_loopback() && local.is_loopback());
    }
    name == "localhost" || name == counter.own_host || counter.hosts.contains(&name)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => {
            // Not the last group of a bare IPv6 address, which a Host may not hold anyway.
            if name.contains(':') && !name.ends_with(']') { host } else { name }
        }
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_left_out() {
        assert_eq!(without_port("192.168.1.51:8443"), "192.168.1.51");
        assert_eq!(without_port("[::1]:8443"), "[::1]");
        assert_eq!(without_port("localhost"), "localhost");
        assert_eq!(without_port("[::1]"), "[::1]");
        assert_eq!(without_port("term-1.local:x"), "term-1.local:x");
    }

    #[test]
    fn plain_http_is_refused_in_the_words_of_its_api() {
        assert!(plain_refused(true).contains(r#""code":"invalid_request""#));
        assert!(plain_refused(false).contains(r#""code":"https_required""#));
    }
}
