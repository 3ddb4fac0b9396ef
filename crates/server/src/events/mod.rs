//! What happened, for whoever asks (contract 2.6): pages of events, one event, and streams of them. Writes none.

mod about;
mod progress;
mod stream;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use vinr_domain::EventId;
use vinr_wire::rest::version::ApiVersion;
use vinr_wire::rest::webhook::{EventQuery, Topics, render_event, render_events};

pub use self::about::Happening;
pub use self::stream::Follower;
use crate::access::{KeyId, KeyRing, Principal};
use crate::office::Office;
use crate::refusal::Refusal;
use crate::store::{EventCursor, EventFilter, EventPage, Scope};
use crate::webhooks::envelope;

/// How many streams one key may have open at the same time.
const MAX_STREAMS: usize = 10;

/// Events, as the API uses them.
#[derive(Clone)]
pub struct Events {
    office: Office,
    keys: Arc<KeyRing>,
    open: Arc<Mutex<HashMap<KeyId, usize>>>,
    moments: progress::Moments,
}

/// What a stream shows.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Events of these types.
    pub topics: Topics,
    /// And how far payments are, which is no event.
    pub progress: bool,
    /// As this version writes it.
    pub version: ApiVersion,
}

impl Events {
    /// Over the office; `keys` say how long a stream may go on.
    #[must_use]
    pub fn new(office: Office, keys: Arc<KeyRing>) -> Self {
        Self { office, keys, open: Arc::default(), moments: progress::moments() }
    }

    /// A page of events, newest first, as JSON in that version.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn list(
        &self,
        scope: &Scope,
        query: EventQuery,
        version: ApiVersion,
    ) -> Result<Vec<u8>, Refusal> {
        let filter = EventFilter {
            kind: query.kind.map(Arc::from),
            object_id: query.object.map(Arc::from),
            from: query.from,
            to: query.to,
        };
        let cursor = match (query.after, query.before) {
            (Some(after), _) => EventCursor::After(after),
            (None, Some(before)) => EventCursor::Before(before),
            (None, None) => EventCursor::Start,
        };
        let page = EventPage { limit: query.limit, cursor };
        let (events, more) = self.office.store.list_events(scope, &filter, &page).await?;
        let mut out = Vec::with_capacity(64 + events.len() * 1024);
        render_events(events.iter().map(envelope), more, version, &mut out);
        Ok(out)
    }

    /// One event, as JSON in that version.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn retrieve(&self, scope: &Scope, id: &str, version: ApiVersion) -> Result<Vec<u8>, Refusal> {
        let unknown = Refusal::NoSuch("event");
        let Ok(id) = EventId::parse(id) else { return Err(unknown) };
        let posted = self.office.store.get_event(scope, id).await?.ok_or(unknown)?;
        let mut out = Vec::with_capacity(1024);
        render_event(&envelope(&posted.event), version, &mut out);
        Ok(out)
    }

    /// Follows what happens from now on, or behind an event that is still kept.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn follow(
        &self,
        who: &Principal,
        after: Option<EventId>,
        wanted: Wanted,
    ) -> Result<Follower, Refusal> {
        let at = match after {
            None => *self.office.store.tail().borrow(),
            Some(id) => match self.office.store.get_event(&who.scope, id).await? {
                Some(posted) => posted.ordinal,
                None => return Err(Refusal::NoSuch("event to go on after")),
            },
        };
        Follower::open(self, who, at, wanted)
    }
}
