//! Overview: which device it is, how it is, what people call it and where it stands.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use jiff::tz::TimeZone;
use vinr_domain::{Model, Timestamp};
use vinr_wire::rest::body::decode;
use vinr_wire::rest::terminal::UpdateTerminal;

use super::super::super::Dashboard;
use super::super::super::form::{Fields, Form};
use super::super::super::page::{Shell, Trouble, onward, render, render_again};
use super::super::super::typed::Typed;
use super::super::super::visit::Visit;
use super::super::terminals::{Choice, all_locations, choices};
use super::Device;
use crate::access::Grant;

/// What stands for no location in the form.
const NOWHERE: &str = "none";

pub(super) fn routes() -> Router<Arc<Dashboard>> {
    Router::new().route("/dashboard/terminals/{id}", get(show).post(update))
}

#[derive(Template)]
#[template(path = "dashboard/terminal/overview.html")]
struct OverviewPanel {
    shell: Shell,
    device: Device,
    location: Option<(String, String)>,
    software: String,
    battery: String,
    printer: String,
    made: String,
    locations: Vec<Choice>,
    typed: Typed,
    can_change: bool,
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    Ok(render(&panel(&dashboard, &visit, &id, None).await?))
}

async fn panel(
    dashboard: &Dashboard,
    visit: &Visit,
    id: &str,
    typed: Option<Typed>,
) -> Result<OverviewPanel, Trouble> {
    let device = Device::find(dashboard, visit, id, "")?;
    let who = visit.may(Grant::TerminalsRead)?;
    let places =
        if visit.can(Grant::LocationsRead) { all_locations(dashboard, who).await? } else { Vec::new() };
    let stands = device.view.location_id.as_deref();
    let location = places.iter().find(|place| Some(&*place.id) == stands);
    let say = |english: &str| visit.words.say(english);
    let model = Model::parse(&device.view.model).map(Model::capabilities);
    let has_paper = !device.view.attention.contains(&"paper_out");
    let typed = typed.unwrap_or_else(|| {
        let name = device.view.display_name.as_deref().unwrap_or_default().to_owned();
        Typed::new(Fields::of([("displayName", name), ("locationId", stands.unwrap_or(NOWHERE).to_owned())]))
    });
    Ok(OverviewPanel {
        shell: device.shell(dashboard, visit),
        location: location.map(|place| (place.id.to_string(), place.display_name.to_string())),
        software: device.view.software_version.as_deref().map_or_else(|| say("not known yet"), str::to_owned),
        battery: match device.view.battery_level {
            Some(percent) => format!("{percent} %"),
            None => say("none, or it does not tell"),
        },
        printer: match model {
            Some(can) if can.printer && has_paper => say("built in, with paper"),
            Some(can) if can.printer => say("built in, out of paper"),
            _ => say("none"),
        },
        made: format!(
            "{} UTC",
            visit.words.moment(Timestamp(device.view.created_at * 1_000), &TimeZone::UTC)
        ),
        locations: choices(&places, typed.fields().get("locationId")),
        typed,
        can_change: visit.can(Grant::TerminalsWrite) && device.view.status != "deactivated",
        device,
    })
}

/// Gives a terminal another name, or another place.
async fn update(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::TerminalsWrite)?;
    let mut said = serde_json::json!({ "displayName": form.fields.get("displayName") });
    if let Some(location) = form.fields.get("locationId") {
        said["locationId"] = Some(location).filter(|place| *place != NOWHERE).into();
    }
    let fleet = &dashboard.services.applications.fleet;
    let changed = async {
        let changes: UpdateTerminal = decode(Some("application/json"), said.to_string().as_bytes())
            .map_err(|_| Trouble::Field("displayName", "cannot be a name".to_owned()))?;
        fleet.terminals.update(who, &id, changes.validate()?, form.once).await?;
        Ok(())
    };
    match changed.await {
        Ok(()) => Ok(onward(&visit.path)),
        Err(trouble) => {
            let typed = Typed::new(form.fields).blamed(trouble, &["displayName", "locationId"])?;
            Ok(render_again(&panel(&dashboard, &visit, &id, Some(typed)).await?))
        }
    }
}
