//! Connectivity: Local mode, and whether it is also served without TLS.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use vinr_wire::rest::config::Key;

use super::super::super::Dashboard;
use super::super::super::form::Form;
use super::super::super::page::{Shell, Trouble, onward, render};
use super::super::super::visit::Visit;
use super::door::{Door, asked, set};
use super::{Device, path};
use crate::access::Grant;

pub(super) fn routes() -> Router<Arc<Dashboard>> {
    Router::new()
        .route("/dashboard/terminals/{id}/connectivity", get(show))
        .route("/dashboard/terminals/{id}/connectivity/local-mode", post(local_mode))
        .route("/dashboard/terminals/{id}/connectivity/open-wire", post(open_wire))
}

#[derive(Template)]
#[template(path = "dashboard/terminal/connectivity.html")]
struct ConnectivityPanel {
    shell: Shell,
    device: Device,
    local: Door,
    open_wire: Door,
    can_change: bool,
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::TerminalsRead)?;
    let device = Device::find(&dashboard, &visit, &id, "connectivity")?;
    let lan = dashboard.services.applications.lan.settings(&who.scope, &id).await?;
    let online = device.is_connected();
    let door = |key| Door::find(&dashboard, &visit, (who, &id), key, &lan, online);
    let (local, open_wire) = (door(Key::LocalApiEnabled).await?, door(Key::LocalApiPlainHttp).await?);
    Ok(render(&ConnectivityPanel {
        shell: device.shell(&dashboard, &visit),
        local,
        open_wire,
        can_change: visit.can(Grant::TerminalsWrite) && device.is_in_service(),
        device,
    }))
}

async fn local_mode(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::TerminalsWrite)?;
    let open = asked(form.fields.get("open"))?;
    set(&dashboard, (who, &id), Key::LocalApiEnabled, open, form.once).await?;
    Ok(onward(&path(&id, "connectivity")))
}

async fn open_wire(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::TerminalsWrite)?;
    let open = asked(form.fields.get("open"))?;
    set(&dashboard, (who, &id), Key::LocalApiPlainHttp, open, form.once).await?;
    Ok(onward(&path(&id, "connectivity")))
}
