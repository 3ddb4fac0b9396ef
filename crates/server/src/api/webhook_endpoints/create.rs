//! `POST /v1/webhook-endpoints`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::webhook::CreateEndpoint;

use super::super::Api;
use super::super::document::{Changing, ChangingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Submission};
use super::EndpointView;

/// Create a webhook endpoint
///
/// Events from now on are posted to it. The answer shows the `secret` that they are signed with; nothing else ever
/// does.
#[utoipa::path(
    post,
    path = "/v1/webhook-endpoints",
    operation_id = "createWebhookEndpoint",
    tag = "Webhooks",
    params(ChangingHeaders),
    request_body(content(
        (CreateEndpoint = "application/json", example = json!({"url": "https://shop.example/webhooks", "enabled_events": ["terminal_payment.*"]})),
        (CreateEndpoint = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The endpoint, with its secret.", body = EndpointView), Changing),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("webhooks:write"))),
)]
pub(in crate::api) async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    request: Submission<NoQuery, CreateEndpoint>,
) -> Result<Reply, Fault> {
    let webhooks = &api.services.webhooks;
    let new = request.body.validate(webhooks.policy())?;
    Ok(Reply::said(webhooks.create(&caller.who, new, request.key).await?))
}
