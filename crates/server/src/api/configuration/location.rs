//! `/v1/locations/{id}/terminal-config`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::config::TerminalConfig;

use super::super::Api;
use super::super::document::{ChangingHeaders, ChangingOne, OneObject, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{LocationPath, Submission};
use super::{LocationOrDryRun, WriteQuery, write};

/// Configure the terminals of a location
///
/// Replaces the template of the location: what is left out is not configured there any more. What is configured for a
/// terminal alone goes before it. Every terminal is told at once when it is connected, when it next is otherwise. What a
/// model cannot do is simply off for it; `effective-config` says so.
#[utoipa::path(
    put,
    path = "/v1/locations/{id}/terminal-config",
    operation_id = "replaceLocationTerminalConfig",
    tag = "Configuration",
    params(("id" = String, Path, description = "The location's id."), WriteQuery, ChangingHeaders),
    request_body(content((TerminalConfig = "application/json", example = json!({
        "receipt": {"channels": ["print"], "requireConsent": false},
        "offlineMode": {"enabled": true, "maxAmount": 5000, "maxQueue": 50}
    })))),
    responses(
        (status = 200, description = "The location, or what would change.", body = LocationOrDryRun),
        ChangingOne,
    ),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("locations:write"))),
)]
pub(in crate::api) async fn replace(
    State(api): State<Arc<Api>>,
    caller: Caller,
    LocationPath(id): LocationPath,
    request: Submission<WriteQuery, TerminalConfig>,
) -> Result<Reply, Fault> {
    let configurations = &api.services.applications.configurations;
    Ok(Reply::said(configurations.put_location(&caller.who, &id, write(request)?).await?))
}

/// Retrieve what is configured for a location
///
/// What the location itself says, and nothing of what the account or its terminals say.
#[utoipa::path(
    get,
    path = "/v1/locations/{id}/terminal-config",
    operation_id = "retrieveLocationTerminalConfig",
    tag = "Configuration",
    params(("id" = String, Path, description = "The location's id."), ReadingHeaders),
    responses((status = 200, description = "What the location says.", body = TerminalConfig), OneObject),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("locations:read"))),
)]
pub(in crate::api) async fn retrieve(
    State(api): State<Arc<Api>>,
    caller: Caller,
    LocationPath(id): LocationPath,
) -> Result<Reply, Fault> {
    let configurations = &api.services.applications.configurations;
    Ok(Reply::json(&configurations.location_level(&caller.who.scope, &id).await?.to_json()))
}
