//! `POST /v1/locations`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::location::{CreateLocation, LocationView};

use super::super::Api;
use super::super::document::{Changing, ChangingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Submission};

/// Create a location
///
/// Where terminals stand: they inherit what is configured there, and their batches are settled at its end of day.
#[utoipa::path(
    post,
    path = "/v1/locations",
    operation_id = "createLocation",
    tag = "Locations",
    params(ChangingHeaders),
    request_body(content(
        (CreateLocation = "application/json", example = json!({
            "displayName": "Acme Coffee, Main Street", "timeZone": "Europe/Berlin", "endOfDay": "23:30"
        })),
        (CreateLocation = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The location.", body = LocationView), Changing),
    extensions(("x-vinr-scope" = json!("locations:write"))),
    security(("bearer" = []), ("apiKey" = [])),
)]
pub(in crate::api) async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    request: Submission<NoQuery, CreateLocation>,
) -> Result<Reply, Fault> {
    let NoQuery {} = request.query;
    let new = request.body.validate()?;
    let locations = &api.services.applications.fleet.locations;
    Ok(Reply::said(locations.create(&caller.who, new, request.key).await?))
}
