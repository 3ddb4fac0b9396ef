//! What happens to every request before and after its handler: its name, who asks, how often, in which version; then
//! the headers, the figures and the one line in the log. One function instead of a stack of layers, because each layer
//! costs an allocation per request.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;
use tokio::time::Instant;
use vinr_domain::{PaymentId, RequestId};
use vinr_wire::rest::version::ApiVersion;

use super::credentials::{VINR_VERSION, key_of, version_of};
use super::error::Fault;
use super::limits::Standing;
use super::measure::Measure;
use super::{Api, terminal_payments};
use crate::access::{Grant, Principal};

/// Names the request in answers and logs. Never taken from the caller.
pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Who asks, and in which version the answer is to be written. Present in every handler that needs a key.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) who: Arc<Principal>,
    pub(super) version: ApiVersion,
}

/// What has been found out about a request so far.
struct Visit<'a> {
    route: &'a str,
    method: &'a str,
    measure: &'a Measure,
    caller: Option<Caller>,
    standing: Option<Standing>,
    moves_money: bool,
}

/// Lets the request through to its handler, or answers for it.
pub(super) async fn guard(State(api): State<Arc<Api>>, mut request: Request, next: Next) -> Response {
    let id = api.name_request();
    let started = Instant::now();
    let mut visit = Visit {
        route: "unmatched",
        method: "other",
        measure: api.routes.unmatched(),
        caller: None,
        standing: None,
        moves_money: false,
    };
    let outcome = match admit(&api, &mut request, &mut visit) {
        Ok(()) => run(next, request, id, visit.moves_money).await,
        Err(fault) => Err(fault),
    };
    let mut response = outcome.unwrap_or_else(|fault| fault.answer(id));
    finish(&mut response, &visit, id);
    let (status, took) = (response.status().as_u16(), started.elapsed());
    visit.measure.count(status, took);
    api.upkeep.tick();
    tracing::info!(
        request = %id,
        method = visit.method,
        route = visit.route,
        status,
        duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        account = visit.caller.as_ref().map(|caller| caller.who.scope.account.as_str()),
        livemode = visit.caller.as_ref().map(|caller| caller.who.scope.livemode),
        "answered"
    );
    response
}

/// The checks, in the order in which a caller learns of them: path, method, key, rate, scope, version.
fn admit<'a>(api: &'a Api, request: &mut Request, visit: &mut Visit<'a>) -> Result<(), Fault> {
    let matched = request.extensions().get::<MatchedPath>();
    let path = matched.and_then(|matched| api.routes.path(matched.as_str())).ok_or(Fault::NoSuchPath)?;
    visit.route = &path.template;
    visit.measure = path.refusals();
    let endpoint =
        path.endpoint(request.method()).ok_or_else(|| Fault::MethodNotAllowed(path.allow.clone()))?;
    visit.method = endpoint.method.as_str();
    visit.measure = &endpoint.measure;
    let Some(grant) = endpoint.needs else { return Ok(()) };

    let sent = key_of(request.headers())?;
    let who = api.services.keys.authenticate(sent.key, api.services.clock.wall()).map_err(Fault::Denied)?;
    let caller = visit.caller.insert(Caller { who, version: sent.default_version });
    let writes = endpoint.method != axum::http::Method::GET;
    visit.moves_money = matches!(grant, Grant::PaymentsWrite | Grant::RefundsWrite);
    match api.limits.take(&caller.who, writes, polled(visit.route, request)) {
        Ok(standing) => visit.standing = standing,
        Err(refusal) => {
            visit.standing = Some(refusal.standing);
            return Err(Fault::RateLimited { retry_after_s: refusal.retry_after_s });
        }
    }
    if !caller.who.grants.hold(grant) {
        return Err(Fault::Forbidden(grant));
    }
    caller.version = version_of(request.headers(), caller.version)?;
    let caller = caller.clone();
    request.extensions_mut().insert(caller);
    Ok(())
}

/// The payment, when the request retrieves one.
fn polled(route: &str, request: &Request) -> Option<PaymentId> {
    if route != terminal_payments::retrieve::PATH {
        return None;
    }
    terminal_payments::id_in(request.uri().path())
}

/// Runs the handler. A panic in it ends the request, not the server.
async fn run(next: Next, request: Request, id: RequestId, moves_money: bool) -> Result<Response, Fault> {
    let mut response = AssertUnwindSafe(next.run(request)).catch_unwind().await.map_err(|_| {
        tracing::error!(request = %id, "the handler panicked");
        Fault::Panicked { money_may_have_moved: moves_money }
    })?;
    match response.extensions_mut().remove::<Fault>() {
        Some(fault) => Err(fault),
        None => Ok(response),
    }
}

/// The headers that every answer has, and those that every authenticated answer has.
fn finish(response: &mut Response, visit: &Visit<'_>, id: RequestId) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::try_from(id.to_string()) {
        headers.insert(X_REQUEST_ID, id);
    }
    if let Some(caller) = &visit.caller {
        headers.insert(VINR_VERSION, HeaderValue::from_static(caller.version.as_str()));
    }
    if let Some(standing) = visit.standing {
        standing.write(headers);
    }
}
