//! Who visits: the session behind the cookie, what it may do, and the headers that every page has. The one place that
//! reads and writes cookies.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::tz::TimeZone;
use vinr_domain::{RequestId, Timestamp};

use super::form::Held;
use super::page::{Shell, Trouble};
use super::words::Words;
use super::{Dashboard, proof};
use crate::access::{Grant, Principal};
use crate::listener::Peer;
use crate::people::{Origin, SignedIn};

/// The cookie of a session. Never readable by a script, never sent from another site's form.
const COOKIE: &str = "vinr_session";
/// The cookie between the two steps of signing in.
const STEP: &str = "vinr_step";
/// The cookie of a visitor who is asked for a passkey.
const CHALLENGE: &str = "vinr_challenge";

/// No script or style in line, nothing from elsewhere, in no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Below it everything is of those who run the server, whatever account they work for.
const OPERATOR: &str = "/dashboard/operator";

/// Somebody who is signed in and visits a page.
#[derive(Clone)]
pub(super) struct Visit {
    /// Who.
    pub(super) who: SignedIn,
    /// As the application knows them.
    principal: Option<Arc<Principal>>,
    /// In which words they read amounts and times.
    pub(super) words: Words,
    /// The page that they are on.
    pub(super) path: Arc<str>,
    /// What they ask with, for the audit log.
    pub(super) request: RequestId,
}

impl Visit {
    /// As whom to ask the application, if they may do this.
    pub(super) fn may(&self, grant: Grant) -> Result<&Principal, Trouble> {
        let principal = self.principal.as_deref().ok_or(Trouble::NoAccount)?;
        if principal.grants.hold(grant) { Ok(principal) } else { Err(Trouble::Forbidden(grant)) }
    }

    /// As [`Self::may`], for what cannot be undone: they must have shown lately who they are.
    pub(super) fn surely(&self, dashboard: &Dashboard, grant: Grant) -> Result<&Principal, Trouble> {
        let principal = self.may(grant)?;
        self.proved(dashboard).map(|()| principal)
    }

    /// As [`Self::surely`], for what concerns nobody but themselves.
    pub(super) fn proved(&self, dashboard: &Dashboard) -> Result<(), Trouble> {
        let lately = self.who.proved_lately(dashboard.services.clock.wall());
        if lately { Ok(()) } else { Err(Trouble::Unproved) }
    }

    /// The same visit by somebody about whom more is known now.
    pub(super) fn of_now(&self, who: SignedIn) -> Self {
        let request = self.request;
        let principal =
            who.principal().map(|principal| Arc::new(Principal { request: Some(request), ..principal }));
        Self { who, principal, words: self.words.clone(), path: Arc::clone(&self.path), request }
    }

    /// Whether they may do this; for pages that show what can be done.
    pub(super) fn can(&self, grant: Grant) -> bool {
        self.principal.as_ref().is_some_and(|principal| principal.grants.hold(grant))
    }

    /// Whether whoever runs the server has stopped the account, and this would change something of it. Who somebody is, and
    /// what they look at, is theirs.
    fn is_stopped(&self, dashboard: &Dashboard) -> bool {
        let own = [
            "/dashboard/sign-out",
            "/dashboard/mode",
            "/dashboard/account",
            "/dashboard/profile",
            OPERATOR,
            proof::SECOND_FACTOR,
        ];
        let is_own = own.iter().any(|own| {
            self.path.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        let account = self.who.session.value.account.as_ref();
        !is_own && account.is_some_and(|account| dashboard.services.book.suspended(account))
    }

    /// What is around every page.
    pub(super) fn shell(&self, dashboard: &Dashboard, title: &str) -> Shell {
        Shell::new(dashboard, self, title)
    }
}

impl FromRequestParts<Arc<Dashboard>> for Visit {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Dashboard>) -> Result<Self, Trouble> {
        parts.extensions.get::<Visit>().cloned().ok_or(Trouble::Unguarded)
    }
}

/// Lets whoever is signed in through to the page; asks everybody else to sign in first. Who has to show again who they are
/// is asked here, with what they were doing kept.
pub(super) async fn guard(State(dashboard): State<Arc<Dashboard>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let visit = match visitor(&dashboard, &parts).await {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    if !parts.method.is_safe() && visit.is_stopped(&dashboard) {
        return Trouble::Stopped.within(&dashboard, &visit);
    }
    let request = Request::from_parts(parts, body);
    let (request, held) = match Held::of(request).await {
        Ok(taken) => taken,
        Err(trouble) => return trouble.within(&dashboard, &visit),
    };
    let (visit, mut request) = match proof::shown(&dashboard, visit, request, held.as_ref()).await {
        Ok(seen) => seen,
        Err(response) => return response,
    };
    let headers = request.headers().clone();
    request.extensions_mut().insert(visit.clone());
    let mut response = next.run(request).await;
    match (response.extensions_mut().remove::<Trouble>(), held) {
        (None, _) => response,
        (Some(Trouble::Unproved), Some(held)) => proof::ask(&dashboard, &visit, &held, &headers).await,
        // A page that could not be made is told in the same frame as all others.
        (Some(trouble), _) => trouble.within(&dashboard, &visit),
    }
}

async fn visitor(dashboard: &Dashboard, request: &Parts) -> Result<Visit, Response> {
    let id = RequestId(dashboard.services.names.next(dashboard.services.clock.wall()));
    let who = match signed_in(dashboard, &request.headers).await {
        Ok(Some(who)) => who,
        Ok(None) if request.method == Method::GET => {
            let back = request.uri.path_and_query().map_or("", |path| path.as_str());
            let back = percent(back);
            return Err(Redirect::to(&format!("/dashboard/sign-in?next={back}")).into_response());
        }
        Ok(None) => return Err(Redirect::to("/dashboard/sign-in").into_response()),
        Err(refusal) => return Err(Trouble::from(refusal).into_response()),
    };
    let words = Words::of(who.person.value.locale.as_deref(), &request.headers);
    let principal = who.principal().map(|principal| Arc::new(Principal { request: Some(id), ..principal }));
    Ok(Visit { who, principal, words, path: request.uri.path().into(), request: id })
}

/// Who is signed in, on pages that are there for others too.
pub(super) async fn signed_in(
    dashboard: &Dashboard,
    headers: &HeaderMap,
) -> Result<Option<SignedIn>, crate::refusal::Refusal> {
    match token_in(headers, COOKIE) {
        Some(token) => dashboard.people.session(&token).await,
        None => Ok(None),
    }
}

/// The headers that every answer of the dashboard has.
pub(super) async fn seal(request: Request, next: Next) -> Response {
    let words = Words::of(None, request.headers());
    let mut response = next.run(request).await;
    if let Some(trouble) = response.extensions_mut().remove::<Trouble>() {
        response = trouble.bare(words);
    }
    let headers = response.headers_mut();
    let still = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
    ];
    for (name, value) in still {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// From where somebody asks.
pub(super) fn origin(parts: &Parts) -> Origin {
    let address = parts.extensions.get::<Peer>().map(|peer| peer.0);
    let browser = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("");
    let browser: String = browser.chars().take(200).collect();
    Origin { address, browser: browser.into() }
}

/// The cookie that begins a session.
pub(super) fn begin(dashboard: &Dashboard, token: &str) -> HeaderValue {
    cookie(dashboard, (COOKIE, token), "/dashboard; HttpOnly; SameSite=Lax")
}

/// The cookie that ends one.
pub(super) fn end(dashboard: &Dashboard) -> HeaderValue {
    cookie(dashboard, (COOKIE, ""), "/dashboard; HttpOnly; SameSite=Lax; Max-Age=0")
}

/// The cookie of somebody whose password was right, until they have shown a code.
pub(super) fn begin_step(dashboard: &Dashboard, token: &str) -> HeaderValue {
    cookie(dashboard, (STEP, token), "/dashboard/sign-in; HttpOnly; SameSite=Strict; Max-Age=300")
}

/// The cookie that ends it.
pub(super) fn end_step(dashboard: &Dashboard) -> HeaderValue {
    cookie(dashboard, (STEP, ""), "/dashboard/sign-in; HttpOnly; SameSite=Strict; Max-Age=0")
}

/// The cookie of somebody who is asked for a passkey, until they have shown it.
pub(super) fn begin_challenge(dashboard: &Dashboard, token: &str) -> HeaderValue {
    cookie(dashboard, (CHALLENGE, token), "/dashboard/sign-in; HttpOnly; SameSite=Strict; Max-Age=300")
}

/// The cookie that ends it.
pub(super) fn end_challenge(dashboard: &Dashboard) -> HeaderValue {
    cookie(dashboard, (CHALLENGE, ""), "/dashboard/sign-in; HttpOnly; SameSite=Strict; Max-Age=0")
}

/// The token of the challenge that this visitor was given.
pub(super) fn challenge_in(headers: &HeaderMap) -> Option<String> {
    token_in(headers, CHALLENGE)
}

/// The token between the two steps of signing in.
pub(super) fn step_in(headers: &HeaderMap) -> Option<String> {
    token_in(headers, STEP)
}

fn cookie(dashboard: &Dashboard, (name, value): (&str, &str), path: &str) -> HeaderValue {
    let secure = if dashboard.secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path={path}{secure}");
    // Tokens are letters and digits.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

fn token_in(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, value)| *name == wanted && !value.is_empty()).map(|(_, value)| value.to_owned())
}

/// A moment of the world's clock, `21 Nov 2026, 16:49:30 UTC`.
pub(super) fn utc(visit: &Visit, at: Timestamp) -> String {
    format!("{} UTC", visit.words.moment(at, &TimeZone::UTC))
}

/// A path as the value of a query.
pub(super) fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
