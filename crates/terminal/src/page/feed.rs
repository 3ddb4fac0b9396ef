//! The page as a stream (server-sent events): every region once, then those that have changed. Bounded by what a browser
//! reads: a slow one is told the newest and nothing in between.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::select_all;
use futures_util::{FutureExt as _, Stream, stream};
use serde_json::json;
use tokio::sync::watch;

use super::listener::told;
use super::shelf::Shelf;
use super::stand::Stand;
use super::view::{self, Looking};

/// A line without meaning keeps a quiet stream alive.
const QUIET: Duration = Duration::from_secs(15);
/// Changes come in bursts; what a burst leaves is told once.
const BURST: Duration = Duration::from_millis(15);

struct Feed {
    looking: Looking,
    stands: watch::Receiver<Vec<Arc<Stand>>>,
    revisions: Vec<watch::Receiver<u64>>,
    /// What the browser has, by region.
    told: HashMap<String, String>,
    stop: watch::Receiver<bool>,
    begun: bool,
}

/// Everything that changes on the page, from now on.
pub(super) fn stream(
    shelf: &Shelf,
    looking: Looking,
    stop: watch::Receiver<bool>,
) -> impl Stream<Item = Bytes> + Send + use<> {
    let feed = Feed {
        looking,
        stands: shelf.watch(),
        revisions: Vec::new(),
        told: HashMap::new(),
        stop,
        begun: false,
    };
    stream::unfold(feed, |mut feed| async move { feed.next().await.map(|piece| (piece, feed)) })
}

impl Feed {
    /// The next piece; `None` when the page ends.
    async fn next(&mut self) -> Option<Bytes> {
        if !self.begun {
            self.begun = true;
            return Some(self.everything());
        }
        let shelf_changed = {
            let revisions = self.revisions.iter_mut().map(|revision| revision.changed().boxed());
            let any = async {
                match revisions.len() {
                    0 => std::future::pending::<()>().await,
                    _ => drop(select_all(revisions).await),
                }
            };
            tokio::select! {
                biased;
                () = told(&mut self.stop) => return None,
                changed = self.stands.changed() => {
                    changed.ok()?;
                    true
                }
                () = any => false,
                () = tokio::time::sleep(QUIET) => return Some(Bytes::from_static(b": still here\n\n")),
            }
        };
        if shelf_changed {
            return Some(self.everything());
        }
        tokio::time::sleep(BURST).await;
        self.revisions.iter_mut().for_each(|revision| drop(revision.borrow_and_update()));
        Some(self.changes())
    }

    /// All terminals, as after one has come or gone.
    fn everything(&mut self) -> Bytes {
        let stands = self.stands.borrow_and_update().clone();
        self.revisions = stands.iter().map(|stand| stand.revision()).collect();
        self.told.clear();
        for stand in &stands {
            self.told.extend(view::regions(stand, &self.looking));
        }
        event("terminals", &json!({ "html": view::terminals(&stands, &self.looking) }))
    }

    fn changes(&mut self) -> Bytes {
        let stands = self.stands.borrow().clone();
        let mut changed = serde_json::Map::new();
        for (region, html) in stands.iter().flat_map(|stand| view::regions(stand, &self.looking)) {
            if self.told.get(&region) != Some(&html) {
                changed.insert(region.clone(), html.clone().into());
                self.told.insert(region, html);
            }
        }
        event("regions", &changed.into())
    }
}

/// JSON has no line ends of its own, so that one line holds it.
fn event(name: &str, data: &serde_json::Value) -> Bytes {
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}
