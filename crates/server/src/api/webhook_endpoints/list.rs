//! `GET /v1/webhook-endpoints`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::webhook::ListEndpoints;

use super::super::Api;
use super::super::document::{Reading, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::Query;
use super::EndpointList;

/// List webhook endpoints
///
/// Newest first.
#[utoipa::path(
    get,
    path = "/v1/webhook-endpoints",
    operation_id = "listWebhookEndpoints",
    tag = "Webhooks",
    params(ListEndpoints, ReadingHeaders),
    responses((status = 200, description = "A page of endpoints.", body = EndpointList), Reading),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("webhooks:read"))),
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Query(query): Query<ListEndpoints>,
) -> Result<Reply, Fault> {
    let (views, more) = api.services.webhooks.list(&caller.who.scope, &query.validate()?).await?;
    Ok(Reply::page(&views, more))
}
