//! `DELETE /v1/webhook-endpoints/{id}`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;

use super::super::Api;
use super::super::document::{OneObject, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Query};
use super::{DeletedEndpoint, id_in};

/// Delete a webhook endpoint
///
/// Nothing is posted to it any more, and what became of its events is forgotten.
#[utoipa::path(
    delete,
    path = "/v1/webhook-endpoints/{id}",
    operation_id = "deleteWebhookEndpoint",
    tag = "Webhooks",
    params(("id" = String, Path, description = "The endpoint's id."), ReadingHeaders),
    responses((status = 200, description = "What was deleted.", body = DeletedEndpoint), OneObject),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("webhooks:write"))),
)]
pub(in crate::api) async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    uri: Uri,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Reply, Fault> {
    let deleted = api.services.webhooks.delete(&caller.who, id_in(&uri)).await?;
    Ok(Reply::json(&deleted))
}
