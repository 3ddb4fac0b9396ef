//! What accounts may ask about webhooks: endpoints made, changed, tried and taken away, deliveries looked at and sent
//! again. Knows no HTTP of the API's.

use std::sync::Arc;

use vinr_domain::{DeliveryId, EventId, WebhookEndpointId};
use vinr_wire::rest::error::ErrorCode;
use vinr_wire::rest::webhook::{EndpointChanges, EndpointCreation, Policy, Stretch};

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
    RecordPage, Scope, StoreError, Transaction,
};

/// The type of event that tries an endpoint.
pub(super) const TEST: &str = "webhook_endpoint.test";
/// How many endpoints a scope may have.
const MAX_ENDPOINTS: usize = 100;

/// Webhooks, as the API uses them.
#[derive(Clone)]
pub struct Webhooks {
    depot: Depot,
    outbox: Arc<Outbox>,
}

impl Webhooks {
    /// Over the office; sends nothing until [`Self::start`].
    #[must_use]
    pub fn new(office: Office) -> Self {
        let settings = Arc::new(office.settings.webhooks.clone());
        let key = settings.key.clone().unwrap_or_else(SealKey::random);
        let depot = Depot { office, post: Post::new(Arc::clone(&settings)), key, settings };
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
        for kept in store.all_across_accounts::<EndpointRow>().await? {
            let cursor = cursors.get(kept.value.name()).copied().unwrap_or(0);
            if kept.value.status == EndpointStatus::Enabled {
                self.outbox.enlist(kept.value, cursor);
            }
        }
        self.depot.office.tasks.spawn(Arc::clone(&self.outbox).run());
        Ok(())
    }

    /// Where events may be posted to.
    #[must_use]
    pub fn policy(&self) -> Policy {
        self.depot.settings.policy
    }

    /// Makes an endpoint; it is told of what happens from now on. The answer shows its secret.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn create(
        &self,
        scope: &Scope,
        new: EndpointCreation,
        once: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let office = &self.depot.office;
        if let Some(said) = office.once.replay(scope, once.as_ref()).await? {
            return Ok(self.reveal(said));
        }
        let page = RecordPage { limit: 100, cursor: RecordCursor::Start };
        if office.store.list::<EndpointRow>(scope, None, &page).await?.0.len() >= MAX_ENDPOINTS {
            return Err(Refusal::stated(
                ErrorCode::LimitExceeded,
                "An account has at most 100 webhook endpoints in each mode. Nothing was made.",
            ));
        }
        let now = office.now();
        let id = WebhookEndpointId(office.name());
        let mut row = EndpointRow::new(id, scope.clone(), new.url, new.topics, now);
        row.description = new.description;
        row.metadata = new.metadata;
        row.set_version(new.version);
        let secret = SealKey::make_secret();
        row.add_secret(&self.depot.key, &secret, now, now);
        let cursor = *office.store.tail().borrow();
        let changes =
            vec![Change::insert(&row), Change::MoveCursor { endpoint: row.name().into(), ordinal: cursor }];
        let said = Said::new(200, &row.view().with_sealed(&row));
        let said = office.conclude(scope, once.as_ref(), changes, said).await?;
        if !said.replayed {
            self.outbox.enlist(row, cursor);
        }
        Ok(self.reveal(said))
    }

    /// Puts the secret into an answer that was kept with the sealed one.
    fn reveal(&self, mut said: Said) -> Said {
        if let Ok(mut body) = serde_json::from_slice::<serde_json::Value>(&said.body) {
            let secret = body["secret"].as_str().zip(body["id"].as_str());
            let secret = secret.and_then(|(sealed, id)| self.depot.key.unseal_text(id, sealed));
            if let Some(secret) = secret {
                body["secret"] = secret.reveal().into();
                said.body = body.to_string().into_bytes().into();
            }
        }
        said
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

    /// Changes an endpoint. One that is enabled again is sent what was held back.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn update(
        &self,
        scope: &Scope,
        id: &str,
        wanted: EndpointChanges,
        once: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let office = &self.depot.office;
        if let Some(said) = office.once.replay(scope, once.as_ref()).await? {
            return Ok(said);
        }
        loop {
            let Kept { revision, value: mut row } = self.find(scope, id).await?;
            apply(&mut row, &wanted);
            let said = Said::new(200, &row.view());
            let changes = vec![Change::update(&row, revision)];
            match self.conclude(scope, once.as_ref(), changes, said).await? {
                Some(said) => {
                    if !said.replayed {
                        self.announce(row).await?;
                    }
                    return Ok(said);
                }
                None => continue,
            }
        }
    }

    /// Takes an endpoint away, with its deliveries.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn delete(&self, scope: &Scope, id: &str) -> Result<serde_json::Value, Refusal> {
        self.find(scope, id).await?;
        self.outbox.dismiss(scope, id);
        let changes =
            vec![Change::delete::<EndpointRow>(scope, id), Change::ForgetDeliveries { endpoint: id.into() }];
        self.depot.office.store.commit(Transaction { changes }).await?;
        Ok(serde_json::json!({ "id": id, "object": "webhook_endpoint", "deleted": true }))
    }

    /// Gives an endpoint a new secret, which the answer shows; the old one signs beside it for `overlap_ms`.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn roll(
        &self,
        scope: &Scope,
        id: &str,
        overlap_ms: i64,
        once: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let office = &self.depot.office;
        if let Some(said) = office.once.replay(scope, once.as_ref()).await? {
            return Ok(self.reveal(said));
        }
        let secret = SealKey::make_secret();
        loop {
            let Kept { revision, value: mut row } = self.find(scope, id).await?;
            let now = office.now();
            row.add_secret(&self.depot.key, &secret, now, now.plus_ms(overlap_ms));
            let said = Said::new(200, &row.view().with_sealed(&row));
            let changes = vec![Change::update(&row, revision)];
            if let Some(said) = self.conclude(scope, once.as_ref(), changes, said).await? {
                if !said.replayed {
                    self.outbox.update(&row);
                }
                return Ok(self.reveal(said));
            }
        }
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
        let office = &self.depot.office;
        if let Some(said) = office.once.replay(scope, once.as_ref()).await? {
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
        let said = office
            .conclude(scope, once.as_ref(), vec![Change::PutDeliveries(vec![row.clone()])], said)
            .await?;
        if !said.replayed && !self.outbox.again(row) {
            return Err(Refusal::Overloaded);
        }
        Ok(said)
    }

    async fn find(&self, scope: &Scope, id: &str) -> Result<Kept<EndpointRow>, Refusal> {
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

    /// Tells the couriers how the endpoint is now.
    async fn announce(&self, row: EndpointRow) -> Result<(), Refusal> {
        if self.outbox.update(&row) || row.status != EndpointStatus::Enabled {
            return Ok(());
        }
        let cursors = self.depot.office.store.list_cursors_across_accounts().await?;
        let cursor = cursors.iter().find(|(endpoint, _)| **endpoint == *row.name()).map_or(0, |(_, at)| *at);
        self.outbox.enlist(row, cursor);
        Ok(())
    }
}

fn apply(row: &mut EndpointRow, wanted: &EndpointChanges) {
    if let Some(url) = &wanted.url {
        row.url.clone_from(url);
    }
    if let Some(topics) = &wanted.topics {
        row.topics.clone_from(topics);
    }
    if let Some(description) = &wanted.description {
        row.description.clone_from(description);
    }
    if let Some(version) = wanted.version {
        row.set_version(version);
    }
    if let Some(metadata) = &wanted.metadata {
        row.metadata.clone_from(metadata);
    }
    match wanted.enabled {
        Some(true) => {
            row.status = EndpointStatus::Enabled;
            // A week begins anew.
            row.failing_since_ms = None;
        }
        Some(false) => row.status = EndpointStatus::Disabled,
        None => {}
    }
}
