//! `POST /v1/device/pairings`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::pairing::{OfferPairing, PairingOffered};

use super::super::Api;
use super::super::error::Fault;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Submission};
use super::{Offering, Source};

/// Offer a device to be paired
///
/// For devices without an identity; no API key. The device makes its key, sends a signing request for it, and shows the
/// activation code that it is answered. Then it asks for its pairing until somebody has entered the code.
#[utoipa::path(
    post,
    path = "/v1/device/pairings",
    operation_id = "offerPairing",
    tag = "Pairing",
    request_body(content(
        (OfferPairing = "application/json"),
        (OfferPairing = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "The pairing with its secret, which is not shown again.", body = PairingOffered),
        Offering,
    ),
    security(()),
)]
pub(in crate::api) async fn offer(
    State(api): State<Arc<Api>>,
    source: Source,
    request: Submission<NoQuery, OfferPairing>,
) -> Result<Reply, Fault> {
    let new = request.body.validate()?;
    let offered = api.services.applications.pairing.offer(source.0, new).await?;
    Ok(Reply::json(&offered))
}
