//! Keeps a batch open for everything that waits for one, closes it when its business day is over, and tells the acquirer
//! until it agrees. Works from the store alone: after a downtime it catches up with what should have been closed.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use vinr_domain::batch::{Event, Opening, State, open};
use vinr_domain::payment::Terms;
use vinr_domain::{BatchId, Currency, LocationId, TerminalId, Timestamp};

use super::business_day::BusinessDay;
use super::record::{BatchRow, OPEN, whole_tender};
use crate::acquirer::{Acquirer, Settlement};
use crate::gateway::link_id;
use crate::office::Office;
use crate::payments::{Noted, Tally};
use crate::store::{
    Change, CommitError, Kept, LocationRow, Scope, StoreError, Tender, TerminalRow, Transaction,
};

/// How many batches are attended to at the same time.
const AT_ONCE: usize = 32;
/// How many due batches are read in one round.
const READ: u32 = 1_000;
/// How often due batches are looked for.
const EVERY: Duration = Duration::from_secs(1);

/// What an account says about its batches.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountDefaults {
    /// The IANA time zone of locations that have none.
    pub time_zone: Option<Arc<str>>,
    /// In which currency its terminals settle.
    pub currency: Option<Currency>,
}

/// Where the defaults of an account are looked up.
pub type Defaults = Arc<dyn Fn(&Scope) -> AccountDefaults + Send + Sync>;

/// The batches of all accounts, as far as nobody asks for them.
#[derive(Clone)]
pub struct BatchLedger {
    pub(super) office: Office,
    pub(super) tally: Tally,
    pub(super) defaults: Defaults,
    acquirer: Arc<dyn Acquirer>,
    /// Opening and closing take turns, so that the tally never believes a batch open that is closing.
    pub(super) turn: Arc<tokio::sync::Mutex<()>>,
    attended: Arc<Mutex<BTreeSet<BatchId>>>,
    hands: Arc<Semaphore>,
}

impl BatchLedger {
    /// Over these parts; begins when [`Self::run`] does.
    #[must_use]
    pub fn new(office: Office, tally: Tally, acquirer: Arc<dyn Acquirer>, defaults: Defaults) -> Self {
        Self {
            office,
            tally,
            defaults,
            acquirer,
            turn: Arc::default(),
            attended: Arc::default(),
            hands: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Takes up what an earlier process left, then goes on until the task ends.
    pub async fn run(self) {
        self.recall().await;
        loop {
            if let Err(error) = self.open_noted().await {
                tracing::error!(%error, "batches could not be opened; it is tried again");
            }
            self.look().await;
            tokio::select! {
                biased;
                () = self.tally.noted() => {}
                () = sleep(EVERY) => {}
            }
        }
    }

    /// Notes everything that waits for a batch.
    async fn recall(&self) {
        match self.office.store.list_unbatched_tenders_across_accounts().await {
            Ok(waiting) => {
                for one in waiting {
                    self.tally.note(&one.scope, one.tender, one.first_at);
                }
            }
            Err(error) => tracing::error!(%error, "what waits for a batch cannot be read"),
        }
    }

    async fn look(&self) {
        match self.office.store.due_across_accounts::<BatchRow>(self.office.now(), READ).await {
            Ok(due) => due.into_iter().for_each(|kept| self.begin(kept)),
            Err(error) => tracing::error!(%error, "due batches cannot be read; they are looked for again"),
        }
    }

    /// Attends to a batch now, unless somebody does already.
    pub(super) fn begin(&self, kept: Kept<BatchRow>) {
        let id = kept.value.batch.id;
        if !self.attended().insert(id) {
            return;
        }
        let this = self.clone();
        self.office.tasks.spawn(async move {
            if let Ok(_hand) = Arc::clone(&this.hands).acquire_owned().await
                && let Err(error) = this.attend(kept).await
            {
                tracing::error!(batch = %id, %error, "a batch could not be written; the next round goes on");
            }
            this.attended().remove(&id);
        });
    }

    fn attended(&self) -> std::sync::MutexGuard<'_, BTreeSet<BatchId>> {
        self.attended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn attend(&self, kept: Kept<BatchRow>) -> Result<(), CommitError> {
        let closed = match kept.value.batch.state {
            State::Open => self.close_day(kept).await?,
            State::Closing { .. } => self.finish(kept).await?,
            State::Closed { .. } => kept,
            State::Settled { .. } => return Ok(()),
        };
        if matches!(closed.value.batch.state, State::Closed { .. }) {
            self.settle(closed).await
        } else {
            Ok(())
        }
    }

    async fn settle(&self, kept: Kept<BatchRow>) -> Result<(), CommitError> {
        let terms = self.terms();
        let batch = &kept.value.batch;
        let terminal = link_id(&batch.account, &batch.terminal);
        let told = self.acquirer.settle(Settlement { batch: Arc::clone(batch), terminal });
        let patience = Duration::from_millis(terms.inquiry_answer_ms.unsigned_abs());
        let event = match timeout(patience, told).await {
            Ok(()) => Event::SettlementAcknowledged,
            Err(_elapsed) => {
                if batch.attempts >= 5 {
                    tracing::error!(batch = %batch.id, "the acquirer does not agree to the sums of a batch");
                }
                Event::SettlementUnanswered
            }
        };
        let (row, _effects) = self.stepped(&kept.value, &event)?;
        let changes = vec![Change::update(&row, kept.revision)];
        match self.office.store.commit(Transaction { changes }).await {
            // Somebody else has told the acquirer too; it was told the same.
            Err(CommitError::RecordStale { .. }) => Ok(()),
            outcome => outcome,
        }
    }

    /// Opens a batch for everything that was noted. What cannot be opened now is noted again.
    pub(super) async fn open_noted(&self) -> Result<(), CommitError> {
        let mut failed = Ok(());
        for noted in self.tally.take() {
            if let Err(error) = self.ensure_open(&noted).await {
                self.tally.note(&noted.scope, noted.tender, noted.first_at);
                failed = Err(error);
            }
        }
        failed
    }

    async fn ensure_open(&self, noted: &Noted) -> Result<(), CommitError> {
        let Noted { scope, tender, first_at } = noted;
        let _turn = self.turn.lock().await;
        let known = self.open_one(scope, tender).await?;
        if known.is_none() {
            if !self.anything_waits(scope, tender).await? {
                return Ok(());
            }
            let batch = self.new_batch(scope, tender, *first_at).await?;
            let changes = vec![Change::insert(&BatchRow::new(batch))];
            self.office.store.commit(Transaction { changes }).await?;
        }
        self.tally.opened(scope, tender.clone());
        Ok(())
    }

    /// The open batch of the tender.
    pub(super) async fn open_one(
        &self,
        scope: &Scope,
        tender: &Tender,
    ) -> Result<Option<Kept<BatchRow>>, StoreError> {
        self.office.store.find_across_accounts::<BatchRow>(OPEN, &whole_tender(scope, tender)).await
    }

    /// A batch that nobody knows yet.
    pub(super) async fn new_batch(
        &self,
        scope: &Scope,
        tender: &Tender,
        opened_at: Timestamp,
    ) -> Result<vinr_domain::batch::Batch, StoreError> {
        let location = self.location_of(scope, &tender.terminal).await?;
        let place = match &location {
            Some(id) => self.office.store.get::<LocationRow>(scope, id.as_str()).await?,
            None => None,
        };
        let place = place.map(|kept| kept.value);
        let defaults = (self.defaults)(scope);
        let zone = place.as_ref().and_then(|place| place.time_zone.clone()).or(defaults.time_zone);
        let ends = place.as_ref().and_then(|place| place.end_of_day.clone());
        let day = BusinessDay::new(zone.as_deref(), ends.as_deref());
        let opening = Opening {
            id: BatchId(self.office.name()),
            account: scope.account.clone(),
            livemode: scope.livemode,
            terminal: Arc::clone(&tender.terminal),
            location,
            currency: tender.currency,
            opened_at,
        };
        Ok(open(opening, day.end_after(opened_at)))
    }

    async fn location_of(&self, scope: &Scope, terminal: &str) -> Result<Option<LocationId>, StoreError> {
        let Ok(id) = TerminalId::parse(terminal) else { return Ok(None) };
        let row = self.office.store.get::<TerminalRow>(scope, id.as_str()).await?;
        Ok(row.and_then(|kept| kept.value.location))
    }

    pub(super) fn terms(&self) -> Terms {
        let jitter_permille = u16::try_from(self.office.names.draw() % 500).unwrap_or(0);
        Terms { jitter_permille, ..self.office.settings.terms }
    }
}
