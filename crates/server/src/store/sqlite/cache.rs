//! Recent payments in memory, as the last commit left them. Coherent because one process owns the database and its
//! writer tells the cache of every commit before anybody else hears of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vinr_domain::payment::Payment;
use vinr_domain::{IntentId, PaymentId};

use crate::store::port::Scope;
use crate::store::rules;

const SHARDS: usize = 64;

/// Payments by id, and ids by client token. Ids of two accounts that collide push each other out; an entry answers
/// only for its own scope.
pub(super) struct Cache {
    shards: Vec<Mutex<Shard>>,
}

struct Shard {
    /// How often the writer has changed something here.
    version: u64,
    payments: Generations<Arc<Payment>>,
    intents: Generations<PaymentId>,
}

/// The state of a shard before a read; what was read is taken only if no commit came in between.
#[derive(Clone, Copy)]
pub(super) struct Version(u64);

/// Two maps: when the young one is full it becomes the old one, and the old one goes. A hit in the old one moves to
/// the young, so what is used stays.
struct Generations<V> {
    young: HashMap<u128, V>,
    old: HashMap<u128, V>,
    most_young: usize,
}

impl<V: Clone> Generations<V> {
    fn new(entries: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), most_young: entries / 2 }
    }

    fn get(&mut self, key: u128) -> Option<V> {
        if let Some(value) = self.young.get(&key) {
            return Some(value.clone());
        }
        let value = self.old.remove(&key)?;
        self.insert(key, value.clone());
        Some(value)
    }

    fn insert(&mut self, key: u128, value: V) {
        if self.most_young == 0 {
            return;
        }
        if self.young.len() >= self.most_young && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    fn remove(&mut self, key: u128) {
        self.young.remove(&key);
        self.old.remove(&key);
    }
}

impl Cache {
    /// A cache of at most `entries` payments.
    pub(super) fn new(entries: usize) -> Self {
        let of_shard = entries / SHARDS;
        let shard = || {
            let (payments, intents) = (Generations::new(of_shard), Generations::new(of_shard));
            Mutex::new(Shard { version: 0, payments, intents })
        };
        Self { shards: std::iter::repeat_with(shard).take(SHARDS).collect() }
    }

    fn shard(&self, key: u128) -> MutexGuard<'_, Shard> {
        // The low bits of an id are random.
        let shard = &self.shards[key as usize % SHARDS];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, scope: &Scope, id: PaymentId) -> Option<Arc<Payment>> {
        let payment = self.shard(id.0).payments.get(id.0)?;
        rules::belongs(&payment, scope).then_some(payment)
    }

    pub(super) fn get_by_intent(&self, scope: &Scope, intent: IntentId) -> Option<Arc<Payment>> {
        let named = self.shard(intent.0).intents.get(intent.0).unwrap_or(PaymentId(intent.0));
        self.get(scope, named).filter(|payment| payment.intent == intent)
    }

    /// To be taken before the database is read.
    pub(super) fn version(&self, id: PaymentId) -> Version {
        Version(self.shard(id.0).version)
    }

    /// Takes what a read found, unless a commit has been faster: the read may be older than it.
    pub(super) fn fill(&self, payment: &Arc<Payment>, before: Version) {
        let mut shard = self.shard(payment.id.0);
        if shard.version != before.0 {
            return;
        }
        shard.payments.insert(payment.id.0, payment.clone());
        drop(shard);
        self.name(payment);
    }

    /// Takes what a commit left.
    pub(super) fn put(&self, payment: &Arc<Payment>, is_new: bool) {
        let mut shard = self.shard(payment.id.0);
        shard.version += 1;
        shard.payments.insert(payment.id.0, payment.clone());
        drop(shard);
        if is_new {
            self.name(payment);
        }
    }

    /// Forgets what a commit deleted.
    pub(super) fn remove(&self, id: PaymentId) {
        let mut shard = self.shard(id.0);
        shard.version += 1;
        shard.payments.remove(id.0);
    }

    fn name(&self, payment: &Payment) {
        // The token of a payment never changes, so this entry may outlive the payment's own.
        if payment.intent.0 != payment.id.0 {
            self.shard(payment.intent.0).intents.insert(payment.intent.0, payment.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance::fixtures;

    #[test]
    fn two_generations_hold_no_more_than_they_may_and_keep_what_is_used() {
        let mut kept = Generations::new(8);
        for key in 0..100_u128 {
            kept.insert(key, key);
            assert!(kept.young.len() + kept.old.len() <= 8);
            assert_eq!(kept.get(0), Some(0), "used all the time, after {key}");
        }
        assert_eq!(kept.get(99), Some(99));
        assert_eq!(kept.get(50), None);
        kept.remove(0);
        assert_eq!(kept.get(0), None);
    }

    #[test]
    fn what_was_read_before_a_commit_does_not_replace_what_it_left() {
        let cache = Cache::new(1 << 12);
        let (read, scope) = (fixtures::payment(1), fixtures::scope());
        let id = read.id;
        let stale = Arc::new(read.clone());
        let fresh = Arc::new(Payment { revision: read.revision + 1, ..read });
        let before = cache.version(id);
        cache.put(&fresh, true);
        cache.fill(&stale, before);
        assert_eq!(cache.get(&scope, id), Some(fresh));
        let before = cache.version(id);
        cache.remove(id);
        cache.fill(&stale, before);
        assert_eq!(cache.get(&scope, id), None);
        cache.fill(&stale, cache.version(id));
        assert_eq!(cache.get(&scope, id), Some(stale));
    }
}
