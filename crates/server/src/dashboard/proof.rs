//! Asking somebody to show again who they are, on a page that keeps what they were doing: the form that needs the proof is
//! carried along and goes on to where it was sent, and nowhere else. Decides nothing about what needs a proof.

use askama::Template;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;

use super::form::Held;
use super::page::{Shell, Trouble, onward, render};
use super::pages::sign_in::{inside, told};
use super::site::site_of;
use super::visit::{Visit, percent};
use super::{Dashboard, ROOT};
use crate::people::{Challenge, Evidence, Missing, NotSignedIn, Origin};

/// How the fields begin that show who somebody is. They never reach a page's own handler.
const MARK: &str = "proof_";
/// Where somebody shows, or learns to set up, the second factor that their account asks for.
pub(super) const SECOND_FACTOR: &str = "/dashboard/second-factor";
/// What is open to those who have not shown it yet.
const OPEN: [&str; 3] = [SECOND_FACTOR, "/dashboard/sign-out", "/dashboard/account"];

#[derive(Template)]
#[template(path = "dashboard/proof.html")]
struct ProofPage {
    shell: Shell,
    /// Whether it is the second factor that is asked for.
    strong: bool,
    action: String,
    carried: Vec<(String, String)>,
    password: bool,
    code: bool,
    /// Whether they have nothing yet with which to show who they are.
    first: bool,
    /// What their browser is asked, if they have a passkey for this host.
    passkey: Option<Challenge>,
    wrong: Option<String>,
    back: String,
}

/// The visit after what the form shows has been looked at, and the request without it; a response when it was wrong, or when
/// the account asks for more than this session has shown.
pub(super) async fn shown(
    dashboard: &Dashboard,
    visit: Visit,
    request: Request,
    held: Option<&Held>,
) -> Result<(Visit, Request), Response> {
    let (visit, request) = match held.filter(|held| held.has(MARK)) {
        None => (visit, request),
        Some(held) if !held.is_ours(request.headers(), &visit) => {
            return Err(Trouble::ForeignForm.within(dashboard, &visit));
        }
        Some(held) => {
            if let Err(wrong) = look_at(dashboard, &visit, held, request.headers()).await {
                return Err(again(dashboard, &visit, held, request.headers(), wrong).await);
            }
            match dashboard.people.again(&visit.who).await {
                Ok(Some(who)) => (visit.of_now(who), held.again(request, MARK)),
                Ok(None) => return Err(onward("/dashboard/sign-in")),
                Err(refusal) => return Err(Trouble::from(refusal).within(dashboard, &visit)),
            }
        }
    };
    let next = request.uri().path_and_query().filter(|_| request.method() == Method::GET);
    match missing(dashboard, &visit, next.map(|next| next.as_str())).await {
        Ok(None) => Ok((visit, request)),
        Ok(Some(elsewhere)) => Err(elsewhere),
        Err(trouble) => Err(trouble.within(dashboard, &visit)),
    }
}

async fn look_at(
    dashboard: &Dashboard,
    visit: &Visit,
    held: &Held,
    headers: &HeaderMap,
) -> Result<(), NotSignedIn> {
    let (people, who, fields) = (&dashboard.people, &visit.who, &held.fields);
    let (token, answer) = (fields.text("proof_challenge"), fields.text("proof_passkey"));
    if !answer.is_empty() {
        let site = site_of(headers).ok_or(NotSignedIn::WrongPasskey)?;
        return people.prove_with_passkey(who, &site, &token, &answer).await;
    }
    let first = fields.text("proof_first");
    let password = if !first.is_empty() && !who.person.value.has_way_in() {
        people.set_password(who, first.clone()).await?;
        first
    } else {
        fields.text("proof_password")
    };
    people.prove(who, Evidence { password, code: fields.text("proof_code") }).await
}

/// The page that asks again, when it was about what they typed.
async fn again(
    dashboard: &Dashboard,
    visit: &Visit,
    held: &Held,
    headers: &HeaderMap,
    wrong: NotSignedIn,
) -> Response {
    if let NotSignedIn::Refused(refusal) = &wrong {
        let trouble = Trouble::from(refusal.clone());
        if !trouble.is_by_hand() {
            return trouble.within(dashboard, visit);
        }
    }
    let back = held.fields.get("proof_back").map_or(ROOT, inside).to_owned();
    let wrong = Some(told(&wrong, &visit.words));
    // The second factor that an account asks for has a form of its own, with nothing to go back to.
    let form = (visit.path.to_string(), held.without(MARK));
    page(dashboard, visit, headers, form, (back, wrong)).await
}

async fn missing(
    dashboard: &Dashboard,
    visit: &Visit,
    next: Option<&str>,
) -> Result<Option<Response>, Trouble> {
    let path = visit.path.as_ref();
    let open = match dashboard.people.missing(&visit.who).await? {
        Missing::Nothing => true,
        Missing::SettingUp => path.starts_with("/dashboard/profile") || OPEN.contains(&path),
        Missing::Showing => OPEN.contains(&path),
    };
    if open {
        return Ok(None);
    }
    Ok(Some(match next {
        Some(next) => onward(&format!("{SECOND_FACTOR}?next={}", percent(next))),
        None => onward(SECOND_FACTOR),
    }))
}

/// The page that asks; what the form says goes with it.
pub(super) async fn ask(dashboard: &Dashboard, visit: &Visit, held: &Held, headers: &HeaderMap) -> Response {
    let form = (visit.path.to_string(), held.without(MARK));
    page(dashboard, visit, headers, form, (back(headers), None)).await
}

/// The page that asks for the second factor, and goes on to `next`.
pub(super) async fn ask_second(
    dashboard: &Dashboard,
    visit: &Visit,
    headers: &HeaderMap,
    (next, wrong): (&str, Option<String>),
) -> Response {
    let token = visit.who.session.value.form_token.to_string();
    let carried = vec![("form_token".to_owned(), token), ("next".to_owned(), next.to_owned())];
    page(dashboard, visit, headers, (SECOND_FACTOR.to_owned(), carried), (String::new(), wrong)).await
}

async fn page(
    dashboard: &Dashboard,
    visit: &Visit,
    headers: &HeaderMap,
    (action, carried): (String, Vec<(String, String)>),
    (back, wrong): (String, Option<String>),
) -> Response {
    let person = &visit.who.person.value;
    let strong = action == SECOND_FACTOR;
    let code = person.app.is_some();
    let passkey = match asked(dashboard, visit, headers).await {
        Ok(passkey) => passkey,
        Err(wrong) => return Trouble::from(wrong).within(dashboard, visit),
    };
    let mut response = render(&ProofPage {
        shell: visit.shell(dashboard, "Show that it is you"),
        strong,
        action,
        carried,
        password: person.password.is_some() && (code || !strong),
        code,
        first: !person.has_way_in(),
        passkey,
        wrong,
        back,
    });
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}

/// A challenge for their passkeys of this host, if they have any.
async fn asked(
    dashboard: &Dashboard,
    visit: &Visit,
    headers: &HeaderMap,
) -> Result<Option<Challenge>, NotSignedIn> {
    let Some(site) = site_of(headers) else { return Ok(None) };
    if visit.who.person.value.passkeys.iter().all(|row| row.host != site.host) {
        return Ok(None);
    }
    let nowhere = Origin { address: None, browser: "".into() };
    dashboard.people.ask_passkey(&site, Some(&visit.who), &nowhere).await.map(Some)
}

/// The page that somebody was on, if it is one of ours.
fn back(headers: &HeaderMap) -> String {
    let from = headers.get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or("");
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or("");
    let path = from.split_once("://").and_then(|(_, rest)| rest.strip_prefix(host));
    inside(path.unwrap_or("")).to_owned()
}
