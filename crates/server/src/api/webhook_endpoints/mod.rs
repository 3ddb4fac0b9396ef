//! `/v1/webhook-endpoints`: one file per operation.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod deliveries;
pub(super) mod delivery;
pub(super) mod list;
pub(super) mod resend;
pub(super) mod retrieve;
pub(super) mod roll_secret;
pub(super) mod test;
pub(super) mod update;

use axum::http::Uri;
use utoipa::ToSchema;

use crate::webhooks::{DeliveryView, EndpointView};

/// The endpoint that the path names.
fn id_in(uri: &Uri) -> &str {
    uri.path().split('/').nth(3).unwrap_or("")
}

/// The delivery that the path names.
fn delivery_in(uri: &Uri) -> &str {
    uri.path().split('/').nth(5).unwrap_or("")
}

/// A page of webhook endpoints.
#[derive(ToSchema)]
#[schema(as = WebhookEndpointList)]
#[expect(dead_code, reason = "a description for the OpenAPI document")]
struct EndpointList {
    /// `list`.
    object: String,
    data: Vec<EndpointView>,
    /// Whether another page follows in the same direction.
    has_more: bool,
}

/// A page of deliveries.
#[derive(ToSchema)]
#[schema(as = WebhookDeliveryList)]
#[expect(dead_code, reason = "a description for the OpenAPI document")]
struct DeliveryList {
    /// `list`.
    object: String,
    data: Vec<DeliveryView>,
    /// Whether another page follows in the same direction.
    has_more: bool,
}

/// What is left of a deleted endpoint.
#[derive(ToSchema)]
#[schema(as = DeletedWebhookEndpoint)]
#[expect(dead_code, reason = "a description for the OpenAPI document")]
struct DeletedEndpoint {
    id: String,
    /// `webhook_endpoint`.
    object: String,
    /// `true`.
    deleted: bool,
}
