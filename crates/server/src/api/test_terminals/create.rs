//! `POST /v1/test/terminals`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::terminal::{CreateTestTerminal, TerminalView};

use super::super::Api;
use super::super::document::{ChangingHeaders, ChangingOne};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Submission};

/// Make a simulated terminal
///
/// Answers once the terminal is connected. It stays, also when the sandbox is started again, until it is deleted. Only a
/// sandbox (`vinr dev`) runs terminals; elsewhere this is `test_terminals_unavailable`.
#[utoipa::path(
    post,
    path = "/v1/test/terminals",
    operation_id = "createTestTerminal",
    tag = "Testing",
    params(ChangingHeaders),
    request_body(content(
        (CreateTestTerminal = "application/json", example = json!({
            "model": "nexgo_n92", "displayName": "Counter 3"
        })),
        (CreateTestTerminal = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The terminal.", body = TerminalView), ChangingOne),
    extensions(("x-vinr-scope" = json!("terminals:write"))),
    security(("bearer" = []), ("apiKey" = [])),
)]
pub(in crate::api) async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    request: Submission<NoQuery, CreateTestTerminal>,
) -> Result<Reply, Fault> {
    let NoQuery {} = request.query;
    let new = request.body.validate()?;
    let terminals = &api.services.applications.fleet.test_terminals;
    Ok(Reply::said(terminals.create(&caller.who, new, request.key).await?))
}
