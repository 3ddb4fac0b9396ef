//! `/v1/refunds`: one file per operation. Each takes its request apart, asks the application, and writes what it is told.

pub(super) mod create;
pub(super) mod list;
pub(super) mod retrieve;
pub(super) mod update;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use vinr_domain::RefundId;

use super::error::Fault;
use crate::refusal::Refusal;

/// The refund that the path names.
pub(in crate::api) struct RefundPath(pub(in crate::api) RefundId);

impl<S: Sync> FromRequestParts<S> for RefundPath {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let id = parts.uri.path().strip_prefix("/v1/refunds/").and_then(|id| RefundId::parse(id).ok());
        id.map(Self).ok_or(Fault::Refused(Refusal::NoSuch("refund")))
    }
}
