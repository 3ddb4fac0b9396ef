//! Closes batches: fixes the cut, then gathers what ended up to it in portions, each written together with the sums that
//! include it. Whoever finds a batch half closed goes on where it stopped.

use std::sync::Arc;

use vinr_domain::Timestamp;
use vinr_domain::batch::{Effect, Event, State, Totals, step};
use vinr_domain::payment::Status;
use vinr_domain::refund;
use vinr_wire::rest::batch::BatchView;

use super::ledger::BatchLedger;
use super::record::{BatchRow, CLOSING, whole_tender};
use crate::audit::{Act, By};
use crate::refunds::{PENDING, RefundRow, UNBATCHED, tender_value};
use crate::store::{
    Change, CommitError, Kept, RecordCursor, RecordPage, Scope, StoreError, Tender, Transaction,
};

/// How many payments join in one transaction.
const SALES: u32 = 200;
/// How many refunds join in one transaction.
const REFUNDS: usize = 100;
/// How often a portion is taken again because somebody else was faster.
const TRIES: u32 = 64;
/// How many records are read at once.
const PAGE: u32 = 100;

impl BatchLedger {
    /// The batch after a step, with what must be written and done with it.
    pub(super) fn stepped(
        &self,
        row: &BatchRow,
        event: &Event,
    ) -> Result<(BatchRow, Vec<Effect>), CommitError> {
        match step(&row.batch, event, self.office.now(), &self.terms()) {
            Ok((next, effects)) => Ok((BatchRow { batch: Arc::new(next), ..row.clone() }, effects)),
            // It has moved on since it was read.
            Err(_meaningless) => Err(stale(row)),
        }
    }

    /// Closes a batch whose business day is over. Says how it stands afterwards.
    pub(super) async fn close_day(&self, kept: Kept<BatchRow>) -> Result<Kept<BatchRow>, CommitError> {
        let (scope, tender) = (kept.value.scope.clone(), kept.value.tender());
        self.finish_closing(&scope, &tender).await?;
        let turn = self.turn.lock().await;
        let (row, _effects) = self.stepped(&kept.value, &Event::CloseRequested { reference: None })?;
        let mut log = self.office.audit.turn(&scope).await?;
        let changes =
            vec![Change::update(&row, kept.revision), log.entry(By::system("settlement"), closed(&row))];
        self.office.store.commit(Transaction { changes }).await?;
        drop(log);
        self.tally.closing(&scope, &tender);
        drop(turn);
        self.finish(Kept { revision: kept.revision + 1, value: row }).await
    }

    /// Ends what is being counted already: a tender has one batch in that state.
    pub(super) async fn finish_closing(&self, scope: &Scope, tender: &Tender) -> Result<(), CommitError> {
        let value = whole_tender(scope, tender);
        if let Some(kept) = self.office.store.find_across_accounts::<BatchRow>(CLOSING, &value).await? {
            self.finish(kept).await?;
        }
        Ok(())
    }

    /// Gathers until nothing up to the cut is left; answers with the batch as it stands then.
    pub(super) async fn finish(&self, mut kept: Kept<BatchRow>) -> Result<Kept<BatchRow>, CommitError> {
        let mut tries = 0;
        while let State::Closing { cut_at } = kept.value.batch.state {
            match self.gather(&kept, cut_at).await {
                Ok(next) => kept = next,
                Err(CommitError::RecordStale { .. } | CommitError::StaleRevision(_)) if tries < TRIES => {
                    tries += 1;
                    let id = kept.value.batch.id.to_string();
                    let again = self.office.store.get::<BatchRow>(&kept.value.scope, &id).await?;
                    kept = again.ok_or_else(|| stale(&kept.value))?;
                }
                Err(error) => return Err(error),
            }
        }
        // What ended since the cut waits for the next one.
        let (scope, tender) = (&kept.value.scope, kept.value.tender());
        if self.anything_waits(scope, &tender).await? {
            self.tally.note(scope, tender, self.office.now());
        }
        Ok(kept)
    }

    /// Takes one portion, or finds that there is none.
    async fn gather(&self, kept: &Kept<BatchRow>, cut_at: Timestamp) -> Result<Kept<BatchRow>, CommitError> {
        let (scope, tender) = (&kept.value.scope, kept.value.tender());
        let id = kept.value.batch.id;
        let sales = self.office.store.list_unbatched(scope, &tender, cut_at, SALES).await?;
        let refunds = self.waiting_refunds(scope, &tender, cut_at).await?;
        let nothing = sales.is_empty() && refunds.is_empty();
        let event = if nothing {
            Event::AllGathered { pending_count: self.pending(scope, &tender).await? }
        } else {
            Event::Gathered(Totals {
                sales_count: u32::try_from(sales.len()).unwrap_or(u32::MAX),
                sales_minor: sales.iter().map(|sale| sale.captured_minor).sum(),
                refunds_count: u32::try_from(refunds.len()).unwrap_or(u32::MAX),
                refunds_minor: refunds.iter().map(|kept| kept.value.refund.amount.amount_minor).sum(),
            })
        };
        let (row, effects) = self.stepped(&kept.value, &event)?;
        let mut changes = vec![Change::update(&row, kept.revision)];
        if !sales.is_empty() {
            let payments = sales.iter().map(|sale| sale.id).collect();
            changes.push(Change::JoinBatch { scope: scope.clone(), batch: id, payments });
        }
        changes.extend(refunds.iter().map(|refund| {
            let joined = RefundRow { batch: Some(id), ..refund.value.clone() };
            Change::update(&joined, refund.revision)
        }));
        if effects.contains(&Effect::AnnounceClosed) {
            let view = BatchView::from(row.batch.as_ref());
            changes.push(self.office.event(
                scope,
                "batch.closed",
                &id.to_string(),
                row.batch.sequence,
                &view,
            ));
        }
        self.office.store.commit(Transaction { changes }).await?;
        let next = Kept { revision: kept.revision + 1, value: row };
        if effects.contains(&Effect::Settle) {
            self.begin(next.clone());
        }
        Ok(next)
    }

    /// Succeeded refunds of the tender that no batch holds and that ended up to `cut_at`, a portion of them.
    async fn waiting_refunds(
        &self,
        scope: &Scope,
        tender: &Tender,
        cut_at: Timestamp,
    ) -> Result<Vec<Kept<RefundRow>>, StoreError> {
        let mut found = Vec::new();
        self.each_refund(scope, UNBATCHED, tender, |kept| {
            let refund::State::Succeeded { at } = kept.value.refund.state else { return };
            if at <= cut_at && found.len() < REFUNDS {
                found.push(kept);
            }
        })
        .await?;
        Ok(found)
    }

    /// Walks over the refunds of a tender that are kept under the key.
    async fn each_refund(
        &self,
        scope: &Scope,
        key: &'static str,
        tender: &Tender,
        mut visit: impl FnMut(Kept<RefundRow>) + Send,
    ) -> Result<(), StoreError> {
        let value = tender_value(tender);
        let mut cursor = RecordCursor::Start;
        loop {
            let page = RecordPage { limit: PAGE, cursor };
            let (rows, has_more) =
                self.office.store.list::<RefundRow>(scope, Some((key, &value)), &page).await?;
            let last = rows.last().map(|kept| kept.value.refund.id.to_string());
            rows.into_iter().for_each(&mut visit);
            match last.filter(|_| has_more) {
                Some(id) => cursor = RecordCursor::After(id.into()),
                None => return Ok(()),
            }
        }
    }

    /// How many transactions of the tender have an outcome that nobody knows yet.
    pub(super) async fn pending(&self, scope: &Scope, tender: &Tender) -> Result<u32, StoreError> {
        let mut pending = self.office.store.sum_unbatched(scope, tender).await?.unacknowledged;
        if let Ok(terminal) = vinr_domain::TerminalId::parse(&tender.terminal) {
            let unfinished = self.office.store.list_unfinished_on_terminal(scope, &terminal).await?;
            let asked = unfinished.iter().filter(|payment| {
                payment.status() == Status::Processing && payment.asked.currency == tender.currency
            });
            pending = pending.saturating_add(u32::try_from(asked.count()).unwrap_or(u32::MAX));
        }
        let mut refunds = 0_u32;
        self.each_refund(scope, PENDING, tender, |_| refunds = refunds.saturating_add(1)).await?;
        Ok(pending.saturating_add(refunds))
    }

    /// What an open batch of the tender would hold if it were closed now.
    pub(super) async fn sums(&self, scope: &Scope, tender: &Tender) -> Result<Totals, StoreError> {
        let sales = self.office.store.sum_unbatched(scope, tender).await?;
        let mut totals =
            Totals { sales_count: sales.count, sales_minor: sales.captured_minor, ..Totals::default() };
        self.each_refund(scope, UNBATCHED, tender, |kept| {
            let refunds_minor = kept.value.refund.amount.amount_minor;
            totals = totals.plus(&Totals { refunds_count: 1, refunds_minor, ..Totals::default() });
        })
        .await?;
        Ok(totals)
    }

    /// Whether something is final and in no batch.
    pub(super) async fn anything_waits(&self, scope: &Scope, tender: &Tender) -> Result<bool, StoreError> {
        if self.office.store.sum_unbatched(scope, tender).await?.count > 0 {
            return Ok(true);
        }
        let value = tender_value(tender);
        let page = RecordPage { limit: 1, cursor: RecordCursor::Start };
        let (rows, _) = self.office.store.list::<RefundRow>(scope, Some((UNBATCHED, &value)), &page).await?;
        Ok(!rows.is_empty())
    }
}

/// The line of the audit log about a batch that takes nothing more.
pub(super) fn closed(row: &BatchRow) -> Act {
    let batch = &row.batch;
    let about = serde_json::json!({
        "terminalId": &*batch.terminal,
        "currency": batch.currency.to_string(),
        "reference": batch.reference.as_deref(),
    });
    Act::new("batch.closed", batch.id.to_string()).after(&about)
}

fn stale(row: &BatchRow) -> CommitError {
    CommitError::RecordStale { kind: crate::store::Kind::Batch, id: row.batch.id.to_string().into() }
}
