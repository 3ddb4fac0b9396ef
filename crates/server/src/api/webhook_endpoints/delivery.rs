//! `GET /v1/webhook-endpoints/{id}/deliveries/{delivery}`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;

use super::super::Api;
use super::super::document::{OneObject, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Query};
use super::{delivery_in, id_in};
use crate::webhooks::DeliveryView;

/// Retrieve a delivery
///
/// What became of one event.
#[utoipa::path(
    get,
    path = "/v1/webhook-endpoints/{id}/deliveries/{delivery}",
    operation_id = "retrieveWebhookDelivery",
    tag = "Webhooks",
    params(("id" = String, Path, description = "The endpoint's id."), ("delivery" = String, Path, description = "The delivery's id."), ReadingHeaders),
    responses((status = 200, description = "The delivery.", body = DeliveryView), OneObject),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("webhooks:read"))),
)]
pub(in crate::api) async fn delivery(
    State(api): State<Arc<Api>>,
    caller: Caller,
    uri: Uri,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Reply, Fault> {
    let (id, delivery) = (id_in(&uri), delivery_in(&uri));
    let view = api.services.webhooks.delivery(&caller.who.scope, id, delivery).await?;
    Ok(Reply::json(&view))
}
