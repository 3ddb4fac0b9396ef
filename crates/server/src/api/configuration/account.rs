//! `/v1/account/terminal-config`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::config::TerminalConfig;

use super::super::Api;
use super::super::document::{Changing, ChangingHeaders, OneObject, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::Submission;
use super::{LevelOrDryRun, WriteQuery, write};

/// Configure all terminals of the account
///
/// Replaces what the account says to all its terminals, test and live alike. Locations and terminals go before it.
#[utoipa::path(
    put,
    path = "/v1/account/terminal-config",
    operation_id = "replaceAccountTerminalConfig",
    tag = "Configuration",
    params(WriteQuery, ChangingHeaders),
    request_body(content((TerminalConfig = "application/json", example = json!({
        "tip": {"mode": "percentage", "suggestions": [10, 15, 20]}
    })))),
    responses(
        (status = 200, description = "What the account says, or what would change.", body = LevelOrDryRun),
        (status = 404, description = "not_found", body = vinr_wire::rest::error::ErrorBody),
        Changing,
    ),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("account:write"))),
)]
pub(in crate::api) async fn replace(
    State(api): State<Arc<Api>>,
    caller: Caller,
    request: Submission<WriteQuery, TerminalConfig>,
) -> Result<Reply, Fault> {
    let configurations = &api.services.applications.configurations;
    Ok(Reply::said(configurations.put_account(&caller.who, write(request)?).await?))
}

/// Retrieve what is configured for the account
///
/// What the account says to all its terminals.
#[utoipa::path(
    get,
    path = "/v1/account/terminal-config",
    operation_id = "retrieveAccountTerminalConfig",
    tag = "Configuration",
    params(ReadingHeaders),
    responses((status = 200, description = "What the account says.", body = TerminalConfig), OneObject),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("account:read"))),
)]
pub(in crate::api) async fn retrieve(State(api): State<Arc<Api>>, caller: Caller) -> Result<Reply, Fault> {
    let configurations = &api.services.applications.configurations;
    Ok(Reply::json(&configurations.account_level(&caller.who.scope).await?.to_json()))
}
