//! One at a time, for each payment: refunds that race on one payment are judged in the order in which they came,
//! instead of undoing each other's work.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;
use vinr_domain::PaymentId;

type Locks = BTreeMap<PaymentId, Arc<tokio::sync::Mutex<()>>>;

/// Whose turn it is.
#[derive(Clone, Default)]
pub(super) struct Turns {
    locks: Arc<Mutex<Locks>>,
}

/// A turn; ends when dropped.
pub(super) struct Turn {
    payment: PaymentId,
    turns: Turns,
    held: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    /// Waits for the turn.
    pub(super) async fn take(&self, payment: PaymentId) -> Turn {
        let lock = Arc::clone(self.locks().entry(payment).or_default());
        Turn { payment, turns: self.clone(), held: Some(lock.lock_owned().await) }
    }

    fn locks(&self) -> std::sync::MutexGuard<'_, Locks> {
        self.locks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        drop(self.held.take());
        let mut locks = self.turns.locks();
        // Nobody waits for it: it is held by the map alone.
        if locks.get(&self.payment).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            locks.remove(&self.payment);
        }
    }
}
