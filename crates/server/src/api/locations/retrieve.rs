//! `GET /v1/locations/{id}`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::location::LocationView;

use super::super::Api;
use super::super::document::{OneObject, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{LocationPath, NoQuery, Query};

/// Retrieve a location
#[utoipa::path(
    get,
    path = "/v1/locations/{id}",
    operation_id = "retrieveLocation",
    tag = "Locations",
    params(("id" = String, Path, description = "The location's id."), ReadingHeaders),
    responses((status = 200, description = "The location.", body = LocationView), OneObject),
    extensions(("x-vinr-scope" = json!("locations:read"))),
    security(("bearer" = []), ("apiKey" = [])),
)]
pub(in crate::api) async fn retrieve(
    State(api): State<Arc<Api>>,
    caller: Caller,
    LocationPath(id): LocationPath,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Reply, Fault> {
    let view = api.services.applications.fleet.locations.retrieve(&caller.who, &id).await?;
    Ok(Reply::json(&view))
}
