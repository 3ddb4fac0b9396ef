//! Hardware → Terminals: the list with its filters. One terminal is `pages/terminal`.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::get;
use vinr_domain::Timestamp;
use vinr_domain::terminal::Status;
use vinr_wire::rest::terminal::{ListTerminals, TerminalView};

use super::super::Dashboard;
use super::super::form::Fields;
use super::super::page::{Shell, Trouble, render};
use super::super::visit::Visit;
use crate::access::Grant;

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new().route("/dashboard/terminals", get(list))
}

/// A terminal in a list.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) model: String,
    pub(super) status: &'static str,
    pub(super) seen: String,
    pub(super) attention: Vec<String>,
    pub(super) locked: bool,
}

/// The terminal as lists show it.
pub(super) fn row(view: &TerminalView, visit: &Visit, now: Timestamp) -> Row {
    let seen = view.last_seen.map(|s| visit.words.ago(Timestamp(s * 1_000), now));
    Row {
        id: view.id.to_string(),
        name: view.display_name.as_deref().unwrap_or(&view.id).to_owned(),
        model: view.model.to_string(),
        status: view.status,
        seen: seen.unwrap_or_else(|| "never".to_owned()),
        attention: view.attention.iter().map(|reason| reason.replace('_', " ")).collect(),
        locked: view.locked,
    }
}

#[derive(Template)]
#[template(path = "dashboard/terminals.html")]
struct TerminalsPage {
    shell: Shell,
    rows: Vec<Row>,
    statuses: Vec<(&'static str, bool)>,
    next: Option<String>,
}

async fn list(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    request: Request,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::TerminalsRead)?;
    let asked = Fields::of_query(request.uri().query().unwrap_or(""));
    let status = asked.get("status").and_then(|word| Status::ALL.into_iter().find(|s| s.as_str() == word));
    let query = ListTerminals {
        status,
        limit: Some(50),
        starting_after: asked.get("after").map(str::to_owned),
        ..ListTerminals::default()
    };
    let (views, more) = dashboard.services.applications.fleet.terminals.list(who, &query.validate()?)?;
    let now = dashboard.services.clock.wall();
    Ok(render(&TerminalsPage {
        shell: visit.shell(&dashboard, "Terminals"),
        next: views.last().filter(|_| more).map(|view| view.id.to_string()),
        rows: views.iter().map(|view| row(view, &visit, now)).collect(),
        statuses: Status::ALL.into_iter().map(|s| (s.as_str(), Some(s) == status)).collect(),
    }))
}
