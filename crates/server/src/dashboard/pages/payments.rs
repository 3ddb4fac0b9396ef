//! Payments: the list with its filters and its one search box.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use vinr_domain::payment::Status;
use vinr_domain::{BatchId, PaymentId, RefundId, Timestamp};
use vinr_wire::rest::payment::Cursor;
use vinr_wire::rest::terminal::ListTerminals;
use vinr_wire::rest::view::PaymentView;

use super::super::Dashboard;
use super::super::form::Fields;
use super::super::page::{Shell, Trouble, onward, render, respond};
use super::super::places::{Places, stamp};
use super::super::visit::Visit;
use super::payment_filters::{Filters, Wrong, cursor};
use crate::access::{Grant, Principal};
use crate::payments::{Entry, Search};

/// How many payments a page shows.
const LIMIT: u32 = 50;

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new().route("/dashboard/payments", get(list))
}

/// A payment in a list.
pub(super) struct Line {
    pub(super) id: String,
    pub(super) amount: String,
    pub(super) status: &'static str,
    pub(super) unknown: bool,
    pub(super) card: String,
    pub(super) reference: String,
    pub(super) terminal: String,
    pub(super) when: String,
}

/// The payment as lists show it.
pub(super) fn line(view: &PaymentView, visit: &Visit, now: Timestamp) -> Line {
    Line {
        id: view.id.to_string(),
        amount: visit.words.amount(view.amount_minor, view.currency),
        status: view.status.as_str(),
        unknown: view.outcome_unknown,
        card: card(view),
        reference: view.reference.clone().unwrap_or_default(),
        terminal: view.terminal.clone().unwrap_or_default(),
        when: visit.words.ago(Timestamp(view.created_ms), now),
    }
}

/// `visa ···· 4242`.
pub(super) fn card(view: &PaymentView) -> String {
    let card = view.card.as_ref();
    card.map(|card| format!("{} ···· {}", card.brand.as_str(), card.last4.as_str())).unwrap_or_default()
}

/// The payment as the list of payments shows it: with the time of its shop.
pub(super) fn entry_line(entry: &Entry, visit: &Visit, places: &Places) -> Line {
    let zone = places.zone(entry.location.as_ref().map(|id| id.as_str()));
    let created = Timestamp(entry.view.created_ms);
    Line { when: stamp(&visit.words, created, zone), ..line(&entry.view, visit, created) }
}

#[derive(Template)]
#[template(path = "dashboard/payments.html")]
struct PaymentsPage {
    shell: Shell,
    lines: Vec<Line>,
    statuses: Vec<&'static str>,
    places: Places,
    terminals: Vec<(String, String)>,
    filters: Filters,
    zone: String,
    currency: String,
    wrong: Option<Wrong>,
    newer: Option<String>,
    older: Option<String>,
    export: String,
}

impl PaymentsPage {
    /// What is wrong with the field.
    fn wrong(&self, field: &str) -> Option<&str> {
        self.wrong.as_ref().filter(|wrong| wrong.field == field).map(|wrong| wrong.what.as_str())
    }

    /// What the page calls the field.
    fn label(&self, field: &str) -> &'static str {
        match field {
            "from" => "From",
            "to" => "To",
            "least" => "Amount from",
            "most" => "Amount up to",
            _ => "Currency",
        }
    }

    /// Whether the filters beside the search box are open.
    fn open(&self) -> bool {
        self.wrong.is_some()
            || self.filters.query(&[]) != format!("q={}", self.filters.get("q")) && self.filters.any()
    }
}

async fn list(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    request: Request,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::PaymentsRead)?;
    let asked = Fields::of_query(request.uri().query().unwrap_or(""));
    if let Some(to) = named(&dashboard, who, asked.get("q").unwrap_or_default()).await? {
        return Ok(onward(&to));
    }
    let places = Places::of(&dashboard, who).await?;
    let filters = Filters::of(&asked);
    let own = own_currency(&dashboard, who);
    let (found, wrong) = match filters.read(&places, own, &visit.words) {
        Ok(search) => (page(&dashboard, who, &search, cursor(&asked), &filters).await?, None),
        Err(wrong) => (Found::default(), Some(wrong)),
    };
    let status = if wrong.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let shown = PaymentsPage {
        shell: visit.shell(&dashboard, "Payments"),
        lines: found.entries.iter().map(|entry| entry_line(entry, &visit, &places)).collect(),
        statuses: Status::ALL.into_iter().map(Status::as_str).collect(),
        terminals: terminals(&dashboard, who)?,
        zone: places.zone_name(Some(filters.get("location"))),
        currency: own.map(|own| own.code().to_owned()).unwrap_or_default(),
        export: format!("/dashboard/exports/payments?{}", filters.query(&[])),
        newer: found.newer,
        older: found.older,
        filters,
        places,
        wrong,
    };
    Ok(if status == StatusCode::OK { render(&shown) } else { respond(status, &shown) })
}

/// Where a name that was typed into the search box leads, if it is the name of something.
async fn named(dashboard: &Dashboard, who: &Principal, text: &str) -> Result<Option<String>, Trouble> {
    if let Ok(id) = PaymentId::parse(text) {
        return Ok(Some(format!("/dashboard/payments/{id}")));
    }
    if let Ok(id) = RefundId::parse(text)
        && let Ok(refund) = dashboard.services.applications.refunds.retrieve(who, id).await
    {
        return Ok(Some(format!("/dashboard/payments/{}", refund.payment)));
    }
    Ok(BatchId::parse(text).ok().map(|id| format!("/dashboard/batches/{id}")))
}

/// A page of payments, and where its neighbours are.
#[derive(Default)]
struct Found {
    entries: Vec<Entry>,
    newer: Option<String>,
    older: Option<String>,
}

async fn page(
    dashboard: &Dashboard,
    who: &Principal,
    search: &Search,
    from: Cursor,
    filters: &Filters,
) -> Result<Found, Trouble> {
    let (entries, more) = dashboard.services.payments.search(who, search, from, LIMIT).await?;
    let (newer, older) = match from {
        Cursor::Newest => (false, more),
        Cursor::After(_) => (true, more),
        Cursor::Before(_) => (more, true),
    };
    let link = |name: &str, entry: Option<&Entry>| {
        let id = entry?.view.id.to_string();
        Some(format!("/dashboard/payments?{}", filters.query(&[(name, &id)])))
    };
    let newer = link("before", entries.first().filter(|_| newer));
    let older = link("after", entries.last().filter(|_| older));
    Ok(Found { newer, older, entries })
}

/// The currency that amounts are of when nobody says so.
pub(super) fn own_currency(dashboard: &Dashboard, who: &Principal) -> Option<vinr_domain::Currency> {
    let figures = dashboard.services.book.figures(&who.scope);
    let code = figures.default_currency.as_deref().unwrap_or("EUR");
    vinr_domain::Currency::parse(code).ok()
}

/// The newest terminals, to choose from: id and name.
pub(super) fn terminals(dashboard: &Dashboard, who: &Principal) -> Result<Vec<(String, String)>, Trouble> {
    let query = ListTerminals { limit: Some(100), ..ListTerminals::default() };
    let (views, _) = dashboard.services.applications.fleet.terminals.list(who, &query.validate()?)?;
    Ok(views
        .iter()
        .map(|view| (view.id.to_string(), view.display_name.as_deref().unwrap_or_default().to_owned()))
        .collect())
}
