//! One endpoint's courier: takes events from the mailbox, or from the store when it is behind, posts them, and writes
//! down what became of them. A task of its own; it can be late without anybody else being late.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::Mutex;
use vinr_domain::Timestamp;
use vinr_wire::rest::webhook::SigningSecret;

use super::endpoint::{EndpointRow, EndpointStatus};
use super::mailbox::Mailbox;
use super::sender::{Message, Post, Sender};
use super::window::{Job, MAX_HELD, Outcome, Window};
use super::{SealKey, WebhookSettings};
use crate::office::Office;
use crate::store::{
    Change, CommitError, DeliveryCursor, DeliveryPage, DeliveryRow, Kept, Posted, StoreError, Transaction,
};

/// How many events are read at once.
const PORTION: u32 = 256;
/// How many rows are written in one transaction.
const GROUP: usize = 256;
/// How long until the store is asked again when it did not answer.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// The longest a courier sleeps while something waits; the wall clock may jump.
const NAP_MS: i64 = 30_000;
/// How often the oldest delivery of an endpoint that is down and far behind is tried, whatever its turn.
const PROBE_MS: i64 = 300_000;

/// What all couriers share.
#[derive(Clone)]
pub(super) struct Depot {
    pub(super) office: Office,
    pub(super) post: Post,
    pub(super) key: SealKey,
    pub(super) settings: Arc<WebhookSettings>,
    /// Endpoints are changed one at a time, from what the store says to what their couriers hear.
    pub(super) changing: Arc<Mutex<()>>,
}

type Attempt = BoxFuture<'static, (Job, Option<Outcome>)>;
type Flushed = Result<(), (CommitError, Vec<DeliveryRow>)>;
type Flush = BoxFuture<'static, Flushed>;

/// One endpoint's courier.
pub(super) struct Courier {
    depot: Depot,
    mailbox: Arc<Mailbox>,
    name: Arc<str>,
    window: Window,
    sender: Sender,
    url: String,
    attempts: FuturesUnordered<Attempt>,
    flush: Option<Flush>,
    written: u64,
    /// How many requests are made at the same time: more while they succeed, fewer when they do not.
    abreast: usize,
    probe_at: Option<Timestamp>,
    secrets: (Arc<EndpointRow>, Timestamp, Vec<SigningSecret>),
}

impl Courier {
    /// A courier that goes on where the store says.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn prepare(
        depot: Depot,
        mailbox: Arc<Mailbox>,
        cursor: u64,
    ) -> Result<Self, StoreError> {
        let endpoint = mailbox.endpoint.load_full();
        let name: Arc<str> = endpoint.name().into();
        let store = Arc::clone(&depot.office.store);
        let scope = crate::store::Stored::scope(&*endpoint).clone();
        let mut known = BTreeSet::new();
        let mut page = DeliveryPage { status: None, limit: 100, cursor: DeliveryCursor::Start };
        loop {
            let (rows, more) = store.list_deliveries(&scope, &name, &page).await?;
            known.extend(rows.iter().map(|row| row.ordinal).filter(|ordinal| *ordinal > cursor));
            match rows.last() {
                Some(last) if more && last.ordinal > cursor => {
                    page.cursor = DeliveryCursor::After(last.ordinal);
                }
                Some(_) | None => break,
            }
        }
        let mut window = Window::new(Arc::clone(&name), cursor, known);
        #[cfg(feature = "sabotage")]
        window.retry_out_of_turn(
            depot.office.settings.sabotage == Some(crate::settings::Sabotage::RetryOutOfTurn),
        );
        let mut after = 0;
        loop {
            let rows = store.list_pending_deliveries_across_accounts(&name, after, PORTION).await?;
            let Some(last) = rows.last() else { break };
            after = last.ordinal;
            rows.into_iter().for_each(|row| window.load(row));
        }
        let sender = depot.post.client(&endpoint.url);
        let secrets = endpoint.secrets(&depot.key, depot.office.now());
        let secrets = (Arc::clone(&endpoint), depot.office.now(), secrets);
        let (url, abreast) = (endpoint.url.clone(), 4);
        let attempts = FuturesUnordered::new();
        Ok(Self {
            depot,
            mailbox,
            name,
            window,
            sender,
            url,
            attempts,
            flush: None,
            written: cursor,
            abreast,
            probe_at: None,
            secrets,
        })
    }

    /// Works until the endpoint is stopped or the platform ends.
    pub(super) async fn run(mut self) {
        while !self.mailbox.stopped() {
            self.collect();
            if self.window.held() < MAX_HELD && self.mailbox.must_read(self.window.position()) {
                self.catch_up().await;
            }
            self.launch();
            self.begin_flush();
            self.wait().await;
        }
        // What was posted before the stop is still written down.
        if let Some(flush) = self.flush.take() {
            let _ = flush.await.is_ok();
        }
        self.begin_flush();
        if let Some(flush) = self.flush.take() {
            let _ = flush.await.is_ok();
        }
    }

    /// Takes what is in the mailbox, as much as there is room for.
    fn collect(&mut self) {
        let endpoint = self.mailbox.endpoint.load_full();
        if endpoint.url != self.url {
            self.sender = self.depot.post.client(&endpoint.url);
            self.url.clone_from(&endpoint.url);
        }
        let post = self.mailbox.take(MAX_HELD.saturating_sub(self.window.held()));
        post.again.into_iter().for_each(|row| self.window.again(row));
        self.absorb(post.events, &endpoint);
        self.window.pass(post.seen);
        self.window.wake(self.depot.office.now());
        self.probe();
    }

    fn absorb(&mut self, events: Vec<Posted>, endpoint: &EndpointRow) {
        for posted in events {
            if wants(endpoint, &posted) {
                self.window.take(posted);
            } else {
                self.window.pass(posted.ordinal);
            }
        }
    }

    /// Reads what the mailbox has no room for from the store.
    async fn catch_up(&mut self) {
        let store = &self.depot.office.store;
        match store.events_after_across_accounts(self.window.position(), PORTION).await {
            Ok(events) if events.is_empty() => {
                // Everything that there is has been read; what was dropped is gone (retention) or was not for us.
                let to = self.mailbox.dropped_to();
                if to != u64::MAX {
                    self.window.pass(to);
                }
            }
            Ok(events) => {
                let endpoint = self.mailbox.endpoint.load_full();
                self.absorb(events, &endpoint);
            }
            Err(error) => {
                tracing::error!(%error, endpoint = %self.name, "events could not be read; they are read again");
                tokio::time::sleep(STORE_PAUSE).await;
            }
        }
    }

    /// When the endpoint is down and nothing more fits in hand, one delivery is tried out of turn now and then.
    fn probe(&mut self) {
        if self.window.held() < MAX_HELD || !self.attempts.is_empty() {
            self.probe_at = None;
            return;
        }
        let now = self.depot.office.now();
        let at = *self.probe_at.get_or_insert(now.plus_ms(PROBE_MS));
        if at <= now {
            self.probe_at = None;
            if let Some(due) = self.window.next_due() {
                self.window.wake(due);
            }
        }
    }

    fn launch(&mut self) {
        while self.attempts.len() < self.abreast {
            let Some(job) = self.window.next() else { return };
            let attempt = self.attempt(job);
            self.attempts.push(attempt);
        }
    }

    fn attempt(&mut self, job: Job) -> Attempt {
        let (office, sender) = (self.depot.office.clone(), self.sender.clone());
        let now = office.now();
        let endpoint = self.mailbox.endpoint.load_full();
        // Unsealing costs more than signing, and an old secret ends within a second of its time.
        if !Arc::ptr_eq(&endpoint, &self.secrets.0) || now.0 >= self.secrets.1.0 + 1000 {
            self.secrets = (Arc::clone(&endpoint), now, endpoint.secrets(&self.depot.key, now));
        }
        if let Some(event) = &job.event {
            let message = Message::of(event, &endpoint, &self.secrets.2, now);
            return Box::pin(async move {
                let outcome = sender.post(message, now).await;
                (job, Some(outcome))
            });
        }
        let secrets = self.secrets.2.clone();
        Box::pin(async move {
            // On a task of its own: the courier does not poll its attempts while it waits for the store itself, and
            // one that had been given a turn at the store would keep it from everybody.
            let (store, scope, id) = (Arc::clone(&office.store), job.row.scope.clone(), job.event_id());
            let found = tokio::spawn(async move { store.get_event(&scope, id).await }).await;
            let outcome = match found.unwrap_or(Err(StoreError::Closed)) {
                Ok(Some(posted)) => {
                    sender.post(Message::of(&posted.event, &endpoint, &secrets, now), now).await
                }
                Ok(None) => gone(now),
                Err(_) => {
                    tokio::time::sleep(STORE_PAUSE).await;
                    return (job, None);
                }
            };
            (job, Some(outcome))
        })
    }

    async fn finish(&mut self, job: Job, outcome: Option<Outcome>) {
        let Some(outcome) = outcome else {
            // The store did not answer; nothing was posted.
            let again = self.attempt(job);
            self.attempts.push(again);
            return;
        };
        metrics::counter!("vinr_webhook_attempts_total", "delivered" => if outcome.delivered { "yes" } else { "no" })
            .increment(1);
        if outcome.delivered {
            self.abreast = (self.abreast + 1).min(self.depot.settings.at_once);
            if self.window.held() >= MAX_HELD {
                self.window.wake_all();
            }
        } else {
            self.abreast = (self.abreast / 2).max(1);
        }
        let retry_at = self.retry_at(&job, &outcome);
        let (delivered, at) = (outcome.delivered, outcome.at);
        self.window.finish(job, outcome, retry_at);
        let failing = self.mailbox.endpoint.load().failing_since_ms;
        let overdue = failing.is_some_and(|since| at.0 - since >= self.disable_after_ms());
        if delivered == failing.is_some() || (!delivered && overdue) {
            self.note(delivered, at).await;
        }
    }

    /// When the next attempt follows: after its pause, give or take a tenth, so that they do not all come at once.
    fn retry_at(&self, job: &Job, outcome: &Outcome) -> Option<Timestamp> {
        let attempt = job.row.attempts as usize;
        let own = self.depot.office.book.figures(&job.row.scope).webhook_retries_s;
        let pause_ms = match own {
            Some(seconds) => i64::from(*seconds.get(attempt)?) * 1_000,
            None => *self.depot.settings.retries_ms.get(attempt)?,
        };
        let draw = i64::try_from(self.depot.office.names.draw() % 2_001).unwrap_or(1_000) - 1_000;
        Some(outcome.at.plus_ms(pause_ms + pause_ms * draw / 10_000))
    }

    /// After how long without a success the endpoint is given up: as its account wants it, or as everywhere.
    fn disable_after_ms(&self) -> i64 {
        const DAY_MS: i64 = 24 * 3_600_000;
        let endpoint = self.mailbox.endpoint.load();
        let own = self.depot.office.book.figures(crate::store::Stored::scope(&**endpoint));
        own.webhook_disable_after_days
            .map_or(self.depot.settings.disable_after_ms, |days| i64::from(days) * DAY_MS)
    }

    /// Writes down that the endpoint has begun to fail, or has stopped failing; gives it up when it has failed too long.
    async fn note(&mut self, delivered: bool, at: Timestamp) {
        let changing = Arc::clone(&self.depot.changing);
        let _turn = changing.lock().await;
        let store = &self.depot.office.store;
        let scope = crate::store::Stored::scope(&**self.mailbox.endpoint.load()).clone();
        let Ok(Some(Kept { revision, value: mut row })) = store.get::<EndpointRow>(&scope, &self.name).await
        else {
            return;
        };
        let mut changes = Vec::new();
        match (delivered, row.failing_since_ms) {
            (true, Some(_)) => row.failing_since_ms = None,
            (false, None) => row.failing_since_ms = Some(at.0),
            (false, Some(since)) if at.0 - since >= self.disable_after_ms() => {
                row.status = EndpointStatus::GivenUp;
                row.sequence += 1;
                tracing::warn!(endpoint = %self.name, "a webhook endpoint is disabled: nothing but failures");
                let event = self.depot.office.event(
                    &scope,
                    "webhook_endpoint.disabled",
                    &self.name,
                    row.sequence,
                    &row.view(),
                );
                changes.push(event);
            }
            (true, None) | (false, Some(_)) => {}
        }
        changes.push(Change::update(&row, revision));
        // Somebody who changed it at the same moment is followed by the next attempt.
        if store.commit(Transaction { changes }).await.is_ok() {
            let stops = row.status != EndpointStatus::Enabled;
            self.mailbox.change(row);
            if stops {
                self.mailbox.stop();
            }
        }
    }

    /// Writes down what has become of the events since the last time: all that has come together meanwhile.
    fn begin_flush(&mut self) {
        if self.flush.is_some() || (!self.window.has_rows() && self.window.cursor() <= self.written) {
            return;
        }
        let cursor = self.window.cursor();
        #[cfg(feature = "sabotage")]
        let cursor = match self.depot.office.settings.sabotage {
            Some(crate::settings::Sabotage::CursorBeforeDelivery) => self.window.position(),
            Some(_) | None => cursor,
        };
        let rows = self.window.take_rows();
        let mut changes: Vec<Change> =
            rows.chunks(GROUP).map(|rows| Change::PutDeliveries(rows.to_vec())).collect();
        changes.push(Change::MoveCursor { endpoint: Arc::clone(&self.name), ordinal: cursor });
        self.written = self.written.max(cursor);
        let store = Arc::clone(&self.depot.office.store);
        self.flush = Some(Box::pin(async move {
            let outcome = store.commit(Transaction { changes }).await;
            if outcome.is_err() {
                tokio::time::sleep(STORE_PAUSE).await;
            }
            outcome.map_err(|error| (error, rows))
        }));
    }

    async fn wait(&mut self) {
        let nap = self.nap();
        let Self { flush, attempts, mailbox, .. } = self;
        let flushed = async {
            match flush {
                Some(flush) => flush.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            result = flushed => self.flushed(result),
            Some((job, outcome)) = attempts.next(), if !attempts.is_empty() => {
                self.finish(job, outcome).await;
                // Those that have ended at the same moment are taken together.
                while let Some(Some((job, outcome))) = self.attempts.next().now_or_never() {
                    self.finish(job, outcome).await;
                }
            }
            () = mailbox.changed() => {}
            () = tokio::time::sleep(nap) => {}
        }
    }

    fn flushed(&mut self, result: Flushed) {
        self.flush = None;
        if let Err((error, rows)) = result {
            tracing::error!(%error, endpoint = %self.name, "deliveries could not be written; they are written again");
            self.window.return_rows(rows);
            self.written = 0;
        }
    }

    fn nap(&self) -> Duration {
        let behind = self.window.held() < MAX_HELD && self.mailbox.must_read(self.window.position());
        if behind {
            return Duration::ZERO;
        }
        let now = self.depot.office.now();
        let due = self.window.next_due().map_or(NAP_MS, |due| due.0 - now.0);
        Duration::from_millis(due.clamp(1, NAP_MS).unsigned_abs())
    }
}

/// Whether the event is for the endpoint. Tests are sent by whoever asked for them.
pub(super) fn wants(endpoint: &EndpointRow, posted: &Posted) -> bool {
    posted.event.scope == *crate::store::Stored::scope(endpoint)
        && posted.event.kind != super::service::TEST
        && endpoint.topics.want(posted.event.kind)
}

fn gone(at: Timestamp) -> Outcome {
    Outcome {
        delivered: false,
        at,
        http_status: None,
        duration_ms: 0,
        error: Some("the event is not kept any more".into()),
        response: None,
    }
}
