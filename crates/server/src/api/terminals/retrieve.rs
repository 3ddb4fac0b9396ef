//! `GET /v1/terminals/{id}`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::terminal::TerminalView;

use super::super::Api;
use super::super::document::{OneObject, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Query, TerminalPath};

/// Retrieve a terminal
///
/// Its status is the truth of this moment: `offline` as soon as its connection ends, or a minute after its last sign of
/// life.
#[utoipa::path(
    get,
    path = "/v1/terminals/{id}",
    operation_id = "retrieveTerminal",
    tag = "Terminals",
    params(("id" = String, Path, description = "The terminal's id."), ReadingHeaders),
    responses((status = 200, description = "The terminal as it is now.", body = TerminalView), OneObject),
    extensions(("x-vinr-scope" = json!("terminals:read"))),
    security(("bearer" = []), ("apiKey" = [])),
)]
pub(in crate::api) async fn retrieve(
    State(api): State<Arc<Api>>,
    caller: Caller,
    TerminalPath(id): TerminalPath,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Reply, Fault> {
    let view = api.services.applications.fleet.terminals.retrieve(&caller.who, &id)?;
    Ok(Reply::json(&view))
}
