//! What happens to every request of the page: whether it was meant for this machine, whether a form comes from a page of
//! this process, and where it goes. Answers nobody who was led here by another page.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{self, HeaderMap};
use hyper::{Method, Request, Response, StatusCode};
use tokio::sync::watch;

use super::acts::{Act, Notice};
use super::answer::{Answer, Body};
use super::feed;
use super::form::{Form, of_query};
use super::session::{Session, Tokens, language_cookie};
use super::shelf::Shelf;
use super::stand::Stand;
use super::view::{self, Looking};
use super::words::{self, Words};
use crate::lan::names::Names;
use crate::screen::Screen;

/// How long an answer to a plain form waits for what follows, so that the page after it shows it.
const FOLLOWS: Duration = Duration::from_millis(2_500);
/// Set by the script, which hears what follows by itself.
const BY_SCRIPT: &str = "x-vinr-script";

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
const ICON: &str = include_str!("icon.svg");

/// The page's front door.
pub(super) struct Front {
    shelf: Shelf,
    tokens: Tokens,
    names: Names,
    stop: watch::Receiver<bool>,
}

impl Front {
    pub(super) fn new(shelf: Shelf, seed: [u8; 32], stop: watch::Receiver<bool>) -> Self {
        Self { shelf, tokens: Tokens::new(seed), names: Names::new(rand::random()), stop }
    }

    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let answer = self.route(request).await;
        tracing::debug!(%method, path = if answer.status() == 404 { "unknown" } else { path.as_str() },
            status = answer.status(), "answered a browser");
        answer.into_response()
    }

    async fn route(&self, request: Request<Incoming>) -> Answer {
        let Some(host) = own_host(&request) else {
            return Answer::text(
                StatusCode::MISDIRECTED_REQUEST,
                "This page is served to this machine alone.",
            );
        };
        let path = request.uri().path().trim_matches('/').to_owned();
        let parts: Vec<&str> = path.split('/').collect();
        match (request.method(), parts.as_slice()) {
            (&Method::GET, [""]) => self.page(&request),
            (&Method::GET, ["page.css"]) => Answer::of(StatusCode::OK, "text/css; charset=utf-8", STYLE),
            (&Method::GET, ["page.js"]) => {
                Answer::of(StatusCode::OK, "text/javascript; charset=utf-8", SCRIPT)
            }
            (&Method::GET, ["icon.svg"]) => Answer::of(StatusCode::OK, "image/svg+xml", ICON),
            (&Method::GET, ["events"]) => {
                let session = self.tokens.session(request.headers());
                let words = words::wanted(request.headers());
                let looking = Looking { words, token: session.token, by_itself: false };
                Answer::events(feed::stream(&self.shelf, looking, self.stop.clone()))
            }
            (&Method::GET, ["terminals", terminal, "receipts", number]) => self.picture(terminal, number),
            (&Method::POST, ["terminals", terminal, act]) => match Act::parse(act) {
                Some(act) => self.act(request, &host, terminal, act).await,
                None => not_found(),
            },
            (&Method::GET | &Method::POST, _) => not_found(),
            _ => Answer::text(StatusCode::METHOD_NOT_ALLOWED, "").header(header::ALLOW, "GET, POST"),
        }
    }

    fn page(&self, request: &Request<Incoming>) -> Answer {
        let query = request.uri().query().unwrap_or("");
        let headers = request.headers();
        let chosen = of_query(query, "lang").and_then(|tag| words::named(&tag));
        let words = chosen.unwrap_or_else(|| words::wanted(headers));
        let session = self.tokens.session(headers);
        let notice = of_query(query, "notice").and_then(|code| Notice::of_code(&code));
        let by_itself = of_query(query, "refresh").is_some();
        let looking = Looking { words, token: session.token.clone(), by_itself };
        let page = view::page(&self.shelf.all(), &looking, notice);
        let answer = Answer::html(page).header(header::CONTENT_LANGUAGE, words.tag);
        let answer = chosen
            .into_iter()
            .fold(answer, |answer, words| answer.header(header::SET_COOKIE, &language_cookie(words.tag)));
        with_session(answer, &session)
    }

    fn picture(&self, terminal: &str, number: &str) -> Answer {
        let wanted = number.strip_suffix(".png").and_then(|number| number.parse::<u64>().ok());
        let (Some(stand), Some(number)) = (self.shelf.find(terminal), wanted) else { return not_found() };
        let sheets = stand.printer().sheets();
        let sheet = sheets.borrow().iter().find(|sheet| sheet.number == number).cloned();
        sheet.map_or_else(not_found, |sheet| Answer::of(StatusCode::OK, "image/png", sheet.picture()))
    }

    async fn act(&self, request: Request<Incoming>, host: &str, terminal: &str, act: Act) -> Answer {
        let (parts, mut body) = request.into_parts();
        let words = words::wanted(&parts.headers);
        let by_script = parts.headers.contains_key(BY_SCRIPT);
        if !comes_from(&parts.headers, host) {
            return forbidden();
        }
        let Ok(form) = Form::read(&mut body).await else {
            return told(words, Err(Notice::Unreadable), by_script, terminal, false);
        };
        if !self.tokens.session(&parts.headers).admits(form.text("token")) {
            return forbidden();
        }
        let by_itself = form.text("refresh") == "1";
        let Some(stand) = self.shelf.find(terminal) else {
            return told(words, Err(Notice::UnknownTerminal), by_script, "", by_itself);
        };
        let before = stand.screen().borrow().clone();
        let done = act.perform(&stand, &form, &self.names).await;
        drop(form);
        if done.is_ok() && !by_script && follows(act) {
            let _ = tokio::time::timeout(FOLLOWS, settled(&stand, before)).await;
        }
        told(words, done, by_script, stand.terminal(), by_itself)
    }
}

/// Whether the screen changes after this.
fn follows(act: Act) -> bool {
    matches!(act, Act::Card | Act::Pin | Act::Tip | Act::Receipt | Act::Cancel | Act::Charge)
}

async fn settled(stand: &Arc<Stand>, before: Option<Screen>) {
    let mut screen = stand.screen();
    let is_settled =
        |now: &Option<Screen>| *now != before && !matches!(now, Some(Screen::Authorizing { .. }));
    let _ = screen.wait_for(is_settled).await;
}

/// The script shows what it is told; a plain form leads back to the page.
fn told(words: &Words, done: Result<(), Notice>, by_script: bool, terminal: &str, by_itself: bool) -> Answer {
    match done {
        Ok(()) if by_script => Answer::text(StatusCode::NO_CONTENT, ""),
        Err(notice) if by_script => Answer::text(StatusCode::CONFLICT, (words.notices)(notice))
            .header(header::CONTENT_LANGUAGE, words.tag),
        done => {
            let notice = done.err().map(|notice| format!("notice={}", notice.code()));
            let refresh = by_itself.then(|| "refresh=1".to_owned());
            let query: Vec<String> = notice.into_iter().chain(refresh).collect();
            Answer::see(&format!("/?{}#{terminal}", query.join("&")))
        }
    }
}

fn not_found() -> Answer {
    Answer::text(StatusCode::NOT_FOUND, "There is nothing here.")
}

fn forbidden() -> Answer {
    let why = "This form does not come from this page, or from before vinr was started. Load the page again.";
    Answer::text(StatusCode::FORBIDDEN, why)
}

fn with_session(answer: Answer, session: &Session) -> Answer {
    session.cookie().into_iter().fold(answer, |answer, cookie| answer.header(header::SET_COOKIE, &cookie))
}

/// The request's `Host`, if it is a name of this machine's loopback that nobody's DNS can point elsewhere.
fn own_host(request: &Request<Incoming>) -> Option<String> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return None };
    let host = host.to_str().ok()?.to_ascii_lowercase();
    let named =
        request.uri().authority().is_none_or(|authority| authority.as_str().eq_ignore_ascii_case(&host));
    (named && is_loopback(&host)).then_some(host)
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some((_, port)) if !port.ends_with(']') => return false,
        _ => host,
    };
    let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    name == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether a form comes from this very page: browsers say where every form comes from.
fn comes_from(headers: &HeaderMap, host: &str) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let (Some(origin), None) = (origins.next(), origins.next()) else { return false };
    let ours = origin.to_str().is_ok_and(|origin| origin.strip_prefix("http://") == Some(host));
    let site = headers.get("sec-fetch-site").map(|site| site.as_bytes());
    ours && site.is_none_or(|site| site == b"same-origin")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_loopback_are_ours() {
        for host in ["localhost", "localhost:8422", "127.0.0.1:1", "127.0.0.2", "[::1]:8422", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            "example.com",
            "example.com:8422",
            "localhost.example.com",
            "10.0.0.1:8422",
            "localhost:",
            "[::1",
            "::1",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn a_form_comes_from_here_or_is_refused() {
        let with = |pairs: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(*name, value.parse().unwrap());
            }
            comes_from(&headers, "localhost:8422")
        };
        assert!(with(&[("origin", "http://localhost:8422")]));
        assert!(with(&[("origin", "http://localhost:8422"), ("sec-fetch-site", "same-origin")]));
        assert!(!with(&[]));
        for origin in [
            "null",
            "http://localhost:8423",
            "https://localhost:8422",
            "http://127.0.0.1:8422",
            "http://evil",
        ] {
            assert!(!with(&[("origin", origin)]), "{origin}");
        }
        assert!(!with(&[("origin", "http://localhost:8422"), ("sec-fetch-site", "same-site")]));
        assert!(!with(&[("origin", "http://localhost:8422"), ("origin", "http://localhost:8422")]));
    }
}
