//! Endpoints made, changed, rolled and taken away, each with its line in the audit log. A change that has begun runs to
//! its end, also when whoever asked for it hangs up: what the store says of an endpoint, its courier has heard.

use std::future::Future;

use tokio::sync::oneshot;
use vinr_domain::WebhookEndpointId;
use vinr_wire::rest::error::ErrorCode;
use vinr_wire::rest::webhook::{EndpointChanges, EndpointCreation};

use super::endpoint::{EndpointRow, EndpointStatus};
use super::service::Webhooks;
use super::vault::SealKey;
use crate::access::Principal;
use crate::audit::Act;
use crate::once::{IdempotencyKey, Said, first_answer};
use crate::refusal::Refusal;
use crate::store::{Change, CommitError, Kept, RecordCursor, RecordPage};

/// How many endpoints a scope may have.
const MAX_ENDPOINTS: usize = 100;

impl Webhooks {
    /// Makes an endpoint; it is told of what happens from now on. The answer shows its secret.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn create(
        &self,
        who: &Principal,
        new: EndpointCreation,
        once: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let (this, who) = (self.clone(), who.clone());
        self.to_the_end(async move { this.make(&who, new, once.as_ref()).await }).await
    }

    /// Changes an endpoint. One that is enabled again is sent what was held back.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn update(
        &self,
        who: &Principal,
        id: &str,
        wanted: EndpointChanges,
        once: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let (this, who, id) = (self.clone(), who.clone(), id.to_owned());
        self.to_the_end(async move {
            let change = |row: &mut EndpointRow| {
                apply(row, &wanted);
                Said::new(200, &row.view())
            };
            this.edit(&who, &id, "webhook_endpoint.updated", change, once.as_ref()).await
        })
        .await
    }

    /// Gives an endpoint a new secret, which the answer shows; the old one signs beside it for `overlap_ms`.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn roll(
        &self,
        who: &Principal,
        id: &str,
        overlap_ms: i64,
        once: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let (this, who, id) = (self.clone(), who.clone(), id.to_owned());
        self.to_the_end(async move {
            let secret = SealKey::make_secret();
            let (key, now) = (this.depot.key.clone(), this.depot.office.now());
            let change = |row: &mut EndpointRow| {
                row.add_secret(&key, &secret, now, now.plus_ms(overlap_ms));
                Said::new(200, &row.view().with_sealed(row))
            };
            let said = this.edit(&who, &id, "webhook_endpoint.secret_rolled", change, once.as_ref()).await?;
            Ok(this.reveal(said))
        })
        .await
    }

    /// Takes an endpoint away, with its deliveries.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn delete(&self, who: &Principal, id: &str) -> Result<serde_json::Value, Refusal> {
        let (this, who, id) = (self.clone(), who.clone(), id.to_owned());
        self.to_the_end(async move { this.forget(&who, &id).await }).await
    }

    /// Does it in a task of its own, which nobody can leave halfway.
    pub(super) async fn to_the_end<T: Send + 'static>(
        &self,
        change: impl Future<Output = Result<T, Refusal>> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (reply, answer) = oneshot::channel();
        self.depot.office.tasks.spawn(async move {
            let _ = reply.send(change.await);
        });
        answer.await.map_err(|_ended| Refusal::Unavailable { money_may_have_moved: false })?
    }

    async fn make(
        &self,
        who: &Principal,
        new: EndpointCreation,
        once: Option<&IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let (office, scope) = (&self.depot.office, &who.scope);
        if let Some(said) = office.once.replay(scope, once).await? {
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
        row.add_secret(&self.depot.key, &SealKey::make_secret(), now, now);
        let _turn = self.depot.changing.lock().await;
        let cursor = *office.store.tail().borrow();
        let changes =
            vec![Change::insert(&row), Change::MoveCursor { endpoint: row.name().into(), ordinal: cursor }];
        let act = Act::new("webhook_endpoint.created", row.name()).after(&row.view());
        let said = Said::new(200, &row.view().with_sealed(&row));
        let said = office.conclude_audited((scope, who), act, once, changes, said).await?;
        if !said.replayed {
            self.outbox.enlist(row, cursor);
        }
        Ok(self.reveal(said))
    }

    /// Changes an endpoint as it is when its turn has come, and tells its courier.
    async fn edit(
        &self,
        who: &Principal,
        id: &str,
        action: &'static str,
        change: impl Fn(&mut EndpointRow) -> Said,
        once: Option<&IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let (office, scope) = (&self.depot.office, &who.scope);
        if let Some(said) = office.once.replay(scope, once).await? {
            return Ok(said);
        }
        let _turn = self.depot.changing.lock().await;
        loop {
            let Kept { revision, value: mut row } = self.find(scope, id).await?;
            let before = row.view();
            let said = change(&mut row);
            let act = Act::new(action, id).before(&before).after(&row.view());
            let changes = vec![Change::update(&row, revision)];
            match office.audit.try_conclude(&office.once, (scope, who), act, once, changes, &said).await {
                Ok(()) => {
                    self.announce(row).await?;
                    return Ok(said);
                }
                // A test event counts beside every turn.
                Err(CommitError::RecordStale { .. }) => {}
                Err(CommitError::IdempotencyKeyTaken(row)) => {
                    return once.map_or(Err(Refusal::IdempotencyKeyReused), |key| first_answer(&row, key));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn forget(&self, who: &Principal, id: &str) -> Result<serde_json::Value, Refusal> {
        let (office, scope) = (&self.depot.office, &who.scope);
        let _turn = self.depot.changing.lock().await;
        let row = self.find(scope, id).await?.value;
        self.outbox.dismiss(scope, id);
        let changes =
            vec![Change::delete::<EndpointRow>(scope, id), Change::ForgetDeliveries { endpoint: id.into() }];
        let act = Act::new("webhook_endpoint.deleted", id).before(&row.view());
        let deleted = serde_json::json!({ "id": id, "object": "webhook_endpoint", "deleted": true });
        let said = Said::new(200, &deleted);
        if let Err(refusal) = office.conclude_audited((scope, who), act, None, changes, said).await {
            // It is still there, and goes on.
            self.announce(row).await?;
            return Err(refusal);
        }
        Ok(deleted)
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
