//! `GET /v1/webhook-endpoints/{id}`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;

use super::super::Api;
use super::super::document::{OneObject, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Query};
use super::{EndpointView, id_in};

/// Retrieve a webhook endpoint
///
/// Without its secret.
#[utoipa::path(
    get,
    path = "/v1/webhook-endpoints/{id}",
    operation_id = "retrieveWebhookEndpoint",
    tag = "Webhooks",
    params(("id" = String, Path, description = "The endpoint's id."), ReadingHeaders),
    responses((status = 200, description = "The endpoint.", body = EndpointView), OneObject),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("webhooks:read"))),
)]
pub(in crate::api) async fn retrieve(
    State(api): State<Arc<Api>>,
    caller: Caller,
    uri: Uri,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Reply, Fault> {
    let view = api.services.webhooks.retrieve(&caller.who.scope, id_in(&uri)).await?;
    Ok(Reply::json(&view))
}
