//! `POST /v1/terminal-actions/{id}/cancel`, and the same below its terminal.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::action::ActionView;
use vinr_wire::rest::payment::CancelPayment as Nothing;

use super::super::Api;
use super::super::document::{ChangingHeaders, ChangingOne};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Submission};
use super::ActionPath;

/// Take a remote action back
///
/// Possible while nothing of it has been sent, so for a terminal that is not connected. It is then `failed` with the
/// reason `cancelled`; a lock that was taken back holds no more.
#[utoipa::path(
    post,
    path = "/v1/terminal-actions/{id}/cancel",
    operation_id = "cancelTerminalAction",
    tag = "Terminal actions",
    params(("id" = String, Path, description = "The action's id."), ChangingHeaders),
    request_body(content(
        (Nothing = "application/json", example = json!({})),
        (Nothing = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The action, taken back.", body = ActionView), ChangingOne),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("terminals:write"))),
)]
pub(in crate::api) async fn cancel(
    State(api): State<Arc<Api>>,
    caller: Caller,
    path: ActionPath,
    request: Submission<NoQuery, Nothing>,
) -> Result<Reply, Fault> {
    let NoQuery {} = request.query;
    let actions = &api.services.applications.actions;
    let terminal = path.terminal.as_deref();
    Ok(Reply::said(actions.cancel(&caller.who, &path.action, terminal, request.key).await?))
}

/// Take a remote action of a terminal back
///
/// The same as by its own id; another terminal's action is not found here.
#[utoipa::path(
    post,
    path = "/v1/terminals/{id}/actions/{actionId}/cancel",
    operation_id = "cancelActionOfTerminal",
    tag = "Terminal actions",
    params(
        ("id" = String, Path, description = "The terminal's id."),
        ("actionId" = String, Path, description = "The action's id."),
        ChangingHeaders,
    ),
    request_body(content(
        (Nothing = "application/json", example = json!({})),
        (Nothing = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The action, taken back.", body = ActionView), ChangingOne),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("terminals:write"))),
)]
pub(in crate::api) async fn of_terminal(
    State(api): State<Arc<Api>>,
    caller: Caller,
    path: ActionPath,
    request: Submission<NoQuery, Nothing>,
) -> Result<Reply, Fault> {
    cancel(State(api), caller, path, request).await
}
