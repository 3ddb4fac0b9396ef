//! Takes requests in as they are answered, and shows them. Whoever notes one never waits.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use vinr_domain::{RequestId, Timestamp};

use super::line::{Filter, Line};
use super::masked;
use super::pages::PageRow;
use crate::office::Office;
use crate::refusal::Refusal;
use crate::store::{RecordCursor, RecordPage, Scope};

mod writer;

/// How many requests may wait to be written down: some seconds of the most that a server answers.
const WAITING: usize = 8_192;
/// How long a reader waits for what was noted before it asked.
const CAUGHT_UP: Duration = Duration::from_secs(1);
/// How many pages are read at once.
const AT_ONCE: u32 = 16;

/// A request that was answered, as it is noted.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Whose.
    pub scope: Scope,
    /// Its name.
    pub id: RequestId,
    /// The method.
    pub method: &'static str,
    /// The path, as it was sent.
    pub path: Box<str>,
    /// The query, as it was sent.
    pub query: Option<Box<str>>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// How long the answer took.
    pub took: Duration,
    /// The key as people are shown it.
    pub key: Arc<str>,
    /// The version that it was answered in.
    pub version: &'static str,
    /// The code of the error that was answered.
    pub code: Option<&'static str>,
    /// The key under which the caller may repeat it.
    pub idempotency_key: Option<Box<str>>,
    /// Whether it was answered as an earlier one was.
    pub replayed: bool,
    /// The program that asked, as it calls itself.
    pub agent: Option<Box<str>>,
}

impl From<Asked> for Line {
    fn from(asked: Asked) -> Self {
        let kept = |text: Option<Box<str>>| text.map(|text| Arc::from(masked::value(&text)));
        // The moment is in the name (see `naming`).
        let at = i64::try_from(asked.id.0 >> 80).unwrap_or_default();
        Self {
            id: asked.id.to_string().into(),
            at: Timestamp(at),
            method: asked.method.into(),
            path: masked::path(&asked.path, asked.query.as_deref()).into(),
            status: asked.status,
            took_us: u32::try_from(asked.took.as_micros()).unwrap_or(u32::MAX),
            key: asked.key,
            version: asked.version.into(),
            code: asked.code.map(Into::into),
            idempotency_key: kept(asked.idempotency_key),
            replayed: asked.replayed,
            agent: kept(asked.agent),
        }
    }
}

/// What the writer is told.
enum Note {
    /// A request was answered.
    Asked(Asked),
    /// Somebody wants to read: write what came before, and say so.
    CatchUp(oneshot::Sender<()>),
}

/// A stretch of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Newest first.
    pub lines: Vec<Line>,
    /// Whether there is more behind them.
    pub more: bool,
    /// How many requests of this stretch could not be written down.
    pub lost: u64,
}

/// The log of all accounts.
#[derive(Clone)]
pub struct RequestLog {
    office: Office,
    notes: mpsc::Sender<Note>,
    /// How many requests of each account and mode could not be taken in, and are not written down as such yet.
    lost: Arc<Mutex<BTreeMap<Scope, u64>>>,
}

impl RequestLog {
    /// A log in the office's store; starts what writes it.
    #[must_use]
    pub fn start(office: &Office) -> Self {
        let (notes, noted) = mpsc::channel(WAITING);
        let log = Self { office: office.clone(), notes, lost: Arc::default() };
        office.tasks.spawn(writer::run(log.office.clone(), Arc::clone(&log.lost), noted));
        log
    }

    /// Notes a request. Never waits and never fails: one for which there is no room is counted.
    pub fn note(&self, asked: Asked) {
        // Else it is taken, or the platform has ended.
        if let Err(mpsc::error::TrySendError::Full(Note::Asked(asked))) =
            self.notes.try_send(Note::Asked(asked))
        {
            metrics::counter!("vinr_request_log_lost_total").increment(1);
            let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
            *lost.entry(asked.scope).or_default() += 1;
        }
    }

    /// Requests that the filter shows, newest first, behind the one named `after`; at most `limit`.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn list(
        &self,
        scope: &Scope,
        filter: &Filter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Found, Refusal> {
        let mut found = Found::default();
        let mut behind = after.is_none();
        self.walk(scope, |page| {
            if behind {
                found.lost += page.lost;
            }
            for line in page.lines.iter().rev() {
                if behind && filter.shows(line) {
                    if found.lines.len() == limit {
                        found.more = true;
                        return false;
                    }
                    found.lines.push(line.clone());
                }
                behind |= after == Some(&line.id);
            }
            true
        })
        .await?;
        Ok(found)
    }

    /// The request of that name.
    ///
    /// # Errors
    /// [`Refusal::NoSuch`], or that the store cannot answer.
    pub async fn retrieve(&self, scope: &Scope, id: &str) -> Result<Line, Refusal> {
        let mut found = None;
        self.walk(scope, |page| {
            found = page.lines.iter().find(|line| line.id.as_ref() == id).cloned();
            found.is_none()
        })
        .await?;
        found.ok_or(Refusal::NoSuch("request"))
    }

    /// Reads page by page, the newest first, for as long as `go_on` says so.
    async fn walk(&self, scope: &Scope, mut go_on: impl FnMut(&PageRow) -> bool) -> Result<(), Refusal> {
        self.catch_up().await;
        let mut cursor = RecordCursor::Start;
        loop {
            let page = RecordPage { limit: AT_ONCE, cursor };
            let (pages, more) = self.office.store.list::<PageRow>(scope, None, &page).await?;
            for kept in &pages {
                if !go_on(&kept.value) {
                    return Ok(());
                }
            }
            match pages.last().filter(|_| more) {
                Some(last) => cursor = RecordCursor::After(PageRow::name(last.value.number)),
                None => return Ok(()),
            }
        }
    }

    /// Until what was noted before is written down, if that is soon.
    async fn catch_up(&self) {
        let (reply, answer) = oneshot::channel();
        let caught_up = async {
            if self.notes.send(Note::CatchUp(reply)).await.is_ok() {
                // Without an answer the reader sees what there is.
                let _ = answer.await;
            }
        };
        let _ = timeout(CAUGHT_UP, caught_up).await;
    }
}
