//! Integrations → Cashless API: the door for cash registers, and its shared key. A key's text is on one page, once.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use jiff::tz::TimeZone;
use vinr_domain::Timestamp;
use vinr_wire::rest::config::Key;
use vinr_wire::rest::lan::CashlessKeyView;

use super::super::super::Dashboard;
use super::super::super::form::Form;
use super::super::super::page::{Shell, Trouble, onward, render};
use super::super::super::visit::Visit;
use super::super::secret_in;
use super::door::{Door, asked, set};
use super::{Address, Device, path};
use crate::access::Grant;

pub(super) fn routes() -> Router<Arc<Dashboard>> {
    Router::new()
        .route("/dashboard/terminals/{id}/integrations", get(show).post(generate))
        .route("/dashboard/terminals/{id}/integrations/cashless", post(cashless))
        .route("/dashboard/terminals/{id}/integrations/key/end", post(end))
}

/// What was told of a key that was just made.
enum Told {
    /// Its text.
    Secret(String),
    /// Nothing any more: it was told before.
    Already,
}

#[derive(Template)]
#[template(path = "dashboard/terminal/integrations.html")]
struct IntegrationsPanel {
    shell: Shell,
    device: Device,
    address: Address,
    door: Door,
    key: CashlessKeyView,
    made: String,
    told: Option<Told>,
    can_change: bool,
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    panel(&dashboard, &visit, &id, None).await
}

async fn panel(
    dashboard: &Dashboard,
    visit: &Visit,
    id: &str,
    told: Option<Told>,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::TerminalsRead)?;
    let device = Device::find(dashboard, visit, id, "integrations")?;
    let lan = &dashboard.services.applications.lan;
    let settings = lan.settings(&who.scope, id).await?;
    let online = device.is_connected();
    let key = lan.cashless_key(&who.scope, id).await?;
    let made = key.created_at.or(key.revoked.as_ref().map(|revoked| revoked.revoked_at));
    let moment = |s: i64| format!("{} UTC", visit.words.moment(Timestamp(s * 1_000), &TimeZone::UTC));
    Ok(render(&IntegrationsPanel {
        shell: device.shell(dashboard, visit),
        address: Address::of(dashboard, visit, id)?,
        door: Door::find(dashboard, visit, (who, id), Key::CashlessApiEnabled, &settings, online).await?,
        made: made.map(moment).unwrap_or_default(),
        key,
        told,
        can_change: visit.can(Grant::TerminalsWrite) && device.is_in_service(),
        device,
    }))
}

async fn cashless(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::TerminalsWrite)?;
    let open = asked(form.fields.get("open"))?;
    set(&dashboard, (who, &id), Key::CashlessApiEnabled, open, form.once).await?;
    Ok(onward(&path(&id, "integrations")))
}

async fn generate(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.surely(&dashboard, Grant::TerminalsWrite)?;
    let said = dashboard.services.applications.lan.generate_cashless_key(who, &id, form.once).await?;
    panel(&dashboard, &visit, &id, Some(secret_in(&said).map_or(Told::Already, Told::Secret))).await
}

async fn end(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    _: Form,
) -> Result<Response, Trouble> {
    let who = visit.surely(&dashboard, Grant::TerminalsWrite)?;
    dashboard.services.applications.lan.delete_cashless_key(who, &id).await?;
    Ok(onward(&path(&id, "integrations")))
}
