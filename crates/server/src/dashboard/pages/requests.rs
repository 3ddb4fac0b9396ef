//! Developers → Request log: what programs asked of the API, and what they were answered. No bodies, no secrets.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::get;

use super::super::Dashboard;
use super::super::form::Fields;
use super::super::page::{Shell, Trouble, render};
use super::super::visit::{Visit, percent, utc};
use crate::access::Grant;
use crate::requests::{Filter, Line, Statuses};

const PAGE: &str = "/dashboard/requests";
/// How many requests are on a page.
const SHOWN: usize = 50;
/// The filters, as the address has them.
const FILTERS: [&str; 4] = ["status", "method", "path", "key"];
const STATUSES: [&str; 13] =
    ["2xx", "4xx", "5xx", "200", "202", "400", "401", "403", "404", "409", "422", "429", "503"];
const METHODS: [&str; 4] = ["GET", "POST", "PUT", "DELETE"];

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new().route(PAGE, get(list)).route("/dashboard/requests/{id}", get(show))
}

/// A request in a list.
struct Asked {
    line: Line,
    when: String,
    took: String,
    /// How well it went: `good`, `bad`, `warm`.
    tone: &'static str,
}

#[derive(Template)]
#[template(path = "dashboard/requests.html")]
struct RequestsPage {
    shell: Shell,
    asked: Vec<Asked>,
    statuses: Vec<(&'static str, bool)>,
    methods: Vec<(&'static str, bool)>,
    path: String,
    key: String,
    is_filtered: bool,
    lost: Option<String>,
    older: Option<String>,
    newest: Option<String>,
}

fn asked(line: Line, visit: &Visit) -> Asked {
    Asked {
        when: utc(visit, line.at),
        took: format!("{} ms", visit.words.figure(i64::from(line.took_us / 100), 1)),
        tone: match line.status {
            0..400 => "good",
            400..500 => "warm",
            _ => "bad",
        },
        line,
    }
}

async fn list(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    request: Request,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::KeysRead)?;
    let query = Fields::of_query(request.uri().query().unwrap_or(""));
    let text = |name: &str| query.get(name).map(str::to_owned);
    let filter = Filter {
        statuses: query.get("status").and_then(Statuses::parse),
        method: text("method"),
        text: text("path"),
        key: text("key"),
    };
    let requests = &dashboard.services.applications.requests;
    let found = requests.list(&who.scope, &filter, query.get("after"), SHOWN).await?;
    let kept: String = FILTERS
        .into_iter()
        .filter_map(|name| Some(format!("{name}={}&", percent(query.get(name)?))))
        .collect();
    let choices = |all: &[&'static str], name: &str| {
        all.iter().map(|word| (*word, query.get(name) == Some(word))).collect()
    };
    let lost = visit.words.whole(found.lost);
    Ok(render(&RequestsPage {
        shell: visit.shell(&dashboard, "Request log"),
        statuses: choices(&STATUSES, "status"),
        methods: choices(&METHODS, "method"),
        path: query.text("path"),
        key: query.text("key"),
        is_filtered: FILTERS.iter().any(|name| query.get(name).is_some()),
        lost: (found.lost > 0).then(|| {
            visit.words.tell(
                "{count} more requests came faster than they could be written down.",
                &[("count", &lost)],
            )
        }),
        older: found
            .lines
            .last()
            .filter(|_| found.more)
            .map(|last| format!("{PAGE}?{kept}after={}", percent(&last.id))),
        newest: query.get("after").map(|_| format!("{PAGE}?{}", kept.trim_end_matches('&'))),
        asked: found.lines.into_iter().map(|line| asked(line, &visit)).collect(),
    }))
}

#[derive(Template)]
#[template(path = "dashboard/request.html")]
struct RequestPage {
    shell: Shell,
    asked: Asked,
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::KeysRead)?;
    let line = dashboard.services.applications.requests.retrieve(&who.scope, &id).await?;
    Ok(render(&RequestPage { shell: visit.shell(&dashboard, "Request"), asked: asked(line, &visit) }))
}
