//! Exports: a page that says how many rows there are and how far the download is, and the download itself, which is a plain link.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::get;
use tokio::time::sleep;
use vinr_domain::batch::Status as BatchStatus;
use vinr_wire::rest::batch::ListBatches;

use super::super::Dashboard;
use super::super::exports::{Export, Sheet};
use super::super::form::Fields;
use super::super::page::{Shell, Trouble, render};
use super::super::places::Places;
use super::super::visit::{Visit, percent};
use super::payment_filters::Filters;
use super::payments::own_currency;
use crate::access::{Grant, Principal};

/// Up to how many payments are counted before the download begins; of more it says "more than".
const COUNTED: u32 = 2_000_000;
/// How often it is told how far an export is.
const TOLD_EVERY: Duration = Duration::from_millis(250);
/// How often it is told at most: ten minutes in all; then the page asks anew.
const TOLD_MOST: u32 = 2_400;

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new()
        .route("/dashboard/exports/{what}", get(page))
        .route("/dashboard/exports/{what}/download", get(download))
        .route("/dashboard/exports/{what}/progress", get(progress))
}

#[derive(Template)]
#[template(path = "dashboard/export.html")]
struct ExportPage {
    shell: Shell,
    heading: String,
    count: Option<u32>,
    counted: String,
    more: bool,
    filtered: bool,
    download: String,
    name: String,
    back: String,
}

/// What the address asks for.
async fn sheet(
    dashboard: &Dashboard,
    visit: &Visit,
    what: &str,
    asked: &Fields,
) -> Result<(Principal, Sheet), Trouble> {
    match what {
        "payments" => {
            let who = visit.may(Grant::PaymentsRead)?;
            let places = Places::of(dashboard, who).await?;
            let filters = Filters::of(asked);
            let search = filters.read(&places, own_currency(dashboard, who), &visit.words);
            let search = search.map_err(|wrong| Trouble::Field(wrong.field, wrong.what))?;
            Ok((who.clone(), Sheet::Payments(Box::new(search))))
        }
        "refunds" => Ok((visit.may(Grant::RefundsRead)?.clone(), Sheet::Refunds)),
        "batches" => {
            let who = visit.may(Grant::BatchesRead)?;
            let terminal_id = asked.get("terminal").map(str::to_owned);
            let status = asked.get("status").and_then(BatchStatus::parse);
            Ok((who.clone(), Sheet::Batches(ListBatches { terminal_id, status, ..ListBatches::default() })))
        }
        _ => Err(Trouble::NoSuchPage),
    }
}

/// The filters of the address, without the name of an export.
fn kept(asked: &Fields) -> String {
    let filters = Filters::of(asked);
    filters.query(&[])
}

async fn page(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(what): Path<String>,
    request: Request,
) -> Result<Response, Trouble> {
    let asked = Fields::of_query(request.uri().query().unwrap_or(""));
    let (who, sheet) = sheet(&dashboard, &visit, &what, &asked).await?;
    let count = match &sheet {
        Sheet::Payments(search) => Some(dashboard.services.payments.count(&who, search, COUNTED).await?),
        // Of these nobody keeps count; they are few.
        Sheet::Refunds | Sheet::Batches(_) => None,
    };
    let (title, back) = match &sheet {
        Sheet::Payments(_) => (visit.words.say("Export payments"), "/dashboard/payments"),
        Sheet::Refunds => (visit.words.say("Export refunds"), "/dashboard/refunds"),
        Sheet::Batches(_) => (visit.words.say("Export batches"), "/dashboard/batches"),
    };
    let shell = visit.shell(&dashboard, &title);
    let (kept, name) = (kept(&asked), percent(&shell.once));
    Ok(render(&ExportPage {
        heading: title,
        counted: count.map(|count| visit.words.whole(count.into())).unwrap_or_default(),
        more: count == Some(COUNTED),
        count,
        filtered: !kept.is_empty(),
        download: format!(
            "/dashboard/exports/{what}/download?{kept}{}export={name}",
            if kept.is_empty() { "" } else { "&" }
        ),
        name,
        back: if kept.is_empty() { back.to_owned() } else { format!("{back}?{kept}") },
        shell,
    }))
}

/// The file, in pieces as they are read. Nobody keeps it: a client that goes away ends the work.
async fn download(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(what): Path<String>,
    request: Request,
) -> Result<Response, Trouble> {
    let asked = Fields::of_query(request.uri().query().unwrap_or(""));
    let (who, sheet) = sheet(&dashboard, &visit, &what, &asked).await?;
    let name = asked.get("export").filter(|name| name.len() <= 80).unwrap_or_default();
    let export = Export::begin(&dashboard, &who, sheet, name)?;
    let pieces =
        futures_util::stream::unfold(
            export,
            |mut export| async move { Some((export.next().await?, export)) },
        );
    let mut response = Response::new(Body::from_stream(pieces));
    let now = jiff::Timestamp::from_millisecond(dashboard.services.clock.wall().0).unwrap_or_default();
    let mode = if who.scope.livemode { "live" } else { "test" };
    let file = format!("attachment; filename=\"{what}-{mode}-{}.csv\"", now.strftime("%Y%m%d-%H%M%S"));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present"));
    if let Ok(value) = HeaderValue::from_str(&file) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// How far an export is, as server-sent events, from before it begins to its end.
async fn progress(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::PaymentsRead)?.clone();
    let pieces = futures_util::stream::unfold(Some(0_u32), move |turn| {
        let (dashboard, who, name) = (Arc::clone(&dashboard), who.clone(), name.clone());
        async move {
            let turn = turn.filter(|turn| *turn < TOLD_MOST)?;
            if turn > 0 {
                sleep(TOLD_EVERY).await;
            }
            let Some(progress) = dashboard.exports.progress(&who, &name) else {
                return Some((
                    Ok::<_, std::convert::Infallible>(": not begun\n\n".to_owned()),
                    Some(turn + 1),
                ));
            };
            let over = progress.over.load(Ordering::Relaxed);
            let (done, complete) =
                (progress.done.load(Ordering::Relaxed), progress.complete.load(Ordering::Relaxed));
            let state = match (over, complete) {
                (false, _) => "running",
                (true, true) => "complete",
                (true, false) => "ended",
            };
            let text = format!("event: {state}\ndata: {done}\n\n");
            Some((Ok(text), (!over).then_some(turn + 1)))
        }
    });
    let mut response = Response::new(Body::from_stream(pieces));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    Ok(response)
}
