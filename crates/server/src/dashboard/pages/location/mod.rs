//! Hardware → Locations: where terminals stand, when their day ends. What is configured for all terminals of one is
//! `configuration`.

mod configuration;

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use vinr_wire::rest::body::decode;
use vinr_wire::rest::location::{CreateLocation, LocationView, UpdateLocation};
use vinr_wire::rest::terminal::ListTerminals;

use super::super::Dashboard;
use super::super::form::{Fields, Form};
use super::super::page::{Shell, Trouble, onward, render, render_again};
use super::super::typed::Typed;
use super::super::visit::Visit;
use super::terminals::{Row, all_locations, row};
use crate::access::Grant;

const PAGE: &str = "/dashboard/locations";
/// The fields of the form.
const FIELDS: [&str; 8] =
    ["displayName", "timeZone", "endOfDay", "line1", "line2", "postalCode", "city", "country"];

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new()
        .route(PAGE, get(list).post(create))
        .route("/dashboard/locations/{id}", get(show).post(update))
        .route("/dashboard/locations/{id}/delete", post(delete))
        .merge(configuration::routes())
}

/// A location in the list.
struct Place {
    view: LocationView,
    address: String,
    terminals: usize,
    configured: bool,
}

#[derive(Template)]
#[template(path = "dashboard/locations.html")]
struct LocationsPage {
    shell: Shell,
    places: Vec<Place>,
    typed: Typed,
    can_change: bool,
}

async fn list(State(dashboard): State<Arc<Dashboard>>, visit: Visit) -> Result<Response, Trouble> {
    Ok(render(&all(&dashboard, &visit, Typed::default()).await?))
}

async fn all(dashboard: &Dashboard, visit: &Visit, typed: Typed) -> Result<LocationsPage, Trouble> {
    let who = visit.may(Grant::LocationsRead)?;
    let counts: BTreeMap<Arc<str>, usize> = if visit.can(Grant::TerminalsRead) {
        dashboard.services.applications.fleet.terminals.count_by_location(who)
    } else {
        BTreeMap::new()
    };
    let places = all_locations(dashboard, who).await?.into_iter().map(|view| Place {
        address: written(&view),
        terminals: counts.get(&view.id).copied().unwrap_or_default(),
        configured: view.terminal_config.as_object().is_some_and(|config| !config.is_empty()),
        view,
    });
    Ok(LocationsPage {
        shell: visit.shell(dashboard, "Locations"),
        places: places.collect(),
        typed,
        can_change: visit.can(Grant::LocationsWrite),
    })
}

/// The address in one line.
fn written(view: &LocationView) -> String {
    let Some(address) = &view.address else { return String::new() };
    let town =
        [&address.postal_code, &address.city].map(|part| part.as_deref().unwrap_or_default()).join(" ");
    let lines =
        [address.line1.as_deref(), address.line2.as_deref(), Some(town.trim()), address.country.as_deref()];
    let lines: Vec<&str> = lines.into_iter().flatten().filter(|line| !line.is_empty()).collect();
    lines.join(", ")
}

/// A panel of a location: which it is, and its navigation.
struct Around {
    view: LocationView,
    /// Path, name, and whether it is the one that is shown.
    panels: Vec<(String, String, bool)>,
}

impl Around {
    async fn find(dashboard: &Dashboard, visit: &Visit, id: &str, here: &str) -> Result<Self, Trouble> {
        let who = visit.may(Grant::LocationsRead)?;
        let view = dashboard.services.applications.fleet.locations.retrieve(who, id).await?;
        let overview = (format!("{PAGE}/{id}"), visit.words.say("Overview"), here.is_empty());
        let bulk =
            (format!("{PAGE}/{id}/configuration"), visit.words.say("Configuration"), here == "configuration");
        Ok(Self { view, panels: vec![overview, bulk] })
    }
}

#[derive(Template)]
#[template(path = "dashboard/location/overview.html")]
struct LocationPage {
    shell: Shell,
    around: Around,
    rows: Vec<Row>,
    more: bool,
    typed: Typed,
    can_change: bool,
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    Ok(render(&one(&dashboard, &visit, &id, None).await?))
}

async fn one(
    dashboard: &Dashboard,
    visit: &Visit,
    id: &str,
    typed: Option<Typed>,
) -> Result<LocationPage, Trouble> {
    let who = visit.may(Grant::LocationsRead)?;
    let around = Around::find(dashboard, visit, id, "").await?;
    let fleet = &dashboard.services.applications.fleet;
    let query =
        ListTerminals { location_id: Some(id.to_owned()), limit: Some(100), ..ListTerminals::default() };
    let (views, more) = if visit.can(Grant::TerminalsRead) {
        fleet.terminals.list(who, &query.validate()?)?
    } else {
        (Vec::new(), false)
    };
    let now = dashboard.services.clock.wall();
    Ok(LocationPage {
        shell: visit.shell(dashboard, &around.view.display_name),
        rows: views.iter().map(|view| row(view, visit, now)).collect(),
        more,
        typed: typed.unwrap_or_else(|| Typed::new(as_typed(&around.view))),
        can_change: visit.can(Grant::LocationsWrite),
        around,
    })
}

/// The location as somebody could have typed it.
fn as_typed(view: &LocationView) -> Fields {
    let address = view.address.clone().unwrap_or_default();
    Fields::of(
        [
            ("displayName", Some(view.display_name.to_string())),
            ("timeZone", view.time_zone.as_deref().map(str::to_owned)),
            ("endOfDay", view.end_of_day.as_deref().map(str::to_owned)),
            ("line1", address.line1),
            ("line2", address.line2),
            ("postalCode", address.postal_code),
            ("city", address.city),
            ("country", address.country),
        ]
        .map(|(name, text)| (name, text.unwrap_or_default())),
    )
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

fn read<T: serde::de::DeserializeOwned>(visit: &Visit, fields: &Fields) -> Result<T, Trouble> {
    let body = said(fields).to_string();
    decode(Some("application/json"), body.as_bytes())
        .map_err(|_| Trouble::Field("displayName", visit.words.say("is needed")))
}

async fn create(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::LocationsWrite)?;
    let locations = &dashboard.services.applications.fleet.locations;
    let made = async {
        let new: CreateLocation = read(&visit, &form.fields)?;
        locations.create(who, new.validate()?, form.once).await?;
        Ok(())
    };
    match made.await {
        Ok(()) => Ok(onward(PAGE)),
        Err(trouble) => {
            let typed = Typed::new(form.fields).blamed(trouble, &FIELDS)?;
            Ok(render_again(&all(&dashboard, &visit, typed).await?))
        }
    }
}

async fn update(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::LocationsWrite)?;
    let locations = &dashboard.services.applications.fleet.locations;
    let changed = async {
        let changes: UpdateLocation = read(&visit, &form.fields)?;
        locations.update(who, &id, changes.validate()?, form.once).await?;
        Ok(())
    };
    match changed.await {
        Ok(()) => Ok(onward(&format!("{PAGE}/{id}"))),
        Err(trouble) => {
            let typed = Typed::new(form.fields).blamed(trouble, &FIELDS)?;
            Ok(render_again(&one(&dashboard, &visit, &id, Some(typed)).await?))
        }
    }
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
