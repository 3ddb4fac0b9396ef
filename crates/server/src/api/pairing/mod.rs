//! How devices become terminals and stop being ones. Devices without identity have no API key: they are known by the
//! secret of their pairing, and limited by the address they come from.

pub(super) mod activate;
pub(super) mod confirm;
pub(super) mod deactivate;
pub(super) mod look;
pub(super) mod offer;
pub(super) mod withdraw;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use utoipa::IntoResponses;
use utoipa::openapi::{RefOr, Response};
use vinr_domain::PairingId;
use vinr_wire::rest::error::ErrorCode;

use super::document::errors;
use super::error::Fault;
use crate::listener::Peer;
use crate::pairing::Secret;
use crate::refusal::Refusal;

/// The scheme of the OpenAPI document for devices.
pub(super) const SCHEME: &str = "pairingSecret";

/// The address that the request came from.
pub(super) struct Source(pub(super) IpAddr);

impl<S: Sync> FromRequestParts<S> for Source {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        // Without a listener in front there is no address, and all share one.
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0);
        Ok(Self(peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))))
    }
}

/// A device with the pairing that the path names and its secret.
pub(super) struct DeviceOf(pub(super) PairingId, pub(super) Secret);

impl<S: Sync> FromRequestParts<S> for DeviceOf {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let missing = || {
            let words = "Send the secret of the pairing as `Authorization: Bearer ps_…`.";
            Fault::from(Refusal::stated(ErrorCode::PairingSecretMissing, words))
        };
        let header =
            parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or_else(missing)?;
        let (scheme, secret) = header.split_once(' ').ok_or_else(missing)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(missing());
        }
        let id = parts.uri.path().split('/').nth(4).unwrap_or("");
        let id = PairingId::parse(id).map_err(|_| Fault::from(Refusal::NoSuch("pairing")))?;
        Ok(Self(id, Secret::sent(secret.trim())))
    }
}

/// What can go wrong when a device offers itself.
pub(super) struct Offering;

impl IntoResponses for Offering {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        errors(&[400, 413, 415, 429, 500, 503], &[])
    }
}

/// What can go wrong when a device asks for its own pairing.
pub(super) struct OfDevice;

impl IntoResponses for OfDevice {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        errors(&[401, 404, 500, 503], &[])
    }
}

/// The same when it changes something.
pub(super) struct ByDevice;

impl IntoResponses for ByDevice {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        errors(&[401, 404, 409, 500, 503], &[])
    }
}
