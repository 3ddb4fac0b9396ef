//! `GET /v1/terminal/payments`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::payment::ListPayments;
use vinr_wire::rest::schema::TerminalPaymentList;

use super::super::Api;
use super::super::document::{Reading, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::Query;

/// List payments
///
/// Newest first. Every filter given must hold. `starting_after` and `ending_before` page through the list, which stays
/// stable while payments are being added.
#[utoipa::path(
    get,
    path = "/v1/terminal/payments",
    operation_id = "listTerminalPayments",
    tag = "Terminal payments",
    params(ListPayments, ReadingHeaders),
    responses((status = 200, description = "A page of payments.", body = TerminalPaymentList), Reading),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("payments:read"))),
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Query(query): Query<ListPayments>,
) -> Result<Reply, Fault> {
    let (views, has_more) = api.services.payments.list(&caller.who, query.validate()?).await?;
    Ok(Reply::list(&views, has_more, caller.version))
}
