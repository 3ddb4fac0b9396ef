//! A flag that is raised once, and wakes those who wait in the order in which they began to. Tokio's own watch wakes
//! in an order that it draws at random, which no world can repeat.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// The flag.
#[derive(Debug, Default)]
pub(super) struct Flag {
    up: AtomicBool,
    news: Notify,
}

impl Flag {
    /// Raises it; `false` when it was up.
    pub(super) fn raise(&self) -> bool {
        let first = !self.up.swap(true, Ordering::AcqRel);
        self.news.notify_waiters();
        first
    }

    pub(super) fn is_up(&self) -> bool {
        self.up.load(Ordering::Acquire)
    }

    /// Returns when it is up.
    pub(super) async fn raised(&self) {
        let mut news = std::pin::pin!(self.news.notified());
        news.as_mut().enable();
        if !self.is_up() {
            news.await;
        }
    }
}
