//! What the API can ask of payments. Every method scopes by the caller first. Dropping one of these futures changes
//! nothing: what has begun goes on in a lane or a task of its own.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};
use vinr_domain::payment::{Event, Payment};
use vinr_domain::{EntryMode, IntentId, LocationId, PaymentId, TerminalId, Timestamp};
use vinr_wire::link::{PresentCard, ToTerminal};
use vinr_wire::rest::payment::{self as asked, PaymentFilter as ListQuery};
use vinr_wire::rest::view::PaymentView;

use super::advance::Books;
use super::recovery::Recovery;
use crate::access::Principal;
use crate::gateway::{Directory, Lanes, Terminal, TerminalKey};
use crate::groups::Queue;
use crate::once::IdempotencyKey;
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::store::{Answer, Change, Cursor, IdempotencyRow, Page, PaymentFilter, Scope, Transaction};
use crate::tasks::Tasks;

/// Between two looks for a payment that its terminal is about to tell of.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// How long a terminal may take to say whether it took a simulated card.
const PRESENTED: Duration = Duration::from_secs(5);

/// An answer with a payment in it.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The payment.
    pub view: PaymentView,
    /// 200 or 202.
    pub status: u16,
    /// Whether this answer had been given before.
    pub replayed: bool,
}

/// The payments of all accounts.
#[derive(Clone)]
pub struct Payments {
    pub(super) books: Books,
    pub(super) lanes: Lanes,
    pub(super) directory: Arc<Directory>,
    pub(super) recovery: Recovery,
    pub(super) queue: Queue,
    pub(super) tasks: Tasks,
    pub(super) settings: Arc<Settings>,
}

impl Payments {
    /// Payments over these parts.
    #[must_use]
    pub fn new(
        books: Books,
        lanes: Lanes,
        directory: Arc<Directory>,
        recovery: Recovery,
        queue: Queue,
        tasks: Tasks,
        settings: Arc<Settings>,
    ) -> Self {
        Self { books, lanes, directory, recovery, queue, tasks, settings }
    }

    /// One payment.
    ///
    /// # Errors
    /// [`Refusal::NoSuchPayment`], or that the store cannot answer.
    pub async fn retrieve(&self, who: &Principal, id: PaymentId) -> Result<PaymentView, Refusal> {
        let found = self.books.store.get_payment(&who.scope, id).await?;
        found.map(|payment| self.read(&payment)).ok_or(Refusal::NoSuchPayment)
    }

    /// A page of payments, and whether there is more.
    ///
    /// # Errors
    /// That the store cannot answer.
    pub async fn list(&self, who: &Principal, query: ListQuery) -> Result<(Vec<PaymentView>, bool), Refusal> {
        // A location that is no location's name has no payments.
        let location = match query.location.as_deref().map(LocationId::parse) {
            Some(Err(_)) => return Ok((Vec::new(), false)),
            Some(Ok(location)) => Some(location),
            None => None,
        };
        let filter = PaymentFilter {
            terminal: query.terminal,
            location,
            status: query.status,
            reference: query.reference,
            from: query.created_from,
            to: query.created_to,
            ..PaymentFilter::default()
        };
        let cursor = match query.cursor {
            asked::Cursor::Newest => Cursor::Start,
            asked::Cursor::After(id) => Cursor::After(id),
            asked::Cursor::Before(id) => Cursor::Before(id),
        };
        let page = Page { limit: query.limit.into(), cursor };
        let listed = self.books.store.list_payments(&who.scope, &filter, &page).await?;
        let views = listed.payments.iter().map(|payment| self.read(payment)).collect();
        Ok((views, listed.has_more))
    }

    /// The payment as it is read: if it waits for a terminal, with its place in the queue.
    pub(super) fn read(&self, payment: &Payment) -> PaymentView {
        let mut view = PaymentView::from(payment);
        if payment.is_queued() {
            view.queue_position = self.queue.position(payment.id);
        }
        view
    }

    /// Takes what is held, or part of it, or up to the tolerance more. In minor units.
    ///
    /// # Errors
    /// [`Refusal::Illegal`] and what every method can say.
    pub async fn capture(
        &self,
        who: &Principal,
        id: PaymentId,
        amount_minor: Option<i64>,
        key: Option<IdempotencyKey>,
    ) -> Result<Answered, Refusal> {
        if let Some(replayed) = self.replay(&who.scope, key.as_ref()).await? {
            return Ok(replayed);
        }
        let event = Event::CaptureRequested(amount_minor);
        self.apply_detached(&who.scope, id, event, key).await
    }

    /// Moves a payment that needs no terminal, on a task of its own.
    pub(super) async fn apply_detached(
        &self,
        scope: &Scope,
        id: PaymentId,
        event: Event,
        key: Option<IdempotencyKey>,
    ) -> Result<Answered, Refusal> {
        let (this, owned, again) = (self.clone(), scope.clone(), key.clone());
        let (reply, answer) = oneshot::channel();
        self.tasks.spawn(async move {
            let now = this.books.clock.wall();
            let claim = |next: &Payment| {
                let answer = Answer::Payment { id: next.id, sequence: Some(next.sequence), status: 200 };
                key.iter()
                    .map(|key| Change::ClaimIdempotencyKey(row(&owned, key, answer.clone(), now)))
                    .collect()
            };
            let _ = reply.send(this.recovery.apply(&owned, id, &event, claim).await);
        });
        let outcome = answer.await.map_err(|_ended| Refusal::Unavailable { money_may_have_moved: true })?;
        match outcome {
            Ok(payment) => Ok(answered(&payment, 200)),
            Err(error) => {
                // Two requests with the same key raced: both get the answer of the one that was first.
                if let Some(replayed) = self.replay(scope, again.as_ref()).await? {
                    return Ok(replayed);
                }
                Err(error.into())
            }
        }
    }

    /// Puts a simulated card in front of a simulated reader, now.
    ///
    /// # Errors
    /// [`Refusal::TestModeOnly`], [`Refusal::NoSuchTerminal`], [`Refusal::TerminalOffline`],
    /// [`Refusal::NothingToPresentTo`].
    pub async fn present_card(
        &self,
        who: &Principal,
        terminal: &str,
        card: Option<&'static str>,
        entry_mode: Option<EntryMode>,
        key: Option<IdempotencyKey>,
    ) -> Result<Answered, Refusal> {
        if who.scope.livemode {
            return Err(Refusal::TestModeOnly);
        }
        if let Some(replayed) = self.replay(&who.scope, key.as_ref()).await? {
            return Ok(replayed);
        }
        let terminal = self.find_terminal(&who.scope, terminal).ok_or(Refusal::NoSuchTerminal)?;
        let (request, presented) = self.directory.expect_presented();
        let card = card.map(str::to_owned);
        if !terminal.send(ToTerminal::PresentCard(PresentCard { request, card, entry_mode })) {
            return Err(Refusal::TerminalOffline);
        }
        let Ok(Ok(presented)) = timeout(PRESENTED, presented).await else {
            return Err(Refusal::TerminalOffline);
        };
        let intent = presented.intent.filter(|_| presented.accepted).ok_or(Refusal::NothingToPresentTo)?;
        let payment = self.presented_for(&who.scope, intent).await?;
        if let Some(key) = &key {
            let answer = Answer::Payment { id: payment.id, sequence: Some(payment.sequence), status: 200 };
            let claim = Change::ClaimIdempotencyKey(row(&who.scope, key, answer, self.books.clock.wall()));
            self.books.store.commit(Transaction { changes: vec![claim] }).await?;
        }
        Ok(answered(&payment, 200))
    }

    /// A payment that began at the terminal is told to the cloud by the card: it may be a moment behind the answer.
    async fn presented_for(&self, scope: &Scope, intent: IntentId) -> Result<Arc<Payment>, Refusal> {
        let looks = PRESENTED.as_millis() / LOOK_AGAIN.as_millis();
        for _ in 0..looks {
            if let Some(payment) = self.books.store.find_payment_by_intent(scope, intent).await? {
                return Ok(payment);
            }
            sleep(LOOK_AGAIN).await;
        }
        Err(Refusal::NoSuchPayment)
    }

    pub(super) fn find_terminal(&self, scope: &Scope, id: &str) -> Option<Arc<Terminal>> {
        let id = TerminalId::parse(id).ok()?;
        let key = TerminalKey { scope: scope.clone(), id };
        self.directory.find(&key).filter(|terminal| !terminal.row().deactivated)
    }
}

/// An answer that is given for the first time.
pub(super) fn answered(payment: &Payment, status: u16) -> Answered {
    Answered { view: PaymentView::from(payment), status, replayed: false }
}

/// What is remembered of the first use of a key.
pub(super) fn row(scope: &Scope, key: &IdempotencyKey, answer: Answer, now: Timestamp) -> IdempotencyRow {
    IdempotencyRow {
        scope: scope.clone(),
        operation: Arc::clone(&key.operation),
        key: Arc::clone(&key.key),
        fingerprint: key.fingerprint,
        created_at: now,
        answer,
    }
}
