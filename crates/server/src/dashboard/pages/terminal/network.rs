//! Network: where the terminal is in the merchant's network, and its link to the cloud. Changes nothing.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use jiff::tz::TimeZone;
use vinr_wire::lan::DEFAULT_PORT;
use vinr_wire::rest::lan::LanView;

use super::super::super::Dashboard;
use super::super::super::page::{Shell, Trouble, render};
use super::super::super::visit::Visit;
use super::Device;
use crate::access::Grant;
use crate::fleet::LinkFacts;

pub(super) fn routes() -> Router<Arc<Dashboard>> {
    Router::new().route("/dashboard/terminals/{id}/network", get(show))
}

#[derive(Template)]
#[template(path = "dashboard/terminal/network.html")]
struct NetworkPanel {
    shell: Shell,
    device: Device,
    facts: LinkFacts,
    lan: LanView,
    port: u16,
    since: Option<String>,
    certificate_ends: Option<String>,
    round_trip: Option<String>,
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::TerminalsRead)?;
    let device = Device::find(&dashboard, &visit, &id, "network")?;
    let applications = &dashboard.services.applications;
    let facts = applications.fleet.terminals.link_facts(who, &id)?;
    let now = dashboard.services.clock.wall();
    let since = facts.connected_since.map(|at| visit.words.ago(at, now));
    Ok(render(&NetworkPanel {
        shell: device.shell(&dashboard, &visit),
        lan: applications.lan.settings(&who.scope, &id).await?,
        port: DEFAULT_PORT,
        since,
        certificate_ends: facts
            .certificate_ends_at
            .map(|at| format!("{} UTC", visit.words.moment(at, &TimeZone::UTC))),
        round_trip: device.view.round_trip_ms.map(|ms| format!("{ms} ms")),
        facts,
        device,
    }))
}
