//! Checks the changes of a transaction against the open database transaction, then writes them.

use rusqlite::{Connection, Statement};
use vinr_domain::PaymentId;
use vinr_domain::payment::{Payment, Status};

use super::batching::BatchStatements;
use super::cells::{Cells, Parameters};
use super::delivery_rows::DeliveryStatements;
use super::record_rows::RecordStatements;
use super::{payment_row, rows};
use crate::store::moments::written;
use crate::store::port::{Change, CommitError, IdempotencyRow, Posted, Scope, StoreError, Transaction};
use crate::store::{rules, sql};

/// How many payments more or fewer are in each status, in the order of `Status::ALL`.
pub(super) type Counts = [i64; Status::ALL.len()];

/// Why a transaction was not written.
pub(super) enum Fault {
    /// By its own checks; nothing was written.
    Refused(CommitError),
    /// By SQLite, possibly half-way.
    Sql(rusqlite::Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}

/// The writer's statements, prepared once.
pub(super) struct Statements<'c> {
    connection: &'c Connection,
    /// The events of the group that is being written, with their places.
    posted: Vec<Posted>,
    insert_payment: Statement<'c>,
    update_payment: Statement<'c>,
    place_payment: Statement<'c>,
    note_moments: Statement<'c>,
    revision: Statement<'c>,
    by_intent: Statement<'c>,
    without_token: Statement<'c>,
    with_reference: Statement<'c>,
    insert_event: Statement<'c>,
    insert_idempotency_key: Statement<'c>,
    answer_idempotency_key: Statement<'c>,
    find_idempotency_key: Statement<'c>,
    records: RecordStatements<'c>,
    batches: BatchStatements<'c>,
    deliveries: DeliveryStatements<'c>,
    change_count: Statement<'c>,
    delete_payment: Statement<'c>,
    delete_event: Statement<'c>,
    delete_idempotency_key: Statement<'c>,
}

impl<'c> Statements<'c> {
    pub(super) fn prepare(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            connection,
            posted: Vec::new(),
            insert_payment: connection.prepare(sql::INSERT_PAYMENT)?,
            update_payment: connection.prepare(sql::UPDATE_PAYMENT)?,
            place_payment: connection.prepare(sql::PLACE_PAYMENT)?,
            note_moments: connection.prepare(sql::NOTE_MOMENTS)?,
            revision: connection.prepare(sql::REVISION_OF_PAYMENT)?,
            by_intent: connection.prepare(sql::ID_BY_INTENT)?,
            without_token: connection.prepare(sql::ID_WITHOUT_TOKEN)?,
            with_reference: connection.prepare(sql::UNFINISHED_WITH_REFERENCE)?,
            insert_event: connection.prepare(sql::INSERT_EVENT)?,
            insert_idempotency_key: connection.prepare(sql::INSERT_IDEMPOTENCY_KEY)?,
            answer_idempotency_key: connection.prepare(sql::ANSWER_IDEMPOTENCY_KEY)?,
            find_idempotency_key: connection.prepare(sql::FIND_IDEMPOTENCY_KEY)?,
            records: RecordStatements::prepare(connection)?,
            batches: BatchStatements::prepare(connection)?,
            deliveries: DeliveryStatements::prepare(connection)?,
            change_count: connection.prepare(sql::CHANGE_COUNT)?,
            delete_payment: connection.prepare(sql::DELETE_PAYMENT)?,
            delete_event: connection.prepare(sql::DELETE_EVENT)?,
            delete_idempotency_key: connection.prepare(sql::DELETE_IDEMPOTENCY_KEY)?,
        })
    }

    /// Applies one transaction inside the open database transaction. All checks come before the first write, so a
    /// refused one has written nothing and needs no savepoint, and its neighbours in the group are untouched.
    pub(super) fn apply(&mut self, transaction: &Transaction, counts: &mut Counts) -> Result<(), Fault> {
        rules::check_form(transaction)?;
        let mut moved = *counts;
        for change in &transaction.changes {
            self.check(change, &mut moved)?;
        }
        for change in &transaction.changes {
            self.write(change)?;
        }
        *counts = moved;
        Ok(())
    }

    fn check(&mut self, change: &Change, counts: &mut Counts) -> Result<(), Fault> {
        match change {
            Change::InsertPayment(payment) => {
                self.check_insert(payment)?;
                count(counts, payment.status(), 1);
                Ok(())
            }
            Change::UpdatePayment { payment, from_revision }
            | Change::AssignTerminal { payment, from_revision } => match self.revision(payment)? {
                Some((revision, status)) if revision == *from_revision => {
                    count(counts, status, -1);
                    count(counts, payment.status(), 1);
                    Ok(())
                }
                _ => Err(Fault::Refused(CommitError::StaleRevision(payment.id))),
            },
            Change::JoinBatch { scope, payments, .. } => self.batches.check_join(scope, payments),
            Change::ClaimIdempotencyKey(row) => match self.idempotency_key(row)? {
                Some(known) => Err(Fault::Refused(CommitError::IdempotencyKeyTaken(Box::new(known)))),
                None => Ok(()),
            },
            Change::AnswerIdempotencyKey(row) => match self.idempotency_key(row)? {
                Some(known) if !rules::is_open(&known.answer) => {
                    Err(Fault::Refused(CommitError::IdempotencyKeyTaken(Box::new(known))))
                }
                _ => Ok(()),
            },
            // A second event of one sequence is a defect of the writer's caller: the unique index refuses it.
            Change::AppendEvent(_)
            | Change::DeleteRecord { .. }
            | Change::PutDeliveries(_)
            | Change::MoveCursor { .. }
            | Change::ForgetDeliveries { .. }
            | Change::NoteMoments { .. } => Ok(()),
            Change::InsertRecord(record) => self.records.check_insert(record),
            Change::UpdateRecord { record, from_revision } => {
                self.records.check_update(record, *from_revision)
            }
            Change::PutRecord(record) => self.records.check_put(record),
        }
    }

    fn check_insert(&mut self, payment: &Payment) -> Result<(), Fault> {
        if self.revision(payment)?.is_some() {
            return Err(Fault::Refused(CommitError::StaleRevision(payment.id)));
        }
        let intent = payment.intent.0;
        let mut named = find_id(&mut self.by_intent, payment, intent.to_be_bytes())?;
        if named.is_none() && intent != payment.id.0 {
            named = find_id(&mut self.without_token, payment, intent.to_be_bytes())?;
        }
        if let Some(id) = named {
            return Err(Fault::Refused(CommitError::ClientTokenTaken(id)));
        }
        if !rules::claims_reference(payment) {
            return Ok(());
        }
        let Some(reference) = &payment.reference else { return Ok(()) };
        match find_id(&mut self.with_reference, payment, &**reference)? {
            Some(id) => Err(Fault::Refused(CommitError::ReferenceTaken(id))),
            None => Ok(()),
        }
    }

    fn revision(&mut self, payment: &Payment) -> Result<Option<(u64, Status)>, Fault> {
        payment_row::put_key(&mut Parameters::of(&mut self.revision), payment)?;
        let mut rows = self.revision.raw_query();
        let Some(row) = rows.next()? else { return Ok(None) };
        let mut cells = Cells::of(row);
        Ok(Some((cells.number()?, cells.parsed(Status::parse)?)))
    }

    fn idempotency_key(&mut self, row: &IdempotencyRow) -> Result<Option<IdempotencyRow>, Fault> {
        Parameters::of(&mut self.find_idempotency_key)
            .scope(&row.scope)?
            .put(&*row.operation)?
            .put(&*row.key)?;
        let mut found = self.find_idempotency_key.raw_query();
        let Some(known) = found.next()? else { return Ok(None) };
        Ok(Some(rows::read_idempotency_key(known, &row.scope, &row.operation, &row.key)?))
    }

    fn write(&mut self, change: &Change) -> Result<(), Fault> {
        match change {
            Change::InsertPayment(payment) => payment_row::insert(&mut self.insert_payment, payment),
            Change::UpdatePayment { payment, .. } => payment_row::update(&mut self.update_payment, payment),
            Change::AssignTerminal { payment, .. } => {
                payment_row::place(&mut self.place_payment, payment)?;
                payment_row::update(&mut self.update_payment, payment)
            }
            Change::AppendEvent(event) => {
                rows::insert_event(&mut self.insert_event, event)?;
                self.posted.push(Posted {
                    ordinal: self.connection.last_insert_rowid().unsigned_abs(),
                    event: event.clone(),
                });
                return Ok(());
            }
            Change::ClaimIdempotencyKey(row) => {
                rows::insert_idempotency_key(&mut self.insert_idempotency_key, row)
            }
            Change::AnswerIdempotencyKey(row) => {
                match rows::answer_idempotency_key(&mut self.answer_idempotency_key, row)? {
                    0 => rows::insert_idempotency_key(&mut self.insert_idempotency_key, row),
                    changed => Ok(changed),
                }
            }
            Change::JoinBatch { scope, batch, payments } => {
                return Ok(self.batches.join(scope, *batch, payments)?);
            }
            Change::InsertRecord(record)
            | Change::UpdateRecord { record, .. }
            | Change::PutRecord(record) => return self.records.put(record),
            Change::DeleteRecord { kind, scope, id } => return self.records.remove(*kind, scope, id),
            Change::PutDeliveries(rows) => return Ok(self.deliveries.put(rows)?),
            Change::MoveCursor { endpoint, ordinal } => {
                return Ok(self.deliveries.move_cursor(endpoint, *ordinal)?);
            }
            Change::ForgetDeliveries { endpoint } => return Ok(self.deliveries.forget(endpoint)?),
            Change::NoteMoments { scope, payment, moments } => Parameters::of(&mut self.note_moments)
                .put(written(moments))?
                .scope(scope)?
                .id(payment.0)?
                .run(),
        }?;
        Ok(())
    }

    /// The events that have been written since this was asked last.
    pub(super) fn take_posted(&mut self) -> Vec<Posted> {
        std::mem::take(&mut self.posted)
    }

    /// Writes what a group of transactions has moved between the statuses.
    pub(super) fn write_counts(&mut self, counts: &Counts) -> rusqlite::Result<()> {
        for (status, moved) in Status::ALL.iter().zip(counts).filter(|(_, moved)| **moved != 0) {
            Parameters::of(&mut self.change_count).put(moved)?.put(status.as_str())?.run()?;
        }
        Ok(())
    }

    /// Deletes the payment if it is still settled; says in which status it was.
    pub(super) fn delete_payment(&mut self, scope: &Scope, id: PaymentId) -> Result<Option<Status>, Fault> {
        Parameters::of(&mut self.delete_payment).scope(scope)?.id(id.0)?;
        let mut rows = self.delete_payment.raw_query();
        let Some(row) = rows.next()? else { return Ok(None) };
        let status = Cells::of(row).parsed(Status::parse)?;
        // The deletion is complete only once the statement has run to its end.
        rows.next()?;
        Ok(Some(status))
    }

    pub(super) fn delete_event(&mut self, ordinal: i64) -> rusqlite::Result<usize> {
        Parameters::of(&mut self.delete_event).put(ordinal)?.run()
    }

    pub(super) fn delete_delivery(&mut self, endpoint: &str, ordinal: i64) -> rusqlite::Result<usize> {
        self.deliveries.delete(endpoint, ordinal)
    }

    pub(super) fn delete_idempotency_key(&mut self, ordinal: i64) -> rusqlite::Result<usize> {
        Parameters::of(&mut self.delete_idempotency_key).put(ordinal)?.run()
    }
}

/// The first column of the payment of the same scope that the statement finds.
fn find_id(
    statement: &mut Statement<'_>,
    payment: &Payment,
    wanted: impl rusqlite::ToSql,
) -> Result<Option<PaymentId>, Fault> {
    Parameters::of(statement).put(payment.account.as_str())?.put(payment.livemode)?.put(wanted)?;
    let mut rows = statement.raw_query();
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(PaymentId(Cells::of(row).id()?)))
}

/// Moves the count of a status.
pub(super) fn count(counts: &mut Counts, status: Status, by: i64) {
    let place = match status {
        Status::Pending => 0,
        Status::Processing => 1,
        Status::Authorized => 2,
        Status::Completed => 3,
        Status::Failed => 4,
        Status::Cancelled => 5,
        Status::Expired => 6,
    };
    counts[place] += by;
}
