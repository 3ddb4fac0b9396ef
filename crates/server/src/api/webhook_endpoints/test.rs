//! `POST /v1/webhook-endpoints/{id}/test`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use vinr_wire::rest::webhook::TestEndpoint;

use super::super::Api;
use super::super::document::{ChangingHeaders, ChangingOne};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Submission};
use super::id_in;
use crate::webhooks::DeliveryView;

/// Send a test event
///
/// Posts an event of the type `webhook_endpoint.test` now, also to an endpoint that is disabled, and answers with what
/// came back. It is not repeated.
#[utoipa::path(
    post,
    path = "/v1/webhook-endpoints/{id}/test",
    operation_id = "testWebhookEndpoint",
    tag = "Webhooks",
    params(("id" = String, Path, description = "The endpoint's id."), ChangingHeaders),
    request_body(content(
        (TestEndpoint = "application/json", example = json!({})),
        (TestEndpoint = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "What came back.", body = DeliveryView), ChangingOne),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("webhooks:write"))),
)]
pub(in crate::api) async fn test(
    State(api): State<Arc<Api>>,
    caller: Caller,
    uri: Uri,
    request: Submission<NoQuery, TestEndpoint>,
) -> Result<Reply, Fault> {
    let TestEndpoint {} = request.body;
    let said = api.services.webhooks.test(&caller.who.scope, id_in(&uri), request.key).await?;
    Ok(Reply::said(said))
}
