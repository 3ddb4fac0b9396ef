//! `/v1/terminals/{id}/cashless-key`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::lan::CashlessKeyView;

use super::super::Api;
use super::super::document::{ChangingHeaders, ChangingOne, OneObject, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoBody, NoQuery, Query, Submission, TerminalPath};

/// Retrieve a terminal's Cashless key
///
/// Its first and last characters, to tell it from others. The key itself is never shown again.
#[utoipa::path(
    get,
    path = "/v1/terminals/{id}/cashless-key",
    operation_id = "retrieveCashlessKey",
    tag = "Local network",
    params(("id" = String, Path, description = "The terminal's id."), ReadingHeaders),
    responses((status = 200, description = "What is known of the key.", body = CashlessKeyView), OneObject),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("terminals:read"))),
)]
pub(in crate::api) async fn retrieve(
    State(api): State<Arc<Api>>,
    caller: Caller,
    TerminalPath(id): TerminalPath,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Reply, Fault> {
    Ok(Reply::json(&api.services.applications.lan.cashless_key(&caller.who.scope, &id).await?))
}

/// Generate a terminal's Cashless key
///
/// Draws a new key in the place of the one before, which opens nothing as soon as the terminal has been told: at once
/// when it is connected. `secret` is in this answer only: not even the same request with the same `Idempotency-Key` is
/// told it again. If the answer was lost, generate another one.
#[utoipa::path(
    post,
    path = "/v1/terminals/{id}/cashless-key",
    operation_id = "generateCashlessKey",
    tag = "Local network",
    params(("id" = String, Path, description = "The terminal's id."), ChangingHeaders),
    request_body(content(
        (NoBody = "application/json", example = json!({})),
        (NoBody = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The key, with its text.", body = CashlessKeyView), ChangingOne),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("terminals:write"))),
)]
pub(in crate::api) async fn generate(
    State(api): State<Arc<Api>>,
    caller: Caller,
    TerminalPath(id): TerminalPath,
    request: Submission<NoQuery, NoBody>,
) -> Result<Reply, Fault> {
    let NoBody {} = request.body;
    let lan = &api.services.applications.lan;
    Ok(Reply::said(lan.generate_cashless_key(&caller.who, &id, request.key).await?))
}

/// Delete a terminal's Cashless key
///
/// From then on every request to the terminal's Cashless API is refused, until another key is generated.
#[utoipa::path(
    delete,
    path = "/v1/terminals/{id}/cashless-key",
    operation_id = "deleteCashlessKey",
    tag = "Local network",
    params(("id" = String, Path, description = "The terminal's id."), ReadingHeaders),
    responses((status = 200, description = "There is no key any more.", body = CashlessKeyView), ChangingOne),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("terminals:write"))),
)]
pub(in crate::api) async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    TerminalPath(id): TerminalPath,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Reply, Fault> {
    Ok(Reply::said(api.services.applications.lan.delete_cashless_key(&caller.who, &id).await?))
}
