//! Who was told of an event, for people who look at what it is about. Reads each delivery by its own name.

use vinr_domain::{EventId, Timestamp};

use super::endpoint::EndpointRow;
use super::service::Webhooks;
use crate::refusal::Refusal;
use crate::store::{RecordCursor, RecordPage, Scope};

/// Of how many endpoints it is told; the newest.
const ENDPOINTS: u32 = 20;

/// What became of an event for an endpoint.
#[derive(Clone, Debug)]
pub struct Told {
    /// The event.
    pub event: EventId,
    /// The endpoint's id.
    pub endpoint: String,
    /// Where it was posted to.
    pub url: String,
    /// `pending`, `delivered` or `failed`.
    pub status: &'static str,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was tried last.
    pub at: Option<Timestamp>,
    /// What the endpoint answered last.
    pub http_status: Option<u16>,
    /// How long that took, in milliseconds.
    pub duration_ms: Option<u32>,
    /// Why there was no answer.
    pub error: Option<String>,
}

impl Webhooks {
    /// What became of these events, in their order.
    ///
    /// # Errors
    /// That the store cannot answer.
    pub async fn told(&self, scope: &Scope, events: &[EventId]) -> Result<Vec<Told>, Refusal> {
        let store = &self.depot.office.store;
        let page = RecordPage { limit: ENDPOINTS, cursor: RecordCursor::Start };
        let (endpoints, _) = store.list::<EndpointRow>(scope, None, &page).await?;
        let mut told = Vec::new();
        if endpoints.is_empty() {
            return Ok(told);
        }
        for event in events {
            let Some(posted) = store.get_event(scope, *event).await? else { continue };
            for endpoint in &endpoints {
                let endpoint = &endpoint.value;
                let Some(row) = store.get_delivery(scope, endpoint.name(), posted.ordinal).await? else {
                    continue;
                };
                told.push(Told {
                    event: *event,
                    url: endpoint.url.clone(),
                    status: row.status.as_str(),
                    attempts: row.attempts,
                    at: row.last_attempt_at,
                    http_status: row.http_status,
                    duration_ms: row.duration_ms,
                    error: row.error.as_deref().map(str::to_owned),
                    endpoint: endpoint.name().to_owned(),
                });
            }
        }
        Ok(told)
    }
}
