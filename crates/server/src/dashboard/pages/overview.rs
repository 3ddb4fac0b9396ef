//! `/dashboard`: what there is to know first.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use vinr_wire::rest::payment::ListPayments;
use vinr_wire::rest::terminal::ListTerminals;

use super::super::Dashboard;
use super::super::page::{Shell, Trouble, render};
use super::super::visit::Visit;
use super::payments::{Line, line};
use super::terminals::{Row, row};
use crate::access::Grant;

/// How many payments are shown.
const NEWEST: i64 = 8;

#[derive(Template)]
#[template(path = "dashboard/overview.html")]
struct OverviewPage {
    shell: Shell,
    payments: Vec<Line>,
    attention: Vec<Row>,
    online: usize,
    terminals: usize,
}

/// `GET /dashboard`.
pub(in crate::dashboard) async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::PaymentsRead)?;
    let query = ListPayments { limit: Some(NEWEST), ..ListPayments::default() };
    let (newest, _) = dashboard.services.payments.list(who, query.validate()?).await?;
    let fleet = &dashboard.services.applications.fleet.terminals;
    let query = ListTerminals { limit: Some(100), ..ListTerminals::default() };
    let (all, _) = fleet.list(who, &query.validate()?)?;
    let online = all.iter().filter(|terminal| terminal.status == "online").count();
    let wanting =
        all.iter().filter(|terminal| !terminal.attention.is_empty() || terminal.status == "needs_attention");
    let now = dashboard.services.clock.wall();
    Ok(render(&OverviewPage {
        shell: visit.shell(&dashboard, "Overview"),
        payments: newest.iter().map(|view| line(view, &visit, now)).collect(),
        attention: wanting.map(|view| row(view, &visit, now)).collect(),
        online,
        terminals: all.len(),
    }))
}

/// Every address below the dashboard's where nothing is.
pub(in crate::dashboard) async fn nowhere() -> Trouble {
    Trouble::NoSuchPage
}
