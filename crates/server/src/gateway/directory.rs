//! Which terminals there are, which are connected, and how to reach them. Holds no payment and decides nothing.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tokio::sync::{Notify, mpsc, oneshot};
use vinr_domain::payment::{Payment, Verdict};
use vinr_domain::{AccountId, TerminalId};
use vinr_pki::LeafFacts;
use vinr_wire::link::{CardPresented, Suspended, ToTerminal};

use super::lanes::LaneInput;
use crate::payments::scope_of;
use crate::store::{Scope, TerminalRow};

/// Names a terminal across all accounts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TerminalKey {
    /// Whose, and in which world.
    pub scope: Scope,
    /// Its name there.
    pub id: TerminalId,
}

/// An order to the task that holds a link.
#[derive(Debug)]
pub(super) enum LinkOrder {
    /// Send this.
    Send(Box<ToTerminal>),
    /// A newer link of the same terminal has taken over.
    Superseded,
}

/// A link that is up.
#[derive(Clone, Debug)]
pub(super) struct LinkHandle {
    pub(super) session_epoch: u64,
    pub(super) orders: mpsc::Sender<LinkOrder>,
    /// What it was let in with.
    pub(super) leaf: Option<Arc<LeafFacts>>,
    pub(super) cut: Arc<Notify>,
}

/// One registered terminal.
pub struct Terminal {
    /// Its name.
    pub key: TerminalKey,
    /// The name its certificate bears.
    pub link_id: Arc<str>,
    pub(super) row: Mutex<TerminalRow>,
    pub(super) link: Mutex<Option<LinkHandle>>,
    pub(super) lane: Mutex<Option<mpsc::Sender<LaneInput>>>,
    pub(super) suspended: Mutex<Option<Suspended>>,
}

impl Terminal {
    fn new(row: TerminalRow) -> Self {
        let key = TerminalKey { scope: row.scope.clone(), id: row.id.clone() };
        Self {
            link_id: link_id(&key.scope.account, key.id.as_str()),
            key,
            row: Mutex::new(row),
            link: Mutex::default(),
            lane: Mutex::default(),
            suspended: Mutex::default(),
        }
    }

    /// Whether it is connected and was heard from in time.
    #[must_use]
    pub fn is_online(&self) -> bool {
        self.link.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// What is registered of it.
    #[must_use]
    pub fn row(&self) -> TerminalRow {
        self.row.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The certificate that its link was let in with, while it is connected.
    #[must_use]
    pub fn certificate(&self) -> Option<Arc<LeafFacts>> {
        let link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        link.as_ref().and_then(|link| link.leaf.clone())
    }

    /// Ends its link, if it is connected, whatever the link is doing.
    pub fn cut(&self) {
        let link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(link) = link.as_ref() {
            link.cut.notify_one();
        }
    }

    /// Sends, if it is connected. What cannot be sent now is sent again by whoever owns the payment, when the
    /// terminal comes back: nothing is kept here.
    pub fn send(&self, message: ToTerminal) -> bool {
        let link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        link.as_ref().is_some_and(|link| link.orders.try_send(LinkOrder::Send(Box::new(message))).is_ok())
    }
}

/// The name that a terminal's certificate bears. The reserved simulators have the same name in every account, so
/// theirs also names the account.
#[must_use]
pub fn link_id(account: &AccountId, id: &str) -> Arc<str> {
    match id {
        "term_test_simulator" => format!("{account}.{id}").into(),
        other => other.into(),
    }
}

/// All registered terminals.
#[derive(Default)]
pub struct Directory {
    by_key: RwLock<BTreeMap<TerminalKey, Arc<Terminal>>>,
    by_link_id: RwLock<BTreeMap<Arc<str>, Arc<Terminal>>>,
    presenting: Mutex<BTreeMap<u64, oneshot::Sender<CardPresented>>>,
    requests: AtomicU64,
}

impl Directory {
    /// Adds a terminal, or replaces what is registered of it.
    pub fn put(&self, row: TerminalRow) -> Arc<Terminal> {
        let key = TerminalKey { scope: row.scope.clone(), id: row.id.clone() };
        if let Some(known) = self.find(&key) {
            let mut kept = known.row.lock().unwrap_or_else(PoisonError::into_inner);
            // An epoch that was given is never given again.
            let session_epoch = kept.session_epoch.max(row.session_epoch);
            *kept = TerminalRow { session_epoch, ..row };
            drop(kept);
            return known;
        }
        let terminal = Arc::new(Terminal::new(row));
        let mut by_key = self.by_key.write().unwrap_or_else(PoisonError::into_inner);
        let mut by_link_id = self.by_link_id.write().unwrap_or_else(PoisonError::into_inner);
        by_key.insert(key, Arc::clone(&terminal));
        by_link_id.insert(Arc::clone(&terminal.link_id), Arc::clone(&terminal));
        terminal
    }

    /// The terminal of that name.
    #[must_use]
    pub fn find(&self, key: &TerminalKey) -> Option<Arc<Terminal>> {
        self.by_key.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// The terminal whose certificate bears that name.
    #[must_use]
    pub fn find_by_link_id(&self, link_id: &str) -> Option<Arc<Terminal>> {
        self.by_link_id.read().unwrap_or_else(PoisonError::into_inner).get(link_id).cloned()
    }

    /// How many terminals are registered, and how many of them are connected.
    #[must_use]
    pub fn count(&self) -> (usize, usize) {
        let by_key = self.by_key.read().unwrap_or_else(PoisonError::into_inner);
        (by_key.len(), by_key.values().filter(|terminal| terminal.is_online()).count())
    }

    /// Tells the terminal how its request ended. If it is not there now, it asks when it is back.
    pub fn tell_verdict(&self, payment: &Payment, verdict: &Verdict) {
        let Some(stan) = payment.state.request().map(|request| request.stan) else { return };
        let Ok(id) = TerminalId::parse(&payment.terminal) else { return };
        let key = TerminalKey { scope: scope_of(payment), id };
        if let Some(terminal) = self.find(&key) {
            let verdict = verdict.into();
            terminal.send(ToTerminal::AuthorizeResult { intent: payment.intent, stan, verdict });
        }
    }

    /// A number for a request to present a card, and its answer when it comes.
    pub fn expect_presented(&self) -> (u64, oneshot::Receiver<CardPresented>) {
        let request = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let (sender, receiver) = oneshot::channel();
        let mut presenting = self.presenting.lock().unwrap_or_else(PoisonError::into_inner);
        // Those who no longer wait make room for those who do.
        presenting.retain(|_, waiting| !waiting.is_closed());
        presenting.insert(request, sender);
        (request, receiver)
    }

    pub(super) fn presented(&self, answer: CardPresented) {
        let mut presenting = self.presenting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waiting) = presenting.remove(&answer.request) {
            let _ = waiting.send(answer);
        }
    }
}
