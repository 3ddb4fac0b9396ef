//! For programs and for whoever runs the server: the OpenAPI document, whether the process lives, whether it can work,
//! and its figures.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::super::{Api, measure};
use super::answer;

const TEXT: &str = "text/plain; charset=utf-8";
/// The text format of Prometheus.
const FIGURES: &str = "text/plain; version=0.0.4; charset=utf-8";

/// This document
#[utoipa::path(
    get,
    path = "/v1/openapi.json",
    operation_id = "openapi",
    tag = "Operations",
    responses((status = 200, description = "OpenAPI 3.1.", body = serde_json::Value)),
)]
pub(in crate::api) async fn openapi_json(State(api): State<Arc<Api>>) -> Response {
    answer(StatusCode::OK, "application/json", api.document.clone())
}

/// Whether the process lives
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "healthz",
    tag = "Operations",
    responses((status = 200, description = "It does.", content_type = "text/plain", body = String)),
)]
pub(in crate::api) async fn healthz() -> Response {
    answer(StatusCode::OK, TEXT, "ok\n")
}

/// Whether the server can take requests
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "readyz",
    tag = "Operations",
    responses(
        (status = 200, description = "It can.", content_type = "text/plain", body = String),
        (status = 503, description = "It cannot: the store does not answer, or the server is shutting down.",
            content_type = "text/plain", body = String),
    ),
)]
pub(in crate::api) async fn readyz(State(api): State<Arc<Api>>) -> Response {
    match (api.services.readiness)().await {
        Ok(()) => answer(StatusCode::OK, TEXT, "ready\n"),
        Err(missing) => answer(StatusCode::SERVICE_UNAVAILABLE, TEXT, format!("not ready: {missing}\n")),
    }
}

/// Figures for Prometheus
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "metrics",
    tag = "Operations",
    responses((status = 200, description = "The figures.", content_type = "text/plain", body = String)),
)]
pub(in crate::api) async fn metrics(State(api): State<Arc<Api>>) -> Response {
    measure::show_terminals(&api.services.applications.fleet.terminals.count());
    let figures = api.services.metrics.as_ref().map(metrics_exporter_prometheus::PrometheusHandle::render);
    answer(StatusCode::OK, FIGURES, figures.unwrap_or_default())
}
