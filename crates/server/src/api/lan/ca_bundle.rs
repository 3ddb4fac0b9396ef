//! `GET /v1/ca-bundle`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::super::Api;
use super::super::error::Fault;

/// What tills trust
///
/// The root certificate of this installation, PEM. Tills and cash registers install it as the one authority that they
/// trust terminals by, and check besides that the terminal's certificate names it:
/// `vinr:terminal/<id>`. It is no secret; compare what you install with what whoever runs the server shows you.
#[utoipa::path(
    get,
    path = "/v1/ca-bundle",
    operation_id = "retrieveCaBundle",
    tag = "Local network",
    responses(
        (status = 200, description = "PEM.", content_type = "application/x-pem-file", body = String),
        (status = 503, description = "unavailable", body = vinr_wire::rest::error::ErrorBody),
    ),
)]
pub(in crate::api) async fn retrieve(State(api): State<Arc<Api>>) -> Result<Response, Fault> {
    let authority = api.services.applications.identities.authority()?;
    let mut response = authority.roots_pem().to_owned().into_response();
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-pem-file"));
    let name = HeaderValue::from_static("attachment; filename=\"vinr-ca.pem\"");
    headers.insert(header::CONTENT_DISPOSITION, name);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}
