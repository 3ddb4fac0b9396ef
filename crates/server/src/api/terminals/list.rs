//! `GET /v1/terminals`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::terminal::{ListTerminals, TerminalList};

use super::super::Api;
use super::super::document::{Reading, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::Query;

/// List terminals
///
/// Newest first. Every filter given must hold. `starting_after` and `ending_before` page through the list, which stays
/// stable while terminals are being added.
#[utoipa::path(
    get,
    path = "/v1/terminals",
    operation_id = "listTerminals",
    tag = "Terminals",
    params(ListTerminals, ReadingHeaders),
    responses((status = 200, description = "A page of terminals.", body = TerminalList), Reading),
    extensions(("x-vinr-scope" = json!("terminals:read"))),
    security(("bearer" = []), ("apiKey" = [])),
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Query(query): Query<ListTerminals>,
) -> Result<Reply, Fault> {
    let terminals = &api.services.applications.fleet.terminals;
    let (views, has_more) = terminals.list(&caller.who, &query.validate()?)?;
    Ok(Reply::json(&TerminalList::new(views, has_more)))
}
