//! `GET /v1/refunds/{id}`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::refund::RefundObject;

use super::super::Api;
use super::super::document::{OneObject, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Query};
use super::RefundPath;

/// Retrieve a refund
///
/// The way to learn how a refund ended when an event was missed.
#[utoipa::path(
    get,
    path = "/v1/refunds/{id}",
    operation_id = "retrieveRefund",
    tag = "Refunds",
    params(("id" = String, Path, description = "The refund's id."), ReadingHeaders),
    responses((status = 200, description = "The refund as it is now.", body = RefundObject), OneObject),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("refunds:read"))),
)]
pub(in crate::api) async fn retrieve(
    State(api): State<Arc<Api>>,
    caller: Caller,
    RefundPath(id): RefundPath,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Reply, Fault> {
    let view = api.services.applications.refunds.retrieve(&caller.who, id).await?;
    let mut body = Vec::new();
    view.render(caller.version, &mut body);
    Ok(Reply::written(body))
}
