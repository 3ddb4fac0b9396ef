//! Which terminals there are, which are connected, and how to reach them. Holds no payment and decides nothing.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tokio::sync::{Notify, mpsc, oneshot};
use vinr_domain::payment::{Payment, Verdict};
use vinr_domain::terminal::State;
use vinr_domain::{AccountId, TerminalId, Timestamp};
use vinr_pki::LeafFacts;
use vinr_wire::link::{CardPresented, Suspended, ToTerminal};

use super::lanes::LaneInput;
use super::trail::Trail;
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
    pub(super) since: Timestamp,
    pub(super) orders: mpsc::Sender<LinkOrder>,
    /// What it was let in with.
    pub(super) leaf: Option<Arc<LeafFacts>>,
    pub(super) cut: Arc<Notify>,
}

/// What is known of a terminal, as it is in the store.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) row: TerminalRow,
    pub(crate) state: State,
    /// Whether the record was deleted; nothing is written of it any more.
    pub(crate) gone: bool,
}

impl Known {
    /// What is known after a start: whoever was connected is awaited.
    fn after_start(row: TerminalRow) -> Self {
        let reasons = row.reported.and(row.found);
        let state = if row.deactivated {
            State::Deactivated
        } else if row.connected {
            State::Awaited { reasons }
        } else {
            State::Absent { reasons }
        };
        Self { row, state, gone: false }
    }
}

/// Where a terminal stands, as it is in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its state.
    pub state: State,
    /// When it was last seen.
    pub last_seen_at: Option<Timestamp>,
}

/// What is not known.
const UNKNOWN: u32 = u32::MAX;

/// What a terminal's link shows while it is up. Costs no write; what of it is kept is kept with other changes.
#[derive(Debug)]
pub struct Signs {
    heard_ms: AtomicI64,
    battery: AtomicU32,
    round_trip: AtomicU32,
}

impl Signs {
    pub(crate) fn of(row: &TerminalRow) -> Self {
        let signs = Self {
            heard_ms: AtomicI64::new(row.last_seen_at.map_or(i64::MIN, |at| at.0)),
            battery: AtomicU32::new(UNKNOWN),
            round_trip: AtomicU32::new(UNKNOWN),
        };
        signs.charge(row.battery_percent);
        signs
    }

    /// There was a sign of life.
    pub(crate) fn heard(&self, at: Timestamp) {
        self.heard_ms.store(at.0, Ordering::Relaxed);
    }

    /// This is the charge of the battery, in percent.
    pub(crate) fn charge(&self, percent: Option<u8>) {
        self.battery.store(percent.map_or(UNKNOWN, u32::from), Ordering::Relaxed);
    }

    /// This is how long a frame takes there and back, in milliseconds.
    pub(crate) fn round_trip(&self, ms: Option<u32>) {
        self.round_trip.store(ms.unwrap_or(UNKNOWN), Ordering::Relaxed);
    }

    /// When there was the last sign of life.
    #[must_use]
    pub fn heard_at(&self) -> Option<Timestamp> {
        let at = self.heard_ms.load(Ordering::Relaxed);
        (at != i64::MIN).then_some(Timestamp(at))
    }

    /// Charge of the battery in percent.
    #[must_use]
    pub fn battery_percent(&self) -> Option<u8> {
        u8::try_from(self.battery.load(Ordering::Relaxed)).ok().filter(|percent| *percent <= 100)
    }

    /// How long a frame takes there and back, in milliseconds.
    #[must_use]
    pub fn round_trip_ms(&self) -> Option<u32> {
        Some(self.round_trip.load(Ordering::Relaxed)).filter(|ms| *ms != UNKNOWN)
    }
}

/// One registered terminal.
pub struct Terminal {
    /// Its name.
    pub key: TerminalKey,
    /// The name its certificate bears.
    pub link_id: Arc<str>,
    pub(crate) known: Mutex<Known>,
    /// Whose turn it is to change what is known; see [`crate::fleet::Register`].
    pub(crate) turn: Arc<tokio::sync::Mutex<()>>,
    /// What its link shows.
    pub signs: Signs,
    pub(super) link: Mutex<Option<LinkHandle>>,
    pub(super) lane: Mutex<Option<mpsc::Sender<LaneInput>>>,
    pub(super) suspended: Mutex<Option<Suspended>>,
    /// How far the payment is that it is at.
    pub(crate) trail: Trail,
}

impl Terminal {
    fn new(row: TerminalRow) -> Self {
        let key = TerminalKey { scope: row.scope.clone(), id: row.id.clone() };
        Self {
            link_id: link_id(&key.scope.account, key.id.as_str()),
            key,
            signs: Signs::of(&row),
            known: Mutex::new(Known::after_start(row)),
            turn: Arc::default(),
            link: Mutex::default(),
            lane: Mutex::default(),
            suspended: Mutex::default(),
            trail: Trail::default(),
        }
    }

    /// Whether it is connected and was heard from in time.
    #[must_use]
    pub fn is_online(&self) -> bool {
        self.link.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Whether it takes no new payments until it is unlocked: it says so, or it was asked for.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.read(|row| row.locked || row.lock_asked)
    }

    /// Whether a payment can be given to it now, as far as the cloud knows: it is there, and no lane runs for it.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let lane = self.lane.lock().unwrap_or_else(PoisonError::into_inner);
        lane.is_none() && self.is_online() && !self.is_locked() && !self.row().deactivated
    }

    /// When the certificate ends that its link was let in with; `None` without a link.
    #[must_use]
    pub fn certificate_ends_at(&self) -> Option<Timestamp> {
        let link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        link.as_ref()?.leaf.as_ref().map(|leaf| leaf.not_after)
    }

    /// What is registered of it.
    #[must_use]
    pub fn row(&self) -> TerminalRow {
        self.known().row
    }

    /// What is registered of it, and where it stands.
    pub(crate) fn known(&self) -> Known {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads one thing of what is registered.
    pub fn read<T>(&self, what: impl FnOnce(&TerminalRow) -> T) -> T {
        what(&self.known.lock().unwrap_or_else(PoisonError::into_inner).row)
    }

    /// Where it stands, and when it was last seen as far as that is written.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Standing { state: known.state, last_seen_at: known.row.last_seen_at }
    }

    /// Whether a payment occupies it.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.lane.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// The certificate that its link was let in with, while it is connected.
    #[must_use]
    pub fn certificate(&self) -> Option<Arc<LeafFacts>> {
        let link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        link.as_ref().and_then(|link| link.leaf.clone())
    }

    /// Since when it is connected; `None` while it is not.
    #[must_use]
    pub fn connected_since(&self) -> Option<Timestamp> {
        let link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        link.as_ref().map(|link| link.since)
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

/// The order of lists: the newest first.
type Age = (Reverse<Timestamp>, Reverse<TerminalId>);

fn age(terminal: &Terminal) -> Age {
    (Reverse(terminal.read(|row| row.created_at)), Reverse(terminal.key.id.clone()))
}

/// All registered terminals.
#[derive(Default)]
pub struct Directory {
    by_key: RwLock<BTreeMap<TerminalKey, Arc<Terminal>>>,
    by_link_id: RwLock<BTreeMap<Arc<str>, Arc<Terminal>>>,
    by_age: RwLock<BTreeMap<Scope, BTreeMap<Age, Arc<Terminal>>>>,
    presenting: Mutex<BTreeMap<u64, oneshot::Sender<CardPresented>>>,
    requests: AtomicU64,
}

impl Directory {
    /// Adds a terminal, or replaces what is registered of it.
    pub fn put(&self, row: TerminalRow) -> Arc<Terminal> {
        let key = TerminalKey { scope: row.scope.clone(), id: row.id.clone() };
        if let Some(known) = self.find(&key) {
            let mut kept = known.known.lock().unwrap_or_else(PoisonError::into_inner);
            // An epoch that was given is never given again, and where it stands in lists does not change.
            let session_epoch = kept.row.session_epoch.max(row.session_epoch);
            kept.row = TerminalRow { session_epoch, created_at: kept.row.created_at, ..row };
            drop(kept);
            return known;
        }
        let terminal = Arc::new(Terminal::new(row));
        let mut by_key = self.by_key.write().unwrap_or_else(PoisonError::into_inner);
        let mut by_link_id = self.by_link_id.write().unwrap_or_else(PoisonError::into_inner);
        by_key.insert(key, Arc::clone(&terminal));
        by_link_id.insert(Arc::clone(&terminal.link_id), Arc::clone(&terminal));
        let mut by_age = self.by_age.write().unwrap_or_else(PoisonError::into_inner);
        let scope = terminal.key.scope.clone();
        by_age.entry(scope).or_default().insert(age(&terminal), Arc::clone(&terminal));
        terminal
    }

    /// Forgets a terminal. Its link, if it has one, goes on until it ends.
    pub(crate) fn remove(&self, terminal: &Terminal) {
        let mut by_key = self.by_key.write().unwrap_or_else(PoisonError::into_inner);
        let mut by_link_id = self.by_link_id.write().unwrap_or_else(PoisonError::into_inner);
        let mut by_age = self.by_age.write().unwrap_or_else(PoisonError::into_inner);
        by_key.remove(&terminal.key);
        by_link_id.remove(&terminal.link_id);
        if let Some(of_scope) = by_age.get_mut(&terminal.key.scope) {
            of_scope.remove(&age(terminal));
        }
    }

    /// Every terminal.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Terminal>> {
        self.by_key.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// The terminals of the scope that satisfy `wanted`, the newest first, at most `limit`, beginning behind `after`.
    pub fn older(
        &self,
        scope: &Scope,
        after: Option<&Terminal>,
        limit: usize,
        wanted: impl Fn(&Terminal) -> bool,
    ) -> Vec<Arc<Terminal>> {
        let by_age = self.by_age.read().unwrap_or_else(PoisonError::into_inner);
        let Some(of_scope) = by_age.get(scope) else { return Vec::new() };
        let from = after.map_or(Bound::Unbounded, |terminal| Bound::Excluded(age(terminal)));
        let older = of_scope.range((from, Bound::Unbounded)).map(|(_, terminal)| terminal);
        older.filter(|one| wanted(one)).take(limit).cloned().collect()
    }

    /// The terminals of the scope that satisfy `wanted` and are newer than `before`: the `limit` of them that are
    /// nearest to it, the nearest first.
    pub fn newer(
        &self,
        scope: &Scope,
        before: &Terminal,
        limit: usize,
        wanted: impl Fn(&Terminal) -> bool,
    ) -> Vec<Arc<Terminal>> {
        let by_age = self.by_age.read().unwrap_or_else(PoisonError::into_inner);
        let Some(of_scope) = by_age.get(scope) else { return Vec::new() };
        let nearest = of_scope.range(..age(before)).rev().map(|(_, terminal)| terminal);
        nearest.filter(|one| wanted(one)).take(limit).cloned().collect()
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
        let Some(Ok(id)) = payment.terminal.as_deref().map(TerminalId::parse) else { return };
        let key = TerminalKey { scope: scope_of(payment), id };
        if let Some(terminal) = self.find(&key) {
            let verdict = verdict.into();
            terminal.send(ToTerminal::AuthorizeResult {
                intent: payment.intent,
                stan,
                verdict,
                renamed: payment.name_for_terminal(),
            });
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
