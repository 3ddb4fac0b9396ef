//! `GET /v1/terminals/{id}/effective-config`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::config::EffectiveConfig;

use super::super::Api;
use super::super::document::{OneObject, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::TerminalPath;

/// Retrieve what holds for a terminal
///
/// Every value with its origin (terminal, location, account, the model's default, or the operator's cap), and whether
/// the terminal has it: `in_sync`, `pending` or `failed`.
#[utoipa::path(
    get,
    path = "/v1/terminals/{id}/effective-config",
    operation_id = "retrieveEffectiveConfig",
    tag = "Configuration",
    params(("id" = String, Path, description = "The terminal's id."), ReadingHeaders),
    responses((status = 200, description = "What holds.", body = EffectiveConfig), OneObject),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("terminals:read"))),
)]
pub(in crate::api) async fn effective(
    State(api): State<Arc<Api>>,
    caller: Caller,
    TerminalPath(id): TerminalPath,
) -> Result<Reply, Fault> {
    let configurations = &api.services.applications.configurations;
    Ok(Reply::json(&configurations.effective(&caller.who.scope, &id).await?))
}
