//! Answers a repeated request as the first was answered (contract 2.2), from the events that were written with the
//! payment: the first answer needs no row of its own.

use vinr_domain::PaymentId;
use vinr_domain::payment::{ResponseMode, Status};
use vinr_wire::rest::view::PaymentView;

use super::service::{Answered, Payments};
use crate::once::IdempotencyKey;
use crate::refusal::Refusal;
use crate::store::{Answer, Scope};

impl Payments {
    /// The first answer under this key, if there was a first request. One that is still running is waited for.
    pub(super) async fn replay(
        &self,
        scope: &Scope,
        key: Option<&IdempotencyKey>,
    ) -> Result<Option<Answered>, Refusal> {
        let Some(key) = key else { return Ok(None) };
        let found = self.books.store.find_idempotency_key(scope, &key.operation, &key.key).await?;
        let Some(row) = found else { return Ok(None) };
        if row.fingerprint != key.fingerprint {
            return Err(Refusal::IdempotencyKeyReused);
        }
        let Answer::Payment { id, sequence, status } = row.answer else {
            return Err(Refusal::IdempotencyKeyReused);
        };
        match sequence {
            Some(sequence) => self.as_it_was(scope, id, sequence, status).await.map(Some),
            None => self.at_its_outcome(scope, id).await.map(Some),
        }
    }

    async fn as_it_was(
        &self,
        scope: &Scope,
        id: PaymentId,
        sequence: u64,
        status: u16,
    ) -> Result<Answered, Refusal> {
        let view = match self.snapshot(scope, id, sequence).await? {
            Some(view) => view,
            // Events are kept as long as keys; whoever shortened that gets the payment as it is now.
            None => PaymentView::from(self.books.reload(scope, id).await?.as_ref()),
        };
        Ok(Answered { view, status, replayed: true })
    }

    async fn at_its_outcome(&self, scope: &Scope, id: PaymentId) -> Result<Answered, Refusal> {
        let payment = self.books.reload(scope, id).await?;
        let now = self.outcome_or_now(&payment, ResponseMode::Sync).await?;
        for sequence in 1..now.view.sequence {
            let Some(view) = self.snapshot(scope, id, sequence).await? else { continue };
            let decided = match view.status {
                Status::Pending => false,
                Status::Processing => view.outcome_unknown,
                Status::Authorized
                | Status::Completed
                | Status::Failed
                | Status::Cancelled
                | Status::Expired => true,
            };
            if decided {
                let status = if view.outcome_unknown { 202 } else { 200 };
                return Ok(Answered { view, status, replayed: true });
            }
        }
        Ok(Answered { replayed: true, ..now })
    }

    async fn snapshot(
        &self,
        scope: &Scope,
        id: PaymentId,
        sequence: u64,
    ) -> Result<Option<PaymentView>, Refusal> {
        let event = self.books.store.find_event(scope, &id.to_string(), sequence).await?;
        Ok(event.and_then(|event| serde_json::from_slice(&event.data).ok()))
    }
}
