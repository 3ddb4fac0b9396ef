//! Pages of payments: by the narrowest of their conditions, which is found out by looking at the beginnings of the indices.

use std::ops::RangeInclusive;
use std::sync::Arc;

use rusqlite::{CachedStatement, Connection};
use vinr_domain::payment::{Payment, Status};
use vinr_domain::{Currency, LocationId, PaymentId};

use super::SqliteStore;
use super::cells::Cells;
use super::read::{bound, read_shared};
use super::readers::{all, first};
use crate::store::moments::{self, Passed};
use crate::store::port::{Cursor, Listed, Page, PaymentFilter, PaymentLooks, Pending, Scope, StoreError};
use crate::store::search::{self, By, PROBED, What};
use crate::store::{rules, sql};

/// What a page is made of.
struct Asked<'a> {
    scope: &'a Scope,
    filter: &'a PaymentFilter,
    bounds: RangeInclusive<u128>,
    what: What,
    /// One more than the page holds.
    limit: u32,
}

/// A page of payments.
pub(super) fn page(
    connection: &Connection,
    scope: &Scope,
    filter: &PaymentFilter,
    page: &Page,
) -> Result<Listed, StoreError> {
    let Some(bounds) = rules::id_bounds(filter, page.cursor) else {
        return Ok(Listed { payments: vec![], has_more: false });
    };
    let upward = rules::is_upward(page);
    let what = if upward { What::Upward } else { What::Downward };
    let asked = Asked { scope, filter, bounds, what, limit: page.limit + 1 };
    let by = asked.narrowest(connection)?;
    let mut payments = asked.found(connection, by)?;
    if by.skips_unfinished() && filter.status.is_none() {
        payments.extend(asked.found(connection, By::Unfinished)?);
        payments.sort_by_key(|payment| if upward { payment.id.0 } else { !payment.id.0 });
    }
    let has_more = payments.len() > page.limit as usize;
    payments.truncate(page.limit as usize);
    if upward {
        payments.reverse();
    }
    Ok(Listed { payments, has_more })
}

/// How many payments the filter shows, up to `most`.
pub(super) fn count(
    connection: &Connection,
    scope: &Scope,
    filter: &PaymentFilter,
    most: u32,
) -> Result<u32, StoreError> {
    let Some(bounds) = rules::id_bounds(filter, Cursor::Start) else { return Ok(0) };
    let asked = Asked { scope, filter, bounds, what: What::Count, limit: most };
    let by = asked.narrowest(connection)?;
    let mut ways = vec![by];
    if by.skips_unfinished() && filter.status.is_none() {
        ways.push(By::Unfinished);
    }
    let mut count = 0_u32;
    for by in ways {
        let mut statement = asked.statement(connection, by)?;
        let found: Option<u32> = first(&mut statement, |row| Cells::of(row).number())?;
        count = count.saturating_add(found.unwrap_or(0));
    }
    Ok(count.min(most))
}

/// What is noted of a payment's way.
pub(super) fn moments(
    connection: &Connection,
    scope: &Scope,
    id: PaymentId,
) -> Result<Vec<Passed>, StoreError> {
    let mut statement = bound(connection, sql::MOMENTS_OF_PAYMENT, |p| p.scope(scope)?.id(id.0).map(|_| ()))?;
    let text = first(&mut statement, |row| Ok(Cells::of(row).maybe_text()?.map(str::to_owned)))?;
    Ok(text.flatten().map(|text| moments::read(&text)).unwrap_or_default())
}

impl Asked<'_> {
    fn narrowest(&self, connection: &Connection) -> Result<By, StoreError> {
        let ways = search::ways(self.filter);
        if let [only] = ways[..] {
            return Ok(only);
        }
        let mut best = (By::Id, u32::MAX);
        for by in ways {
            let count = self.probed(connection, by)?;
            // An amount that many are of is no way at all: what it finds would have to be sorted.
            let wide = by == By::Amount && count >= PROBED;
            if count < best.1 && !wide {
                best = (by, count);
            }
        }
        Ok(best.0)
    }

    fn probed(&self, connection: &Connection, by: By) -> Result<u32, StoreError> {
        let Some(text) = search::probe(by) else { return Ok(PROBED) };
        let filter = self.filter;
        let mut statement = bound(connection, text, |p| {
            p.scope(self.scope)?;
            match by {
                By::Terminal => p.put(filter.terminal.as_deref())?,
                By::Location => p.put(filter.location.as_ref().map(LocationId::as_str))?,
                By::Status => p.put(filter.status.map(Status::as_str))?,
                By::Last4 => p.put(filter.last4.as_ref().map(|last4| last4.as_str()))?,
                _ => {
                    let (least, most) = self.amounts();
                    return p
                        .put(filter.currency.as_ref().map(Currency::code))?
                        .put(least)?
                        .put(most)?
                        .put(PROBED)
                        .map(|_| ());
                }
            };
            p.id(*self.bounds.start())?.id(*self.bounds.end())?.put(PROBED).map(|_| ())
        })?;
        Ok(first(&mut statement, |row| Cells::of(row).number())?.unwrap_or(0))
    }

    fn amounts(&self) -> (i64, i64) {
        (self.filter.least_minor.unwrap_or(i64::MIN), self.filter.most_minor.unwrap_or(i64::MAX))
    }

    fn found(&self, connection: &Connection, by: By) -> Result<Vec<Arc<Payment>>, StoreError> {
        let mut statement = self.statement(connection, by)?;
        all(&mut statement, read_shared)
    }

    fn statement<'c>(&self, connection: &'c Connection, by: By) -> Result<CachedStatement<'c>, StoreError> {
        let filter = self.filter;
        let (terminal, currency) = filter.tender();
        let (least, most) = self.amounts();
        bound(connection, search::list_payments(by, self.what), |p| {
            p.scope(self.scope)?
                .id(*self.bounds.start())?
                .id(*self.bounds.end())?
                .put(terminal)?
                .put(filter.reference.as_deref())?
                .put(filter.location.as_ref().map(LocationId::as_str))?
                .put(filter.status.map(Status::as_str))?
                .put(filter.from.map(|from| from.0))?
                .put(filter.to.map(|to| to.0))?
                .put(filter.last4.as_ref().map(|last4| last4.as_str()))?
                .put(currency.as_ref().map(Currency::code))?
                .put(least)?
                .put(most)?
                .put(filter.batch().map(|batch| batch.0.to_be_bytes()))?
                .put(self.limit)
                .map(|_| ())
        })
    }
}

impl PaymentLooks for SqliteStore {
    fn count_payments(
        &self,
        scope: &Scope,
        filter: &PaymentFilter,
        most: u32,
    ) -> Pending<'_, Result<u32, StoreError>> {
        let (scope, filter) = (scope.clone(), filter.clone());
        self.read(move |c| count(c, &scope, &filter, most))
    }

    fn list_moments(&self, scope: &Scope, id: PaymentId) -> Pending<'_, Result<Vec<Passed>, StoreError>> {
        let scope = scope.clone();
        self.read(move |c| moments(c, &scope, id))
    }
}
