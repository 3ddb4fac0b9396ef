//! `POST /v1/locations/{id}`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::location::{LocationView, UpdateLocation};

use super::super::Api;
use super::super::document::{ChangingHeaders, ChangingOne};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{LocationPath, NoQuery, Submission};

/// Update a location
///
/// Only the fields that are included are changed; `null` (in a form: an empty value) takes a value away.
#[utoipa::path(
    post,
    path = "/v1/locations/{id}",
    operation_id = "updateLocation",
    tag = "Locations",
    params(("id" = String, Path, description = "The location's id."), ChangingHeaders),
    request_body(content(
        (UpdateLocation = "application/json", example = json!({"endOfDay": "22:00"})),
        (UpdateLocation = "application/x-www-form-urlencoded"),
    )),
    responses((status = 200, description = "The location as it is now.", body = LocationView), ChangingOne),
    extensions(("x-vinr-scope" = json!("locations:write"))),
    security(("bearer" = []), ("apiKey" = [])),
)]
pub(in crate::api) async fn update(
    State(api): State<Arc<Api>>,
    caller: Caller,
    LocationPath(id): LocationPath,
    request: Submission<NoQuery, UpdateLocation>,
) -> Result<Reply, Fault> {
    let NoQuery {} = request.query;
    let changes = request.body.validate()?;
    let locations = &api.services.applications.fleet.locations;
    Ok(Reply::said(locations.update(&caller.who, &id, changes, request.key).await?))
}
