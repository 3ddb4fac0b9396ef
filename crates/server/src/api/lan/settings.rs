//! `/v1/terminals/{id}/lan`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::lan::{LanView, PutLan};

use super::super::Api;
use super::super::document::{ChangingHeaders, ChangingOne, OneObject, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Query, Submission, TerminalPath};

/// Retrieve what a terminal serves in the local network
///
/// What was asked for, whether the terminal has it, and what it presents itself with.
#[utoipa::path(
    get,
    path = "/v1/terminals/{id}/lan",
    operation_id = "retrieveTerminalLan",
    tag = "Local network",
    params(("id" = String, Path, description = "The terminal's id."), ReadingHeaders),
    responses((status = 200, description = "What it serves.", body = LanView), OneObject),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("terminals:read"))),
)]
pub(in crate::api) async fn retrieve(
    State(api): State<Arc<Api>>,
    caller: Caller,
    TerminalPath(id): TerminalPath,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Reply, Fault> {
    Ok(Reply::json(&api.services.applications.lan.settings(&caller.who.scope, &id).await?))
}

/// Change what a terminal serves in the local network
///
/// What is left out is off. A terminal that begins or ceases to serve something starts again when no payment is on its
/// screen. `version` in the answer is the one that `appliedVersion` reaches when the terminal has it.
#[utoipa::path(
    put,
    path = "/v1/terminals/{id}/lan",
    operation_id = "replaceTerminalLan",
    tag = "Local network",
    params(("id" = String, Path, description = "The terminal's id."), ChangingHeaders),
    request_body(content(
        (PutLan = "application/json", example = json!({
            "localApi": {"enabled": true, "openWire": false}, "cashless": {"enabled": false}
        })),
        (PutLan = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "What it is to serve.", body = LanView), ChangingOne),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("terminals:write"))),
)]
pub(in crate::api) async fn replace(
    State(api): State<Arc<Api>>,
    caller: Caller,
    TerminalPath(id): TerminalPath,
    request: Submission<NoQuery, PutLan>,
) -> Result<Reply, Fault> {
    let modes = request.body.validate()?;
    let lan = &api.services.applications.lan;
    Ok(Reply::said(lan.put_settings(&caller.who, &id, modes, request.key).await?))
}
