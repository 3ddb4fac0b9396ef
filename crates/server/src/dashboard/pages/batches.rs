//! Batches: what terminals took, and closing what is open.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use jiff::tz::TimeZone;
use vinr_domain::Timestamp;
use vinr_wire::rest::batch::{CloseBatch, ListBatches};

use super::super::Dashboard;
use super::super::form::Form;
use super::super::page::{Shell, Trouble, onward, render};
use super::super::visit::Visit;
use crate::access::Grant;

const PAGE: &str = "/dashboard/batches";

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new().route(PAGE, get(list)).route("/dashboard/batches/close", post(close))
}

struct Row {
    id: String,
    terminal: String,
    status: &'static str,
    sales: String,
    refunds: String,
    net: String,
    pending: u32,
    opened: String,
    closed: String,
}

#[derive(Template)]
#[template(path = "dashboard/batches.html")]
struct BatchesPage {
    shell: Shell,
    rows: Vec<Row>,
    terminals: Vec<String>,
    can_close: bool,
}

async fn list(State(dashboard): State<Arc<Dashboard>>, visit: Visit) -> Result<Response, Trouble> {
    let who = visit.may(Grant::BatchesRead)?;
    let query = ListBatches { limit: Some(100), ..ListBatches::default() };
    let listed = dashboard.services.applications.batches.list(who, &query).await?;
    let words = &visit.words;
    let moment = |s: i64| words.moment(Timestamp(s.saturating_mul(1_000)), &TimeZone::UTC);
    let row = |view: &vinr_wire::rest::batch::BatchView| Row {
        id: view.id.to_string(),
        terminal: view.terminal_id.clone(),
        status: view.status.as_str(),
        sales: format!("{} · {}", view.sales_count, words.amount(view.sales_total, view.currency)),
        refunds: format!("{} · {}", view.refunds_count, words.amount(view.refunds_total, view.currency)),
        net: words.amount(view.net_total, view.currency),
        pending: view.pending_count,
        opened: moment(view.opened_at),
        closed: view.closed_at.map(moment).unwrap_or_default(),
    };
    let rows: Vec<Row> = listed.batches.iter().map(row).collect();
    let open = rows.iter().filter(|row| row.status == "open").map(|row| row.terminal.clone());
    let terminals: std::collections::BTreeSet<String> = open.collect();
    Ok(render(&BatchesPage {
        shell: visit.shell(&dashboard, "Batches"),
        terminals: terminals.into_iter().collect(),
        rows,
        can_close: visit.can(Grant::BatchesWrite),
    }))
}

async fn close(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::BatchesWrite)?;
    let wanted = CloseBatch { terminal_id: form.fields.text("terminal"), reference: None };
    dashboard.services.applications.batches.close(who, wanted.validate()?, form.once).await?;
    Ok(onward(PAGE))
}
