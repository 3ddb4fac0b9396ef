//! What became of the events of an endpoint, as it is shown.

use serde::Serialize;
use utoipa::ToSchema;
use vinr_domain::{DeliveryId, EventId};
use vinr_wire::rest::body::FieldError;
use vinr_wire::rest::webhook::Stretch;

use crate::store::{DeliveryRow, DeliveryStatus};

/// Which deliveries are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Only with this status.
    pub status: Option<DeliveryStatus>,
    /// 1 to 100.
    pub limit: u32,
    /// From where.
    pub cursor: DeliveryCursor,
}

impl DeliveryFilter {
    /// Reads what a caller wants.
    ///
    /// # Errors
    /// [`FieldError`] naming the parameter.
    pub fn parse(status: Option<&str>, stretch: &Stretch) -> Result<Self, FieldError> {
        let wrong = || FieldError::invalid("status", "must be one of: pending, delivered, failed");
        let id = |param: &str, text: &str| {
            DeliveryId::parse(text).map_err(|_| FieldError::invalid(param, "must be the id of a delivery"))
        };
        Ok(Self {
            status: status.map(|text| DeliveryStatus::parse(text).ok_or_else(wrong)).transpose()?,
            limit: stretch.limit,
            cursor: match (&stretch.after, &stretch.before) {
                (Some(after), _) => DeliveryCursor::After(id("starting_after", after)?),
                (None, Some(before)) => DeliveryCursor::Before(id("ending_before", before)?),
                (None, None) => DeliveryCursor::Start,
            },
        })
    }
}

/// Where a page of deliveries begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryCursor {
    /// At the newest.
    Start,
    /// With those older than this one.
    After(DeliveryId),
    /// With those newer than this one.
    Before(DeliveryId),
}

/// The event of a delivery: they bear the same number.
pub(super) fn event_of(id: DeliveryId) -> EventId {
    EventId(id.0)
}

/// What became of one event for one endpoint.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub struct DeliveryView {
    /// Its name; unique for the endpoint.
    #[schema(example = "del_01JXF3V0M07PVT9X3W7YB2K4QD")]
    pub id: String,
    /// `webhook_delivery`.
    #[schema(value_type = String)]
    pub object: &'static str,
    /// The endpoint.
    pub endpoint: String,
    /// The event.
    pub event: String,
    /// The event's type.
    pub event_type: String,
    /// `pending`: it is tried again, or waits behind an earlier event of its object; `delivered`; `failed`: it is not
    /// tried again by itself.
    #[schema(value_type = String, pattern = "^(pending|delivered|failed)$")]
    pub status: &'static str,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was tried last, in Unix seconds.
    pub last_attempt_at: Option<i64>,
    /// When it is tried next, in Unix seconds.
    pub next_attempt_at: Option<i64>,
    /// What the endpoint answered last.
    pub http_status: Option<u16>,
    /// How long the last attempt took, in milliseconds.
    pub duration_ms: Option<u32>,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// The beginning of the endpoint's last answer.
    pub response: Option<String>,
    /// When the event happened, in Unix seconds.
    pub created: i64,
}

impl From<&DeliveryRow> for DeliveryView {
    fn from(row: &DeliveryRow) -> Self {
        let seconds = |at: vinr_domain::Timestamp| at.0.div_euclid(1000);
        let failed = row.status != DeliveryStatus::Delivered;
        Self {
            id: DeliveryId(row.event.0).to_string(),
            object: "webhook_delivery",
            endpoint: row.endpoint.to_string(),
            event: row.event.to_string(),
            event_type: row.kind.to_owned(),
            status: row.status.as_str(),
            attempts: row.attempts,
            last_attempt_at: row.last_attempt_at.map(seconds),
            next_attempt_at: row.next_attempt_at.map(seconds),
            http_status: row.http_status,
            duration_ms: row.duration_ms,
            error: row.error.as_deref().filter(|_| failed).map(str::to_owned),
            response: row.response.as_deref().map(str::to_owned),
            created: seconds(row.created_at),
        }
    }
}
