//! How somebody comes in: password, authenticator app, recovery codes, passkeys. Every change needs a proof of who asks; what is shown
//! once is on the answer to its form and nowhere else.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};

use super::super::Dashboard;
use super::super::device::device;
use super::super::form::Form;
use super::super::page::{Shell, Trouble, onward, render};
use super::super::qr::{Picture, picture};
use super::super::site::site_of;
use super::super::visit::Visit;
use super::profile::{PAGE, wrongly};
use crate::people::Challenge;

/// Where an app is set up.
const APP: &str = "/dashboard/profile/app";

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new()
        .route("/dashboard/profile/password", post(change_password))
        .route("/dashboard/profile/password/remove", post(remove_password))
        .route(APP, get(show_app).post(begin_app))
        .route("/dashboard/profile/app/confirm", post(confirm_app))
        .route("/dashboard/profile/app/remove", post(remove_app))
        .route("/dashboard/profile/recovery", post(renew_recovery))
        .route("/dashboard/profile/passkeys", post(add_passkey))
        .route("/dashboard/profile/passkeys/new", post(begin_passkey))
        .route("/dashboard/profile/passkeys/{id}/remove", post(remove_passkey))
}

/// Chooses a first password, or another one; every other session ends.
async fn change_password(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Trouble> {
    if visit.who.person.value.has_way_in() {
        visit.proved(&dashboard)?;
    }
    match dashboard.people.set_password(&visit.who, form.fields.text("password")).await {
        Ok(()) => Ok(onward(PAGE)),
        Err(refusal) => wrongly(&dashboard, &visit, &headers, ("password", refusal.into())).await,
    }
}

async fn remove_password(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    _: Form,
) -> Result<Response, Trouble> {
    visit.proved(&dashboard)?;
    dashboard.people.remove_password(&visit.who).await?;
    Ok(onward(PAGE))
}

#[derive(Template)]
#[template(path = "dashboard/app.html")]
struct AppPage {
    shell: Shell,
    secret: String,
    address: String,
    picture: Option<Picture>,
    wrong: Option<String>,
}

async fn begin_app(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    _: Form,
) -> Result<Response, Trouble> {
    visit.proved(&dashboard)?;
    dashboard.people.begin_app(&visit.who).await?;
    Ok(onward(APP))
}

async fn show_app(State(dashboard): State<Arc<Dashboard>>, visit: Visit) -> Response {
    app_page(&dashboard, &visit, None)
}

fn app_page(dashboard: &Dashboard, visit: &Visit, wrong: Option<String>) -> Response {
    let Some(draft) = dashboard.people.app_draft(&visit.who) else { return onward(PAGE) };
    render(&AppPage {
        shell: visit.shell(dashboard, "Set up an authenticator app"),
        picture: picture(&draft.address),
        secret: draft.secret,
        address: draft.address,
        wrong,
    })
}

#[derive(Template)]
#[template(path = "dashboard/codes.html")]
struct CodesPage {
    shell: Shell,
    codes: Vec<String>,
}

/// Takes the first code, from which on the app counts.
async fn confirm_app(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    form: Form,
) -> Result<Response, Trouble> {
    visit.proved(&dashboard)?;
    match dashboard.people.confirm_app(&visit.who, &form.fields.text("code")).await {
        Ok(codes) => Ok(codes_page(&dashboard, &visit, codes)),
        Err(refusal) => {
            let trouble = Trouble::from(refusal);
            if !trouble.is_by_hand() {
                return Err(trouble);
            }
            let mut response = app_page(&dashboard, &visit, Some(trouble.words(&visit.words)));
            *response.status_mut() = StatusCode::BAD_REQUEST;
            Ok(response)
        }
    }
}

async fn remove_app(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    _: Form,
) -> Result<Response, Trouble> {
    visit.proved(&dashboard)?;
    dashboard.people.remove_app(&visit.who).await?;
    Ok(onward(PAGE))
}

async fn renew_recovery(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    _: Form,
) -> Result<Response, Trouble> {
    visit.proved(&dashboard)?;
    let codes = dashboard.people.renew_recovery(&visit.who).await?;
    Ok(codes_page(&dashboard, &visit, codes))
}

fn codes_page(dashboard: &Dashboard, visit: &Visit, codes: Vec<String>) -> Response {
    render(&CodesPage { shell: visit.shell(dashboard, "Recovery codes"), codes })
}

#[derive(Template)]
#[template(path = "dashboard/passkey.html")]
struct PasskeyPage {
    shell: Shell,
    /// What the browser is asked to make; nothing where it cannot.
    asked: Option<Challenge>,
    name: String,
    wrong: Option<String>,
}

async fn begin_passkey(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    headers: HeaderMap,
    _: Form,
) -> Result<Response, Trouble> {
    visit.proved(&dashboard)?;
    let said = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("");
    passkey_page(&dashboard, &visit, &headers, (device(said), None)).await
}

async fn passkey_page(
    dashboard: &Dashboard,
    visit: &Visit,
    headers: &HeaderMap,
    (name, wrong): (String, Option<String>),
) -> Result<Response, Trouble> {
    let asked = match site_of(headers) {
        Some(site) => Some(dashboard.people.begin_passkey(&visit.who, &site).await?),
        None => None,
    };
    Ok(render(&PasskeyPage { shell: visit.shell(dashboard, "Add a passkey"), asked, name, wrong }))
}

async fn add_passkey(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Trouble> {
    visit.proved(&dashboard)?;
    let site = site_of(&headers).ok_or(Trouble::NoSuchPage)?;
    let (token, name) = (form.fields.text("challenge"), form.fields.text("name"));
    let answer = form.fields.text("credential");
    match dashboard.people.add_passkey(&visit.who, &site, (&token, &name), &answer).await {
        Ok(()) => Ok(onward(PAGE)),
        Err(refusal) => {
            let trouble = Trouble::from(refusal);
            if !trouble.is_by_hand() {
                return Err(trouble);
            }
            let wrong = Some(trouble.words(&visit.words));
            let mut response = passkey_page(&dashboard, &visit, &headers, (name, wrong)).await?;
            *response.status_mut() = StatusCode::BAD_REQUEST;
            Ok(response)
        }
    }
}

async fn remove_passkey(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    _: Form,
) -> Result<Response, Trouble> {
    visit.proved(&dashboard)?;
    dashboard.people.remove_passkey(&visit.who, &id).await?;
    Ok(onward(PAGE))
}
