//! `POST /v1/device/pairings/{id}/confirm`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::pairing::PairingView;

use super::super::Api;
use super::super::error::Fault;
use super::super::reply::Reply;
use super::{ByDevice, DeviceOf};

/// Say that a device keeps its identity
///
/// After it has stored everything. From then on older certificates of the same terminal are revoked. A device that comes online without saying so has said so.
#[utoipa::path(
    post,
    path = "/v1/device/pairings/{id}/confirm",
    operation_id = "confirmPairing",
    tag = "Pairing",
    params(("id" = String, Path, description = "The pairing's id.")),
    responses((status = 200, description = "How the pairing stands.", body = PairingView), ByDevice),
    security(("pairingSecret" = [])),
)]
pub(in crate::api) async fn confirm(State(api): State<Arc<Api>>, device: DeviceOf) -> Result<Reply, Fault> {
    Ok(Reply::json(&api.services.applications.pairing.confirm(device.0, &device.1).await?))
}
