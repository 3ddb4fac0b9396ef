//! Overview: which device it is, how it is, what people call it.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;

use super::super::super::Dashboard;
use super::super::super::form::Form;
use super::super::super::page::{Shell, Trouble, onward, render};
use super::super::super::visit::Visit;
use super::Device;
use crate::access::Grant;

pub(super) fn routes() -> Router<Arc<Dashboard>> {
    Router::new().route("/dashboard/terminals/{id}", get(show).post(rename))
}

#[derive(Template)]
#[template(path = "dashboard/terminal/overview.html")]
struct OverviewPanel {
    shell: Shell,
    device: Device,
    can_change: bool,
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let device = Device::find(&dashboard, &visit, &id, "")?;
    let shell = device.shell(&dashboard, &visit);
    Ok(render(&OverviewPanel { shell, device, can_change: visit.can(Grant::TerminalsWrite) }))
}

/// Gives a terminal another name.
async fn rename(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::TerminalsWrite)?;
    let changes = serde_json::json!({ "displayName": form.fields.get("displayName") });
    let changes: vinr_wire::rest::terminal::UpdateTerminal =
        vinr_wire::rest::body::decode(Some("application/json"), changes.to_string().as_bytes())
            .map_err(|_| Trouble::Field("displayName", "cannot be a name".to_owned()))?;
    dashboard.services.applications.fleet.terminals.update(who, &id, changes.validate()?, form.once).await?;
    Ok(onward(&visit.path))
}
