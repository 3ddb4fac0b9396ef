//! `DELETE /v1/test/terminals/{id}`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::terminal::Deleted;

use super::super::Api;
use super::super::document::{ChangingOne, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Query, TerminalPath};

/// Delete a simulated terminal
///
/// Only one that was made with `POST /v1/test/terminals`, and only while no payment is under way on it.
#[utoipa::path(
    delete,
    path = "/v1/test/terminals/{id}",
    operation_id = "deleteTestTerminal",
    tag = "Testing",
    params(("id" = String, Path, description = "The terminal's id."), ReadingHeaders),
    responses((status = 200, description = "It is gone.", body = Deleted), ChangingOne),
    extensions(("x-vinr-scope" = json!("terminals:write"))),
    security(("bearer" = []), ("apiKey" = [])),
)]
pub(in crate::api) async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    TerminalPath(id): TerminalPath,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Reply, Fault> {
    let deleted = api.services.applications.fleet.test_terminals.delete(&caller.who, &id).await?;
    Ok(Reply::json(&deleted))
}
