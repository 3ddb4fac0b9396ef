//! `GET /v1/terminal-models`.

use vinr_wire::rest::terminal::TerminalModelList;

use super::document::{Reading, ReadingHeaders};
use super::error::Fault;
use super::front::Caller;
use super::reply::Reply;
use super::request::{NoQuery, Query};

/// List terminal models
///
/// What each model can do, and the limits of payments without the cloud that hold unless they are configured otherwise.
#[utoipa::path(
    get,
    path = "/v1/terminal-models",
    operation_id = "listTerminalModels",
    tag = "Terminals",
    params(ReadingHeaders),
    responses((status = 200, description = "Every model.", body = TerminalModelList), Reading),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("terminals:read"))),
)]
pub(in crate::api) async fn list(_: Caller, Query(NoQuery {}): Query<NoQuery>) -> Result<Reply, Fault> {
    Ok(Reply::json(&TerminalModelList::all()))
}
