//! Developers → API keys. The text of a key is on one page, once.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use jiff::tz::TimeZone;
use vinr_domain::Timestamp;
use vinr_wire::rest::api_key::{ApiKeyView, CreateApiKey};
use vinr_wire::rest::terminal::Cursor;

use super::super::Dashboard;
use super::super::form::Form;
use super::super::page::{Shell, Trouble, onward, render};
use super::super::visit::Visit;
use super::secret_in;
use crate::access::Grant;

const PAGE: &str = "/dashboard/keys";
/// For how long a key that is rolled goes on working: a day.
const OVERLAP_S: u32 = 24 * 3_600;

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new()
        .route(PAGE, get(show).post(create))
        .route("/dashboard/keys/{id}/roll", post(roll))
        .route("/dashboard/keys/{id}/revoke", post(revoke))
}

struct Key {
    view: ApiKeyView,
    used: String,
    made: String,
}

#[derive(Template)]
#[template(path = "dashboard/keys.html")]
struct KeysPage {
    shell: Shell,
    keys: Vec<Key>,
    grants: Vec<&'static str>,
    can_change: bool,
    secret: Option<String>,
}

async fn show(State(dashboard): State<Arc<Dashboard>>, visit: Visit) -> Result<Response, Trouble> {
    page(&dashboard, &visit, None).await
}

async fn page(dashboard: &Dashboard, visit: &Visit, secret: Option<String>) -> Result<Response, Trouble> {
    let who = visit.may(Grant::KeysRead)?;
    let (views, _) = dashboard.services.applications.accounts.list_keys(who, 100, Cursor::Newest).await?;
    let now = dashboard.services.clock.wall();
    let keys = views.into_iter().map(|view| Key {
        used: view
            .last_used_at
            .map_or_else(|| visit.words.say("never"), |s| visit.words.ago(Timestamp(s * 1_000), now)),
        made: visit.words.moment(Timestamp(view.created_at * 1_000), &TimeZone::UTC),
        view,
    });
    let grants = Grant::ALL.iter().filter(|grant| who.grants.hold(**grant)).map(|grant| grant.as_str());
    Ok(render(&KeysPage {
        shell: visit.shell(dashboard, "API keys"),
        keys: keys.collect(),
        grants: grants.collect(),
        can_change: visit.can(Grant::KeysWrite),
        secret,
    }))
}

async fn create(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.surely(&dashboard, Grant::KeysWrite)?;
    let scopes = form.fields.all("scopes");
    let new = CreateApiKey {
        kind: if form.fields.ticked("everything") { "secret" } else { "restricted" }.to_owned(),
        name: form.fields.get("name").map(str::to_owned),
        scopes: (!form.fields.ticked("everything")).then_some(scopes),
    };
    let keys = &dashboard.services.applications.accounts;
    let said = keys.create_key(who, new.validate()?, form.once).await?;
    page(&dashboard, &visit, secret_in(&said)).await
}

async fn roll(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.surely(&dashboard, Grant::KeysWrite)?;
    let said = dashboard.services.applications.accounts.roll_key(who, &id, OVERLAP_S, form.once).await?;
    page(&dashboard, &visit, secret_in(&said)).await
}

async fn revoke(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.surely(&dashboard, Grant::KeysWrite)?;
    dashboard.services.applications.accounts.revoke_key(who, &id, form.once).await?;
    Ok(onward(PAGE))
}
