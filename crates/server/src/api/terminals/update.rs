//! `POST /v1/terminals/{id}`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::terminal::{TerminalView, UpdateTerminal};

use super::super::Api;
use super::super::document::{ChangingHeaders, ChangingOne};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Submission, TerminalPath};

/// Update a terminal
///
/// Assigns it to another location, or gives it a name for people. Only the fields that are included are changed; `null`
/// (in a form: an empty value) takes a value away.
#[utoipa::path(
    post,
    path = "/v1/terminals/{id}",
    operation_id = "updateTerminal",
    tag = "Terminals",
    params(("id" = String, Path, description = "The terminal's id."), ChangingHeaders),
    request_body(content(
        (UpdateTerminal = "application/json", example = json!({"displayName": "Counter 3"})),
        (UpdateTerminal = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The terminal as it is now.", body = TerminalView), ChangingOne),
    extensions(("x-vinr-scope" = json!("terminals:write"))),
    security(("bearer" = []), ("apiKey" = [])),
)]
pub(in crate::api) async fn update(
    State(api): State<Arc<Api>>,
    caller: Caller,
    TerminalPath(id): TerminalPath,
    request: Submission<NoQuery, UpdateTerminal>,
) -> Result<Reply, Fault> {
    let NoQuery {} = request.query;
    let changes = request.body.validate()?;
    let terminals = &api.services.applications.fleet.terminals;
    Ok(Reply::said(terminals.update(&caller.who, &id, changes, request.key).await?))
}
