//! One stream of server-sent events: what happens, as it becomes durable, until the reader goes, is too slow, or its key
//! ends. Whoever reads resumes by the id of the last event it saw, so a stream that ends loses nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc::error::SendTimeoutError;
use tokio::sync::{broadcast, mpsc};
use tokio::time::Instant;
use vinr_wire::rest::error::ErrorCode;
use vinr_wire::rest::webhook::render_event;

use super::progress::Moment;
use super::{Events, MAX_STREAMS, Wanted};
use crate::access::{Asker, KeyId, Principal};
use crate::office::Office;
use crate::refusal::Refusal;
use crate::store::{Posted, Scope};
use crate::webhooks::envelope;

/// How many events are read at once.
const PORTION: u32 = 256;
/// How many portions wait for the reader.
const WAITING: usize = 8;
/// How long a reader may take nothing before its stream is closed.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often something is sent when nothing happens, so that nobody in between takes the stream for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long a stream of somebody who has signed in goes on before their session is looked at again.
const SITTING: Duration = Duration::from_secs(300);
/// How long until the store, or a key that may end by itself, is looked at again.
const PAUSE: Duration = Duration::from_secs(1);

/// What a stream begins with: how soon to come back when it ends.
const OPENING: &[u8] = b"retry: 1000\n: streaming\n\n";
const STILL_HERE: &[u8] = b": still here\n\n";

/// The reader's side of a stream: text in the format of server-sent events.
pub struct Follower {
    pieces: mpsc::Receiver<Bytes>,
}

/// Counts a stream of a key for as long as it lives.
struct Seat {
    key: KeyId,
    open: Arc<Mutex<HashMap<KeyId, usize>>>,
}

impl Seat {
    fn take(events: &Events, key: KeyId) -> Option<Self> {
        let mut open = events.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(key).or_default();
        if *count >= MAX_STREAMS {
            return None;
        }
        *count += 1;
        Some(Self { key, open: Arc::clone(&events.open) })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.key);
            }
        }
    }
}

impl Follower {
    pub(super) fn open(events: &Events, who: &Principal, at: u64, wanted: Wanted) -> Result<Self, Refusal> {
        let seat = Seat::take(events, who.key).ok_or_else(|| {
            let message = "This key has 10 streams of events open. Close one first.";
            Refusal::stated(ErrorCode::RateLimited, message).retry_after_s(1)
        })?;
        let (sender, pieces) = mpsc::channel(WAITING);
        let moments = wanted.progress.then(|| events.moments.subscribe());
        let (office, scope) = (events.office.clone(), who.scope.clone());
        let teller = Teller { office, scope, at, wanted, moments };
        let (keys, key) = (Arc::clone(&events.keys), who.key);
        let clock = Arc::clone(&events.office.clock);
        let mut changes = keys.changes();
        let holder = who.holder;
        events.office.tasks.spawn(async move {
            let _seat = seat;
            let ended = async {
                if holder == Asker::Person {
                    // A browser comes back by itself, and is looked at again then.
                    return tokio::time::sleep(SITTING).await;
                }
                while keys.in_force(key, clock.wall()) {
                    let _ = tokio::time::timeout(PAUSE, changes.changed()).await.is_ok();
                }
            };
            tokio::select! {
                biased;
                () = ended => {}
                () = teller.tell(&sender) => {}
            }
        });
        Ok(Self { pieces })
    }

    /// The next piece of text; `None` when the stream has ended.
    pub async fn next(&mut self) -> Option<Bytes> {
        self.pieces.recv().await
    }
}

struct Teller {
    office: Office,
    scope: Scope,
    at: u64,
    wanted: Wanted,
    /// Where it hears how far payments are, if it is to say so.
    moments: Option<broadcast::Receiver<Arc<Moment>>>,
}

impl Teller {
    async fn tell(mut self, sender: &mpsc::Sender<Bytes>) {
        let mut tail = self.office.store.tail();
        if !say(sender, Bytes::from_static(OPENING)).await {
            return;
        }
        let mut quiet_at = Instant::now() + KEEP_ALIVE;
        loop {
            tail.borrow_and_update();
            match self.office.store.events_after_across_accounts(self.at, PORTION).await {
                Ok(events) => {
                    let text = self.write(&events);
                    if !text.is_empty() {
                        quiet_at = Instant::now() + KEEP_ALIVE;
                        if !say(sender, text.into()).await {
                            return;
                        }
                    }
                    if events.len() == PORTION as usize {
                        continue;
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "events could not be read; they are read again");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            }
            tokio::select! {
                biased;
                () = sender.closed() => return,
                changed = tail.changed() => if changed.is_err() { return },
                moment = next(&mut self.moments) => {
                    if moment.scope == self.scope && !say(sender, moment.written().into()).await {
                        return;
                    }
                }
                () = tokio::time::sleep_until(quiet_at) => {
                    quiet_at = Instant::now() + KEEP_ALIVE;
                    if !say(sender, Bytes::from_static(STILL_HERE)).await {
                        return;
                    }
                }
            }
        }
    }

    fn write(&mut self, events: &[Posted]) -> Vec<u8> {
        let mut text = Vec::new();
        for posted in events {
            self.at = posted.ordinal;
            let event = &posted.event;
            if event.scope == self.scope && self.wanted.topics.want(event.kind) {
                text.extend_from_slice(format!("id: {}\nevent: {}\ndata: ", event.id, event.kind).as_bytes());
                render_event(&envelope(event), self.wanted.version, &mut text);
                text.extend_from_slice(b"\n\n");
            }
        }
        text
    }
}

/// The next that is said of a payment's progress; never, where that is not wanted.
async fn next(moments: &mut Option<broadcast::Receiver<Arc<Moment>>>) -> Arc<Moment> {
    while let Some(receiver) = moments {
        match receiver.recv().await {
            Ok(moment) => return moment,
            // What a slow reader has missed is over.
            Err(broadcast::error::RecvError::Lagged(_)) => {}
            Err(broadcast::error::RecvError::Closed) => *moments = None,
        }
    }
    std::future::pending().await
}

/// Hands a piece over; `false` when the reader is gone or too slow.
async fn say(sender: &mpsc::Sender<Bytes>, piece: Bytes) -> bool {
    match sender.send_timeout(piece, PATIENCE).await {
        Ok(()) => true,
        Err(SendTimeoutError::Closed(_)) => false,
        Err(SendTimeoutError::Timeout(_)) => {
            tracing::info!("a stream of events is closed: its reader takes nothing");
            false
        }
    }
}
