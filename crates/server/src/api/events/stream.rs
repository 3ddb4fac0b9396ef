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
use vinr_wire::rest::version::ApiVersion;
use vinr_wire::rest::webhook::{PROGRESS_TYPE, Topics};

use super::super::Api;
use super::super::document::{OneObject, ReadingHeaders};
use super::super::error::Fault;
use super::super::front::Caller;
use super::super::request::Query;
use crate::events::Wanted;

const LAST_EVENT_ID: &str = "Last-Event-ID";

/// The query of a stream.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct StreamEvents {
    /// The last event that was seen; the header `Last-Event-ID` says the same and goes first.
    #[param(pattern = "^evt_[0-7][0-9A-HJKMNP-TV-Z]{25}$", nullable = false)]
    after: Option<String>,
    /// Only these types or categories; all when left out. `terminal_payment.progress` has to be named.
    #[param(rename = "enabled_events[]", nullable = false)]
    enabled_events: Option<Vec<String>>,
}

/// Progress is told to whoever names it: it has no id, and readers that know nothing of it resume by ids.
fn wanted(types: Option<Vec<String>>, version: ApiVersion) -> Result<Wanted, FieldError> {
    let Some(mut types) = types else {
        return Ok(Wanted { topics: Topics::all(), progress: false, version });
    };
    let asked = types.len();
    types.retain(|name| name != PROGRESS_TYPE);
    let progress = types.len() < asked;
    let topics =
        if progress && types.is_empty() { Topics::none() } else { Topics::parse("enabled_events", types)? };
    Ok(Wanted { topics, progress, version })
}

/// Follow events as they happen
///
/// Server-sent events: `id`, `event` (the type) and `data` (the event). Resume with `Last-Event-ID` or `after`. A stream
/// ends when its reader takes nothing for 30 seconds, or its key is revoked; at most 10 are open per key.
///
/// `terminal_payment.progress` in `enabled_events` shows how far payments are (`choosing_tip`, `awaiting_card`,
/// `card_presented`, `pin_entry`, `authorizing`) in `data.stage`. It is told once, kept nowhere, and has no `id`.
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
    let wanted = wanted(query.enabled_events, caller.version)?;
    let follower = api.services.events.follow(&caller.who, after, wanted).await?;
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
