//! `POST /v1/webhook-endpoints/{id}/roll-secret`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use vinr_wire::rest::webhook::RollSecret;

use super::super::Api;
use super::super::document::{ChangingHeaders, ChangingOne};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Submission};
use super::{EndpointView, id_in};

/// Replace the secret
///
/// The answer shows the new one. For `expires_in` seconds (a day) messages are signed with both.
#[utoipa::path(
    post,
    path = "/v1/webhook-endpoints/{id}/roll-secret",
    operation_id = "rollWebhookSecret",
    tag = "Webhooks",
    params(("id" = String, Path, description = "The endpoint's id."), ChangingHeaders),
    request_body(content(
        (RollSecret = "application/json", example = json!({"expires_in": 3600})),
        (RollSecret = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The endpoint, with its new secret.", body = EndpointView), ChangingOne),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("webhooks:write"))),
)]
pub(in crate::api) async fn roll_secret(
    State(api): State<Arc<Api>>,
    caller: Caller,
    uri: Uri,
    request: Submission<NoQuery, RollSecret>,
) -> Result<Reply, Fault> {
    let overlap_ms = request.body.validate()?;
    let said = api.services.webhooks.roll(&caller.who, id_in(&uri), overlap_ms, request.key).await?;
    Ok(Reply::said(said))
}
