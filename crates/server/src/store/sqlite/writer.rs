//! The one writer: a thread that commits what is queued in groups, so that one fsync serves many. Answers nobody
//! before the commit has returned.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;

use rusqlite::{Connection, ErrorCode, Statement};
use tokio::sync::{mpsc, oneshot};
use vinr_domain::PaymentId;

use super::apply::{Counts, Fault, Statements, count};
use super::cache::Cache;
use super::cells::engine;
use super::recent::Recent;
use super::{checkpoint, fatal};
use crate::store::port::{Change, CommitError, Scope, StoreError, Transaction};

/// How many transactions may wait.
pub(super) const QUEUE: usize = 8_192;
/// How many share one commit at most: enough to hide the fsync, few enough that the first does not wait long.
const GROUP: usize = 256;
/// After so many transactions the checkpointer is asked to look at the log.
const LOOK_EVERY: usize = 128;

/// What the writer is asked to do.
pub(super) enum Job {
    /// Apply this and say how it went.
    Commit(Transaction, oneshot::Sender<Result<(), CommitError>>),
    /// Delete these and say how many there were.
    Purge(Doomed, oneshot::Sender<Result<u64, StoreError>>),
}

/// The rows that have become too old.
#[derive(Default)]
pub(super) struct Doomed {
    pub(super) payments: Vec<(Scope, PaymentId)>,
    pub(super) events: Vec<i64>,
    pub(super) idempotency_keys: Vec<i64>,
    pub(super) deliveries: Vec<(Arc<str>, i64)>,
}

/// What the writer shares with the other threads.
pub(super) struct Shared {
    pub(super) cache: Arc<Cache>,
    /// The newest events.
    pub(super) recent: Arc<Recent>,
    /// Wakes the checkpointer; it ends when the writer drops this.
    pub(super) look: SyncSender<()>,
    /// Set by the checkpointer when the log has grown too long to be left growing.
    pub(super) restart: Arc<AtomicBool>,
}

type Group = Vec<(Transaction, oneshot::Sender<Result<(), CommitError>>)>;

struct Writer<'c> {
    connection: &'c Connection,
    statements: Statements<'c>,
    begin: Statement<'c>,
    commit: Statement<'c>,
    shared: &'c Shared,
}

/// Runs until every sender of the queue is gone and all that they sent is done. `ready` learns first whether the
/// statements fit the database.
pub(super) fn run(
    connection: &Connection,
    mut queue: mpsc::Receiver<Job>,
    shared: &Shared,
    ready: &SyncSender<rusqlite::Result<()>>,
) {
    let mut writer = match Writer::new(connection, shared) {
        Ok(writer) => writer,
        Err(error) => {
            // The opener that waits for this answer may be gone only if its process is.
            let _ = ready.send(Err(error));
            return;
        }
    };
    let _ = ready.send(Ok(()));
    let mut jobs = Vec::with_capacity(GROUP);
    let mut unlooked = 0;
    while queue.blocking_recv_many(&mut jobs, GROUP) > 0 {
        unlooked += jobs.len();
        writer.work(&mut jobs);
        if unlooked >= LOOK_EVERY {
            unlooked = 0;
            // A checkpointer that has been woken already needs no second call.
            let _ = shared.look.try_send(());
        }
        if shared.restart.swap(false, Ordering::Relaxed) {
            checkpoint::restart(connection);
        }
    }
    drop(writer);
    checkpoint::truncate(connection);
}

impl<'c> Writer<'c> {
    fn new(connection: &'c Connection, shared: &'c Shared) -> rusqlite::Result<Self> {
        Ok(Self {
            connection,
            statements: Statements::prepare(connection)?,
            begin: connection.prepare("BEGIN IMMEDIATE")?,
            commit: connection.prepare("COMMIT")?,
            shared,
        })
    }

    fn work(&mut self, jobs: &mut Vec<Job>) {
        let mut group = Group::with_capacity(jobs.len());
        for job in jobs.drain(..) {
            match job {
                Job::Commit(transaction, reply) => group.push((transaction, reply)),
                Job::Purge(doomed, reply) => {
                    self.commit_group(std::mem::take(&mut group));
                    let outcome = self.purge(&doomed);
                    // Whoever asked may have stopped waiting; what is committed stays.
                    let _ = reply.send(outcome);
                }
            }
        }
        self.commit_group(group);
    }

    fn commit_group(&mut self, group: Group) {
        if group.is_empty() {
            return;
        }
        match self.try_group(&group) {
            Ok(outcomes) => {
                self.shared.recent.post(self.statements.take_posted());
                for ((transaction, _), _) in group.iter().zip(&outcomes).filter(|(_, o)| o.is_ok()) {
                    self.remember(transaction);
                }
                for ((_, reply), outcome) in group.into_iter().zip(outcomes) {
                    // Whoever committed may have stopped waiting; what is committed stays.
                    let _ = reply.send(outcome);
                }
            }
            // A constraint that no check foresaw: one of them is at fault. Alone, each gets its own answer.
            Err(error) if group.len() > 1 && is_constraint(&error) => {
                for one in group {
                    self.commit_group(vec![one]);
                }
            }
            Err(error) => {
                let failed = CommitError::Failed(engine(&error));
                tracing::error!(%error, transactions = group.len(), "the database refused a commit");
                for (_, reply) in group {
                    let _ = reply.send(Err(failed.clone()));
                }
            }
        }
    }

    fn try_group(&mut self, group: &Group) -> rusqlite::Result<Vec<Result<(), CommitError>>> {
        self.in_transaction(|statements| {
            // A group that failed before has left its events here.
            drop(statements.take_posted());
            let mut counts = Counts::default();
            let mut outcomes = Vec::with_capacity(group.len());
            for (transaction, _) in group {
                match statements.apply(transaction, &mut counts) {
                    Ok(()) => outcomes.push(Ok(())),
                    Err(Fault::Refused(error)) => outcomes.push(Err(error)),
                    Err(Fault::Sql(error)) => return Err(error),
                }
            }
            statements.write_counts(&counts)?;
            Ok(outcomes)
        })
    }

    fn purge(&mut self, doomed: &Doomed) -> Result<u64, StoreError> {
        let mut deleted = Vec::with_capacity(doomed.payments.len());
        let gone = self.in_transaction(|statements| {
            let mut counts = Counts::default();
            let mut gone = 0;
            for (scope, id) in &doomed.payments {
                match statements.delete_payment(scope, *id) {
                    Ok(None) => {}
                    Ok(Some(status)) => {
                        count(&mut counts, status, -1);
                        deleted.push(*id);
                        gone += 1;
                    }
                    Err(Fault::Sql(error)) => return Err(error),
                    Err(Fault::Refused(_)) => return Err(rusqlite::Error::InvalidQuery),
                }
            }
            for ordinal in &doomed.events {
                gone += statements.delete_event(*ordinal)?;
            }
            for (endpoint, ordinal) in &doomed.deliveries {
                gone += statements.delete_delivery(endpoint, *ordinal)?;
            }
            for ordinal in &doomed.idempotency_keys {
                gone += statements.delete_idempotency_key(*ordinal)?;
            }
            statements.write_counts(&counts)?;
            Ok(gone as u64)
        });
        if gone.is_ok() {
            deleted.iter().for_each(|id| self.shared.cache.remove(*id));
        }
        gone.map_err(|error| engine(&error))
    }

    fn in_transaction<T>(
        &mut self,
        write: impl FnOnce(&mut Statements<'c>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        self.begin.raw_execute().inspect_err(fatal::abort_on_io_error)?;
        let outcome = write(&mut self.statements).and_then(|done| self.commit.raw_execute().map(|_| done));
        if let Err(error) = &outcome {
            fatal::abort_on_io_error(error);
            // Some failures have rolled back already.
            if !self.connection.is_autocommit() {
                self.connection.execute_batch("ROLLBACK").inspect_err(fatal::abort_on_io_error)?;
            }
        }
        outcome
    }

    /// Tells the cache what has become durable.
    fn remember(&self, transaction: &Transaction) {
        for change in &transaction.changes {
            match change {
                Change::InsertPayment(payment) => self.shared.cache.put(payment, true),
                Change::UpdatePayment { payment, .. } | Change::AssignTerminal { payment, .. } => {
                    self.shared.cache.put(payment, false);
                }
                Change::JoinBatch { .. }
                | Change::AppendEvent(_)
                | Change::ClaimIdempotencyKey(_)
                | Change::AnswerIdempotencyKey(_)
                | Change::InsertRecord(_)
                | Change::UpdateRecord { .. }
                | Change::PutRecord(_)
                | Change::DeleteRecord { .. }
                | Change::PutDeliveries(_)
                | Change::MoveCursor { .. }
                | Change::ForgetDeliveries { .. }
                | Change::NoteMoments { .. } => {}
            }
        }
    }
}

fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}
