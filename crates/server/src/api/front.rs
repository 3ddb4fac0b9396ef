//! What happens to every request before and after its handler: its name, who asks, how often, in which version; then
//! the headers, the figures and the one line in the log. One function instead of a stack of layers, because each layer
//! costs an allocation per request.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;
use tokio::time::Instant;
use vinr_domain::{PaymentId, RequestId};
use vinr_wire::rest::version::ApiVersion;

use super::credentials::{VINR_VERSION, key_of, version_of};
use super::error::Fault;
use super::limits::{Standing, TooMany};
use super::measure::Measure;
use super::reply::IDEMPOTENT_REPLAYED;
use super::request::IDEMPOTENCY_KEY;
use super::routes::{Endpoint, Need};
use super::{Api, terminal_payments};
use crate::access::{self, Grant, Principal};
use crate::requests::Asked;

/// Names the request in answers and logs. Never taken from the caller.
pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The most bytes of anything that a caller sends that are noted for the log.
const MOST_NOTED: usize = 512;

/// Who asks, and in which version the answer is to be written. Present in every handler that needs a key.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) who: Arc<Principal>,
    pub(super) version: ApiVersion,
}

/// The operator who asks. Present in every handler of `/v1/operator`, and in no other.
#[derive(Clone, Debug)]
pub(super) struct Operator {
    pub(super) who: Arc<access::Operator>,
}

/// What has been found out about a request so far.
struct Visit<'a> {
    route: &'a str,
    method: &'a str,
    measure: &'a Measure,
    caller: Option<Caller>,
    version: Option<ApiVersion>,
    standing: Option<Standing>,
    moves_money: bool,
    /// What developers are shown of it later; of a request with a valid key.
    asked: Option<Asked>,
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
        version: None,
        standing: None,
        moves_money: false,
        asked: None,
    };
    let outcome = match admit(&api, id, &mut request, &mut visit) {
        Ok(()) => run(next, request, id, visit.moves_money).await,
        Err(fault) => Err(fault),
    };
    let code = outcome.as_ref().err().map(|fault| fault.code(id).as_str());
    let mut response = outcome.unwrap_or_else(|fault| fault.answer(id));
    finish(&mut response, &visit, id);
    let (status, took) = (response.status().as_u16(), started.elapsed());
    if let Some(asked) = visit.asked.take() {
        let replayed = response.headers().contains_key(IDEMPOTENT_REPLAYED);
        let version = visit.version.map_or("", ApiVersion::as_str);
        api.services.applications.requests.note(Asked { status, took, code, replayed, version, ..asked });
    }
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
fn admit<'a>(api: &'a Api, id: RequestId, request: &mut Request, visit: &mut Visit<'a>) -> Result<(), Fault> {
    let matched = request.extensions().get::<MatchedPath>();
    let path = matched.and_then(|matched| api.routes.path(matched.as_str())).ok_or(Fault::NoSuchPath)?;
    visit.route = &path.template;
    visit.measure = path.refusals();
    let endpoint =
        path.endpoint(request.method()).ok_or_else(|| Fault::MethodNotAllowed(path.allow.clone()))?;
    visit.method = endpoint.method.as_str();
    visit.measure = &endpoint.measure;
    match endpoint.needs {
        Some(Need::Grant(grant)) => admit_merchant(api, id, request, visit, (endpoint, grant)),
        Some(Need::Operator) => admit_operator(api, id, request, visit, endpoint),
        None => Ok(()),
    }
}

fn admit_merchant(
    api: &Api,
    id: RequestId,
    request: &mut Request,
    visit: &mut Visit<'_>,
    (endpoint, grant): (&Endpoint, Grant),
) -> Result<(), Fault> {
    let sent = key_of(request.headers())?;
    let who = api.services.keys.authenticate(sent.key, api.services.clock.wall()).map_err(Fault::Denied)?;
    let who = Arc::new(Principal { request: Some(id), ..Principal::clone(&who) });
    visit.asked = Some(asked(request, id, &who));
    visit.version = Some(sent.default_version);
    let caller = visit.caller.insert(Caller { who, version: sent.default_version });
    visit.moves_money = matches!(grant, Grant::PaymentsWrite | Grant::RefundsWrite);
    let taken = api.limits.take(&caller.who, writes(endpoint), polled(visit.route, request));
    visit.standing = standing(taken, &mut visit.standing)?;
    if !caller.who.grants.hold(grant) {
        return Err(Fault::Forbidden(grant));
    }
    if writes(endpoint) && api.services.book.suspended(&caller.who.scope.account) {
        return Err(Fault::Suspended);
    }
    caller.version = version_of(request.headers(), caller.version)?;
    visit.version = Some(caller.version);
    let caller = caller.clone();
    request.extensions_mut().insert(caller);
    Ok(())
}

fn admit_operator(
    api: &Api,
    id: RequestId,
    request: &mut Request,
    visit: &mut Visit<'_>,
    endpoint: &Endpoint,
) -> Result<(), Fault> {
    let sent = key_of(request.headers())?;
    let now = api.services.clock.wall();
    let who = api.services.operators.authenticate(sent.key, now).map_err(Fault::NotAnOperator)?;
    visit.version = Some(sent.default_version);
    let taken = api.limits.take_one(who.key, true, writes(endpoint));
    visit.standing = standing(taken, &mut visit.standing)?;
    visit.version = Some(version_of(request.headers(), sent.default_version)?);
    let who = Arc::new(access::Operator { request: Some(id), ..access::Operator::clone(&who) });
    request.extensions_mut().insert(Operator { who });
    Ok(())
}

/// What is known of the request before it is answered.
fn asked(request: &Request, id: RequestId, who: &Principal) -> Asked {
    let cut = |text: &str| Box::from(text.get(..MOST_NOTED).unwrap_or(text));
    let text = |name: &HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok()).map(cut);
    Asked {
        scope: who.scope.clone(),
        id,
        method: word(request.method()),
        path: cut(request.uri().path()),
        query: request.uri().query().map(cut),
        status: 0,
        took: Duration::ZERO,
        key: Arc::clone(&who.hint),
        version: "",
        code: None,
        idempotency_key: text(&IDEMPOTENCY_KEY),
        replayed: false,
        agent: text(&header::USER_AGENT),
    }
}

fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::PATCH => "PATCH",
        _ => "other",
    }
}

fn writes(endpoint: &Endpoint) -> bool {
    endpoint.method != axum::http::Method::GET
}

/// The standing of a request that came in time; of one that came too early, told all the same.
fn standing(
    taken: Result<Option<Standing>, TooMany>,
    told: &mut Option<Standing>,
) -> Result<Option<Standing>, Fault> {
    taken.map_err(|refusal| {
        *told = Some(refusal.standing);
        Fault::RateLimited { retry_after_s: refusal.retry_after_s }
    })
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
    if let Some(version) = visit.version {
        headers.insert(VINR_VERSION, HeaderValue::from_static(version.as_str()));
    }
    if let Some(standing) = visit.standing {
        standing.write(headers);
    }
}
