//! Every API key that the server knows, in memory, by hash. A change is in force for the next request.

use std::sync::Arc;

use tokio::sync::watch;
use vinr_domain::Timestamp;

use super::key::{hash_key, kind_of};
use super::table::{Entry, Table};
use super::{AccessDenied, Asker, Grant, Grants, KeyId, LastUse, Principal};
use crate::store::{KeyRow, Scope};

/// The keys in force. Looking one up takes no lock.
#[derive(Default)]
pub struct KeyRing {
    table: Table<Holder>,
}

struct Holder {
    principal: Arc<Principal>,
    restricted: bool,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing").field("keys", &self.table.len()).finish()
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
        self.table.load(rows.into_iter().map(entry_of));
    }

    /// Adds a key, or replaces the one with the same hash.
    pub fn insert(&self, row: KeyRow) {
        self.table.insert(entry_of(row));
    }

    /// Ends a key: from `now` on it lets nobody in.
    pub fn revoke(&self, hash: &[u8; 32], now: Timestamp) {
        self.table.end(KeyId::of(hash), now);
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
        let fits = |holder: &Holder| {
            kind.livemode == holder.principal.scope.livemode && kind.restricted == holder.restricted
        };
        self.table.find(&hash_key(text), fits, now).map(|holder| Arc::clone(&holder.principal))
    }

    /// Whether the key still opens anything. Whoever serves one request for long, such as a stream, asks again when
    /// [`Self::changes`] moves and now and then, because a key may end at a moment that was set before.
    #[must_use]
    pub fn in_force(&self, key: KeyId, now: Timestamp) -> bool {
        self.table.in_force(key, now)
    }

    /// Counts the changes to the ring.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.table.changes()
    }

    /// How many keys of the scope open something now.
    #[must_use]
    pub fn count(&self, scope: &Scope, now: Timestamp) -> usize {
        self.table.count(|holder| holder.principal.scope == *scope, now)
    }

    /// When the key was last used, to the minute.
    #[must_use]
    pub fn used_at(&self, key: KeyId) -> Option<Timestamp> {
        self.table.used_at(key)
    }

    /// Says when a key was used before this process began.
    pub fn note_use(&self, key: KeyId, at: Timestamp) {
        self.table.note_use(key, at);
    }

    /// When each key was last used, those that were.
    #[must_use]
    pub fn last_uses(&self) -> Vec<LastUse> {
        let mut uses = Vec::new();
        self.table.each_used(|key, holder, at| uses.push((key, holder.principal.scope.clone(), at)));
        uses.sort_unstable();
        uses
    }
}

fn entry_of(row: KeyRow) -> Entry<Holder> {
    let restricted = !row.grants.is_empty();
    // A scope that this version does not know grants nothing.
    let grants = if restricted {
        row.grants.iter().filter_map(|grant| Grant::parse(grant)).collect()
    } else {
        Grants::ALL
    };
    let key = KeyId::of(&row.hash);
    let principal =
        Principal { scope: row.scope, grants, holder: Asker::Key, key, hint: row.hint, request: None };
    Entry::new(row.hash, Holder { principal: Arc::new(principal), restricted }, row.revoked_at)
}

/// The holder of a secret key with this text.
#[cfg(test)]
pub(crate) fn sample(text: &str) -> Arc<Principal> {
    Arc::clone(&entry_of(tests::row(text, text.contains("_live_"), &[])).holder.principal)
}

#[cfg(test)]
mod tests {
    use vinr_domain::AccountId;

    use super::*;
    use crate::access::hint_of;

    pub(super) fn row(text: &str, livemode: bool, grants: &[&str]) -> KeyRow {
        let scope = Scope { account: AccountId::parse("acct_1").unwrap(), livemode };
        KeyRow {
            grants: grants.iter().map(|grant| Arc::from(*grant)).collect(),
            ..KeyRow::new(hash_key(text), scope, hint_of(text), Timestamp(1))
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
    fn the_last_use_is_known_to_the_minute() {
        let ring = KeyRing::new();
        ring.insert(row("sk_test_a", false, &[]));
        let key = KeyId::of(&hash_key("sk_test_a"));
        assert_eq!(ring.used_at(key), None);
        for (now, noted) in [(5, 5), (60_004, 5), (60_005, 60_005)] {
            ring.authenticate("sk_test_a", Timestamp(now)).unwrap();
            assert_eq!(ring.used_at(key), Some(Timestamp(noted)));
        }
        ring.insert(row("sk_test_a", false, &[]));
        ring.note_use(key, Timestamp(7));
        assert_eq!(ring.used_at(key), Some(Timestamp(60_005)), "what is newer stays");
        assert_eq!(ring.last_uses().len(), 1);
    }

    #[test]
    fn whoever_watches_learns_that_a_key_has_ended() {
        let ring = KeyRing::new();
        ring.insert(row("sk_test_a", false, &[]));
        let key = KeyId::of(&hash_key("sk_test_a"));
        let mut changes = ring.changes();
        changes.mark_unchanged();
        assert!(ring.in_force(key, Timestamp(5)) && !changes.has_changed().unwrap());
        ring.revoke(&hash_key("sk_test_a"), Timestamp(9));
        assert!(changes.has_changed().unwrap());
        assert!(ring.in_force(key, Timestamp(8)) && !ring.in_force(key, Timestamp(9)));
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
