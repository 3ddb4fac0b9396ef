//! Who is asking: keys become principals and operators (contract 1.1). Keeps hashes, never keys; knows nothing of HTTP.

mod grant;
mod key;
mod operators;
mod ring;
mod table;

use vinr_domain::{RequestId, TerminalId, Timestamp, decode_base32, encode_base32};

pub use grant::{Grant, Grants};
pub use key::{NoRandomness, draw_cashless_key, draw_key, draw_operator_key, draw_token, hash_key, hint_of};
pub use operators::{OperatorKeyRow, OperatorRing};
pub use ring::KeyRing;
#[cfg(test)]
pub(crate) use ring::sample;

use std::sync::Arc;

use crate::store::Scope;

/// Names a key without telling it: the first half of its hash. Written `key_…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub(crate) u128);

impl KeyId {
    /// Stands for no key: of a terminal that asks in its own name.
    pub const NONE: Self = Self(0);
    /// What every written id starts with.
    pub const PREFIX: &'static str = "key_";

    /// Of the key with this hash.
    #[must_use]
    pub fn of(hash: &[u8; 32]) -> Self {
        Self(hash[..16].iter().fold(0, |number, byte| (number << 8) | u128::from(*byte)))
    }

    /// Reads the written form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.strip_prefix(Self::PREFIX).and_then(decode_base32).map(Self)
    }
}

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", Self::PREFIX, encode_base32(self.0))
    }
}

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

/// What kind of asker a principal is, for the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// A program with an API key.
    Key,
    /// A terminal that asks in its own name.
    Terminal,
    /// A person who has signed in.
    Person,
}

/// The holder of a valid key, or a person who has signed in: whose data it sees, in which world, and what it may do there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Whose data, in which of the two worlds.
    pub scope: Scope,
    /// What the key may do.
    pub grants: Grants,
    /// What kind of asker it is.
    pub holder: Asker,
    /// Which key it was; for rate limits. [`KeyId::NONE`] for a terminal, of its name for a person.
    pub key: KeyId,
    /// The key as people are shown it, `sk_test_…6789`; or the terminal, or the person's id.
    pub hint: Arc<str>,
    /// The request that it is asking with, for the audit log. `None` outside of one.
    pub request: Option<RequestId>,
}

impl Principal {
    /// A terminal that asks over its link on behalf of a till, with what a till may do.
    #[must_use]
    pub fn of_terminal(scope: Scope, terminal: &TerminalId) -> Self {
        let may = [Grant::PaymentsRead, Grant::PaymentsWrite, Grant::RefundsWrite, Grant::BatchesWrite];
        Self {
            scope,
            grants: may.into_iter().collect(),
            holder: Asker::Terminal,
            key: KeyId::NONE,
            hint: terminal.as_str().into(),
            request: None,
        }
    }
}

/// The holder of a valid operator key: whoever runs this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// Which key it was.
    pub key: KeyId,
    /// The key as people are shown it, `ok_…6789`.
    pub hint: Arc<str>,
    /// What the key is called.
    pub name: Arc<str>,
    /// The person who asks in a browser, instead of a key.
    pub person: Option<Arc<str>>,
    /// The request that it is asking with, for the audit log. `None` outside of one.
    pub request: Option<RequestId>,
}

/// When somebody was seen, for lists of keys.
pub type LastUse = (KeyId, Scope, Timestamp);
