//! What became of the events that an endpoint is told of. A row appears with the result of its first attempt, or when it
//! has to wait behind another event of its object; until then the endpoint's cursor says what it has not been told.

use std::sync::Arc;

use vinr_domain::{EventId, Timestamp};

use super::port::Scope;

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryStatus {
    /// It is tried again, or waits behind an earlier event of the same object.
    Pending,
    /// The endpoint has taken it.
    Delivered,
    /// It is not tried again by itself.
    Failed,
}

impl DeliveryStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Failed];

    /// As the API and the store write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// One event for one endpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct DeliveryRow {
    /// To whom.
    pub endpoint: Arc<str>,
    /// The place of the event; with the endpoint, the name of the row.
    pub ordinal: u64,
    /// Whose.
    pub scope: Scope,
    /// The event.
    pub event: EventId,
    /// Its kind.
    pub kind: &'static str,
    /// The object it is about.
    pub object_id: Arc<str>,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// How often it was tried.
    pub attempts: u32,
    /// When the event was made.
    pub created_at: Timestamp,
    /// When it was tried last.
    pub last_attempt_at: Option<Timestamp>,
    /// When it is tried next.
    pub next_attempt_at: Option<Timestamp>,
    /// What the endpoint answered last.
    pub http_status: Option<u16>,
    /// How long that took, in milliseconds.
    pub duration_ms: Option<u32>,
    /// Why the last attempt failed, for people.
    pub error: Option<Arc<str>>,
    /// The beginning of the endpoint's last answer.
    pub response: Option<Arc<str>>,
}

/// Which deliveries of an endpoint a list shows, newest event first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryPage {
    /// Only with this status.
    pub status: Option<DeliveryStatus>,
    /// 1 to 100.
    pub limit: u32,
    /// From where.
    pub cursor: DeliveryCursor,
}

/// Where a page of deliveries begins, by the place of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryCursor {
    /// At the newest.
    Start,
    /// With those older than this one.
    After(u64),
    /// With those newer than this one: the `limit` of them that are nearest to it, still newest first.
    Before(u64),
}
