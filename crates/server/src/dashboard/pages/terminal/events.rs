//! Events: what happened to the terminal itself, as webhooks tell it.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::get;
use vinr_domain::{EventId, Timestamp};
use vinr_wire::rest::version::ApiVersion;
use vinr_wire::rest::webhook::EventQuery;

use super::super::super::Dashboard;
use super::super::super::form::Fields;
use super::super::super::page::{Shell, Trouble, render};
use super::super::super::visit::Visit;
use super::super::super::words::Words;
use super::{Device, path};
use crate::access::Grant;

/// The last part of the panel's path.
const PANEL: &str = "events";
/// How many events are on a page.
const SHOWN: u32 = 50;

pub(super) fn routes() -> Router<Arc<Dashboard>> {
    Router::new().route("/dashboard/terminals/{id}/events", get(show))
}

/// Something that happened.
struct Happened {
    id: String,
    what: String,
    kind: String,
    /// How the terminal was then.
    status: String,
    said: String,
    when: String,
}

#[derive(Template)]
#[template(path = "dashboard/terminal/events.html")]
struct EventsPanel {
    shell: Shell,
    device: Device,
    events: Vec<Happened>,
    older: Option<String>,
}

fn told(words: &Words, kind: &str) -> String {
    match kind {
        "terminal.online" => words.say("It connected"),
        "terminal.offline" => words.say("Its connection ended"),
        "terminal.needs_attention" => words.say("It needs attention"),
        "terminal.updated" => words.say("Something about it changed"),
        other => other.replace(['_', '.'], " "),
    }
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::EventsRead)?;
    let device = Device::find(&dashboard, &visit, &id, PANEL)?;
    let asked = Fields::of_query(request.uri().query().unwrap_or(""));
    let query = EventQuery {
        kind: None,
        object: Some(id.clone()),
        from: None,
        to: None,
        limit: SHOWN,
        after: asked.get("after").and_then(|id| EventId::parse(id).ok()),
        before: None,
    };
    let written = dashboard.services.events.list(&who.scope, query, ApiVersion::V2026_06_11).await?;
    let page: serde_json::Value = serde_json::from_slice(&written).unwrap_or_default();
    let now = dashboard.services.clock.wall();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let event = |event: &serde_json::Value| {
        let seconds = event["created"].as_i64().unwrap_or(0);
        let status = text(&event["data"]["object"]["status"]);
        Happened {
            id: text(&event["id"]),
            what: told(&visit.words, event["type"].as_str().unwrap_or_default()),
            kind: text(&event["type"]),
            said: visit.words.say(&status.replace('_', " ")),
            status,
            when: visit.words.ago(Timestamp(seconds.saturating_mul(1_000)), now),
        }
    };
    let events: Vec<Happened> = page["data"].as_array().into_iter().flatten().map(event).collect();
    let more = page["has_more"].as_bool().unwrap_or(false);
    let last = events.last().filter(|_| more);
    Ok(render(&EventsPanel {
        shell: device.shell(&dashboard, &visit),
        older: last.map(|last| format!("{}?after={}", path(&id, PANEL), last.id)),
        device,
        events,
    }))
}
