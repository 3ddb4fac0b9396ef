//! Cancelling a payment: the wish is durable first, the terminal's word or the end of its lease decides, and a hold is
//! voided.

use std::time::Duration;

use tokio::time::timeout;
use vinr_domain::PaymentId;
use vinr_domain::payment::{Event, Payment, State, Status};

use super::service::{Answered, Payments, answered, row};
use crate::access::Principal;
use crate::once::IdempotencyKey;
use crate::refusal::Refusal;
use crate::store::{Answer, Change};

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
        let payment = self.books.reload(&who.scope, id).await?;
        let waits_for_terminal = matches!(payment.state, State::Pending | State::Cancelling);
        let terminal = self.find_terminal(&who.scope, &payment.terminal);
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
}
