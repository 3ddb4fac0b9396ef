//! `POST /v1/device/pairings/{id}/withdraw`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::pairing::PairingView;

use super::super::Api;
use super::super::error::Fault;
use super::super::reply::Reply;
use super::{ByDevice, DeviceOf};

/// Give up a device's own pairing
///
/// Before the device offers itself anew. What had been issued is withdrawn.
#[utoipa::path(
    post,
    path = "/v1/device/pairings/{id}/withdraw",
    operation_id = "withdrawPairing",
    tag = "Pairing",
    params(("id" = String, Path, description = "The pairing's id.")),
    responses((status = 200, description = "How the pairing stands.", body = PairingView), ByDevice),
    security(("pairingSecret" = [])),
)]
pub(in crate::api) async fn withdraw(State(api): State<Arc<Api>>, device: DeviceOf) -> Result<Reply, Fault> {
    Ok(Reply::json(&api.services.applications.pairing.withdraw(device.0, &device.1).await?))
}
