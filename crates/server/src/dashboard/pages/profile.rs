//! One's own profile: name, language, password, and where one is signed in.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};

use super::super::Dashboard;
use super::super::form::Form;
use super::super::page::{Shell, Trouble, onward, render};
use super::super::visit::Visit;
use super::super::words::Words;

const PAGE: &str = "/dashboard/profile";

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new()
        .route(PAGE, get(show).post(describe))
        .route("/dashboard/profile/password", post(change_password))
        .route("/dashboard/profile/proof", post(prove))
        .route("/dashboard/profile/sessions/{id}", post(end_session))
}

struct Place {
    id: String,
    browser: String,
    address: String,
    seen: String,
    here: bool,
}

#[derive(Template)]
#[template(path = "dashboard/profile.html")]
struct ProfilePage {
    shell: Shell,
    email: String,
    name: String,
    locales: Vec<(&'static str, bool)>,
    has_password: bool,
    places: Vec<Place>,
}

async fn show(State(dashboard): State<Arc<Dashboard>>, visit: Visit) -> Result<Response, Trouble> {
    let person = &visit.who.person.value;
    let now = dashboard.services.clock.wall();
    let sessions = dashboard.people.sessions_of(&person.id).await?;
    let place = |row: &crate::people::SessionRow| Place {
        id: row.id.to_string(),
        browser: row.browser.to_string(),
        address: row.address.map(|address| address.to_string()).unwrap_or_default(),
        seen: visit.words.ago(row.seen_at, now),
        here: row.id == visit.who.session.value.id,
    };
    let chosen = person.locale.as_deref();
    Ok(render(&ProfilePage {
        shell: visit.shell(&dashboard, "Profile"),
        email: person.email.to_string(),
        name: person.name.to_string(),
        locales: Words::known().map(|tag| (tag, Some(tag) == chosen)).collect(),
        has_password: person.password.is_some(),
        places: sessions.iter().map(place).collect(),
    }))
}

async fn describe(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    form: Form,
) -> Result<Response, Trouble> {
    let locale = form.fields.get("locale").filter(|tag| Words::known().any(|known| known == *tag));
    dashboard.people.describe(&visit.who, &form.fields.text("name"), locale).await?;
    Ok(onward(PAGE))
}

/// Chooses a first password, or another one for who knows the one of now.
async fn change_password(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    form: Form,
) -> Result<Response, Trouble> {
    if visit.who.person.value.password.is_some() {
        dashboard.people.prove(&visit.who, form.fields.text("current")).await?;
    } else if !visit.who.proved_lately(dashboard.services.clock.wall()) {
        return Err(Trouble::Unproved);
    }
    dashboard.people.set_password(&visit.who, form.fields.text("password")).await?;
    Ok(onward(PAGE))
}

/// Shows again who one is.
async fn prove(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    form: Form,
) -> Result<Response, Trouble> {
    dashboard.people.prove(&visit.who, form.fields.text("password")).await?;
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
