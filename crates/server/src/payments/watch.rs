//! Tells those who wait for a payment when it changes. Knows nothing of why they wait.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use vinr_domain::PaymentId;
use vinr_domain::payment::Payment;

type Waiting = BTreeMap<PaymentId, watch::Sender<Option<Arc<Payment>>>>;

/// Those who wait in this process.
#[derive(Clone, Default)]
pub struct Watchers {
    waiting: Arc<Mutex<Waiting>>,
}

/// One who waits; stops waiting when dropped.
pub struct Watch {
    id: PaymentId,
    watchers: Watchers,
    changes: watch::Receiver<Option<Arc<Payment>>>,
}

impl Watchers {
    /// Begins to wait. Begin before you ask for the change, or you may miss it.
    #[must_use]
    pub fn watch(&self, id: PaymentId) -> Watch {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let changes = waiting.entry(id).or_insert_with(|| watch::channel(None).0).subscribe();
        Watch { id, watchers: self.clone(), changes }
    }

    /// Says that the payment is now like this.
    pub fn publish(&self, payment: &Arc<Payment>) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = waiting.get(&payment.id) {
            sender.send_replace(Some(Arc::clone(payment)));
        }
    }
}

impl Watch {
    /// The first state of the payment, from now on, that satisfies `wanted`.
    pub async fn until(&mut self, wanted: impl Fn(&Payment) -> bool) -> Option<Arc<Payment>> {
        let reached = self.changes.wait_for(|seen| seen.as_ref().is_some_and(|payment| wanted(payment)));
        reached.await.ok().and_then(|seen| seen.clone())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut waiting = self.watchers.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // This receiver still counts.
        if waiting.get(&self.id).is_some_and(|sender| sender.receiver_count() <= 1) {
            waiting.remove(&self.id);
        }
    }
}
