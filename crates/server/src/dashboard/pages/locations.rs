//! Locations: where terminals stand, when their day ends.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use vinr_wire::rest::body::decode;
use vinr_wire::rest::location::{CreateLocation, LocationView, UpdateLocation};
use vinr_wire::rest::terminal::{Cursor, ListTerminals};

use super::super::Dashboard;
use super::super::form::{Fields, Form};
use super::super::page::{Shell, Trouble, onward, render};
use super::super::visit::Visit;
use super::terminals::{Row, row};
use crate::access::Grant;

const PAGE: &str = "/dashboard/locations";

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new()
        .route(PAGE, get(list).post(create))
        .route("/dashboard/locations/{id}", get(show).post(update))
        .route("/dashboard/locations/{id}/delete", post(delete))
}

#[derive(Template)]
#[template(path = "dashboard/locations.html")]
struct LocationsPage {
    shell: Shell,
    locations: Vec<LocationView>,
    can_change: bool,
}

async fn list(State(dashboard): State<Arc<Dashboard>>, visit: Visit) -> Result<Response, Trouble> {
    let who = visit.may(Grant::LocationsRead)?;
    let (locations, _) =
        dashboard.services.applications.fleet.locations.list(who, 100, Cursor::Newest).await?;
    let shell = visit.shell(&dashboard, "Locations");
    Ok(render(&LocationsPage { shell, locations, can_change: visit.can(Grant::LocationsWrite) }))
}

#[derive(Template)]
#[template(path = "dashboard/location.html")]
struct LocationPage {
    shell: Shell,
    location: LocationView,
    rows: Vec<Row>,
    can_change: bool,
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::LocationsRead)?;
    let fleet = &dashboard.services.applications.fleet;
    let location = fleet.locations.retrieve(who, &id).await?;
    let query = ListTerminals { location_id: Some(id), limit: Some(100), ..ListTerminals::default() };
    let (views, _) = fleet.terminals.list(who, &query.validate()?)?;
    let now = dashboard.services.clock.wall();
    Ok(render(&LocationPage {
        shell: visit.shell(&dashboard, &location.display_name),
        rows: views.iter().map(|view| row(view, &visit, now)).collect(),
        location,
        can_change: visit.can(Grant::LocationsWrite),
    }))
}

/// The form as the API would be sent it: what is left empty is not set.
fn said(fields: &Fields) -> serde_json::Value {
    let address: serde_json::Map<String, serde_json::Value> =
        ["line1", "line2", "city", "postalCode", "country"]
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), fields.get(name)?.into())))
            .collect();
    serde_json::json!({
        "displayName": fields.get("displayName"),
        "address": if address.is_empty() { serde_json::Value::Null } else { address.into() },
        "timeZone": fields.get("timeZone"),
        "endOfDay": fields.get("endOfDay"),
    })
}

fn read<T: serde::de::DeserializeOwned>(fields: &Fields) -> Result<T, Trouble> {
    let body = said(fields).to_string();
    decode(Some("application/json"), body.as_bytes())
        .map_err(|_| Trouble::Field("displayName", "is needed".to_owned()))
}

async fn create(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::LocationsWrite)?;
    let new: CreateLocation = read(&form.fields)?;
    dashboard.services.applications.fleet.locations.create(who, new.validate()?, form.once).await?;
    Ok(onward(PAGE))
}

async fn update(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::LocationsWrite)?;
    let changes: UpdateLocation = read(&form.fields)?;
    dashboard.services.applications.fleet.locations.update(who, &id, changes.validate()?, form.once).await?;
    Ok(onward(&format!("{PAGE}/{id}")))
}

async fn delete(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    _: Form,
) -> Result<Response, Trouble> {
    let who = visit.surely(&dashboard, Grant::LocationsWrite)?;
    dashboard.services.applications.fleet.locations.delete(who, &id).await?;
    Ok(onward(PAGE))
}
