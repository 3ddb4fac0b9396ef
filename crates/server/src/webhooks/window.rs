//! What one endpoint has in hand: events taken and not yet told, those that wait for their next attempt, and those that
//! wait behind another event of the same object. Pure: no store, no clock, no connection.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use vinr_domain::{EventId, Timestamp};

use crate::store::{DeliveryRow, DeliveryStatus, EventRow, Posted, Scope};

/// How many deliveries an endpoint has in hand at most; the rest waits in the outbox.
pub(super) const MAX_HELD: usize = 2_000;

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outcome {
    /// Whether the endpoint has taken it.
    pub(super) delivered: bool,
    /// When it was made.
    pub(super) at: Timestamp,
    /// What the endpoint answered.
    pub(super) http_status: Option<u16>,
    /// How long that took.
    pub(super) duration_ms: u32,
    /// Why it failed, for people.
    pub(super) error: Option<Arc<str>>,
    /// The beginning of the answer.
    pub(super) response: Option<Arc<str>>,
}

/// One event for the endpoint.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) row: DeliveryRow,
    /// Its data, while it is at hand.
    pub(super) event: Option<EventRow>,
    /// Whether the store has its row.
    written: bool,
}

impl Job {
    /// The event that the job is about.
    pub(super) fn event_id(&self) -> EventId {
        self.row.event
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// Its first job can be sent.
    Ready,
    /// Its first job is being sent.
    Busy,
    /// Its first job waits for its time.
    Waiting(i64, u64),
}

struct Lane {
    jobs: VecDeque<Job>,
    turn: Turn,
}

/// What one endpoint has in hand.
pub(super) struct Window {
    endpoint: Arc<str>,
    lanes: HashMap<Arc<str>, Lane>,
    ready: VecDeque<Arc<str>>,
    timers: BTreeMap<(i64, u64), Arc<str>>,
    /// Taken, and without a row.
    open: BTreeSet<u64>,
    /// Have a row already, although the cursor is before them.
    known: BTreeSet<u64>,
    position: u64,
    rows: Vec<DeliveryRow>,
    held: usize,
    #[cfg(feature = "sabotage")]
    out_of_turn: bool,
}

impl Window {
    /// Nothing in hand, behind that place. `known`: places behind it that have a row.
    pub(super) fn new(endpoint: Arc<str>, position: u64, known: BTreeSet<u64>) -> Self {
        Self {
            endpoint,
            lanes: HashMap::new(),
            ready: VecDeque::new(),
            timers: BTreeMap::new(),
            open: BTreeSet::new(),
            known,
            position,
            rows: Vec::new(),
            held: 0,
            #[cfg(feature = "sabotage")]
            out_of_turn: false,
        }
    }

    /// Plants a bug.
    #[cfg(feature = "sabotage")]
    pub(super) fn retry_out_of_turn(&mut self, planted: bool) {
        self.out_of_turn = planted;
    }

    /// How many deliveries are in hand, those that wait included.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// The place of the newest event that was taken or passed over.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Everything up to the place is of no interest, or in hand.
    pub(super) fn pass(&mut self, ordinal: u64) {
        self.position = self.position.max(ordinal);
    }

    /// How far the endpoint has come once the rows are written.
    pub(super) fn cursor(&self) -> u64 {
        self.open.first().map_or(self.position, |first| first - 1)
    }

    /// Takes an event in hand. Events come in the order of their places; one that was taken before is passed over.
    pub(super) fn take(&mut self, posted: Posted) {
        let Posted { ordinal, event } = posted;
        if ordinal <= self.position {
            return;
        }
        self.position = ordinal;
        if self.known.remove(&ordinal) {
            return;
        }
        let row = first_row(&self.endpoint, ordinal, &event);
        self.open.insert(ordinal);
        let mut job = Job { row, event: Some(event), written: false };
        if let Some(lane) = self.lanes.get(&job.row.object_id)
            && matches!(lane.turn, Turn::Waiting(..))
        {
            park(&mut job, &mut self.open, &mut self.rows);
        }
        self.enqueue(job, None);
    }

    /// Takes a pending delivery in hand that the store has. In the order of their places.
    pub(super) fn load(&mut self, row: DeliveryRow) {
        let due = row.next_attempt_at;
        self.enqueue(Job { row, event: None, written: true }, due);
    }

    fn enqueue(&mut self, job: Job, due: Option<Timestamp>) {
        let object = Arc::clone(&job.row.object_id);
        let ordinal = job.row.ordinal;
        self.held += 1;
        if let Some(lane) = self.lanes.get_mut(&object) {
            lane.jobs.push_back(job);
            return;
        }
        let turn = match due {
            Some(due) => {
                self.timers.insert((due.0, ordinal), Arc::clone(&object));
                Turn::Waiting(due.0, ordinal)
            }
            None => {
                self.ready.push_back(Arc::clone(&object));
                Turn::Ready
            }
        };
        self.lanes.insert(object, Lane { jobs: VecDeque::from([job]), turn });
    }

    /// A delivery is wanted again, now. In turn with what its object has in hand.
    pub(super) fn again(&mut self, row: DeliveryRow) {
        let object = Arc::clone(&row.object_id);
        let Some(lane) = self.lanes.get_mut(&object) else {
            self.enqueue(Job { row, event: None, written: true }, None);
            return;
        };
        if !lane.jobs.iter().any(|job| job.row.ordinal == row.ordinal) {
            let at = lane.jobs.partition_point(|job| job.row.ordinal < row.ordinal);
            lane.jobs.insert(at, Job { row, event: None, written: true });
            self.held += 1;
        }
        if let Turn::Waiting(due, ordinal) = lane.turn {
            self.timers.remove(&(due, ordinal));
            lane.turn = Turn::Ready;
            self.ready.push_back(object);
        }
    }

    /// Those whose time has come can be sent.
    pub(super) fn wake(&mut self, now: Timestamp) {
        while let Some(entry) = self.timers.first_entry().filter(|entry| entry.key().0 <= now.0) {
            let object = entry.remove();
            if let Some(lane) = self.lanes.get_mut(&object) {
                lane.turn = Turn::Ready;
                self.ready.push_back(object);
            }
        }
    }

    /// Everything that waits can be sent: the endpoint answers again and is far behind.
    pub(super) fn wake_all(&mut self) {
        self.wake(Timestamp(i64::MAX));
    }

    /// When the next one wants to be sent.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.timers.first_key_value().map(|((due, _), _)| Timestamp(*due))
    }

    /// The next one to be sent; [`Self::finish`] takes it back.
    pub(super) fn next(&mut self) -> Option<Job> {
        loop {
            let object = self.ready.pop_front()?;
            let Some(lane) = self.lanes.get_mut(&object).filter(|lane| lane.turn == Turn::Ready) else {
                continue;
            };
            let Some(job) = lane.jobs.pop_front() else { continue };
            lane.turn = Turn::Busy;
            return Some(job);
        }
    }

    /// An attempt has ended. `retry_at`: when the next one follows; `None`: there is none.
    pub(super) fn finish(&mut self, mut job: Job, outcome: Outcome, retry_at: Option<Timestamp>) {
        let row = &mut job.row;
        row.attempts += 1;
        row.last_attempt_at = Some(outcome.at);
        row.http_status = outcome.http_status;
        row.duration_ms = Some(outcome.duration_ms);
        row.error = outcome.error;
        row.response = outcome.response;
        let (status, due) = match (outcome.delivered, retry_at) {
            (true, _) => (DeliveryStatus::Delivered, None),
            (false, Some(at)) => (DeliveryStatus::Pending, Some(at)),
            (false, None) => (DeliveryStatus::Failed, None),
        };
        row.status = status;
        row.next_attempt_at = due;
        self.open.remove(&row.ordinal);
        self.rows.push(row.clone());
        match due {
            Some(due) => self.wait(job, due),
            None => self.done(&job.row.object_id),
        }
    }

    fn wait(&mut self, mut job: Job, due: Timestamp) {
        let (object, ordinal) = (Arc::clone(&job.row.object_id), job.row.ordinal);
        let Some(lane) = self.lanes.get_mut(&object) else { return };
        job.written = true;
        // It may be long until then, and memory is for what moves.
        job.event = None;
        for behind in &mut lane.jobs {
            if !behind.written {
                park(behind, &mut self.open, &mut self.rows);
            }
        }
        #[cfg(feature = "sabotage")]
        if self.out_of_turn {
            lane.jobs.push_back(job);
            lane.turn = Turn::Ready;
            return self.ready.push_back(object);
        }
        lane.jobs.push_front(job);
        lane.turn = Turn::Waiting(due.0, ordinal);
        self.timers.insert((due.0, ordinal), object);
    }

    fn done(&mut self, object: &Arc<str>) {
        self.held -= 1;
        let Some(lane) = self.lanes.get_mut(object) else { return };
        if lane.jobs.is_empty() {
            self.lanes.remove(object);
        } else {
            lane.turn = Turn::Ready;
            self.ready.push_back(Arc::clone(object));
        }
    }

    /// What has to be written since this was asked last.
    pub(super) fn take_rows(&mut self) -> Vec<DeliveryRow> {
        std::mem::take(&mut self.rows)
    }

    /// These could not be written.
    pub(super) fn return_rows(&mut self, rows: Vec<DeliveryRow>) {
        let newer = std::mem::replace(&mut self.rows, rows);
        self.rows.extend(newer);
    }

    /// Whether anything has to be written.
    pub(super) fn has_rows(&self) -> bool {
        !self.rows.is_empty()
    }
}

/// The store keeps it from now on: it may be long until its turn, and the cursor must go on.
fn park(job: &mut Job, open: &mut BTreeSet<u64>, rows: &mut Vec<DeliveryRow>) {
    job.written = true;
    job.event = None;
    open.remove(&job.row.ordinal);
    rows.push(job.row.clone());
}

/// A delivery that was never tried.
pub(super) fn first_row(endpoint: &Arc<str>, ordinal: u64, event: &EventRow) -> DeliveryRow {
    DeliveryRow {
        endpoint: Arc::clone(endpoint),
        ordinal,
        scope: Scope::clone(&event.scope),
        event: event.id,
        kind: event.kind,
        object_id: Arc::clone(&event.object_id),
        status: DeliveryStatus::Pending,
        attempts: 0,
        created_at: event.created_at,
        last_attempt_at: None,
        next_attempt_at: None,
        http_status: None,
        duration_ms: None,
        error: None,
        response: None,
    }
}

#[cfg(test)]
mod tests;
