//! `GET /v1/events`.

use std::sync::Arc;

use axum::extract::State;
use vinr_wire::rest::webhook::ListEvents;

use super::super::Api;
use super::super::document::{Reading, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::reply::Reply;
use super::super::request::Query;
use super::EventList;

/// List events
///
/// Newest first, those of the last 30 days.
#[utoipa::path(
    get,
    path = "/v1/events",
    operation_id = "listEvents",
    tag = "Events",
    params(ListEvents, ReadingHeaders),
    responses((status = 200, description = "A page of events.", body = EventList), Reading),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("events:read"))),
)]
pub(in crate::api) async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Query(query): Query<ListEvents>,
) -> Result<Reply, Fault> {
    let page = api.services.events.list(&caller.who.scope, query.validate()?, caller.version).await?;
    Ok(Reply::written(page))
}
