//! One's own profile: name, language, how one comes in, and where one is signed in.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use jiff::tz::TimeZone;

use super::super::Dashboard;
use super::super::device::device;
use super::super::form::Form;
use super::super::page::{Shell, Trouble, onward, render};
use super::super::site::site_of;
use super::super::visit::Visit;
use super::super::words::Words;
use crate::people::{AppRow, PasskeyRow, SessionRow, Way};

/// Where it is.
pub(super) const PAGE: &str = "/dashboard/profile";

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new()
        .route(PAGE, get(show).post(describe))
        .route("/dashboard/profile/sessions", post(end_others))
        .route("/dashboard/profile/sessions/{id}", post(end_session))
}

struct Place {
    id: String,
    device: String,
    browser: String,
    address: String,
    since: String,
    seen: String,
    way: String,
    here: bool,
}

struct Passkey {
    id: String,
    name: String,
    host: String,
    since: String,
    used: String,
}

#[derive(Template)]
#[template(path = "dashboard/profile.html")]
struct ProfilePage {
    shell: Shell,
    email: String,
    name: String,
    locales: Vec<(&'static str, bool)>,
    has_password: bool,
    /// Since when an authenticator app is set up, and how many recovery codes are left, in words.
    app: Option<String>,
    passkeys: Vec<Passkey>,
    /// Whether the dashboard was opened by an address that no passkey can be for.
    bare: bool,
    places: Vec<Place>,
    /// What is wrong with what was typed: which field, and what.
    wrong: Option<(&'static str, String)>,
}

impl ProfilePage {
    fn is_wrong(&self, field: &str) -> Option<&str> {
        self.wrong.as_ref().filter(|(name, _)| *name == field).map(|(_, text)| text.as_str())
    }
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    page(&dashboard, &visit, &headers, None).await
}

/// The page again, with what is wrong beside the field.
pub(super) async fn wrongly(
    dashboard: &Dashboard,
    visit: &Visit,
    headers: &HeaderMap,
    (field, trouble): (&'static str, Trouble),
) -> Result<Response, Trouble> {
    if !trouble.is_by_hand() {
        return Err(trouble);
    }
    let mut response = page(dashboard, visit, headers, Some((field, trouble.words(&visit.words)))).await?;
    *response.status_mut() = StatusCode::BAD_REQUEST;
    Ok(response)
}

async fn page(
    dashboard: &Dashboard,
    visit: &Visit,
    headers: &HeaderMap,
    wrong: Option<(&'static str, String)>,
) -> Result<Response, Trouble> {
    let person = &visit.who.person.value;
    let sessions = dashboard.people.sessions_of(&person.id).await?;
    let day = |at| visit.words.moment(at, &TimeZone::UTC);
    let now = dashboard.services.clock.wall();
    let passkey = |row: &PasskeyRow| Passkey {
        id: row.id.to_string(),
        name: row.name.to_string(),
        host: row.host.to_string(),
        since: day(row.since),
        used: row.used_at.map_or_else(|| visit.words.say("never"), |at| visit.words.ago(at, now)),
    };
    let app = |app: &AppRow| {
        let parts = [("since", day(app.since)), ("left", person.recovery.len().to_string())];
        let parts = parts.each_ref().map(|(name, text)| (*name, text.as_str()));
        visit
            .words
            .tell("Asked for after your password, since {since} UTC. Recovery codes left: {left}.", &parts)
    };
    let chosen = person.locale.as_deref();
    Ok(render(&ProfilePage {
        shell: visit.shell(dashboard, "Profile"),
        email: person.email.to_string(),
        name: person.name.to_string(),
        locales: Words::known().map(|tag| (tag, Some(tag) == chosen)).collect(),
        has_password: person.password.is_some(),
        app: person.app.as_ref().map(app),
        passkeys: person.passkeys.iter().map(passkey).collect(),
        bare: site_of(headers).is_none(),
        places: sessions.iter().map(|row| place(dashboard, visit, row)).collect(),
        wrong,
    }))
}

fn place(dashboard: &Dashboard, visit: &Visit, row: &SessionRow) -> Place {
    let now = dashboard.services.clock.wall();
    let say = |way| visit.words.say(way);
    Place {
        id: row.id.to_string(),
        device: device(&row.browser),
        browser: row.browser.to_string(),
        address: row.address.map(|address| address.to_string()).unwrap_or_default(),
        since: visit.words.moment(row.created_at, &TimeZone::UTC),
        seen: visit.words.ago(row.seen_at, now),
        way: match row.way {
            Way::Password => say("Password"),
            Way::App => say("Password and app"),
            Way::Recovery => say("Password and recovery code"),
            Way::Passkey => say("Passkey"),
            Way::Link => say("Link"),
            Way::Invitation => say("Invitation"),
        },
        here: row.id == visit.who.session.value.id,
    }
}

async fn describe(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Trouble> {
    let locale = form.fields.get("locale").filter(|tag| Words::known().any(|known| known == *tag));
    match dashboard.people.describe(&visit.who, &form.fields.text("name"), locale).await {
        Ok(()) => Ok(onward(PAGE)),
        Err(refusal) => wrongly(&dashboard, &visit, &headers, ("name", refusal.into())).await,
    }
}

/// Ends every session but this one.
async fn end_others(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    _: Form,
) -> Result<Response, Trouble> {
    dashboard.people.end_others(&visit.who).await?;
    Ok(onward(PAGE))
}

async fn end_session(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    _: Form,
) -> Result<Response, Trouble> {
    dashboard.people.end_session(&visit.who.person.value.id, &id).await?;
    Ok(onward(PAGE))
}
