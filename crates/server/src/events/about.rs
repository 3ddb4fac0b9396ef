//! What happened to one object, for people: its events as they are kept, with times in milliseconds.

use vinr_domain::{EventId, Timestamp};
use vinr_wire::rest::view::PaymentView;

use super::Events;
use crate::refusal::Refusal;
use crate::store::{EventCursor, EventFilter, EventPage, Scope};

/// The most events of one object that are told; the newest are.
const MOST: u32 = 100;

/// Something that happened to an object.
#[derive(Clone, Debug)]
pub struct Happening {
    /// The event.
    pub id: EventId,
    /// `terminal_payment.completed` and so on.
    pub kind: &'static str,
    /// When.
    pub at: Timestamp,
    /// The payment as it was then, if it is about one.
    pub payment: Option<PaymentView>,
}

impl Events {
    /// What happened to the object, the first first.
    ///
    /// # Errors
    /// That the store cannot answer.
    pub async fn about(&self, scope: &Scope, object: &str) -> Result<Vec<Happening>, Refusal> {
        let filter = EventFilter { object_id: Some(object.into()), ..EventFilter::default() };
        let page = EventPage { limit: MOST, cursor: EventCursor::Start };
        let (mut events, _) = self.office.store.list_events(scope, &filter, &page).await?;
        // The events of one object are in the order of their sequence, whatever their clocks said.
        events.sort_by_key(|event| event.sequence);
        let happening = |event: crate::store::EventRow| Happening {
            id: event.id,
            kind: event.kind,
            at: event.created_at,
            payment: serde_json::from_slice(&event.data).ok(),
        };
        Ok(events.into_iter().map(happening).collect())
    }
}
