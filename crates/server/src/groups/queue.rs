//! The queue of one server: takes payments in, offers them to terminals that are free, and says who is where. Holds
//! nothing that the store does not hold, except what a simulated cardholder was told. Moves no payment itself: the lane
//! of the terminal that takes it does.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, timeout};
use vinr_domain::payment::Payment;
use vinr_domain::{PaymentId, TerminalId};
use vinr_wire::link::Simulation;

use super::waiting::{Proposal, Waiting};
use crate::gateway::{Directory, Lanes, Offer, Offered, Terminal, TerminalKey, Vacancies};
use crate::payments::{Books, scope_of};
use crate::store::Scope;
use crate::tasks::Tasks;

/// The queue.
#[derive(Clone)]
pub struct Queue {
    shared: Arc<Shared>,
}

struct Shared {
    waiting: Mutex<Waiting>,
    wake: Notify,
    directory: Arc<Directory>,
    /// How many may wait in one account.
    most: usize,
}

/// What the queue needs to make offers.
pub struct Hands {
    /// Where payments are read.
    pub books: Books,
    /// Who takes them.
    pub lanes: Lanes,
    /// Where answers are waited for.
    pub tasks: Tasks,
    /// How often it looks whether anybody has been forgotten.
    pub every: Duration,
}

/// A place in the queue for one payment of the account; given back when dropped.
pub struct Slot {
    shared: Arc<Shared>,
    scope: Scope,
}

/// A terminal that is kept for a new payment until this is dropped.
pub struct Reserved {
    shared: Arc<Shared>,
    terminal: Arc<Terminal>,
}

impl Reserved {
    /// Which one.
    #[must_use]
    pub fn terminal(&self) -> &Arc<Terminal> {
        &self.terminal
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.shared.waiting().release(&self.terminal.key);
        self.shared.wake.notify_one();
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.shared.waiting().free_slot(&self.scope);
    }
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_idle(&self, key: &TerminalKey) -> bool {
        self.directory.find(key).is_some_and(|terminal| terminal.is_idle())
    }

    /// The terminals that may take the payment.
    fn terminals_of(&self, payment: &Payment) -> Vec<TerminalKey> {
        let scope = scope_of(payment);
        let names = payment.group.iter().flat_map(|group| group.iter());
        let keys = names.filter_map(|name| TerminalId::parse(name).ok());
        keys.map(|id| TerminalKey { scope: scope.clone(), id })
            .filter(|key| self.directory.find(key).is_some())
            .collect()
    }
}

impl Queue {
    /// A queue that nobody waits in yet; `most` may wait in one account at the same time.
    #[must_use]
    pub fn new(directory: Arc<Directory>, settings: &crate::settings::Settings) -> Self {
        #[cfg_attr(not(feature = "sabotage"), expect(unused_mut, reason = "only bugs are set here"))]
        let mut waiting = Waiting::default();
        #[cfg(feature = "sabotage")]
        waiting.offer_twice(settings.sabotage == Some(crate::settings::Sabotage::AssignTwice));
        let most = settings.queue_most;
        Self {
            shared: Arc::new(Shared { waiting: Mutex::new(waiting), wake: Notify::new(), directory, most }),
        }
    }

    /// Keeps the first of these terminals that is free and that nobody waits for.
    #[must_use]
    pub fn reserve(&self, terminals: &[Arc<Terminal>]) -> Option<Reserved> {
        let keys = terminals.iter().map(|terminal| &terminal.key);
        let kept = self.shared.waiting().reserve(keys, Instant::now(), |key| self.shared.is_idle(key))?;
        let terminal = terminals.iter().find(|terminal| terminal.key == kept)?;
        Some(Reserved { shared: Arc::clone(&self.shared), terminal: Arc::clone(terminal) })
    }

    /// A place for one more payment of the account; `None` when as many wait as may.
    #[must_use]
    pub fn slot(&self, scope: &Scope) -> Option<Slot> {
        let taken = self.shared.waiting().take_slot(scope, self.shared.most);
        taken.then(|| Slot { shared: Arc::clone(&self.shared), scope: scope.clone() })
    }

    /// A payment that is durable waits from now on. Nothing keeps out one that an earlier process let in.
    pub fn enter(&self, payment: Arc<Payment>, simulation: Option<Simulation>) {
        let terminals = self.shared.terminals_of(&payment);
        self.shared.waiting().enter(payment, terminals, simulation);
        self.shared.wake.notify_one();
    }

    /// The payment waits no longer.
    pub fn leave(&self, id: PaymentId) {
        self.shared.waiting().leave(id);
        self.shared.wake.notify_one();
    }

    /// How many are served before it, of those who wait for one of its terminals, and itself; `None` when it does not
    /// wait.
    #[must_use]
    pub fn position(&self, id: PaymentId) -> Option<usize> {
        self.shared.waiting().position(id)
    }

    /// Makes offers until the task ends.
    pub async fn run(self, hands: Hands) {
        let hands = Arc::new(hands);
        loop {
            self.offer_all(&hands);
            let woken = self.shared.wake.notified();
            // With nobody waiting there is nobody to forget.
            if self.shared.waiting().is_empty() {
                woken.await;
            } else if timeout(hands.every, woken).await.is_err() {
                self.look_after(&hands).await;
            }
        }
    }

    fn offer_all(&self, hands: &Arc<Hands>) {
        loop {
            let proposal = self.shared.waiting().propose(Instant::now(), |key| self.shared.is_idle(key));
            let Some(proposal) = proposal else { return };
            self.offer(hands, proposal);
        }
    }

    fn offer(&self, hands: &Arc<Hands>, proposal: Proposal) {
        let Proposal { terminal: key, payment, simulation } = proposal;
        let (reply, answer) = oneshot::channel();
        let offered = Offered { payment: Arc::clone(&payment), simulation, reply };
        let asked = self.shared.directory.find(&key).map(|terminal| hands.lanes.offer(&terminal, offered));
        if !matches!(asked, Some(Ok(()))) {
            self.shared.waiting().settle(&key, &payment, Offer::Failed, Instant::now());
            return;
        }
        let (this, hands) = (self.clone(), Arc::clone(hands));
        hands.tasks.clone().spawn(async move {
            let outcome = answer.await.unwrap_or(Offer::Failed);
            if this.shared.waiting().settle(&key, &payment, outcome, Instant::now()) {
                this.read_again(&hands.books, &payment).await;
            }
            this.shared.wake.notify_one();
        });
    }

    /// What a missed word would leave behind: terminals that are free, and payments whose wait is over.
    async fn look_after(&self, hands: &Hands) {
        let overdue = self.shared.waiting().overdue(hands.books.clock.wall());
        for payment in overdue {
            self.read_again(&hands.books, &payment).await;
        }
        self.shared.waiting().look_everywhere();
    }

    async fn read_again(&self, books: &Books, payment: &Payment) {
        match books.store.get_payment(&scope_of(payment), payment.id).await {
            Ok(stored) => self.shared.waiting().reread(payment.id, stored),
            Err(error) => {
                tracing::error!(payment = %payment.id, %error, "a payment that waits cannot be read");
                self.shared.waiting().put_off(payment.id);
            }
        }
    }
}

impl Vacancies for Queue {
    fn free(&self, terminal: &TerminalKey) {
        if self.shared.waiting().vacant_again(terminal) {
            self.shared.wake.notify_one();
        }
    }

    fn given_back(&self, terminal: &TerminalKey, payment: Arc<Payment>, simulation: Option<Simulation>) {
        tracing::info!(payment = %payment.id, terminal = %terminal.id, "a terminal gave a payment back");
        self.shared.waiting().rest(terminal, Instant::now());
        self.enter(payment, simulation);
    }
}
