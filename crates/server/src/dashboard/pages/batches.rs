//! Batches: what terminals took, one batch with what it is made of, and closing what is open.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::get;
use vinr_domain::batch::Status;
use vinr_domain::{BatchId, Timestamp};
use vinr_wire::rest::batch::{BatchView, CloseBatch, ListBatches};
use vinr_wire::rest::payment::Cursor;

use super::super::Dashboard;
use super::super::form::{Fields, Form};
use super::super::page::{Shell, Trouble, onward, render};
use super::super::places::{Places, stamp};
use super::super::visit::{Visit, percent};
use super::payments::{Line, entry_line, terminals};
use crate::access::Grant;
use crate::batches::lot_of;
use crate::payments::{BrandSum, PaymentFilter, Search};
use crate::refusal::Refusal;

const PAGE: &str = "/dashboard/batches";
/// How many batches, or payments of one, a page shows.
const LIMIT: u32 = 50;

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new()
        .route(PAGE, get(list))
        .route("/dashboard/batches/close", get(surely).post(close))
        .route("/dashboard/batches/{id}", get(show))
}

struct Row {
    id: String,
    terminal: String,
    status: &'static str,
    settled: bool,
    sales: String,
    sales_count: u32,
    refunds: String,
    refunds_count: u32,
    net: String,
    pending: u32,
    opened: String,
    closed: String,
    settled_at: String,
    reference: String,
}

fn row(view: &BatchView, visit: &Visit, places: &Places) -> Row {
    let words = &visit.words;
    let zone = places.zone(view.location_id.as_deref());
    let moment = |s: i64| stamp(words, Timestamp(s.saturating_mul(1_000)), zone);
    Row {
        id: view.id.to_string(),
        terminal: view.terminal_id.clone(),
        status: view.status.as_str(),
        settled: view.settled_at.is_some(),
        sales: words.amount(view.sales_total, view.currency),
        sales_count: view.sales_count,
        refunds: words.amount(view.refunds_total, view.currency),
        refunds_count: view.refunds_count,
        net: words.amount(view.net_total, view.currency),
        pending: view.pending_count,
        opened: moment(view.opened_at),
        closed: view.closed_at.map(moment).unwrap_or_default(),
        settled_at: view.settled_at.map(moment).unwrap_or_default(),
        reference: view.reference.clone().unwrap_or_default(),
    }
}

#[derive(Template)]
#[template(path = "dashboard/batches.html")]
struct BatchesPage {
    shell: Shell,
    rows: Vec<Row>,
    terminals: Vec<(String, String)>,
    terminal: String,
    statuses: Vec<&'static str>,
    status: String,
    newer: Option<String>,
    older: Option<String>,
    export: String,
}

async fn list(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    request: Request,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::BatchesRead)?;
    let asked = Fields::of_query(request.uri().query().unwrap_or(""));
    let id = |name: &str| asked.get(name).and_then(|id| BatchId::parse(id).ok());
    let (after, before) = (id("after"), id("before"));
    let query = ListBatches {
        terminal_id: asked.get("terminal").map(str::to_owned),
        status: asked.get("status").and_then(Status::parse),
        limit: Some(LIMIT.into()),
        starting_after: after,
        ending_before: before.filter(|_| after.is_none()),
        currency: None,
    };
    let listed = dashboard.services.applications.batches.list(who, &query).await?;
    let (terminal, status) = (asked.text("terminal"), asked.text("status"));
    let kept = format!("terminal={}&status={}", percent(&terminal), percent(&status));
    let link = |name: &str, view: Option<&BatchView>, there: bool| {
        view.filter(|_| there).map(|view| format!("{PAGE}?{kept}&{name}={}", view.id))
    };
    let (newer, older) = match (after, before) {
        (Some(_), _) => (true, listed.has_more),
        (None, Some(_)) => (listed.has_more, true),
        (None, None) => (false, listed.has_more),
    };
    let places = Places::of(&dashboard, who).await?;
    Ok(render(&BatchesPage {
        shell: visit.shell(&dashboard, "Batches"),
        newer: link("before", listed.batches.first(), newer),
        older: link("after", listed.batches.last(), older),
        rows: listed.batches.iter().map(|view| row(view, &visit, &places)).collect(),
        terminals: terminals(&dashboard, who)?,
        statuses: Status::ALL.into_iter().map(Status::as_str).collect(),
        export: format!("/dashboard/exports/batches?{kept}"),
        terminal,
        status,
    }))
}

#[derive(Template)]
#[template(path = "dashboard/batch.html")]
struct BatchPage {
    shell: Shell,
    row: Row,
    location: String,
    brands: Vec<(String, u32, String)>,
    /// What the payments add up to, when that is not what the batch says.
    difference: Option<String>,
    lines: Vec<Line>,
    older: Option<String>,
    can_close: bool,
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::BatchesRead)?;
    let asked = Fields::of_query(request.uri().query().unwrap_or(""));
    let batches = &dashboard.services.applications.batches;
    let view = batches.retrieve(who, named(&id)?).await?;
    let brands = batches.brands(who, &view).await?;
    let filter = PaymentFilter { lot: Some(lot_of(&view)), ..PaymentFilter::default() };
    let from = asked.get("after").and_then(|id| vinr_domain::PaymentId::parse(id).ok());
    let from = from.map_or(Cursor::Newest, Cursor::After);
    let search = Search { text: None, filter };
    let (entries, more) = dashboard.services.payments.search(who, &search, from, LIMIT).await?;
    let places = Places::of(&dashboard, who).await?;
    let amount = |minor| visit.words.amount(minor, view.currency);
    Ok(render(&BatchPage {
        shell: visit.shell(&dashboard, "Batch"),
        location: view
            .location_id
            .as_deref()
            .map(|id| places.name(id).unwrap_or(id).to_owned())
            .unwrap_or_default(),
        difference: difference(&view, &brands).map(amount),
        brands: brands
            .iter()
            .map(|sum| (sum.brand.as_str().to_owned(), sum.count, amount(sum.captured_minor)))
            .collect(),
        lines: entries.iter().map(|entry| entry_line(entry, &visit, &places)).collect(),
        older: entries
            .last()
            .filter(|_| more)
            .map(|entry| format!("{PAGE}/{}?after={}", view.id, entry.view.id)),
        can_close: visit.can(Grant::BatchesWrite) && view.status == Status::Open,
        row: row(&view, &visit, &places),
    }))
}

/// What the payments of a closed batch add up to beyond what it says; `None` when the two agree. An open batch grows while one
/// looks, and one that is being closed is still being filled.
fn difference(view: &BatchView, brands: &[BrandSum]) -> Option<i64> {
    let sum: i64 = brands.iter().map(|sum| sum.captured_minor).sum();
    let apart = sum - view.sales_total;
    (view.status == Status::Closed && apart != 0).then_some(apart)
}

#[derive(Template)]
#[template(path = "dashboard/batch_close.html")]
struct ClosePage {
    shell: Shell,
    terminal: String,
    rows: Vec<Row>,
}

/// What will be closed.
async fn surely(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    request: Request,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::BatchesWrite)?;
    let asked = Fields::of_query(request.uri().query().unwrap_or(""));
    let Some(terminal) = asked.get("terminal").map(str::to_owned) else { return Ok(onward(PAGE)) };
    let query = ListBatches {
        terminal_id: Some(terminal.clone()),
        status: Some(Status::Open),
        limit: Some(100),
        ..ListBatches::default()
    };
    let listed = dashboard.services.applications.batches.list(who, &query).await?;
    let places = Places::of(&dashboard, who).await?;
    Ok(render(&ClosePage {
        shell: visit.shell(&dashboard, "Close batches"),
        rows: listed.batches.iter().map(|view| row(view, &visit, &places)).collect(),
        terminal,
    }))
}

async fn close(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    form: Form,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::BatchesWrite)?;
    let terminal = form.fields.text("terminal");
    let wanted = CloseBatch {
        terminal_id: terminal.clone(),
        reference: form.fields.get("reference").map(str::to_owned),
    };
    dashboard.services.applications.batches.close(who, wanted.validate()?, form.once).await?;
    Ok(onward(&format!("{PAGE}?terminal={}", percent(&terminal))))
}

fn named(id: &str) -> Result<BatchId, Trouble> {
    BatchId::parse(id).map_err(|_| Trouble::Refused(Refusal::NoSuch("batch")))
}
