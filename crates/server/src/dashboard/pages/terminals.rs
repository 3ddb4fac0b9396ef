//! Hardware → Terminals: the list, searched and filtered. One terminal is `pages/terminal`.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::get;
use vinr_domain::terminal::Status;
use vinr_domain::{LocationId, Model, TerminalId, Timestamp};
use vinr_wire::rest::location::LocationView;
use vinr_wire::rest::terminal::{Cursor, TerminalFilter, TerminalView};

use super::super::Dashboard;
use super::super::form::Fields;
use super::super::page::{Shell, Trouble, render};
use super::super::visit::{Visit, percent};
use super::terminal::attention::{Need, need};
use crate::access::{Grant, Principal};

const PAGE: &str = "/dashboard/terminals";
/// How many terminals are on a page of the list.
const ON_A_PAGE: u8 = 25;
/// How many locations are offered to choose from.
const MOST_LOCATIONS: usize = 1_000;

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new().route(PAGE, get(list))
}

/// A terminal in a list.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) model: String,
    pub(super) serial: String,
    pub(super) status: &'static str,
    /// The status in words.
    pub(super) standing: String,
    pub(super) seen: String,
    /// Why somebody should look after it, and what to do about it.
    pub(super) needs: Vec<Need>,
    pub(super) locked: bool,
    pub(super) location: Option<String>,
}

/// The terminal as lists show it.
pub(super) fn row(view: &TerminalView, visit: &Visit, now: Timestamp) -> Row {
    let seen = view.last_seen.map(|s| visit.words.ago(Timestamp(s * 1_000), now));
    let needs: Vec<Need> = view.attention.iter().map(|reason| need(&visit.words, reason)).collect();
    let model = Model::parse(&view.model).map(|model| model.capabilities().display_name);
    Row {
        id: view.id.to_string(),
        name: view.display_name.as_deref().unwrap_or(&view.id).to_owned(),
        model: model.unwrap_or(&view.model).to_owned(),
        serial: view.serial_number.to_string(),
        status: view.status,
        standing: visit.words.say(&view.status.replace('_', " ")),
        seen: seen.unwrap_or_else(|| visit.words.say("never")),
        needs,
        locked: view.locked,
        location: view.location_id.as_deref().map(str::to_owned),
    }
}

/// The locations of the account, by their names; so many that a person can choose from them.
pub(super) async fn all_locations(
    dashboard: &Dashboard,
    who: &Principal,
) -> Result<Vec<LocationView>, Trouble> {
    let locations = &dashboard.services.applications.fleet.locations;
    let mut all = Vec::new();
    let mut cursor = Cursor::Newest;
    loop {
        let (page, more) = locations.list(who, 100, cursor).await?;
        let last = page.last().and_then(|view: &LocationView| LocationId::parse(&view.id).ok());
        all.extend(page);
        match last.filter(|_| more && all.len() < MOST_LOCATIONS) {
            Some(last) => cursor = Cursor::After(last),
            None => break,
        }
    }
    all.sort_by_cached_key(|view| view.display_name.to_lowercase());
    Ok(all)
}

/// Something to choose from.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) name: String,
    pub(super) chosen: bool,
}

#[derive(Template)]
#[template(path = "dashboard/terminals.html")]
struct TerminalsPage {
    shell: Shell,
    rows: Vec<Row>,
    /// Of the locations, by id.
    names: BTreeMap<String, String>,
    text: String,
    statuses: Vec<Choice>,
    locations: Vec<Choice>,
    models: Vec<Choice>,
    filtered: bool,
    newer: Option<String>,
    older: Option<String>,
}

async fn list(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    request: Request,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::TerminalsRead)?;
    let asked = Fields::of_query(request.uri().query().unwrap_or(""));
    let places =
        if visit.can(Grant::LocationsRead) { all_locations(&dashboard, who).await? } else { Vec::new() };
    let filter = filter(&asked);
    let (views, more) = dashboard.services.applications.fleet.terminals.list(who, &filter)?;
    let now = dashboard.services.clock.wall();
    let link = |which: &str, view: Option<&TerminalView>| view.map(|view| address(&asked, which, &view.id));
    // Whoever came from a page knows that there is one in that direction.
    let (has_newer, has_older) = match filter.cursor {
        Cursor::Newest => (false, more),
        Cursor::After(_) => (true, more),
        Cursor::Before(_) => (more, true),
    };
    let statuses = Status::ALL.into_iter().map(|status| Choice {
        value: status.as_str().to_owned(),
        name: visit.words.say(&status.as_str().replace('_', " ")),
        chosen: filter.status == Some(status),
    });
    let models = Model::ALL.into_iter().map(|model| Choice {
        value: model.as_str().to_owned(),
        name: model.capabilities().display_name.to_owned(),
        chosen: filter.model == Some(model),
    });
    Ok(render(&TerminalsPage {
        shell: visit.shell(&dashboard, "Terminals"),
        newer: link("before", views.first().filter(|_| has_newer)),
        older: link("after", views.last().filter(|_| has_older)),
        rows: views.iter().map(|view| row(view, &visit, now)).collect(),
        names: places.iter().map(|view| (view.id.to_string(), view.display_name.to_string())).collect(),
        locations: choices(&places, filter.location.as_deref()),
        statuses: statuses.collect(),
        models: models.collect(),
        filtered: ["q", "status", "location", "model"].iter().any(|name| asked.get(name).is_some()),
        text: asked.text("q"),
    }))
}

/// The locations to choose from.
pub(super) fn choices(places: &[LocationView], chosen: Option<&str>) -> Vec<Choice> {
    let choice = |view: &LocationView| Choice {
        value: view.id.to_string(),
        name: view.display_name.to_string(),
        chosen: chosen == Some(&*view.id),
    };
    places.iter().map(choice).collect()
}

/// What is asked for. What cannot be understood is not asked for.
fn filter(asked: &Fields) -> TerminalFilter {
    let id = |name| asked.get(name).and_then(|text| TerminalId::parse(text).ok());
    TerminalFilter {
        location: asked.get("location").map(str::to_owned),
        status: asked.get("status").and_then(|word| Status::ALL.into_iter().find(|s| s.as_str() == word)),
        model: asked.get("model").and_then(Model::parse),
        text: asked.get("q").map(|text| text.chars().take(100).collect()),
        limit: ON_A_PAGE,
        cursor: match (id("after"), id("before")) {
            (Some(after), _) => Cursor::After(after),
            (None, Some(before)) => Cursor::Before(before),
            (None, None) => Cursor::Newest,
        },
    }
}

/// The address of the next page, in one of the two directions, with the same filters.
fn address(asked: &Fields, which: &str, id: &str) -> String {
    let kept = ["q", "status", "location", "model"].into_iter();
    let kept = kept.filter_map(|name| Some(format!("{name}={}&", percent(asked.get(name)?))));
    format!("{PAGE}?{}{which}={}", kept.collect::<String>(), percent(id))
}
