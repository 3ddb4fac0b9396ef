//! `POST /v1/terminals/{id}/configure`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::config::TerminalConfig;

use super::super::Api;
use super::super::document::{ChangingHeaders, ChangingOne};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{Submission, TerminalPath};
use super::{TerminalOrDryRun, WriteQuery, write};

/// Configure a terminal
///
/// Changes what is configured for this terminal alone: keys that are left out stay, `null` takes a key or a section
/// away, so that the location or the account decides. The terminal is told at once when it is connected, when it next is
/// otherwise; `effective-config` says whether it has it. Forms are read too, with brackets: `tip[mode]=fixed`.
#[utoipa::path(
    post,
    path = "/v1/terminals/{id}/configure",
    operation_id = "configureTerminal",
    tag = "Configuration",
    params(("id" = String, Path, description = "The terminal's id."), WriteQuery, ChangingHeaders),
    request_body(content((TerminalConfig = "application/json", example = json!({
        "tip": {"mode": "percentage", "suggestions": [10, 15, 20]},
        "display": {"idleMessage": "Welcome to Acme Coffee"}
    })))),
    responses(
        (status = 200, description = "The terminal, or what would change.", body = TerminalOrDryRun),
        ChangingOne,
    ),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("terminals:write"))),
)]
pub(in crate::api) async fn configure(
    State(api): State<Arc<Api>>,
    caller: Caller,
    TerminalPath(id): TerminalPath,
    request: Submission<WriteQuery, TerminalConfig>,
) -> Result<Reply, Fault> {
    let configurations = &api.services.applications.configurations;
    Ok(Reply::said(configurations.configure(&caller.who, &id, write(request)?).await?))
}
