//! Counts. First what is there already, a stretch of rows at a time, then every event as it becomes durable; sums and the
//! place up to which they are true are one transaction. Asks for nothing that a payment waits for.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::sync::watch;
use vinr_domain::PaymentId;
use vinr_domain::refund::Status as RefundStatus;
use vinr_wire::rest::view::RefundView;

use super::facts::{Fact, of_payment, of_refund};
use super::place::{Behind, NAME, PlaceRow, Reach};
use super::sums::DayRow;
use super::{day_of, zone_of};
use crate::office::Office;
use crate::payments::scope_of;
use crate::refunds::RefundRow;
use crate::store::{Change, CommitError, Kept, Kind, Posted, Scope, StoreError, Transaction};

/// How long what happens is gathered before it is counted: many payments share a commit.
const GATHER: Duration = Duration::from_millis(100);
/// How long until the store is asked again when it did not answer.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// How many days are kept in memory; when there are more, they are read again.
const DAYS_KEPT: usize = 4_096;
/// After so many events of which none counted, the place is written all the same.
const UNWRITTEN_EVENTS: u64 = 4_096;

type DayName = (Scope, Arc<str>);

/// Who counts.
pub(super) struct Follower {
    office: Office,
    /// How many rows are counted at once, and how many events.
    portions: (u32, u32),
    /// How far it is; `None` before that has been read.
    place: Option<Kept<PlaceRow>>,
    /// The event up to which has been counted, as it was last written.
    written: u64,
    days: HashMap<DayName, DayRow>,
    changed: BTreeSet<DayName>,
    zones: HashMap<Scope, TimeZone>,
    complete: watch::Sender<bool>,
}

/// What a round came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Round {
    /// There is more to be counted.
    More,
    /// Everything that is durable has been looked at.
    Done,
}

impl Follower {
    /// Over the office; and whether everything older has been counted.
    pub(super) fn new(office: Office) -> (Self, watch::Receiver<bool>) {
        Self::with_portions(office, (1_000, 512))
    }

    pub(super) fn with_portions(office: Office, portions: (u32, u32)) -> (Self, watch::Receiver<bool>) {
        let (complete, told) = watch::channel(false);
        let (days, changed, zones) = (HashMap::new(), BTreeSet::new(), HashMap::new());
        (Self { office, portions, place: None, written: 0, days, changed, zones, complete }, told)
    }

    /// Until the platform ends.
    pub(super) async fn run(mut self) {
        let mut tail = self.office.store.tail();
        loop {
            tail.borrow_and_update();
            match self.round().await {
                Ok(Round::More) => {}
                Ok(Round::Done) => {
                    if tail.changed().await.is_err() {
                        return;
                    }
                    tokio::time::sleep(GATHER).await;
                }
                Err(CommitError::Failed(StoreError::Closed)) => return,
                Err(error) => {
                    tracing::warn!(%error, "figures are counted later");
                    self.forget();
                    tokio::time::sleep(STORE_PAUSE).await;
                }
            }
        }
    }

    /// Whatever is in memory is read again: what became of the last commit is not known.
    pub(super) fn forget(&mut self) {
        self.place = None;
        self.days.clear();
        self.changed.clear();
    }

    /// Counts a portion and writes it.
    pub(super) async fn round(&mut self) -> Result<Round, CommitError> {
        // The account may have changed it.
        self.zones.clear();
        let kept = match self.place.take() {
            Some(kept) => kept,
            None => self.read_place().await?,
        };
        let before = kept.value.clone();
        let (next, round) = match before.reach.clone() {
            Reach::Everything => self.follow(before).await?,
            Reach::Payments(behind) => self.count_payments(before, behind).await?,
            Reach::Refunds(behind) => self.count_refunds(before, behind).await?,
        };
        let complete = next.reach == Reach::Everything;
        self.place = Some(self.write(kept, next).await?);
        self.complete.send_if_modified(|told| std::mem::replace(told, complete) != complete);
        Ok(round)
    }

    async fn read_place(&mut self) -> Result<Kept<PlaceRow>, CommitError> {
        let store = &self.office.store;
        let fresh = PlaceRow::new(self.office.now());
        if let Some(kept) = store.get::<PlaceRow>(&Scope::platform(), NAME).await? {
            self.written = kept.value.event;
            return Ok(kept);
        }
        // Sums without a place are of an unknown moment.
        let stray = store.all_across_accounts::<DayRow>().await?;
        let mut changes: Vec<Change> =
            stray.iter().map(|kept| Change::delete::<DayRow>(&kept.value.scope, &kept.value.day)).collect();
        changes.push(Change::insert(&fresh));
        store.commit(Transaction { changes }).await?;
        Ok(Kept { revision: 1, value: fresh })
    }

    /// The next stretch of payments, all as of one event; and every event up to there of those counted before.
    async fn count_payments(
        &mut self,
        mut place: PlaceRow,
        behind: Option<Behind>,
    ) -> Result<(PlaceRow, Round), CommitError> {
        let store = Arc::clone(&self.office.store);
        let last = PlaceRow::last_payment(&behind);
        let snapshot = store.payments_behind_across_accounts(last, self.portions.0).await?;
        self.follow_up_to(&mut place, snapshot.newest).await?;
        for payment in &snapshot.rows {
            let scope = scope_of(payment);
            for fact in of_payment(payment, self.prompt_ms()) {
                self.count(&scope, &fact).await?;
            }
        }
        place.reach = match snapshot.rows.last() {
            Some(last) => {
                Reach::Payments(Some(Behind { scope: scope_of(last), id: last.id.to_string().into() }))
            }
            None => Reach::Refunds(None),
        };
        Ok((place, Round::More))
    }

    /// The same for refunds.
    async fn count_refunds(
        &mut self,
        mut place: PlaceRow,
        behind: Option<Behind>,
    ) -> Result<(PlaceRow, Round), CommitError> {
        let store = Arc::clone(&self.office.store);
        let last = behind.map(|last| (last.scope, last.id));
        let snapshot = store.records_behind_across_accounts(Kind::Refund, last, self.portions.0).await?;
        self.follow_up_to(&mut place, snapshot.newest).await?;
        for record in &snapshot.rows {
            // One that cannot be read is in nobody's way.
            let read = serde_json::from_slice::<RefundRow>(&record.body).ok();
            if let Some(fact) = read.and_then(|row| of_refund(&row.refund)) {
                self.count(&record.scope, &fact).await?;
            }
        }
        place.reach = match snapshot.rows.last() {
            Some(last) => {
                Reach::Refunds(Some(Behind { scope: last.scope.clone(), id: Arc::clone(&last.id) }))
            }
            None => Reach::Everything,
        };
        Ok((place, Round::More))
    }

    /// Looks at every event up to this one.
    async fn follow_up_to(&mut self, place: &mut PlaceRow, newest: u64) -> Result<(), CommitError> {
        let store = Arc::clone(&self.office.store);
        if matches!(place.reach, Reach::Payments(None)) {
            // Nothing has been counted: no event is about something that has.
            place.event = newest;
        }
        while place.event < newest {
            // What a snapshot shows may be told a moment later.
            let mut tail = store.tail();
            if tail.wait_for(|told| *told >= newest).await.is_err() {
                return Err(StoreError::Closed.into());
            }
            let events = store.events_after_across_accounts(place.event, self.portions.1).await?;
            let up_to = events.iter().take_while(|posted| posted.ordinal <= newest);
            let portion: Vec<&Posted> = up_to.collect();
            for posted in &portion {
                self.hear(place, posted).await?;
            }
            place.event = match portion.last() {
                Some(last) if portion.len() == self.portions.1 as usize => last.ordinal,
                // Those that are missing were purged.
                _ => newest,
            };
        }
        Ok(())
    }

    /// The next portion of events.
    async fn follow(&mut self, mut place: PlaceRow) -> Result<(PlaceRow, Round), CommitError> {
        let events = self.office.store.events_after_across_accounts(place.event, self.portions.1).await?;
        for posted in &events {
            self.hear(&place, posted).await?;
        }
        place.event = events.last().map_or(place.event, |last| last.ordinal);
        let round = if events.len() == self.portions.1 as usize { Round::More } else { Round::Done };
        Ok((place, round))
    }

    /// Counts what the event says that is new.
    async fn hear(&mut self, place: &PlaceRow, posted: &Posted) -> Result<(), StoreError> {
        let event = &posted.event;
        if !place.has_counted(event) {
            return Ok(());
        }
        let store = Arc::clone(&self.office.store);
        if let Some(id) = PaymentId::parse(&event.object_id).ok().filter(|_| tells_a_fact(posted)) {
            // Facts stay in the row, so a later state of it tells them as well.
            let Some(payment) = store.get_payment(&event.scope, id).await? else { return Ok(()) };
            for fact in of_payment(&payment, self.prompt_ms()) {
                if fact.what.is_news_of(event, payment.capture_method) {
                    self.count(&event.scope, &fact).await?;
                }
            }
        } else if event.kind.starts_with("refund.") && self.has_just_succeeded(posted).await? {
            let kept = store.get::<RefundRow>(&event.scope, &event.object_id).await?;
            if let Some(fact) = kept.and_then(|kept| of_refund(&kept.value.refund)) {
                self.count(&event.scope, &fact).await?;
            }
        }
        Ok(())
    }

    /// Whether the refund was not known to have succeeded before this event.
    async fn has_just_succeeded(&self, posted: &Posted) -> Result<bool, StoreError> {
        let succeeded = |data: &[u8]| {
            serde_json::from_slice::<RefundView>(data)
                .is_ok_and(|view| view.status == RefundStatus::Succeeded)
        };
        let event = &posted.event;
        if !succeeded(&event.data) {
            return Ok(false);
        }
        let (scope, id) = (&event.scope, &event.object_id);
        let earlier = match event.sequence {
            0 | 1 => None,
            sequence => self.office.store.find_event(scope, id, sequence - 1).await?,
        };
        Ok(!earlier.is_some_and(|earlier| succeeded(&earlier.data)))
    }

    async fn count(&mut self, scope: &Scope, fact: &Fact) -> Result<(), StoreError> {
        let book = &self.office.book;
        let zone = self.zones.entry(scope.clone()).or_insert_with(|| zone_of(book, scope));
        let (day, hour) = day_of(fact.at, zone);
        let name: DayName = (scope.clone(), day.to_string().into());
        if !self.days.contains_key(&name) {
            let kept = self.office.store.get::<DayRow>(scope, &name.1).await?.map(|kept| kept.value);
            let fresh = || DayRow {
                scope: scope.clone(),
                day: Arc::clone(&name.1),
                created_at: self.office.now(),
                currencies: std::collections::BTreeMap::new(),
            };
            self.days.insert(name.clone(), kept.unwrap_or_else(fresh));
        }
        if let Some(row) = self.days.get_mut(&name) {
            let sums = row.currencies.entry(fact.currency.code().into()).or_default();
            fact.what.count(sums, hour);
        }
        self.changed.insert(name);
        Ok(())
    }

    /// Sums and place in one transaction; nothing when nothing changed that is worth it.
    async fn write(&mut self, kept: Kept<PlaceRow>, next: PlaceRow) -> Result<Kept<PlaceRow>, CommitError> {
        let idle = self.changed.is_empty() && next.reach == kept.value.reach;
        if idle && next.event.saturating_sub(self.written) < UNWRITTEN_EVENTS {
            // After a restart these events are looked at again, and count as little then.
            return Ok(Kept { value: next, ..kept });
        }
        let mut changes = vec![Change::update(&next, kept.revision)];
        changes.extend(self.changed.iter().filter_map(|name| self.days.get(name)).map(Change::put));
        self.office.store.commit(Transaction { changes }).await?;
        self.changed.clear();
        self.written = next.event;
        if self.days.len() > DAYS_KEPT {
            self.days.clear();
        }
        Ok(Kept { revision: kept.revision + 1, value: next })
    }

    fn prompt_ms(&self) -> i64 {
        self.office.settings.terms.prompt_ms
    }
}

/// Whether an event of this kind can make a fact true; most do not.
fn tells_a_fact(posted: &Posted) -> bool {
    let event = &posted.event;
    event.kind.starts_with("terminal_payment.")
        && (event.sequence == 1 || event.kind != vinr_domain::payment::Announcement::Updated.as_str())
}
