//! Account → Audit log: who changed what in the account, for its owner.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::get;

use super::super::Dashboard;
use super::super::form::Fields;
use super::super::page::{Trouble, render};
use super::super::visit::Visit;
use super::operator::{LogPage, lines_of, query_of};
use crate::access::Grant;

const PAGE: &str = "/dashboard/audit-log";

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new().route(PAGE, get(show))
}

async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
    request: Request,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::AccountWrite)?;
    let asked = Fields::of_query(request.uri().query().unwrap_or(""));
    let found = dashboard.services.applications.oversight.own_log(who, &query_of(&asked)).await?;
    let log = lines_of(found, &visit, &asked);
    Ok(render(&LogPage { shell: visit.shell(&dashboard, "Audit log"), log, path: PAGE, of: None }))
}
