//! `GET /v1/terminal/payments/{id}`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::schema::TerminalPayment;

use super::super::Api;
use super::super::document::{OneObject, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, PaymentPath, Query};

/// The template of the path; polling it is limited per payment.
pub(in crate::api) const PATH: &str = "/v1/terminal/payments/{id}";

/// Retrieve a payment
///
/// The way to learn an outcome after a request timed out, or after a webhook was missed. Polling one payment is limited
/// to one request per second.
#[utoipa::path(
    get,
    path = "/v1/terminal/payments/{id}",
    operation_id = "retrieveTerminalPayment",
    tag = "Terminal payments",
    params(("id" = String, Path, description = "The payment's id."), ReadingHeaders),
    responses((status = 200, description = "The payment as it is now.", body = TerminalPayment), OneObject),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("payments:read"))),
)]
pub(in crate::api) async fn retrieve(
    State(api): State<Arc<Api>>,
    caller: Caller,
    PaymentPath(id): PaymentPath,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Reply, Fault> {
    let view = api.services.payments.retrieve(&caller.who, id).await?;
    Ok(Reply::payment(&view, caller.version))
}
