//! `GET /v1/webhook-endpoints/{id}/deliveries`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use vinr_wire::rest::webhook::ListDeliveries;

use super::super::Api;
use super::super::document::{OneObject, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::Query;
use super::{DeliveryList, id_in};
use crate::webhooks::DeliveryFilter;

/// List deliveries
///
/// What became of the events of the endpoint, newest event first. An event that waits for its first attempt is not among
/// them yet.
#[utoipa::path(
    get,
    path = "/v1/webhook-endpoints/{id}/deliveries",
    operation_id = "listWebhookDeliveries",
    tag = "Webhooks",
    params(("id" = String, Path, description = "The endpoint's id."), ListDeliveries, ReadingHeaders),
    responses((status = 200, description = "A page of deliveries.", body = DeliveryList), OneObject),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("webhooks:read"))),
)]
pub(in crate::api) async fn deliveries(
    State(api): State<Arc<Api>>,
    caller: Caller,
    uri: Uri,
    Query(query): Query<ListDeliveries>,
) -> Result<Reply, Fault> {
    let status = query.status.clone();
    let filter = DeliveryFilter::parse(status.as_deref(), &query.validate()?)?;
    let (views, more) = api.services.webhooks.deliveries(&caller.who.scope, id_in(&uri), &filter).await?;
    Ok(Reply::page(&views, more))
}
