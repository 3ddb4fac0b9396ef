//! `GET /dashboard/live`: that something changed, so that the page in front of somebody can fetch itself again. Tells what
//! kind of thing changed and nothing of what it is now: whether it may be seen is decided when it is fetched.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use vinr_wire::rest::version::ApiVersion;
use vinr_wire::rest::webhook::Topics;

use super::Dashboard;
use super::page::Trouble;
use super::visit::Visit;
use crate::access::Grant;
use crate::events::Wanted;

/// What is said when terminals have come further with what they were told, of which no event tells.
const STIRRED: &[u8] = b"event: terminal.configuration\n";

/// The stream: for every event of the account and mode its type, `terminal_payment.updated`.
pub(super) async fn stream(
    State(dashboard): State<Arc<Dashboard>>,
    visit: Visit,
) -> Result<Response, Trouble> {
    let who = visit.may(Grant::PaymentsRead)?;
    let wanted = Wanted { topics: Topics::all(), progress: false, version: ApiVersion::V2026_06_11 };
    let follower = dashboard.services.events.follow(who, None, wanted).await?;
    let stirs = dashboard.services.applications.configurations.stirs(&who.scope);
    let pieces = futures_util::stream::unfold((follower, stirs), |(mut follower, mut stirs)| async move {
        let piece = tokio::select! {
            biased;
            piece = follower.next() => piece?,
            () = stirs.next() => Bytes::from_static(STIRRED),
        };
        // The type alone: the page asks for what it shows.
        let text = String::from_utf8_lossy(&piece);
        let mut out = String::new();
        for line in text.lines() {
            if let Some(kind) = line.strip_prefix("event: ") {
                out.push_str(&format!("event: changed\ndata: {kind}\n\n"));
            } else if line.starts_with(':') || line.starts_with("retry:") {
                out.push_str(line);
                out.push_str("\n\n");
            }
        }
        Some((Ok::<_, std::convert::Infallible>(out), (follower, stirs)))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
