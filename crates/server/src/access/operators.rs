//! The keys of those who run the server. They open `/v1/operator` and nothing else, and nothing else opens it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vinr_domain::Timestamp;

use super::key::{hash_key, is_operator_key};
use super::table::{Entry, Table};
use super::{AccessDenied, KeyId, Operator};
use crate::store::spelling;
use crate::store::{Kind, Scope, Stored};

/// An operator's key. The key itself is never stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OperatorKeyRow {
    /// SHA-256 of the key.
    pub hash: [u8; 32],
    /// Always [`Scope::platform`].
    pub scope: Scope,
    /// For people.
    pub name: Arc<str>,
    /// The prefix and last four characters, for people.
    pub hint: Arc<str>,
    /// When it was made.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
    /// From when on it opens nothing.
    #[serde(default, with = "spelling::moment_option")]
    pub revoked_at: Option<Timestamp>,
}

impl OperatorKeyRow {
    /// A key that is valid from now on.
    #[must_use]
    pub fn new(text: &str, name: &str, created_at: Timestamp) -> Self {
        Self {
            hash: hash_key(text),
            scope: Scope::platform(),
            name: name.into(),
            hint: super::hint_of(text),
            created_at,
            revoked_at: None,
        }
    }
}

impl Stored for OperatorKeyRow {
    const KIND: Kind = Kind::OperatorKey;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn id(&self) -> Arc<str> {
        KeyId::of(&self.hash).to_string().into()
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }
}

/// The operator keys in force. Looking one up takes no lock.
#[derive(Default)]
pub struct OperatorRing {
    table: Table<Operator>,
}

impl std::fmt::Debug for OperatorRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OperatorRing").field("keys", &self.table.len()).finish()
    }
}

impl OperatorRing {
    /// Puts these keys in the place of all the others.
    pub fn load(&self, rows: Vec<OperatorKeyRow>) {
        self.table.load(rows.into_iter().map(entry_of));
    }

    /// Adds a key, or replaces the one with the same hash.
    pub fn insert(&self, row: OperatorKeyRow) {
        self.table.insert(entry_of(row));
    }

    /// Who holds the key.
    ///
    /// # Errors
    /// [`AccessDenied`] when nobody does, or not any more.
    pub fn authenticate(&self, text: &str, now: Timestamp) -> Result<Arc<Operator>, AccessDenied> {
        if text.is_empty() {
            return Err(AccessDenied::Missing);
        }
        if !is_operator_key(text) {
            return Err(AccessDenied::Malformed);
        }
        self.table.find(&hash_key(text), |_| true, now)
    }
}

fn entry_of(row: OperatorKeyRow) -> Entry<Operator> {
    let operator =
        Operator { key: KeyId::of(&row.hash), hint: row.hint, name: row.name, person: None, request: None };
    Entry::new(row.hash, operator, row.revoked_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_key_opens_until_it_is_revoked_and_no_other_kind_does() {
        let ring = OperatorRing::default();
        let row = OperatorKeyRow::new("ok_a", "Anna", Timestamp(1));
        ring.load(vec![row.clone()]);
        assert_eq!(&*ring.authenticate("ok_a", Timestamp(5)).unwrap().name, "Anna");
        assert_eq!(ring.authenticate("ok_b", Timestamp(5)), Err(AccessDenied::Unknown));
        assert_eq!(ring.authenticate("sk_live_a", Timestamp(5)), Err(AccessDenied::Malformed));
        assert_eq!(ring.authenticate("", Timestamp(5)), Err(AccessDenied::Missing));
        ring.insert(OperatorKeyRow { revoked_at: Some(Timestamp(9)), ..row });
        assert!(ring.authenticate("ok_a", Timestamp(8)).is_ok());
        assert_eq!(ring.authenticate("ok_a", Timestamp(9)), Err(AccessDenied::Revoked));
        assert_eq!(format!("{ring:?}"), "OperatorRing { keys: 1 }");
    }
}
