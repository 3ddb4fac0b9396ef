//! `/v1/events`: one file per operation.

pub(super) mod list;
pub(super) mod retrieve;
pub(super) mod stream;

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::ToSchema;

/// Something that happened. Webhooks post the same.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description for the OpenAPI document")]
struct Event {
    #[schema(example = "evt_01JXF3V0M07PVT9X3W7YB2K4QD")]
    id: String,
    /// `event`.
    object: String,
    /// What happened.
    #[schema(example = "terminal_payment.completed")]
    r#type: String,
    /// Live or test data.
    livemode: bool,
    /// When, in Unix seconds.
    created: i64,
    /// Its place among the events of its object.
    sequence: i64,
    /// For payments and refunds `object` is the whole object at that moment; otherwise the object itself.
    data: BTreeMap<String, Value>,
}

/// A page of events, newest first.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description for the OpenAPI document")]
struct EventList {
    /// `list`.
    object: String,
    data: Vec<Event>,
    /// Whether another page follows in the same direction.
    has_more: bool,
}
