//! Which terminals have taken or given back something in a currency for which no batch is known to be open. Kept in
//! memory and bounded by terminals times currencies; what is lost with the process is found again in the store.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use vinr_domain::Timestamp;
use vinr_domain::payment::{Payment, State};

use super::advance::scope_of;
use crate::store::{Scope, Tender};

/// A tender that needs an open batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// Whose.
    pub scope: Scope,
    /// Which.
    pub tender: Tender,
    /// When its first transaction ended.
    pub first_at: Timestamp,
}

#[derive(Default)]
struct Pages {
    open: BTreeSet<(Scope, Tender)>,
    noted: BTreeMap<(Scope, Tender), Timestamp>,
}

/// The tally.
#[derive(Clone, Default)]
pub struct Tally {
    pages: Arc<Mutex<Pages>>,
    wake: Arc<Notify>,
}

impl Tally {
    /// The payment has moved: if it is completed and told, a batch must wait for it.
    pub(super) fn note_payment(&self, payment: &Payment) {
        if let State::Completed { at, .. } = payment.state
            && payment.advice.is_none()
            && let Some(terminal) = payment.terminal.clone()
        {
            let tender = Tender { terminal, currency: payment.asked.currency };
            self.note(&scope_of(payment), tender, at);
        }
    }

    /// A transaction of this tender ended at `at`.
    pub fn note(&self, scope: &Scope, tender: Tender, at: Timestamp) {
        let mut pages = self.pages();
        let key = (scope.clone(), tender);
        if !pages.open.contains(&key) {
            let first_at = pages.noted.entry(key).or_insert(at);
            *first_at = at.min(*first_at);
            self.wake.notify_one();
        }
    }

    /// A batch of the tender is open: nothing has to be noted any more.
    pub fn opened(&self, scope: &Scope, tender: Tender) {
        self.pages().open.insert((scope.clone(), tender));
    }

    /// The tender's batch is open no more.
    pub fn closing(&self, scope: &Scope, tender: &Tender) {
        self.pages().open.remove(&(scope.clone(), tender.clone()));
    }

    /// Takes everything that was noted.
    #[must_use]
    pub fn take(&self) -> Vec<Noted> {
        let noted = std::mem::take(&mut self.pages().noted);
        noted.into_iter().map(|((scope, tender), first_at)| Noted { scope, tender, first_at }).collect()
    }

    /// Waits until something is noted.
    pub async fn noted(&self) {
        self.wake.notified().await;
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
