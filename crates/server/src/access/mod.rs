//! Who is asking: API keys become principals (contract 1.1). Keeps hashes, never keys; knows nothing of HTTP.

mod grant;
mod key;
mod ring;

pub use grant::{Grant, Grants};
pub use key::{hash_key, hint_of};
#[cfg(test)]
pub(crate) use ring::sample;
pub use ring::{AccessDenied, KeyRing};

use crate::store::Scope;

/// Names a key without telling it: the first half of its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(u128);

/// The holder of a valid key: whose data it sees, in which world, and what it may do there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Whose data, in which of the two worlds.
    pub scope: Scope,
    /// What the key may do.
    pub grants: Grants,
    /// Which key it was; for rate limits.
    pub key: KeyId,
}
