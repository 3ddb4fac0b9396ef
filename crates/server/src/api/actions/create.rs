//! `POST /v1/terminals/{id}/actions`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::action::{ActionView, CreateAction};

use super::super::Api;
use super::super::document::{ChangingHeaders, ChangingOne};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Submission, TerminalPath};
use crate::actions::NewAction;

/// Send a remote action
///
/// The terminal is told at once when it is connected, when it next is otherwise; after `expiresIn` seconds it is not
/// told any more and the action has failed. A lock holds in the cloud from now on: new payments on the terminal are
/// declined with `terminal_locked` whether or not it is connected, until an `unlock` has completed.
#[utoipa::path(
    post,
    path = "/v1/terminals/{id}/actions",
    operation_id = "createTerminalAction",
    tag = "Terminal actions",
    params(("id" = String, Path, description = "The terminal's id."), ChangingHeaders),
    request_body(content(
        (CreateAction = "application/json", example = json!({"action": "reboot"})),
        (CreateAction = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The action, queued.", body = ActionView), ChangingOne),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("terminals:write"))),
)]
pub(in crate::api) async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    TerminalPath(id): TerminalPath,
    request: Submission<NoQuery, CreateAction>,
) -> Result<Reply, Fault> {
    let NoQuery {} = request.query;
    let (action, expires_in_s) = request.body.validate()?;
    let actions = &api.services.applications.actions;
    let new = NewAction { action, expires_in_s };
    Ok(Reply::said(actions.create(&caller.who, &id, new, request.key).await?))
}
