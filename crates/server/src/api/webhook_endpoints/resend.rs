//! `POST /v1/webhook-endpoints/{id}/deliveries/{delivery}/resend`.

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
use super::{delivery_in, id_in};
use crate::webhooks::DeliveryView;

/// Send an event again
///
/// Posts the event once more, now. The delivery shows what comes of it.
#[utoipa::path(
    post,
    path = "/v1/webhook-endpoints/{id}/deliveries/{delivery}/resend",
    operation_id = "resendWebhookDelivery",
    tag = "Webhooks",
    params(("id" = String, Path, description = "The endpoint's id."), ("delivery" = String, Path, description = "The delivery's id."), ChangingHeaders),
    request_body(content(
        (TestEndpoint = "application/json", example = json!({})),
        (TestEndpoint = "application/x-www-form-urlencoded"),
    )),
    responses((status = 202, description = "The delivery, about to be sent.", body = DeliveryView), ChangingOne),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("webhooks:write"))),
)]
pub(in crate::api) async fn resend(
    State(api): State<Arc<Api>>,
    caller: Caller,
    uri: Uri,
    request: Submission<NoQuery, TestEndpoint>,
) -> Result<Reply, Fault> {
    let TestEndpoint {} = request.body;
    let (id, delivery) = (id_in(&uri), delivery_in(&uri));
    let said = api.services.webhooks.resend(&caller.who.scope, id, delivery, request.key).await?;
    Ok(Reply::said(said))
}
