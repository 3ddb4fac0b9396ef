//! The terminals that the page shows, in the order in which they were put there. Starts and ends none of them.

use std::sync::Arc;

use tokio::sync::watch;

use super::stand::Stand;

/// The terminals of this process that can be looked at. Cheap to clone; all clones are the same shelf.
#[derive(Clone)]
pub struct Shelf {
    stands: Arc<watch::Sender<Vec<Arc<Stand>>>>,
}

impl Default for Shelf {
    fn default() -> Self {
        Self { stands: Arc::new(watch::Sender::new(Vec::new())) }
    }
}

impl Shelf {
    /// Shows a terminal, in the place of one that has the same name.
    pub fn put(&self, stand: Arc<Stand>) {
        self.stands.send_modify(|stands| {
            match stands.iter_mut().find(|other| other.terminal() == stand.terminal()) {
                Some(other) => *other = stand,
                None => stands.push(stand),
            }
        });
    }

    /// Shows a terminal no longer.
    pub fn take(&self, terminal: &str) {
        self.stands.send_modify(|stands| stands.retain(|stand| stand.terminal() != terminal));
    }

    pub(super) fn find(&self, terminal: &str) -> Option<Arc<Stand>> {
        self.stands.borrow().iter().find(|stand| stand.terminal() == terminal).cloned()
    }

    pub(super) fn watch(&self) -> watch::Receiver<Vec<Arc<Stand>>> {
        self.stands.subscribe()
    }

    pub(super) fn all(&self) -> Vec<Arc<Stand>> {
        self.stands.borrow().clone()
    }
}
