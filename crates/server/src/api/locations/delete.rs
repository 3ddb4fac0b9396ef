//! `DELETE /v1/locations/{id}`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::terminal::Deleted;

use super::super::Api;
use super::super::document::{ChangingOne, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{LocationPath, NoQuery, Query};

/// Delete a location
///
/// Refused with `location_in_use` while terminals stand there.
#[utoipa::path(
    delete,
    path = "/v1/locations/{id}",
    operation_id = "deleteLocation",
    tag = "Locations",
    params(("id" = String, Path, description = "The location's id."), ReadingHeaders),
    responses((status = 200, description = "It is gone.", body = Deleted), ChangingOne),
    extensions(("x-vinr-scope" = json!("locations:write"))),
    security(("bearer" = []), ("apiKey" = [])),
)]
pub(in crate::api) async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    LocationPath(id): LocationPath,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Reply, Fault> {
    let deleted = api.services.applications.fleet.locations.delete(&caller.who, &id).await?;
    Ok(Reply::json(&deleted))
}
