//! Who moves payments, put together; and how they take up what an earlier process left unfinished.

use std::sync::Arc;
use std::time::Duration;

use vinr_domain::TerminalId;
use vinr_domain::payment::{Payment, StateKind};

use super::Ports;
use super::registers::Registers;
use crate::gateway::{Directory, Lanes, TerminalKey};
use crate::groups::{Hands, Queue};
use crate::office::Office;
use crate::offline::OfflineLedger;
use crate::payments::{Books, Payments, Recovery, Tally, Watchers, scope_of};
use crate::store::{Store, StoreError};

/// Lanes, recovery, and the application over them.
pub(super) struct Cashiers {
    pub(super) books: Books,
    pub(super) lanes: Lanes,
    pub(super) recovery: Recovery,
    pub(super) queue: Queue,
    pub(super) payments: Payments,
}

impl Cashiers {
    pub(super) fn new(office: &Office, ports: &Ports, registers: &Registers) -> Self {
        let (settings, tasks) = (&office.settings, &office.tasks);
        let books = Books {
            store: Arc::clone(&office.store),
            clock: Arc::clone(&office.clock),
            names: Arc::clone(&office.names),
            watchers: Watchers::default(),
            tally: Tally::default(),
            terms: settings.terms,
            accounts: Arc::clone(&office.book),
        };
        let directory = &registers.directory;
        let acquirer = || Arc::clone(&ports.acquirer);
        let recovery =
            Recovery::new(books.clone(), acquirer(), Arc::clone(directory), tasks.clone(), settings);
        let queue = Queue::new(Arc::clone(directory), settings);
        let vacancies = Arc::new(queue.clone());
        let lanes = Lanes::new(
            books.clone(),
            acquirer(),
            recovery.clone(),
            tasks.clone(),
            vacancies,
            OfflineLedger::new(office.clone()),
            settings,
        );
        let payments = Payments::new(
            books.clone(),
            lanes.clone(),
            Arc::clone(directory),
            recovery.clone(),
            queue.clone(),
            tasks.clone(),
            Arc::clone(settings),
        );
        Self { books, lanes, recovery, queue, payments }
    }

    /// Takes up every unfinished payment.
    pub(super) async fn adopt(&self, store: &dyn Store, directory: &Directory) -> Result<(), StoreError> {
        let unfinished = store.list_unfinished_across_accounts().await?;
        if !unfinished.is_empty() {
            tracing::info!(payments = unfinished.len(), "adopting unfinished payments");
        }
        for payment in unfinished {
            match payment.state.kind() {
                StateKind::Queued => self.queue.enter(payment, None),
                StateKind::Pending | StateKind::Cancelling => self.adopt_waiting(directory, payment),
                StateKind::Authorizing => self.recovery.adopt(&payment).await,
                // Not when they are due: that is a moment of the clock that an earlier process had.
                StateKind::Uncertain | StateKind::Reversing => self.recovery.begin(payment),
                StateKind::Authorized
                | StateKind::Completed
                | StateKind::Failed
                | StateKind::Cancelled
                | StateKind::Expired => {}
            }
        }
        Ok(())
    }

    /// What the queue needs to make offers.
    pub(super) fn hands(&self, office: &Office) -> Hands {
        Hands {
            books: self.books.clone(),
            lanes: self.lanes.clone(),
            tasks: office.tasks.clone(),
            every: Duration::from_millis(office.settings.recovery_every_ms),
        }
    }

    fn adopt_waiting(&self, directory: &Directory, payment: Arc<Payment>) {
        let Some(Ok(id)) = payment.terminal.as_deref().map(TerminalId::parse) else { return };
        let key = TerminalKey { scope: scope_of(&payment), id };
        if let Some(terminal) = directory.find(&key)
            && self.lanes.adopt(&terminal, payment).is_err()
        {
            tracing::warn!(terminal = %key.id, "too many unfinished payments; recovery ends them");
        }
    }
}
