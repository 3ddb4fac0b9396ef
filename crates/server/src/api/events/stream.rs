//! `GET /v1/events/stream`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use vinr_domain::EventId;
use vinr_wire::rest::body::FieldError;
use vinr_wire::rest::webhook::Topics;

use super::super::Api;
use super::super::document::{OneObject, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::request::Query;

const LAST_EVENT_ID: &str = "Last-Event-ID";

/// The query of a stream.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct StreamEvents {
    /// The last event that was seen; the header `Last-Event-ID` says the same and goes first.
    #[param(pattern = "^evt_[0-7][0-9A-HJKMNP-TV-Z]{25}$", nullable = false)]
    after: Option<String>,
    /// Only these types or categories; all when left out.
    #[param(rename = "enabled_events[]", nullable = false)]
    enabled_events: Option<Vec<String>>,
}

/// Follow events as they happen
///
/// Server-sent events: `id`, `event` (the type) and `data` (the event). Resume with `Last-Event-ID` or `after`. A stream
/// ends when its reader takes nothing for 30 seconds, or its key is revoked; at most 10 are open per key.
#[utoipa::path(
    get,
    path = "/v1/events/stream",
    operation_id = "streamEvents",
    tag = "Events",
    params(StreamEvents, ReadingHeaders),
    responses((status = 200, description = "The stream.", body = String, content_type = "text/event-stream"), OneObject),
    security(("bearer" = []), ("apiKey" = [])),
    extensions(("x-vinr-scope" = json!("events:read"))),
)]
pub(in crate::api) async fn stream(
    State(api): State<Arc<Api>>,
    caller: Caller,
    headers: HeaderMap,
    Query(query): Query<StreamEvents>,
) -> Result<Response, Fault> {
    let (param, after) = match headers.get(LAST_EVENT_ID) {
        Some(value) => (LAST_EVENT_ID, Some(value.to_str().unwrap_or("").to_owned())),
        None => ("after", query.after),
    };
    let wrong = |_| FieldError::invalid(param, "must be the id of an event");
    let after = after.filter(|id| !id.is_empty()).map(|id| EventId::parse(&id).map_err(wrong)).transpose()?;
    let topics = match query.enabled_events {
        Some(wanted) => Topics::parse("enabled_events", wanted)?,
        None => Topics::all(),
    };
    let follower = api.services.events.follow(&caller.who, after, topics, caller.version).await?;
    let pieces = futures_util::stream::unfold(follower, |mut follower| async move {
        let piece = follower.next().await?;
        Some((Ok::<_, std::convert::Infallible>(piece), follower))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
