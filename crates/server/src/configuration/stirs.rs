//! That terminals of an account have come further, or have to: for pages that show how far. No event tells of it, and
//! whoever watches learns only that, not which terminal and not what.

use tokio::sync::broadcast;

use super::service::Configurations;
use crate::store::Scope;

/// Hears of the terminals of one scope.
#[derive(Debug)]
pub struct Stirs {
    scope: Scope,
    heard: broadcast::Receiver<Scope>,
}

impl Stirs {
    /// Waits until there is something. Several changes at once may be heard as one.
    pub async fn next(&mut self) {
        loop {
            match self.heard.recv().await {
                Ok(scope) if scope == self.scope => return,
                Ok(_) => {}
                // What was missed may have been of this scope.
                Err(broadcast::error::RecvError::Lagged(_)) => return,
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

impl Configurations {
    /// Watches the terminals of the scope.
    #[must_use]
    pub fn stirs(&self, scope: &Scope) -> Stirs {
        Stirs { scope: scope.clone(), heard: self.shared.stirs.subscribe() }
    }

    /// Terminals of the scope have come further, or have to.
    pub(crate) fn stir(&self, scope: &Scope) {
        // Nobody may be watching.
        let _ = self.shared.stirs.send(scope.clone());
    }
}
