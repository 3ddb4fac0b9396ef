//! Exports that run: how many an account may have at a time, how far each is, and the stream that writes one page after the other
//! straight from the application. Whoever stops reading ends it; nothing of it is kept.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use vinr_domain::{BatchId, RefundId};
use vinr_wire::rest::batch::ListBatches;
use vinr_wire::rest::error::ErrorCode;
use vinr_wire::rest::payment::Cursor;
use vinr_wire::rest::refund::ListRefunds;

use super::Dashboard;
use super::sheets;
use crate::access::Principal;
use crate::payments::Search;
use crate::refusal::Refusal;

/// How many exports an account may have at the same time.
pub(super) const AT_ONCE: usize = 3;
/// How many rows are read at once.
const PORTION: u32 = 100;
/// Of how many exports it is known how far they are; the oldest are forgotten.
const KNOWN: usize = 256;

/// How far an export is.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// How many rows have been written.
    pub(super) done: AtomicU64,
    /// Whether it has come to its end.
    pub(super) complete: AtomicBool,
    /// Whether nothing is written any more.
    pub(super) over: AtomicBool,
}

/// An export of an account, by the name that its page gave it.
struct Running {
    account: String,
    name: String,
    progress: Arc<Progress>,
}

/// The exports that run or have lately ended.
#[derive(Clone, Default)]
pub(super) struct Exports(Arc<Mutex<VecDeque<Running>>>);

impl Exports {
    /// Begins one, if the account has not too many.
    fn begin(&self, who: &Principal, name: &str) -> Result<Arc<Progress>, Refusal> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let account = who.scope.account.as_str();
        let runs =
            |running: &&Running| running.account == account && !running.progress.over.load(Ordering::Relaxed);
        if known.iter().filter(runs).count() >= AT_ONCE {
            let message =
                format!("{AT_ONCE} exports of this account are running. Wait until one of them has ended.");
            return Err(Refusal::stated(ErrorCode::RateLimited, message).retry_after_s(10));
        }
        while known.len() >= KNOWN {
            known.pop_front();
        }
        let progress = Arc::<Progress>::default();
        known.push_back(Running {
            account: account.to_owned(),
            name: name.to_owned(),
            progress: Arc::clone(&progress),
        });
        Ok(progress)
    }

    /// How far the export of that name is, once it has begun.
    pub(super) fn progress(&self, who: &Principal, name: &str) -> Option<Arc<Progress>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let account = who.scope.account.as_str();
        let found = known.iter().rev().find(|running| running.account == account && running.name == name);
        found.map(|running| Arc::clone(&running.progress))
    }
}

/// What is exported.
#[derive(Clone, Debug)]
pub(super) enum Sheet {
    /// Payments that are looked for.
    Payments(Box<Search>),
    /// Every refund.
    Refunds,
    /// Batches of this kind.
    Batches(ListBatches),
}

/// Where the next portion begins.
enum Place {
    Head,
    Payments(Cursor),
    Refunds(Option<RefundId>),
    Batches(Option<BatchId>),
    End,
}

/// One export while it is written.
pub(super) struct Export {
    dashboard: Arc<Dashboard>,
    who: Principal,
    sheet: Sheet,
    place: Place,
    progress: Arc<Progress>,
}

impl Drop for Export {
    /// At its end, or when nobody reads it any more.
    fn drop(&mut self) {
        self.progress.over.store(true, Ordering::Relaxed);
    }
}

impl Export {
    /// Begins an export. `name` is what its page asks for its progress by.
    pub(super) fn begin(
        dashboard: &Arc<Dashboard>,
        who: &Principal,
        sheet: Sheet,
        name: &str,
    ) -> Result<Self, Refusal> {
        let progress = dashboard.exports.begin(who, name)?;
        Ok(Self { dashboard: Arc::clone(dashboard), who: who.clone(), sheet, place: Place::Head, progress })
    }

    /// The next piece of the file; an error breaks the download off, so that half a file is not taken for a whole one.
    pub(super) async fn next(&mut self) -> Option<Result<String, io::Error>> {
        let mut out = String::with_capacity(32 * 1024);
        match self.portion(&mut out).await {
            Ok(false) => None,
            Ok(true) => Some(Ok(out)),
            Err(refusal) => {
                tracing::error!(%refusal, "an export was broken off");
                self.place = Place::End;
                Some(Err(io::Error::other(refusal)))
            }
        }
    }

    /// Writes the next portion; says whether there was one.
    async fn portion(&mut self, out: &mut String) -> Result<bool, Refusal> {
        let services = &self.dashboard.services;
        let mut written = 0;
        let next = match (&self.place, &self.sheet) {
            (Place::End, _) => return Ok(false),
            (Place::Head, Sheet::Payments(_)) => {
                sheets::payments_head(out);
                Place::Payments(Cursor::Newest)
            }
            (Place::Head, Sheet::Refunds) => {
                sheets::refunds_head(out);
                Place::Refunds(None)
            }
            (Place::Head, Sheet::Batches(_)) => {
                sheets::batches_head(out);
                Place::Batches(None)
            }
            (Place::Payments(from), Sheet::Payments(search)) => {
                let (entries, more) = services.payments.search(&self.who, search, *from, PORTION).await?;
                entries.iter().for_each(|entry| sheets::payment(entry, out));
                written = entries.len();
                entries
                    .last()
                    .filter(|_| more)
                    .map_or(Place::End, |last| Place::Payments(Cursor::After(last.view.id)))
            }
            (Place::Refunds(after), _) => {
                let query = ListRefunds {
                    starting_after: *after,
                    limit: Some(PORTION.into()),
                    ..ListRefunds::default()
                };
                let listed = services.applications.refunds.list(&self.who, &query).await?;
                listed.refunds.iter().for_each(|refund| sheets::refund(refund, out));
                written = listed.refunds.len();
                let last = listed.refunds.last().filter(|_| listed.has_more);
                last.map_or(Place::End, |last| Place::Refunds(Some(last.id)))
            }
            (Place::Batches(after), Sheet::Batches(query)) => {
                let query =
                    ListBatches { starting_after: *after, limit: Some(PORTION.into()), ..query.clone() };
                let listed = services.applications.batches.list(&self.who, &query).await?;
                listed.batches.iter().for_each(|batch| sheets::batch(batch, out));
                written = listed.batches.len();
                let last = listed.batches.last().filter(|_| listed.has_more);
                last.map_or(Place::End, |last| Place::Batches(Some(last.id)))
            }
            (Place::Payments(_) | Place::Batches(_), _) => Place::End,
        };
        self.place = next;
        self.progress.done.fetch_add(written as u64, Ordering::Relaxed);
        if matches!(self.place, Place::End) {
            self.progress.complete.store(true, Ordering::Relaxed);
        }
        Ok(true)
    }
}
