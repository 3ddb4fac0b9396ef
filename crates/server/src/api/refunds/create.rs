//! `POST /v1/refunds`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::refund::{CreateRefund, RefundObject};

use super::super::Api;
use super::super::document::{ChangingHeaders, ChangingOne};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Submission};

/// Refund a payment
///
/// Gives all that is left of a completed payment back to its card, or `amount` of it. The refund is answered while it is
/// `pending`; `refund.updated` and retrieving it tell how it ends. A silent acquirer never makes a second refund: it is
/// asked again under the same name. Send an `Idempotency-Key`, and the request can be repeated without refunding twice.
#[utoipa::path(
    post,
    path = "/v1/refunds",
    operation_id = "createRefund",
    tag = "Refunds",
    params(ChangingHeaders),
    request_body(content(
        (CreateRefund = "application/json", example = json!({
            "payment": "tpay_01JXF3V0M07PVT9X3W7YB2K4QD", "amount": 1200, "reason": "requested_by_customer"
        })),
        (CreateRefund = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 202, description = "The refund is on its way.", body = RefundObject),
        ChangingOne,
    ),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("refunds:write"))),
)]
pub(in crate::api) async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    request: Submission<NoQuery, CreateRefund>,
) -> Result<Reply, Fault> {
    let new = request.body.validate()?;
    let said =
        api.services.applications.refunds.create(&caller.who, new, caller.version, request.key).await?;
    Ok(Reply::said(said))
}
