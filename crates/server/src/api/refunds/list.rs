//! `GET /v1/refunds`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::refund::{ListRefunds, RefundListObject};
use vinr_wire::rest::view::RefundView;

use super::super::Api;
use super::super::document::{Reading, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::Query;

/// List refunds
///
/// Newest first; with `payment` those of one payment.
#[utoipa::path(
    get,
    path = "/v1/refunds",
    operation_id = "listRefunds",
    tag = "Refunds",
    params(ListRefunds, ReadingHeaders),
    responses((status = 200, description = "A page of refunds.", body = RefundListObject), Reading),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("refunds:read"))),
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Query(query): Query<ListRefunds>,
) -> Result<Reply, Fault> {
    let listed = api.services.applications.refunds.list(&caller.who, &query).await?;
    let mut body = Vec::new();
    RefundView::render_list(&listed.refunds, listed.has_more, caller.version, &mut body);
    Ok(Reply::written(body))
}
