//! Which payments are in which batch: the column that only closing writes, and what is read off its index.

use rusqlite::{Connection, Statement};
use vinr_domain::{BatchId, Brand, Currency, PaymentId, Timestamp};

use super::SqliteStore;
use super::apply::Fault;
use super::cells::{Cells, Parameters};
use super::read::bound;
use super::readers::{all, first};
use crate::store::batching::{BatchReads, BrandSum, Lot, Tender, Unbatched, UnbatchedSums, UnbatchedTender};
use crate::store::port::{CommitError, Pending, Scope, StoreError};
use crate::store::{search, sql};

/// The writer's statements on batches.
pub(super) struct BatchStatements<'c> {
    can_join: Statement<'c>,
    join: Statement<'c>,
}

impl<'c> BatchStatements<'c> {
    pub(super) fn prepare(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            can_join: connection.prepare(sql::CAN_JOIN_BATCH)?,
            join: connection.prepare(sql::JOIN_BATCH)?,
        })
    }

    pub(super) fn check_join(&mut self, scope: &Scope, payments: &[PaymentId]) -> Result<(), Fault> {
        for id in payments {
            Parameters::of(&mut self.can_join).scope(scope)?.id(id.0)?;
            let mut rows = self.can_join.raw_query();
            if rows.next()?.is_none() {
                return Err(Fault::Refused(CommitError::StaleRevision(*id)));
            }
        }
        Ok(())
    }

    pub(super) fn join(
        &mut self,
        scope: &Scope,
        batch: BatchId,
        payments: &[PaymentId],
    ) -> rusqlite::Result<()> {
        for id in payments {
            let mut parameters = Parameters::of(&mut self.join);
            parameters.id(batch.0)?.scope(scope)?.id(id.0)?;
            parameters.run()?;
        }
        Ok(())
    }
}

fn unbatched(
    connection: &Connection,
    scope: &Scope,
    tender: &Tender,
    up_to: Timestamp,
    limit: u32,
) -> Result<Vec<Unbatched>, StoreError> {
    let mut statement = bound(connection, sql::LIST_UNBATCHED, |p| {
        let tender_of = p.scope(scope)?.put(&*tender.terminal)?.put(tender.currency.code())?;
        tender_of.put(up_to.0)?.put(limit).map(|_| ())
    })?;
    all(&mut statement, |row| {
        let mut cells = Cells::of(row);
        Ok(Unbatched { id: PaymentId(cells.id()?), captured_minor: cells.integer()? })
    })
}

fn sums(connection: &Connection, scope: &Scope, tender: &Tender) -> Result<UnbatchedSums, StoreError> {
    let mut statement = bound(connection, sql::SUM_UNBATCHED, |p| {
        p.scope(scope)?.put(&*tender.terminal)?.put(tender.currency.code()).map(|_| ())
    })?;
    let found = first(&mut statement, |row| {
        let mut cells = Cells::of(row);
        Ok(UnbatchedSums {
            count: cells.number()?,
            captured_minor: cells.integer()?,
            unacknowledged: cells.number()?,
        })
    })?;
    Ok(found.unwrap_or_default())
}

fn brands(connection: &Connection, scope: &Scope, lot: &Lot) -> Result<Vec<BrandSum>, StoreError> {
    let mut statement = match lot {
        Lot::Batch(batch) => {
            bound(connection, search::SUM_BRANDS_OF_BATCH, |p| p.scope(scope)?.id(batch.0).map(|_| ()))
        }
        Lot::Open(tender) => bound(connection, search::SUM_BRANDS_OF_OPEN, |p| {
            p.scope(scope)?.put(&*tender.terminal)?.put(tender.currency.code()).map(|_| ())
        }),
    }?;
    all(&mut statement, |row| {
        let mut cells = Cells::of(row);
        Ok(BrandSum {
            brand: cells.parsed(Brand::parse)?,
            count: cells.number()?,
            captured_minor: cells.integer()?,
        })
    })
}

fn tenders(connection: &Connection) -> Result<Vec<UnbatchedTender>, StoreError> {
    let mut statement = bound(connection, sql::UNBATCHED_TENDERS_ACROSS_ACCOUNTS, |_| Ok(()))?;
    all(&mut statement, |row| {
        let mut cells = Cells::of(row);
        Ok(UnbatchedTender {
            scope: cells.scope()?,
            tender: Tender {
                terminal: cells.shared()?,
                currency: cells.parsed(|text| Currency::parse(text).ok())?,
            },
            first_at: cells.moment()?,
        })
    })
}

impl BatchReads for SqliteStore {
    fn list_unbatched(
        &self,
        scope: &Scope,
        tender: &Tender,
        up_to: Timestamp,
        limit: u32,
    ) -> Pending<'_, Result<Vec<Unbatched>, StoreError>> {
        let (scope, tender) = (scope.clone(), tender.clone());
        self.read(move |connection| unbatched(connection, &scope, &tender, up_to, limit))
    }

    fn sum_unbatched(
        &self,
        scope: &Scope,
        tender: &Tender,
    ) -> Pending<'_, Result<UnbatchedSums, StoreError>> {
        let (scope, tender) = (scope.clone(), tender.clone());
        self.read(move |connection| sums(connection, &scope, &tender))
    }

    fn sum_brands(&self, scope: &Scope, lot: &Lot) -> Pending<'_, Result<Vec<BrandSum>, StoreError>> {
        let (scope, lot) = (scope.clone(), lot.clone());
        self.read(move |connection| brands(connection, &scope, &lot))
    }

    fn list_unbatched_tenders_across_accounts(
        &self,
    ) -> Pending<'_, Result<Vec<UnbatchedTender>, StoreError>> {
        self.read(tenders)
    }
}
