//! `/dashboard`: what there is to know first. Today's figures beside those of a week ago, charts, and what somebody should
//! look after.

mod health;
mod money;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use vinr_wire::rest::payment::ListPayments;

use self::health::{Fleet, Hooks};
use self::money::Money;
use super::super::Dashboard;
use super::super::form::Fields;
use super::super::page::{Shell, Trouble, render};
use super::super::visit::Visit;
use super::payments::{Line, line};
use crate::access::Grant;

/// How many payments are shown.
const NEWEST: i64 = 8;

#[derive(Template)]
#[template(path = "dashboard/overview.html")]
struct OverviewPage {
    shell: Shell,
    money: Money,
    fleet: Option<Fleet>,
    hooks: Option<Hooks>,
    lines: Vec<Line>,
}

/// `GET /dashboard`. `currency`: which of the account's.
pub(in crate::dashboard) async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    request: Request,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::PaymentsRead)?;
    let asked = Fields::of_query(request.uri().query().unwrap_or(""));
    let query = ListPayments { limit: Some(NEWEST), ..ListPayments::default() };
    let (newest, _) = dashboard.services.payments.list(who, query.validate()?).await?;
    let now = dashboard.services.clock.wall();
    let fleet = match visit.can(Grant::TerminalsRead) {
        true => Some(Fleet::of(&dashboard, &visit, who)?),
        false => None,
    };
    let hooks = match visit.can(Grant::WebhooksRead) {
        true => Hooks::of(&dashboard, &visit, who).await?,
        false => None,
    };
    Ok(render(&OverviewPage {
        money: Money::of(&dashboard, &visit, who, asked.get("currency")).await?,
        shell: visit.shell(&dashboard, "Overview"),
        fleet,
        hooks,
        lines: newest.iter().map(|view| line(view, &visit, now)).collect(),
    }))
}

/// Every address below the dashboard's where nothing is.
pub(in crate::dashboard) async fn nowhere() -> Trouble {
    Trouble::NoSuchPage
}
