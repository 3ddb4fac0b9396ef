//! `GET /v1/device/pairings/{id}`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::pairing::PairingView;

use super::super::Api;
use super::super::error::Fault;
use super::super::reply::Reply;
use super::{DeviceOf, OfDevice};

/// Ask for a device's own pairing
///
/// Held for up to 25 seconds while the code has not been entered. Once it was, the answer has the device's identity; it
/// has it again until the device confirms.
#[utoipa::path(
    get,
    path = "/v1/device/pairings/{id}",
    operation_id = "retrievePairing",
    tag = "Pairing",
    params(("id" = String, Path, description = "The pairing's id.")),
    responses((status = 200, description = "How the pairing stands.", body = PairingView), OfDevice),
    security(("pairingSecret" = [])),
)]
pub(in crate::api) async fn look(State(api): State<Arc<Api>>, device: DeviceOf) -> Result<Reply, Fault> {
    Ok(Reply::json(&api.services.applications.pairing.look(device.0, &device.1).await?))
}
