//! `GET /v1/terminal-actions/{id}`, and the same below its terminal.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::action::ActionView;

use super::super::Api;
use super::super::document::{OneObject, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::ActionPath;

/// Retrieve a remote action
///
/// By its own id.
#[utoipa::path(
    get,
    path = "/v1/terminal-actions/{id}",
    operation_id = "retrieveTerminalAction",
    tag = "Terminal actions",
    params(("id" = String, Path, description = "The action's id."), ReadingHeaders),
    responses((status = 200, description = "The action.", body = ActionView), OneObject),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("terminals:read"))),
)]
pub(in crate::api) async fn retrieve(
    State(api): State<Arc<Api>>,
    caller: Caller,
    path: ActionPath,
) -> Result<Reply, Fault> {
    let actions = &api.services.applications.actions;
    let view = actions.retrieve(&caller.who.scope, &path.action, path.terminal.as_deref()).await?;
    Ok(Reply::json(&view))
}

/// Retrieve a remote action of a terminal
///
/// The same object as by its own id; another terminal's action is not found here.
#[utoipa::path(
    get,
    path = "/v1/terminals/{id}/actions/{actionId}",
    operation_id = "retrieveActionOfTerminal",
    tag = "Terminal actions",
    params(
        ("id" = String, Path, description = "The terminal's id."),
        ("actionId" = String, Path, description = "The action's id."),
        ReadingHeaders,
    ),
    responses((status = 200, description = "The action.", body = ActionView), OneObject),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("terminals:read"))),
)]
pub(in crate::api) async fn of_terminal(
    State(api): State<Arc<Api>>,
    caller: Caller,
    path: ActionPath,
) -> Result<Reply, Fault> {
    retrieve(State(api), caller, path).await
}
