//! What accounts may ask about webhooks beside changes: endpoints looked at and tried, deliveries looked at and sent
//! again. Knows no HTTP of the API's.

use std::sync::Arc;

use vinr_domain::{DeliveryId, EventId};
use vinr_wire::rest::error::ErrorCode;
use vinr_wire::rest::webhook::{Policy, Stretch};

use super::courier::Depot;
use super::endpoint::{EndpointRow, EndpointStatus, EndpointView};
use super::log::{DeliveryCursor, DeliveryFilter, DeliveryView, event_of};
use super::outbox::Outbox;
use super::sender::{Message, Post};
use super::vault::SealKey;
use super::window::first_row;
use crate::office::Office;
use crate::once::{IdempotencyKey, Said};
use crate::refusal::Refusal;
use crate::store::{
    self, Change, CommitError, DeliveryPage, DeliveryRow, DeliveryStatus, EventRow, Kept, RecordCursor,
    RecordPage, Scope, StoreError,
};

/// The type of event that tries an endpoint.
pub(super) const TEST: &str = "webhook_endpoint.test";

/// Webhooks, as the API uses them.
#[derive(Clone)]
pub struct Webhooks {
    pub(super) depot: Depot,
    pub(super) outbox: Arc<Outbox>,
}

impl Webhooks {
    /// Over the office; sends nothing until [`Self::start`].
    #[must_use]
    pub fn new(office: Office) -> Self {
        let settings = Arc::new(office.settings.webhooks.clone());
        let key = settings.key.clone().unwrap_or_else(SealKey::random);
        let depot =
            Depot { office, post: Post::new(Arc::clone(&settings)), key, settings, changing: Arc::default() };
        Self { outbox: Outbox::new(depot.clone()), depot }
    }

    /// Begins to send to every endpoint that is enabled, from where an earlier process ended.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn start(&self) -> Result<(), StoreError> {
        let store = &self.depot.office.store;
        let cursors: std::collections::HashMap<_, _> =
            store.list_cursors_across_accounts().await?.into_iter().collect();
        let endpoints = store.all_across_accounts::<EndpointRow>().await?;
        Arc::clone(&self.outbox).follow();
        for kept in endpoints {
            let cursor = cursors.get(kept.value.name()).copied().unwrap_or(0);
            if kept.value.status == EndpointStatus::Enabled {
                self.outbox.enlist(kept.value, cursor);
            }
        }
        Ok(())
    }

    /// Where events may be posted to.
    #[must_use]
    pub fn policy(&self) -> Policy {
        self.depot.settings.policy
    }

    /// One endpoint.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn retrieve(&self, scope: &Scope, id: &str) -> Result<EndpointView, Refusal> {
        Ok(self.find(scope, id).await?.value.view())
    }

    /// A page of endpoints, newest first.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn list(&self, scope: &Scope, stretch: &Stretch) -> Result<(Vec<EndpointView>, bool), Refusal> {
        let cursor = match (&stretch.after, &stretch.before) {
            (Some(after), _) => RecordCursor::After(after.as_str().into()),
            (None, Some(before)) => RecordCursor::Before(before.as_str().into()),
            (None, None) => RecordCursor::Start,
        };
        let page = RecordPage { limit: stretch.limit, cursor };
        let (rows, more) = self.depot.office.store.list::<EndpointRow>(scope, None, &page).await?;
        Ok((rows.iter().map(|kept| kept.value.view()).collect(), more))
    }

    /// Sends a test event now, also to an endpoint that is disabled, and says what came back.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn test(&self, scope: &Scope, id: &str, once: Option<IdempotencyKey>) -> Result<Said, Refusal> {
        let office = &self.depot.office;
        if let Some(said) = office.once.replay(scope, once.as_ref()).await? {
            return Ok(said);
        }
        let turn = self.depot.changing.lock().await;
        let (row, event) = loop {
            let Kept { revision, value: mut row } = self.find(scope, id).await?;
            row.sequence += 1;
            let event = self.test_event(&row);
            let changes = vec![Change::update(&row, revision), Change::AppendEvent(event.clone())];
            if self.conclude(scope, None, changes, Said::new(200, &())).await?.is_some() {
                break (row, event);
            }
        };
        self.outbox.update(&row);
        drop(turn);
        let now = office.now();
        let secrets = row.secrets(&self.depot.key, now);
        let message = Message::of(&event, &row, &secrets, now);
        let outcome = self.depot.post.client(&row.url).post(message, now).await;
        let posted = office.store.get_event(scope, event.id).await?.ok_or(Refusal::NoSuch("event"))?;
        let mut delivery = first_row(&row.name().into(), posted.ordinal, &event);
        delivery.attempts = 1;
        delivery.status = if outcome.delivered { DeliveryStatus::Delivered } else { DeliveryStatus::Failed };
        delivery.last_attempt_at = Some(outcome.at);
        delivery.http_status = outcome.http_status;
        delivery.duration_ms = Some(outcome.duration_ms);
        delivery.error = outcome.error;
        delivery.response = outcome.response;
        let said = Said::new(200, &DeliveryView::from(&delivery));
        office.conclude(scope, once.as_ref(), vec![Change::PutDeliveries(vec![delivery])], said).await
    }

    fn test_event(&self, row: &EndpointRow) -> EventRow {
        let view = serde_json::to_vec(&row.view())
            .expect("a struct of strings, numbers and lists always serializes");
        let now = self.depot.office.now();
        EventRow {
            id: EventId(self.depot.office.name()),
            scope: store::Stored::scope(row).clone(),
            kind: TEST,
            object_id: row.name().into(),
            sequence: row.sequence,
            created_at: now,
            data: view.into(),
        }
    }

    /// A page of what became of an endpoint's events, newest event first.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn deliveries(
        &self,
        scope: &Scope,
        id: &str,
        filter: &DeliveryFilter,
    ) -> Result<(Vec<DeliveryView>, bool), Refusal> {
        self.find(scope, id).await?;
        let cursor = match filter.cursor {
            DeliveryCursor::Start => store::DeliveryCursor::Start,
            DeliveryCursor::After(cursor) => match self.place(scope, cursor).await? {
                Some(place) => store::DeliveryCursor::After(place),
                None => return Ok((Vec::new(), false)),
            },
            DeliveryCursor::Before(cursor) => match self.place(scope, cursor).await? {
                Some(place) => store::DeliveryCursor::Before(place),
                None => return Ok((Vec::new(), false)),
            },
        };
        let page = DeliveryPage { status: filter.status, limit: filter.limit, cursor };
        let (rows, more) = self.depot.office.store.list_deliveries(scope, id, &page).await?;
        Ok((rows.iter().map(DeliveryView::from).collect(), more))
    }

    async fn place(&self, scope: &Scope, id: DeliveryId) -> Result<Option<u64>, Refusal> {
        let posted = self.depot.office.store.get_event(scope, event_of(id)).await?;
        Ok(posted.map(|posted| posted.ordinal))
    }

    /// What became of one event.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn delivery(&self, scope: &Scope, id: &str, delivery: &str) -> Result<DeliveryView, Refusal> {
        self.find(scope, id).await?;
        Ok(DeliveryView::from(&self.find_delivery(scope, id, delivery).await?))
    }

    /// Sends an event again, now, once.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn resend(
        &self,
        scope: &Scope,
        id: &str,
        delivery: &str,
        once: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let (this, scope) = (self.clone(), scope.clone());
        let (id, delivery) = (id.to_owned(), delivery.to_owned());
        self.to_the_end(async move { this.send_again(&scope, &id, &delivery, once.as_ref()).await }).await
    }

    async fn send_again(
        &self,
        scope: &Scope,
        id: &str,
        delivery: &str,
        once: Option<&IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let office = &self.depot.office;
        if let Some(said) = office.once.replay(scope, once).await? {
            return Ok(said);
        }
        let endpoint = self.find(scope, id).await?.value;
        if endpoint.status != EndpointStatus::Enabled {
            return Err(Refusal::stated(
                ErrorCode::EndpointDisabled,
                "The webhook endpoint is disabled. Enable it first; nothing was sent.",
            ));
        }
        let mut row = self.find_delivery(scope, id, delivery).await?;
        row.status = DeliveryStatus::Pending;
        row.next_attempt_at = Some(office.now());
        let said = Said::new(202, &DeliveryView::from(&row));
        let changes = vec![Change::PutDeliveries(vec![row.clone()])];
        let said = office.conclude(scope, once, changes, said).await?;
        if !said.replayed && !self.outbox.again(row) {
            return Err(Refusal::Overloaded);
        }
        Ok(said)
    }

    pub(super) async fn find(&self, scope: &Scope, id: &str) -> Result<Kept<EndpointRow>, Refusal> {
        let found = self.depot.office.store.get::<EndpointRow>(scope, id).await?;
        found.ok_or(Refusal::NoSuch("webhook endpoint"))
    }

    async fn find_delivery(&self, scope: &Scope, id: &str, delivery: &str) -> Result<DeliveryRow, Refusal> {
        let unknown = Refusal::NoSuch("delivery");
        let Ok(delivery) = DeliveryId::parse(delivery) else { return Err(unknown) };
        let Some(place) = self.place(scope, delivery).await? else { return Err(unknown) };
        self.depot.office.store.get_delivery(scope, id, place).await?.ok_or(unknown)
    }

    /// Commits; `None` when somebody else was faster and it has to be tried on what they wrote.
    async fn conclude(
        &self,
        scope: &Scope,
        once: Option<&IdempotencyKey>,
        changes: Vec<Change>,
        said: Said,
    ) -> Result<Option<Said>, Refusal> {
        let office = &self.depot.office;
        match office.once.try_commit(scope, once, changes, &said, office.now()).await {
            Ok(()) => Ok(Some(said)),
            Err(CommitError::RecordStale { .. }) => Ok(None),
            Err(CommitError::IdempotencyKeyTaken(row)) => match once {
                Some(key) => crate::once::first_answer(&row, key).map(Some),
                None => Err(Refusal::IdempotencyKeyReused),
            },
            Err(error) => Err(error.into()),
        }
    }
}
