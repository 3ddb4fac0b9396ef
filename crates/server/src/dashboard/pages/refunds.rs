//! Refunds: what was given back, newest first, each with the payment that it is of.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::get;
use vinr_domain::{RefundId, Timestamp};
use vinr_wire::rest::refund::ListRefunds;
use vinr_wire::rest::view::RefundView;

use super::super::Dashboard;
use super::super::form::Fields;
use super::super::page::{Shell, Trouble, render};
use super::super::places::{Places, stamp};
use super::super::visit::Visit;
use super::payment::{reason, refund_way};
use crate::access::Grant;

const PAGE: &str = "/dashboard/refunds";
/// How many a page shows.
const LIMIT: i64 = 50;

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new().route(PAGE, get(list))
}

struct Row {
    payment: String,
    amount: String,
    status: &'static str,
    reason: String,
    terminal: String,
    when: String,
    way: String,
}

#[derive(Template)]
#[template(path = "dashboard/refunds.html")]
struct RefundsPage {
    shell: Shell,
    rows: Vec<Row>,
    newer: Option<String>,
    older: Option<String>,
}

async fn list(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    request: Request,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::RefundsRead)?;
    let asked = Fields::of_query(request.uri().query().unwrap_or(""));
    let id = |name: &str| asked.get(name).and_then(|id| RefundId::parse(id).ok());
    let (after, before) = (id("after"), id("before"));
    let query = ListRefunds {
        payment: None,
        limit: Some(LIMIT),
        starting_after: after,
        ending_before: before.filter(|_| after.is_none()),
    };
    let listed = dashboard.services.applications.refunds.list(who, &query).await?;
    let places = Places::of(&dashboard, who).await?;
    let (newer, older) = match (after, before) {
        (Some(_), _) => (true, listed.has_more),
        (None, Some(_)) => (listed.has_more, true),
        (None, None) => (false, listed.has_more),
    };
    let link = |name: &str, refund: Option<&RefundView>, there: bool| {
        refund.filter(|_| there).map(|refund| format!("{PAGE}?{name}={}", refund.id))
    };
    let row = |refund: &RefundView| Row {
        payment: refund.payment.to_string(),
        amount: visit.words.amount(refund.amount_minor, refund.currency),
        status: refund.status.as_str(),
        reason: refund.reason.map(|why| visit.words.say(reason(why))).unwrap_or_default(),
        terminal: refund.terminal.clone(),
        when: stamp(&visit.words, Timestamp(refund.created_ms), places.zone(None)),
        way: refund_way(refund, &visit.words),
    };
    Ok(render(&RefundsPage {
        shell: visit.shell(&dashboard, "Refunds"),
        newer: link("before", listed.refunds.first(), newer),
        older: link("after", listed.refunds.last(), older),
        rows: listed.refunds.iter().map(row).collect(),
    }))
}
