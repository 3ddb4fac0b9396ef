//! `/v1/batches`: one file per operation. Each takes its request apart, asks the application, and writes what it is told.

pub(super) mod close;
pub(super) mod list;
pub(super) mod retrieve;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use vinr_domain::BatchId;

use super::error::Fault;
use crate::refusal::Refusal;

/// The batch that the path names.
pub(in crate::api) struct BatchPath(pub(in crate::api) BatchId);

impl<S: Sync> FromRequestParts<S> for BatchPath {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let id = parts.uri.path().strip_prefix("/v1/batches/").and_then(|id| BatchId::parse(id).ok());
        id.map(Self).ok_or(Fault::Refused(Refusal::NoSuch("batch")))
    }
}
