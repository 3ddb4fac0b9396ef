//! In and out, and between test and live data and accounts.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::super::Dashboard;
use super::super::form::{Form, OpenForm};
use super::super::page::{Shell, Trouble, onward, render};
use super::super::proof::ask_second;
use super::super::site::site_of;
use super::super::visit::{
    Visit, begin, begin_challenge, begin_step, challenge_in, end, end_challenge, end_step, origin, percent,
    step_in,
};
use super::super::words::Words;
use crate::people::{Entered, Missing, NotSignedIn, Origin};

#[derive(Template)]
#[template(path = "dashboard/sign_in.html")]
struct SignInPage {
    words: Words,
    next: String,
    email: String,
    /// Whether a browser can have a passkey for this address.
    passkeys: bool,
    wrong: Option<String>,
}

/// Why somebody is not signed in, in their language.
pub(in crate::dashboard) fn told(wrong: &NotSignedIn, words: &Words) -> String {
    match wrong {
        NotSignedIn::Wrong => words.say("This is not an email address and its password."),
        NotSignedIn::WrongPassword => words.say("This is not your password."),
        NotSignedIn::WrongCode => {
            words.say("This is not the code of now, or it has been used. Wait for the next one.")
        }
        NotSignedIn::WrongPasskey => {
            words.say("This passkey is not known here, or it took too long. Try again.")
        }
        NotSignedIn::StepOver => words.say("That took too long. Begin again with your password."),
        NotSignedIn::LinkOver => {
            words.say("This link has been used, or its time is over. Ask for another one.")
        }
        NotSignedIn::Wait { wait_s } => {
            let parts = [("seconds", wait_s.to_string())];
            let parts = parts.each_ref().map(|(name, text)| (*name, text.as_str()));
            words.tell("Too many wrong attempts. Try again in {seconds} seconds.", &parts)
        }
        NotSignedIn::Refused(refusal) => Trouble::from(refusal.clone()).words(words),
    }
}

/// `GET /dashboard/sign-in`.
pub(in crate::dashboard) async fn show(words: Words, request: Request) -> Response {
    let next = query(request.uri().query(), "next");
    let passkeys = site_of(request.headers()).is_some();
    render(&SignInPage { words, next, email: String::new(), passkeys, wrong: None })
}

/// `POST /dashboard/sign-in`.
pub(in crate::dashboard) async fn submit(
    State(dashboard): State<Arc<Dashboard>>,
    from: From,
    words: Words,
    headers: HeaderMap,
    OpenForm(fields): OpenForm,
) -> Result<Response, Trouble> {
    let (email, next) = (fields.text("email"), fields.text("next"));
    match dashboard.people.sign_in(&email, fields.text("password"), from.0).await {
        Ok(entered) => Ok(entering(&dashboard, &entered, &next)),
        Err(wrong) => door(words, &headers, (next, email), wrong),
    }
}

/// The page again, with what was wrong.
fn door(
    words: Words,
    headers: &HeaderMap,
    (next, email): (String, String),
    wrong: NotSignedIn,
) -> Result<Response, Trouble> {
    if let NotSignedIn::Refused(refusal) = wrong {
        return Err(refusal.into());
    }
    let wrong = Some(told(&wrong, &words));
    Ok(refused(&SignInPage { words, next, email, passkeys: site_of(headers).is_some(), wrong }))
}

/// `POST /dashboard/sign-in/passkey/begin`: what a browser is asked, for the page's script.
pub(in crate::dashboard) async fn ask_passkey(
    State(dashboard): State<Arc<Dashboard>>,
    from: From,
    headers: HeaderMap,
    _: OpenForm,
) -> Result<Response, Trouble> {
    let site = site_of(&headers).ok_or(Trouble::NoSuchPage)?;
    let asked = dashboard.people.ask_passkey(&site, None, &from.0).await?;
    let mut response = Response::new(Body::from(asked.options));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::SET_COOKIE, begin_challenge(&dashboard, &asked.token));
    Ok(response)
}

/// `POST /dashboard/sign-in/passkey`.
pub(in crate::dashboard) async fn show_passkey(
    State(dashboard): State<Arc<Dashboard>>,
    from: From,
    words: Words,
    headers: HeaderMap,
    OpenForm(fields): OpenForm,
) -> Result<Response, Trouble> {
    let next = fields.text("next");
    let shown = match (site_of(&headers), challenge_in(&headers)) {
        (Some(site), Some(token)) => {
            let answer = fields.text("credential");
            dashboard.people.sign_in_with_passkey(&site, &token, &answer, from.0).await
        }
        _ => Err(NotSignedIn::WrongPasskey),
    };
    let mut response = match shown {
        Ok(token) => entering(&dashboard, &Entered::In(token), &next),
        Err(wrong) => door(words, &headers, (next, String::new()), wrong)?,
    };
    response.headers_mut().append(header::SET_COOKIE, end_challenge(&dashboard));
    Ok(response)
}

/// In, or on to the second step.
pub(super) fn entering(dashboard: &Dashboard, entered: &Entered, next: &str) -> Response {
    let (to, cookie) = match entered {
        Entered::In(token) => (inside(next).to_owned(), begin(dashboard, token)),
        Entered::Code(token) => {
            let next = percent(inside(next));
            (format!("/dashboard/sign-in/code?next={next}"), begin_step(dashboard, token))
        }
    };
    let mut response = onward(&to);
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response
}

fn refused(page: &impl Template) -> Response {
    let mut response = render(page);
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}

#[derive(Template)]
#[template(path = "dashboard/code.html")]
struct CodePage {
    words: Words,
    next: String,
    wrong: Option<String>,
}

/// `GET /dashboard/sign-in/code`: the second step.
pub(in crate::dashboard) async fn ask_code(words: Words, request: Request) -> Response {
    if step_in(request.headers()).is_none() {
        return onward("/dashboard/sign-in");
    }
    render(&CodePage { words, next: query(request.uri().query(), "next"), wrong: None })
}

/// `POST /dashboard/sign-in/code`.
pub(in crate::dashboard) async fn finish(
    State(dashboard): State<Arc<Dashboard>>,
    from: From,
    words: Words,
    headers: HeaderMap,
    OpenForm(fields): OpenForm,
) -> Result<Response, Trouble> {
    let next = fields.text("next");
    let Some(step) = step_in(&headers) else { return Ok(onward("/dashboard/sign-in")) };
    let mut response = match dashboard.people.finish(&step, &fields.text("code"), from.0).await {
        Ok(token) => entering(&dashboard, &Entered::In(token), &next),
        Err(over @ NotSignedIn::StepOver) => door(words, &headers, (next, String::new()), over)?,
        Err(NotSignedIn::Refused(refusal)) => return Err(refusal.into()),
        Err(wrong) => {
            let wrong = Some(told(&wrong, &words));
            return Ok(refused(&CodePage { words, next, wrong }));
        }
    };
    response.headers_mut().append(header::SET_COOKIE, end_step(&dashboard));
    Ok(response)
}

/// `GET /dashboard/second-factor`: what an account asks for beside a password.
pub(in crate::dashboard) async fn second_factor(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    request: Request,
) -> Result<Response, Trouble> {
    let next = query(request.uri().query(), "next");
    second_step(&dashboard, &visit, request.headers(), (&next, None)).await
}

/// `POST /dashboard/second-factor`: what was shown has been looked at already.
pub(in crate::dashboard) async fn show_second_factor(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Trouble> {
    let wrong = visit.words.say("This is not the second factor that you set up.");
    second_step(&dashboard, &visit, &headers, (&form.fields.text("next"), Some(wrong))).await
}

#[derive(Template)]
#[template(path = "dashboard/second_factor.html")]
struct SecondFactorPage {
    shell: Shell,
}

async fn second_step(
    dashboard: &Dashboard,
    visit: &Visit,
    headers: &HeaderMap,
    (next, wrong): (&str, Option<String>),
) -> Result<Response, Trouble> {
    Ok(match dashboard.people.missing(&visit.who).await? {
        Missing::Nothing => onward(inside(next)),
        Missing::Showing => ask_second(dashboard, visit, headers, (inside(next), wrong)).await,
        Missing::SettingUp => {
            render(&SecondFactorPage { shell: visit.shell(dashboard, "A second factor is needed") })
        }
    })
}

/// `GET /dashboard/enter?token=…`: a link that signs in once.
pub(in crate::dashboard) async fn enter(
    State(dashboard): State<Arc<Dashboard>>,
    from: From,
    words: Words,
    request: Request,
) -> Result<Response, Trouble> {
    let token = query(request.uri().query(), "token");
    match dashboard.people.enter(&token, from.0).await {
        Ok(token) => Ok(entering(&dashboard, &Entered::In(token), "")),
        Err(wrong) => door(words, request.headers(), (String::new(), String::new()), wrong),
    }
}

/// `POST /dashboard/sign-out`.
pub(in crate::dashboard) async fn sign_out(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    _: Form,
) -> Result<Response, Trouble> {
    let session = &visit.who.session.value;
    dashboard.people.end_session(&session.person, &session.id).await?;
    let mut response = onward("/dashboard/sign-in");
    response.headers_mut().insert(header::SET_COOKIE, end(&dashboard));
    Ok(response)
}

/// `POST /dashboard/mode`: live data or test data.
pub(in crate::dashboard) async fn switch_mode(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    form: Form,
) -> Result<Response, Trouble> {
    dashboard.people.switch_mode(&visit.who, form.fields.get("mode") == Some("live")).await?;
    // What is shown is of the other mode now, and what one mode has the other does not.
    let section: Vec<&str> = inside(form.fields.get("back").unwrap_or("")).split('/').take(3).collect();
    Ok(onward(&section.join("/")))
}

/// `POST /dashboard/account`: another account of the same person.
pub(in crate::dashboard) async fn switch_account(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    form: Form,
) -> Result<Response, Trouble> {
    dashboard.people.switch_account(&visit.who, form.fields.get("account").unwrap_or("")).await?;
    Ok(onward(super::super::ROOT))
}

/// From where somebody asks.
pub(in crate::dashboard) struct From(Origin);

impl From {
    pub(in crate::dashboard) fn into_origin(self) -> Origin {
        self.0
    }
}

impl<S: Sync> axum::extract::FromRequestParts<S> for From {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, _: &S) -> Result<Self, Trouble> {
        Ok(Self(origin(parts)))
    }
}

/// The path, if it is one of the dashboard's own; else where the dashboard begins.
pub(in crate::dashboard) fn inside(path: &str) -> &str {
    let own = path == super::super::ROOT
        || path.strip_prefix(super::super::ROOT).is_some_and(|rest| rest.starts_with(['/', '?']));
    if own && !path.contains(['\\', '\r', '\n']) { path } else { super::super::ROOT }
}

fn query(query: Option<&str>, name: &str) -> String {
    super::super::form::Fields::of_query(query.unwrap_or("")).text(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere_after_signing_in() {
        for (asked, to) in [
            ("/dashboard/payments?status=failed", "/dashboard/payments?status=failed"),
            ("/dashboard", "/dashboard"),
            ("https://evil.example/dashboard", "/dashboard"),
            ("//evil.example", "/dashboard"),
            ("/dashboard\\@evil.example", "/dashboard"),
            ("/dashboards", "/dashboard"),
            ("", "/dashboard"),
        ] {
            assert_eq!(inside(asked), to, "{asked}");
        }
    }
}
