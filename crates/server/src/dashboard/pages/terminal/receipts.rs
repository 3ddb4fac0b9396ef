//! Receipts: what the terminal printed of its last payments, or would have printed, in the same words and lines.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use vinr_domain::payment::{CaptureMethod, Status};
use vinr_domain::{CardFacts, DeclineCode, Model, Money, PaymentId, Timestamp};
use vinr_wire::link::Shop;
use vinr_wire::receipt::{About, Copy, Outcome, Sale, Slip};
use vinr_wire::rest::payment::ListPayments;
use vinr_wire::rest::view::PaymentView;

use super::super::super::Dashboard;
use super::super::super::form::Fields;
use super::super::super::page::{Shell, Trouble, render};
use super::super::super::visit::Visit;
use super::super::super::words::Words;
use super::super::payments::{Line, line};
use super::{Device, path};
use crate::access::Grant;
use crate::refusal::Refusal;

/// The last part of the panel's path.
const PANEL: &str = "receipts";
/// How many payments are shown.
const SHOWN: i64 = 25;
/// The widths of paper: 58 and 80 mm.
const WIDTHS: [u8; 2] = [32, 48];

pub(super) fn routes() -> Router<Arc<Dashboard>> {
    Router::new()
        .route("/dashboard/terminals/{id}/receipts", get(list))
        .route("/dashboard/terminals/{id}/receipts/{payment}", get(show))
}

#[derive(Template)]
#[template(path = "dashboard/terminal/receipts.html")]
struct ReceiptsPanel {
    shell: Shell,
    device: Device,
    lines: Vec<Line>,
    older: Option<String>,
    has_printer: bool,
}

/// A copy, as it is on paper.
struct Sheet {
    name: String,
    word: &'static str,
    text: String,
}

#[derive(Template)]
#[template(path = "dashboard/terminal/receipt.html")]
struct ReceiptPage {
    shell: Shell,
    device: Device,
    payment: String,
    sheets: Vec<Sheet>,
    columns: u8,
    /// The widths to choose from: the figure, what it is called, whether it is the one.
    widths: Vec<(u8, String, bool)>,
    here: String,
}

/// How it ended, as a receipt says it; `None` while that is open.
fn outcome(view: &PaymentView) -> Option<Outcome> {
    match view.status {
        Status::Processing if view.offline => Some(Outcome::ApprovedOffline),
        Status::Pending | Status::Processing => None,
        Status::Authorized | Status::Completed => Some(Outcome::Approved),
        Status::Failed => Some(Outcome::Declined(view.decline_code.unwrap_or(DeclineCode::CardDeclined))),
        Status::Cancelled | Status::Expired => Some(Outcome::Cancelled),
    }
}

/// The receipt of the payment; `None` while there is none.
fn text(view: &PaymentView, shop: &Shop, terminal: &str, copy: Copy, columns: u8) -> Option<String> {
    let is_hold = view.capture_method == CaptureMethod::Manual;
    // A hold has its receipt when it is made, an approval without the cloud when it is given.
    let ended = view.ended_ms.filter(|_| !is_hold && !view.offline);
    let sale = Sale {
        total: Money { amount_minor: view.amount_minor, currency: view.currency },
        tip_minor: view.tip.map(|tip| tip.amount_minor),
        is_hold,
        outcome: outcome(view)?,
        auth_code: view.auth_code.as_deref(),
    };
    let slip = Slip {
        terminal,
        shop,
        at: Timestamp(ended.unwrap_or(view.created_ms)),
        card: view.card.map(|card| CardFacts {
            brand: card.brand,
            last4: card.last4,
            entry_mode: card.entry_mode,
        }),
        reference: view.reference.as_deref(),
        id: &view.id.to_string(),
        livemode: view.livemode,
        about: About::Sale(sale),
    };
    Some(slip.text(copy, columns))
}

fn named_width(words: &Words, width: u8, chosen: u8) -> (u8, String, bool) {
    let name = words.tell("Paper with {columns} columns", &[("columns", &width.to_string())]);
    (width, name, width == chosen)
}

async fn list(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::PaymentsRead)?;
    let device = Device::find(&dashboard, &visit, &id, PANEL)?;
    let asked = Fields::of_query(request.uri().query().unwrap_or(""));
    let query = ListPayments {
        terminal_id: Some(id.clone()),
        limit: Some(SHOWN),
        starting_after: asked.get("after").and_then(|id| PaymentId::parse(id).ok()),
        ..ListPayments::default()
    };
    let (views, more) = dashboard.services.payments.list(who, query.validate()?).await?;
    let now = dashboard.services.clock.wall();
    let last = views.last().filter(|_| more);
    let with_receipt = views.iter().filter(|view| outcome(view).is_some());
    let model = Model::parse(&device.view.model);
    Ok(render(&ReceiptsPanel {
        shell: device.shell(&dashboard, &visit),
        older: last.map(|last| format!("{}?after={}", path(&id, PANEL), last.id)),
        lines: with_receipt.map(|view| line(view, &visit, now)).collect(),
        has_printer: model.is_some_and(|model| model.capabilities().printer),
        device,
    }))
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    Path((id, payment)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::PaymentsRead)?;
    let device = Device::find(&dashboard, &visit, &id, PANEL)?;
    let none = || Trouble::Refused(Refusal::NoSuch("receipt"));
    let named = PaymentId::parse(&payment).map_err(|_| none())?;
    let view = dashboard.services.payments.retrieve(who, named).await?;
    if view.terminal.as_deref() != Some(id.as_str()) {
        return Err(none());
    }
    let shop = dashboard.services.applications.lan.shop(&who.scope, &id).await?;
    let asked = Fields::of_query(request.uri().query().unwrap_or(""));
    let own = Model::parse(&device.view.model).map_or(WIDTHS[0], |model| model.capabilities().columns);
    let chosen = asked.get("columns").and_then(|text| text.parse().ok());
    let columns = chosen.filter(|columns| WIDTHS.contains(columns)).unwrap_or(own);
    let mut sheets = Vec::new();
    for (word, copy, name) in [
        ("customer", Copy::Customer, visit.words.say("Customer copy")),
        ("merchant", Copy::Merchant, visit.words.say("Merchant copy")),
    ] {
        let text = text(&view, &shop, &id, copy, columns).ok_or_else(none)?;
        sheets.push(Sheet { name, word, text });
    }
    let copy = asked.get("copy");
    if let Some(sheet) = sheets.iter().find(|sheet| copy == Some(sheet.word)) {
        return Ok(plain(&view, sheet));
    }
    Ok(render(&ReceiptPage {
        shell: device.shell(&dashboard, &visit),
        payment: view.id.to_string(),
        sheets,
        columns,
        widths: WIDTHS.map(|width| named_width(&visit.words, width, columns)).into(),
        here: path(&id, &format!("{PANEL}/{payment}")),
        device,
    }))
}

/// One copy as a file of text.
fn plain(view: &PaymentView, sheet: &Sheet) -> Response {
    let mut response = sheet.text.clone().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    let name = format!("attachment; filename=\"{}-{}.txt\"", view.id, sheet.word);
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}
