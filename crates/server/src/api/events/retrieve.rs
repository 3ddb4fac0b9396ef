//! `GET /v1/events/{id}`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;

use super::super::Api;
use super::super::document::{OneObject, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::{NoQuery, Query};
use super::Event;

/// Retrieve an event
///
/// As it was when it happened.
#[utoipa::path(
    get,
    path = "/v1/events/{id}",
    operation_id = "retrieveEvent",
    tag = "Events",
    params(("id" = String, Path, description = "The event's id."), ReadingHeaders),
    responses((status = 200, description = "The event.", body = Event), OneObject),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("events:read"))),
)]
pub(in crate::api) async fn retrieve(
    State(api): State<Arc<Api>>,
    caller: Caller,
    uri: Uri,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Reply, Fault> {
    let id = uri.path().split('/').nth(3).unwrap_or("");
    let event = api.services.events.retrieve(&caller.who.scope, id, caller.version).await?;
    Ok(Reply::written(event))
}
