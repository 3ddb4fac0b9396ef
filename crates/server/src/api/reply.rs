//! How a success is written: one buffer of JSON, two headers.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;
use vinr_wire::rest::version::ApiVersion;
use vinr_wire::rest::view::{PaymentView, render_list};

use super::measure::Answers;
use crate::once::Said;
use crate::payments::Answered;

/// Marks an answer that was given before (contract 2.2).
pub(super) const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Most payments fit.
const PAYMENT_BYTES: usize = 1024;

/// A JSON answer.
pub(super) struct Reply {
    status: StatusCode,
    replayed: bool,
    body: Bytes,
}

impl Reply {
    /// The payment as it is now.
    pub(super) fn payment(view: &PaymentView, version: ApiVersion) -> Self {
        let mut body = Vec::with_capacity(PAYMENT_BYTES);
        view.render(version, &mut body);
        Self { status: StatusCode::OK, replayed: false, body: body.into() }
    }

    /// What a request that changes a payment is answered.
    pub(super) fn answered(answered: &Answered, version: ApiVersion, answers: &Answers) -> Self {
        if !answered.replayed {
            answers.count(answered.view.status);
        }
        let status = StatusCode::from_u16(answered.status).unwrap_or(StatusCode::OK);
        Self { status, replayed: answered.replayed, ..Self::payment(&answered.view, version) }
    }

    /// What an application service said, now or the first time.
    pub(super) fn said(said: Said) -> Self {
        let status = StatusCode::from_u16(said.status).unwrap_or(StatusCode::OK);
        Self { status, replayed: said.replayed, body: Bytes::from_owner(said.body) }
    }

    /// JSON that has been written.
    pub(super) fn written(body: Vec<u8>) -> Self {
        Self { status: StatusCode::OK, replayed: false, body: body.into() }
    }

    /// A value as JSON.
    pub(super) fn json(value: &impl Serialize) -> Self {
        let body =
            serde_json::to_vec(value).expect("a struct of strings, numbers and lists always serializes");
        Self { status: StatusCode::OK, replayed: false, body: body.into() }
    }

    /// A page of values (contract 2.3).
    pub(super) fn page(values: &[impl Serialize], has_more: bool) -> Self {
        Self::json(&serde_json::json!({ "object": "list", "data": values, "has_more": has_more }))
    }

    /// A page of payments (contract 2.3).
    pub(super) fn list(views: &[PaymentView], has_more: bool, version: ApiVersion) -> Self {
        let mut body = Vec::with_capacity(64 + views.len() * PAYMENT_BYTES);
        render_list(views, has_more, version, &mut body);
        Self { status: StatusCode::OK, replayed: false, body: body.into() }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.replayed {
            headers.insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}
