//! Cancelling a payment: the wish is durable first, the terminal's word or the end of its lease decides, and a hold is
//! voided.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;
use vinr_domain::PaymentId;
use vinr_domain::payment::{Event, Payment, State, Status};

use super::service::{Answered, Payments, answered, row};
use crate::access::Principal;
use crate::once::IdempotencyKey;
use crate::refusal::Refusal;
use crate::store::{Answer, Change, Scope};

impl Payments {
    /// Cancels a pending payment or voids an authorized one. 202 with the payment as it is, when the terminal does not
    /// say in time that it has stopped: the payment is cancelled as soon as it does, or when its lease is over.
    ///
    /// # Errors
    /// [`Refusal::Illegal`] once the acquirer was asked, and what every method can say.
    pub async fn cancel(
        &self,
        who: &Principal,
        id: PaymentId,
        key: Option<IdempotencyKey>,
    ) -> Result<Answered, Refusal> {
        if let Some(replayed) = self.replay(&who.scope, key.as_ref()).await? {
            return Ok(replayed);
        }
        let mut payment = self.books.reload(&who.scope, id).await?;
        if payment.is_queued() {
            if let Some(answered) = self.leave_queue(&who.scope, Arc::clone(&payment), key.as_ref()).await? {
                return Ok(answered);
            }
            payment = self.books.reload(&who.scope, id).await?;
        }
        let waits_for_terminal = matches!(payment.state, State::Pending | State::Cancelling);
        let terminal = payment.terminal.as_deref().and_then(|id| self.find_terminal(&who.scope, id));
        let Some(terminal) = terminal.filter(|_| waits_for_terminal) else {
            return self.apply_detached(&who.scope, id, Event::CancelRequested, key).await;
        };
        let mut watch = self.books.watchers.watch(id);
        let answer = Answer::Payment { id, sequence: None, status: 200 };
        let now = self.books.clock.wall();
        let alongside: Vec<_> = key
            .iter()
            .map(|key| Change::ClaimIdempotencyKey(row(&who.scope, key, answer.clone(), now)))
            .collect();
        let asked = self.lanes.cancel(&terminal, id, alongside).map_err(|_full| Refusal::Overloaded)?;
        match asked.await {
            Err(_ended) => return Err(Refusal::Unavailable { money_may_have_moved: true }),
            Ok(Err(error)) => {
                if let Some(replayed) = self.replay(&who.scope, key.as_ref()).await? {
                    return Ok(replayed);
                }
                return Err(error.into());
            }
            Ok(Ok(payment)) if payment.status().is_final() => return Ok(answered(&payment, 200)),
            Ok(Ok(_)) => {}
        }
        let hold = Duration::from_millis(self.settings.cancel_hold_ms.unsigned_abs());
        let _ = timeout(hold, watch.until(|payment: &Payment| payment.status().is_final())).await;
        let payment = self.books.reload(&who.scope, id).await?;
        let status = if payment.status() == Status::Cancelled { 200 } else { 202 };
        Ok(answered(&payment, status))
    }

    /// Cancels a payment that waits for a terminal: no terminal has to be asked, so it is over at once. `None` when a
    /// terminal has taken it in the meantime.
    async fn leave_queue(
        &self,
        scope: &Scope,
        payment: Arc<Payment>,
        key: Option<&IdempotencyKey>,
    ) -> Result<Option<Answered>, Refusal> {
        let (this, owned, claimed) = (self.clone(), scope.clone(), key.cloned());
        let (reply, answer) = oneshot::channel();
        self.tasks.spawn(async move {
            let now = this.books.clock.wall();
            let claim = |next: &Payment| {
                let answer = Answer::Payment { id: next.id, sequence: Some(next.sequence), status: 200 };
                let claimed = claimed.iter().map(|key| row(&owned, key, answer.clone(), now));
                claimed.map(Change::ClaimIdempotencyKey).collect()
            };
            let left = this.recovery.cancel_waiting(&owned, &payment, claim).await;
            if let Ok(Some(payment)) = &left {
                this.queue.leave(payment.id);
            }
            let _ = reply.send(left);
        });
        match answer.await.map_err(|_ended| Refusal::Unavailable { money_may_have_moved: false })? {
            Ok(left) => Ok(left.map(|payment| answered(&payment, 200))),
            Err(error) => match self.replay(scope, key).await? {
                Some(replayed) => Ok(Some(replayed)),
                None => Err(error.into()),
            },
        }
    }
}
