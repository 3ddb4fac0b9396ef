//! Messages on their way to the link, and which reports the cloud has acknowledged. Bounded, and never waits: the
//! device loop must not stand still because the cloud does.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;
use vinr_domain::{ActionId, IntentId};
use vinr_wire::link::ToCloud;

/// How many messages may wait for the link.
const WAITING: usize = 64;
/// How many reports are watched for their acknowledgement at a time.
const WATCHED: usize = 1024;

/// What a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// How a payment ended here.
    Intent(IntentId),
    /// How an action stands.
    Action(ActionId),
    /// Who may speak to the terminal: the newest word of the cloud holds.
    Access,
}

/// The device loop's end.
pub(crate) struct Outbox {
    messages: mpsc::Sender<ToCloud>,
    acknowledged: Arc<AtomicU64>,
    sent: u64,
    /// Reports under way: the number of the message and its subject, oldest first.
    reports: VecDeque<(u64, Subject)>,
}

/// The link's end.
pub(crate) struct OutboxReader {
    /// Messages in the order they were sent.
    pub(crate) messages: mpsc::Receiver<ToCloud>,
    /// How many messages, from the first, the cloud has acknowledged.
    pub(crate) acknowledged: Arc<AtomicU64>,
}

impl Outbox {
    pub(crate) fn new() -> (Self, OutboxReader) {
        let (sender, messages) = mpsc::channel(WAITING);
        let acknowledged = Arc::new(AtomicU64::new(0));
        let reader = OutboxReader { messages, acknowledged: Arc::clone(&acknowledged) };
        (Self { messages: sender, acknowledged, sent: 0, reports: VecDeque::new() }, reader)
    }

    /// Hands a message to the link. `false` when too many wait already: whoever sends must be able to say it again.
    pub(crate) fn send(&mut self, message: ToCloud) -> bool {
        let taken = self.messages.try_send(message).is_ok();
        self.sent += u64::from(taken);
        taken
    }

    /// Like [`Self::send`], and remembers the message as the newest report of its subject.
    pub(crate) fn send_report(&mut self, subject: Subject, message: ToCloud) -> bool {
        // An acknowledgement of what was said before is none of this.
        self.reports.retain(|(_, reported)| *reported != subject);
        if self.reports.len() >= WATCHED || !self.send(message) {
            return false;
        }
        self.reports.push_back((self.sent, subject));
        true
    }

    /// How many more messages the link takes without waiting.
    pub(crate) fn room(&self) -> usize {
        self.messages.capacity()
    }

    /// Whether a report of this is on its way.
    pub(crate) fn reports(&self, subject: Subject) -> bool {
        self.reports.iter().any(|(_, reported)| *reported == subject)
    }

    /// Whether something is on its way that the cloud has to know before the terminal starts again because of it.
    pub(crate) fn reports_why_it_restarts(&self) -> bool {
        let why = |subject: &Subject| matches!(subject, Subject::Action(_) | Subject::Access);
        self.reports.iter().any(|(_, subject)| why(subject))
    }

    /// The next subject whose newest report the cloud has acknowledged since the last call.
    pub(crate) fn next_acknowledged(&mut self) -> Option<Subject> {
        let acknowledged = self.acknowledged.load(Ordering::Acquire);
        let (number, subject) = *self.reports.front()?;
        (number <= acknowledged).then(|| {
            self.reports.pop_front();
            subject
        })
    }
}
