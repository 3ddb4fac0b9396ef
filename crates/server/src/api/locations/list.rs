//! `GET /v1/locations`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::location::{ListLocations, LocationList};

use super::super::Api;
use super::super::document::{Reading, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::Query;

/// List locations
///
/// Newest first.
#[utoipa::path(
    get,
    path = "/v1/locations",
    operation_id = "listLocations",
    tag = "Locations",
    params(ListLocations, ReadingHeaders),
    responses((status = 200, description = "A page of locations.", body = LocationList), Reading),
    extensions(("x-vinr-scope" = json!("locations:read"))),
    security(("bearer" = []), ("apiKey" = [])),
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Query(query): Query<ListLocations>,
) -> Result<Reply, Fault> {
    let (limit, cursor) = query.validate()?;
    let (views, has_more) =
        api.services.applications.fleet.locations.list(&caller.who, limit, cursor).await?;
    Ok(Reply::json(&LocationList::new(views, has_more)))
}
