//! When keys were last used, written down now and then: no request waits for it, and a crash loses a few minutes of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use vinr_domain::Timestamp;

use super::Accounts;
use crate::access::KeyId;
use crate::store::{Change, Kind, Scope, StoreError, Stored, Transaction, spelling};

/// How often it is written down.
const EVERY: Duration = Duration::from_secs(300);

/// When a key was last used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUseRow {
    /// Whose key.
    pub scope: Scope,
    /// Which key.
    pub key: Arc<str>,
    /// When.
    #[serde(with = "spelling::moment")]
    pub at: Timestamp,
}

impl Stored for KeyUseRow {
    const KIND: Kind = Kind::KeyUse;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn id(&self) -> Arc<str> {
        Arc::clone(&self.key)
    }

    fn created_at(&self) -> Timestamp {
        self.at
    }
}

impl Accounts {
    /// Tells the ring what is written down.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn recall_uses(&self) -> Result<(), StoreError> {
        for kept in self.office.store.all_across_accounts::<KeyUseRow>().await? {
            if let Some(key) = KeyId::parse(&kept.value.key) {
                self.keys.note_use(key, kept.value.at);
            }
        }
        Ok(())
    }

    /// Writes down what has changed, now and then, for ever.
    pub async fn note_uses(self) {
        let mut written: BTreeMap<KeyId, Timestamp> = BTreeMap::new();
        loop {
            tokio::time::sleep(EVERY).await;
            let uses = self.keys.last_uses();
            let news: Vec<_> = uses.into_iter().filter(|(key, _, at)| written.get(key) != Some(at)).collect();
            let changes = news.iter().map(|(key, scope, at)| {
                Change::put(&KeyUseRow { scope: scope.clone(), key: key.to_string().into(), at: *at })
            });
            let changes: Vec<Change> = changes.collect();
            if changes.is_empty() {
                continue;
            }
            match self.office.store.commit(Transaction { changes }).await {
                Ok(()) => written.extend(news.into_iter().map(|(key, _, at)| (key, at))),
                Err(error) => tracing::warn!(%error, "when keys were last used is written down later"),
            }
        }
    }
}
