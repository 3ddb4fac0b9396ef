//! `POST /v1/refunds/{id}`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::refund::{RefundObject, UpdateRefund};

use super::super::Api;
use super::super::document::{ChangingHeaders, ChangingOne};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Submission};
use super::RefundPath;

/// Update a refund's metadata
///
/// Sets the pairs that are named; an empty text removes one, `null` removes all. Nothing else of a refund can be changed.
#[utoipa::path(
    post,
    path = "/v1/refunds/{id}",
    operation_id = "updateRefund",
    tag = "Refunds",
    params(("id" = String, Path, description = "The refund's id."), ChangingHeaders),
    request_body(content(
        (UpdateRefund = "application/json", example = json!({"metadata": {"ticket": "4711"}})),
        (UpdateRefund = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The changed refund.", body = RefundObject), ChangingOne),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("refunds:write"))),
)]
pub(in crate::api) async fn update(
    State(api): State<Arc<Api>>,
    caller: Caller,
    RefundPath(id): RefundPath,
    request: Submission<NoQuery, UpdateRefund>,
) -> Result<Reply, Fault> {
    let updated =
        api.services.applications.refunds.update(&caller.who, id, request.body, caller.version, request.key);
    Ok(Reply::said(updated.await?))
}
