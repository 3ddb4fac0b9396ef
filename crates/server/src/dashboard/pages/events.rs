//! Developers → Events: what happened, as webhooks tell it.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::get;
use vinr_domain::{EventId, Timestamp};
use vinr_wire::rest::version::ApiVersion;
use vinr_wire::rest::webhook::EventQuery;

use super::super::Dashboard;
use super::super::form::Fields;
use super::super::page::{Shell, Trouble, render};
use super::super::visit::Visit;
use crate::access::Grant;

const PAGE: &str = "/dashboard/events";

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new().route(PAGE, get(list)).route("/dashboard/events/{id}", get(show))
}

/// An event in a list.
pub(super) struct Happened {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) object: String,
    pub(super) when: String,
}

#[derive(Template)]
#[template(path = "dashboard/events.html")]
struct EventsPage {
    shell: Shell,
    events: Vec<Happened>,
    kind: String,
    object: String,
    next: Option<String>,
}

async fn list(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    request: Request,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::EventsRead)?;
    let asked = Fields::of_query(request.uri().query().unwrap_or(""));
    let query = EventQuery {
        kind: asked.get("type").map(|kind| kind.trim_end_matches('*').to_owned()),
        object: asked.get("object").map(str::to_owned),
        from: None,
        to: None,
        limit: 50,
        after: asked.get("after").and_then(|id| EventId::parse(id).ok()),
        before: None,
    };
    let written = dashboard.services.events.list(&who.scope, query, ApiVersion::V2026_06_11).await?;
    let page: serde_json::Value = serde_json::from_slice(&written).unwrap_or_default();
    let now = dashboard.services.clock.wall();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let event = |event: &serde_json::Value| {
        let object = &event["data"]["object"];
        let id = ["id", "endpointId", "endpoint_id"].iter().find_map(|name| object[*name].as_str());
        let other = ["id", "terminalId", "terminal_id", "actionId"]
            .iter()
            .find_map(|name| event["data"][*name].as_str());
        Happened {
            id: text(&event["id"]),
            kind: text(&event["type"]),
            object: id.or(other).unwrap_or_default().to_owned(),
            when: visit
                .words
                .ago(Timestamp(event["created"].as_i64().unwrap_or(0).saturating_mul(1_000)), now),
        }
    };
    let events: Vec<Happened> = page["data"].as_array().into_iter().flatten().map(event).collect();
    let more = page["has_more"].as_bool().unwrap_or(false);
    Ok(render(&EventsPage {
        shell: visit.shell(&dashboard, "Events"),
        next: events.last().filter(|_| more).map(|event| event.id.clone()),
        events,
        kind: asked.text("type"),
        object: asked.text("object"),
    }))
}

#[derive(Template)]
#[template(path = "dashboard/event.html")]
struct EventPage {
    shell: Shell,
    id: String,
    json: String,
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::EventsRead)?;
    let written = dashboard.services.events.retrieve(&who.scope, &id, ApiVersion::V2026_06_11).await?;
    let value: serde_json::Value = serde_json::from_slice(&written).unwrap_or_default();
    let json = serde_json::to_string_pretty(&value).unwrap_or_default();
    Ok(render(&EventPage { shell: visit.shell(&dashboard, "Event"), id, json }))
}
