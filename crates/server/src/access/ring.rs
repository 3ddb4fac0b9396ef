//! Every API key that the server knows, in memory, by hash. A change is in force for the next request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use subtle::ConstantTimeEq;
use vinr_domain::Timestamp;

use super::key::{hash_key, kind_of};
use super::{Grant, Grants, KeyId, Principal};
use crate::store::KeyRow;

/// Why somebody was not let in. The caller is at fault in every case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessDenied {
    /// There is no key.
    #[error("no API key was sent")]
    Missing,
    /// The text cannot be an API key.
    #[error("what was sent is not an API key")]
    Malformed,
    /// Nobody has this key.
    #[error("the API key is not known")]
    Unknown,
    /// The key has been revoked.
    #[error("the API key has been revoked")]
    Revoked,
}

#[derive(Clone)]
struct Entry {
    hash: [u8; 32],
    principal: Arc<Principal>,
    restricted: bool,
    revoked_at: Option<Timestamp>,
}

/// The keys in force. Looking one up takes no lock.
#[derive(Default)]
pub struct KeyRing {
    entries: ArcSwap<HashMap<KeyId, Entry>>,
    /// Changes are made one at a time, or one would overwrite the other.
    changing: Mutex<()>,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing").field("keys", &self.entries.load().len()).finish()
    }
}

impl KeyRing {
    /// An empty ring, which lets nobody in.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts these keys in the place of all the others.
    pub fn load(&self, rows: Vec<KeyRow>) {
        let entries = rows.into_iter().map(|row| (id_of(&row.hash), entry_of(row))).collect();
        self.change(|all| *all = entries);
    }

    /// Adds a key, or replaces the one with the same hash.
    pub fn insert(&self, row: KeyRow) {
        self.change(|all| {
            all.insert(id_of(&row.hash), entry_of(row));
        });
    }

    /// Ends a key: from `now` on it lets nobody in.
    pub fn revoke(&self, hash: &[u8; 32], now: Timestamp) {
        self.change(|all| {
            if let Some(entry) = all.get_mut(&id_of(hash)) {
                entry.revoked_at = Some(now);
            }
        });
    }

    /// Who holds the key.
    ///
    /// # Errors
    /// [`AccessDenied`] when nobody does, or not any more.
    pub fn authenticate(&self, text: &str, now: Timestamp) -> Result<Arc<Principal>, AccessDenied> {
        if text.is_empty() {
            return Err(AccessDenied::Missing);
        }
        let kind = kind_of(text).ok_or(AccessDenied::Malformed)?;
        let hash = hash_key(text);
        let entries = self.entries.load();
        // The table is searched by half of the hash. How long that takes tells nothing about a key, because nobody
        // can choose the hash of a guess; the other half is compared in constant time all the same.
        let entry = entries.get(&id_of(&hash)).filter(|entry| bool::from(entry.hash.ct_eq(&hash)));
        let entry = entry.ok_or(AccessDenied::Unknown)?;
        if kind.livemode != entry.principal.scope.livemode || kind.restricted != entry.restricted {
            return Err(AccessDenied::Unknown);
        }
        if entry.revoked_at.is_some_and(|at| at <= now) {
            return Err(AccessDenied::Revoked);
        }
        Ok(Arc::clone(&entry.principal))
    }

    fn change(&self, change: impl FnOnce(&mut HashMap<KeyId, Entry>)) {
        let _turn = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut entries = HashMap::clone(&self.entries.load());
        change(&mut entries);
        self.entries.store(Arc::new(entries));
    }
}

fn id_of(hash: &[u8; 32]) -> KeyId {
    KeyId(hash[..16].iter().fold(0, |number, byte| (number << 8) | u128::from(*byte)))
}

fn entry_of(row: KeyRow) -> Entry {
    let restricted = !row.grants.is_empty();
    // A scope that this version does not know grants nothing.
    let grants = if restricted {
        row.grants.iter().filter_map(|grant| Grant::parse(grant)).collect()
    } else {
        Grants::ALL
    };
    let principal = Arc::new(Principal { scope: row.scope, grants, key: id_of(&row.hash) });
    Entry { hash: row.hash, principal, restricted, revoked_at: row.revoked_at }
}

/// The holder of a secret key with this text.
#[cfg(test)]
pub(crate) fn sample(text: &str) -> Arc<Principal> {
    entry_of(tests::row(text, text.contains("_live_"), &[])).principal
}

#[cfg(test)]
mod tests {
    use vinr_domain::AccountId;

    use super::*;
    use crate::access::hint_of;
    use crate::store::Scope;

    pub(super) fn row(text: &str, livemode: bool, grants: &[&str]) -> KeyRow {
        KeyRow {
            hash: hash_key(text),
            scope: Scope { account: AccountId::parse("acct_1").unwrap(), livemode },
            grants: grants.iter().map(|grant| Arc::from(*grant)).collect(),
            hint: hint_of(text),
            created_at: Timestamp(1),
            revoked_at: None,
        }
    }

    #[test]
    fn a_key_opens_its_own_scope_until_it_is_revoked() {
        let ring = KeyRing::new();
        assert_eq!(ring.authenticate("sk_test_a", Timestamp(5)), Err(AccessDenied::Unknown));
        ring.insert(row("sk_test_a", false, &[]));
        ring.insert(row("sk_live_b", true, &[]));
        let who = ring.authenticate("sk_test_a", Timestamp(5)).unwrap();
        assert!(!who.scope.livemode && who.grants == Grants::ALL);
        assert_ne!(who.key, ring.authenticate("sk_live_b", Timestamp(5)).unwrap().key);
        ring.revoke(&hash_key("sk_test_a"), Timestamp(9));
        assert!(ring.authenticate("sk_test_a", Timestamp(8)).is_ok());
        assert_eq!(ring.authenticate("sk_test_a", Timestamp(9)), Err(AccessDenied::Revoked));
        assert!(ring.authenticate("sk_live_b", Timestamp(9)).is_ok());
    }

    #[test]
    fn loading_replaces_what_was_there() {
        let ring = KeyRing::new();
        ring.insert(row("sk_test_old", false, &[]));
        ring.load(vec![row("sk_test_new", false, &[])]);
        assert_eq!(ring.authenticate("sk_test_old", Timestamp(5)), Err(AccessDenied::Unknown));
        assert!(ring.authenticate("sk_test_new", Timestamp(5)).is_ok());
    }

    #[test]
    fn a_restricted_key_has_its_scopes_only() {
        let ring = KeyRing::new();
        ring.insert(row("rk_test_r", false, &["payments:read", "moon:write"]));
        let who = ring.authenticate("rk_test_r", Timestamp(5)).unwrap();
        assert!(who.grants.hold(Grant::PaymentsRead));
        assert!(!who.grants.hold(Grant::PaymentsWrite) && !who.grants.hold(Grant::TerminalsWrite));
    }

    #[test]
    fn a_key_whose_text_contradicts_its_row_is_unknown() {
        let ring = KeyRing::new();
        ring.insert(row("sk_live_a", false, &[]));
        ring.insert(row("rk_test_b", false, &[]));
        assert_eq!(ring.authenticate("sk_live_a", Timestamp(5)), Err(AccessDenied::Unknown));
        assert_eq!(ring.authenticate("rk_test_b", Timestamp(5)), Err(AccessDenied::Unknown));
    }

    #[test]
    fn text_that_is_no_key_is_told_apart_from_no_text() {
        let ring = KeyRing::new();
        assert_eq!(ring.authenticate("", Timestamp(5)), Err(AccessDenied::Missing));
        assert_eq!(ring.authenticate("Bearer", Timestamp(5)), Err(AccessDenied::Malformed));
    }

    #[test]
    fn debug_output_tells_no_key_and_no_hash() {
        let ring = KeyRing::new();
        ring.insert(row("sk_test_secret", false, &[]));
        assert_eq!(format!("{ring:?}"), "KeyRing { keys: 1 }");
    }
}
