//! `POST /v1/webhook-endpoints/{id}`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use vinr_wire::rest::webhook::UpdateEndpoint;

use super::super::Api;
use super::super::document::{ChangingHeaders, ChangingOne};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Submission};
use super::{EndpointView, id_in};

/// Update a webhook endpoint
///
/// What is left out stays as it is. `status: "disabled"` holds events back; `enabled` sends what was held back, in
/// order.
#[utoipa::path(
    post,
    path = "/v1/webhook-endpoints/{id}",
    operation_id = "updateWebhookEndpoint",
    tag = "Webhooks",
    params(("id" = String, Path, description = "The endpoint's id."), ChangingHeaders),
    request_body(content(
        (UpdateEndpoint = "application/json", example = json!({"status": "disabled"})),
        (UpdateEndpoint = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The changed endpoint.", body = EndpointView), ChangingOne),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("webhooks:write"))),
)]
pub(in crate::api) async fn update(
    State(api): State<Arc<Api>>,
    caller: Caller,
    uri: Uri,
    request: Submission<NoQuery, UpdateEndpoint>,
) -> Result<Reply, Fault> {
    let webhooks = &api.services.webhooks;
    let changes = request.body.validate(webhooks.policy())?;
    Ok(Reply::said(webhooks.update(&caller.who, id_in(&uri), changes, request.key).await?))
}
