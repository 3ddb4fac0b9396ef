//! The terminal's own event stream: what happens to payments and how far each is, numbered, with a short memory so that a
//! reader who comes back goes on where it was. Keeps nothing on disk: after a restart a reader is told to look again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use tokio::sync::{broadcast, watch};
use vinr_domain::payment::Status;
use vinr_domain::{IntentId, Timestamp};
use vinr_wire::link::ProgressStage;

use super::view;
use crate::till::{Sale, Till};

/// How many events are remembered.
const REMEMBERED: usize = 1024;
/// Of how many payments the last word is remembered: more than a journal holds.
const SEEN: usize = 16_384;

/// What happened.
#[derive(Clone, Debug)]
pub(super) struct Happening {
    /// Counts from 1.
    pub(super) number: u64,
    /// As the cloud's events are called, and `terminal_payment.progress`.
    pub(super) kind: &'static str,
    pub(super) at: Timestamp,
    pub(super) sale: Sale,
    pub(super) stage: Option<ProgressStage>,
}

/// The memory of what happened.
#[derive(Debug)]
pub(super) struct Feed {
    /// Names this life of the feed: numbers of another life mean nothing.
    life: u64,
    remembered: Mutex<Remembered>,
    newest: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Remembered {
    events: VecDeque<Happening>,
    /// In the order of their names, which is that of time.
    seen: BTreeMap<IntentId, (Option<Status>, bool, Option<ProgressStage>)>,
    last: u64,
}

/// What comes after a place in the feed.
pub(super) enum Next {
    Event(Box<Happening>),
    /// Nothing yet.
    Wait,
    /// The place is not remembered any more.
    Gone,
}

impl Feed {
    pub(super) fn new(life: u64) -> Self {
        Self { life, remembered: Mutex::default(), newest: watch::Sender::new(0) }
    }

    /// Takes note of what the journal has, which is no news.
    pub(super) async fn begin(&self, till: &Till) -> broadcast::Receiver<Sale> {
        let changes = till.changes();
        for sale in till.list().await {
            self.know(&sale);
        }
        changes
    }

    /// Follows the device loop until the terminal stops.
    pub(super) async fn follow(
        &self,
        till: &Till,
        mut changes: broadcast::Receiver<Sale>,
        now: impl Fn() -> Timestamp + Send,
    ) {
        loop {
            match changes.recv().await {
                Ok(sale) => self.note(&sale, now()),
                Err(broadcast::error::RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "the event feed was too slow and looks at the journal again");
                    for sale in till.list().await.into_iter().rev() {
                        self.note(&sale, now());
                    }
                }
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    }

    fn know(&self, sale: &Sale) {
        let read = view::reading(&sale.record);
        let known = (Some(read.status), read.outcome_unknown, sale.stage);
        self.remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .seen
            .entry(sale.record.intent)
            .or_insert(known);
    }

    /// Makes events of a change: one for the payment where its status is another, one for its stage.
    fn note(&self, sale: &Sale, at: Timestamp) {
        if sale.record.command.is_none() {
            return;
        }
        let read = view::reading(&sale.record);
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let before = remembered.seen.get(&sale.record.intent).copied().unwrap_or((None, false, None));
        if before.0 != Some(read.status) || before.1 != read.outcome_unknown {
            if before.0.is_none() && read.status != Status::Pending {
                remembered.add("terminal_payment.created", at, sale, None);
            }
            remembered.add(kind_of(read.status, before.0.is_none()), at, sale, None);
        }
        if let Some(stage) = sale.stage.filter(|stage| before.2 != Some(*stage)) {
            remembered.add("terminal_payment.progress", at, sale, Some(stage));
        }
        remembered.seen.insert(sale.record.intent, (Some(read.status), read.outcome_unknown, sale.stage));
        if remembered.seen.len() > SEEN {
            remembered.seen.pop_first();
        }
        let last = remembered.last;
        drop(remembered);
        self.newest.send_replace(last);
    }

    /// How an event is called in `id`.
    pub(super) fn id(&self, number: u64) -> String {
        format!("{:016x}-{number}", self.life)
    }

    /// The place that an `id` names; `None` for one of another life, or for what is none.
    pub(super) fn place(&self, id: &str) -> Option<u64> {
        let (life, number) = id.split_once('-')?;
        let number = number.parse().ok()?;
        (u64::from_str_radix(life, 16).ok()? == self.life && number <= *self.newest.borrow())
            .then_some(number)
    }

    /// The newest place.
    pub(super) fn newest(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    /// What comes after `place`.
    pub(super) fn after(&self, place: u64) -> Next {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(first) = remembered.events.front().map(|event| event.number) else { return Next::Wait };
        if place + 1 < first {
            return Next::Gone;
        }
        let at = usize::try_from(place + 1 - first).unwrap_or(usize::MAX);
        remembered.events.get(at).map_or(Next::Wait, |event| Next::Event(Box::new(event.clone())))
    }
}

impl Remembered {
    fn add(&mut self, kind: &'static str, at: Timestamp, sale: &Sale, stage: Option<ProgressStage>) {
        self.last += 1;
        if self.events.len() == REMEMBERED {
            self.events.pop_front();
        }
        self.events.push_back(Happening { number: self.last, kind, at, sale: sale.clone(), stage });
    }
}

fn kind_of(status: Status, is_new: bool) -> &'static str {
    match status {
        Status::Pending if is_new => "terminal_payment.created",
        Status::Pending | Status::Processing => "terminal_payment.updated",
        Status::Authorized => "terminal_payment.authorized",
        Status::Completed => "terminal_payment.completed",
        Status::Failed => "terminal_payment.failed",
        Status::Cancelled => "terminal_payment.cancelled",
        Status::Expired => "terminal_payment.expired",
    }
}
