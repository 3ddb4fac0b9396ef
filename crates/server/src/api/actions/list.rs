//! `GET /v1/terminals/{id}/actions`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::action::{ActionList, ListActions};

use super::super::Api;
use super::super::document::{OneObject, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{Query, TerminalPath};

/// List the remote actions of a terminal
///
/// Newest first. `starting_after` and `ending_before` page through the list.
#[utoipa::path(
    get,
    path = "/v1/terminals/{id}/actions",
    operation_id = "listTerminalActions",
    tag = "Terminal actions",
    params(("id" = String, Path, description = "The terminal's id."), ListActions, ReadingHeaders),
    responses((status = 200, description = "A page of actions.", body = ActionList), OneObject),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("terminals:read"))),
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    TerminalPath(id): TerminalPath,
    Query(query): Query<ListActions>,
) -> Result<Reply, Fault> {
    let (limit, cursor) = query.validate()?;
    let actions = &api.services.applications.actions;
    let (views, more) = actions.list(&caller.who.scope, &id, limit, cursor).await?;
    Ok(Reply::json(&ActionList::new(views, more)))
}
