//! `POST /v1/terminals/activate`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::pairing::ActivateTerminal;
use vinr_wire::rest::terminal::TerminalView;

use super::super::Api;
use super::super::document::{ChangingHeaders, ChangingOne};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Submission};
use super::Source;

/// Activate a terminal
///
/// Enter the activation code that the device shows. Answered when the terminal is online, at the latest after ten
/// seconds with the status that it then has. A device that was a terminal of this account before is that terminal again.
#[utoipa::path(
    post,
    path = "/v1/terminals/activate",
    operation_id = "activateTerminal",
    tag = "Terminals",
    params(ChangingHeaders),
    request_body(content(
        (ActivateTerminal = "application/json", example = json!({"activationCode": "ACT-7X9K-2M4P"})),
        (ActivateTerminal = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The terminal.", body = TerminalView), ChangingOne),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("terminals:write"))),
)]
pub(in crate::api) async fn activate(
    State(api): State<Arc<Api>>,
    caller: Caller,
    source: Source,
    request: Submission<NoQuery, ActivateTerminal>,
) -> Result<Reply, Fault> {
    let activation = request.body.validate()?;
    let pairing = &api.services.applications.pairing;
    Ok(Reply::said(pairing.activate(&caller.who, source.0, activation, request.key).await?))
}
