//! What a key may do. A secret key may do everything; a restricted key what its scopes say (contract 1.1).

use std::fmt;

macro_rules! grants {
    ($($(#[$doc:meta])* $name:ident $word:literal;)*) => {
        /// One permission, `payments:read`. The document of the API names them; a key is given them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Grant {
            $($(#[$doc])* $name,)*
        }

        impl Grant {
            /// Every grant.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As keys and errors write it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }
        }
    };
}

grants! {
    /// Look at payments.
    PaymentsRead "payments:read";
    /// Create, capture and cancel payments.
    PaymentsWrite "payments:write";
    /// Look at refunds.
    RefundsRead "refunds:read";
    /// Create and change refunds.
    RefundsWrite "refunds:write";
    /// Look at batches.
    BatchesRead "batches:read";
    /// Close batches.
    BatchesWrite "batches:write";
    /// Look at terminals.
    TerminalsRead "terminals:read";
    /// Activate, change, configure and act on terminals, and present test cards to them.
    TerminalsWrite "terminals:write";
    /// Look at locations.
    LocationsRead "locations:read";
    /// Create, change and configure locations.
    LocationsWrite "locations:write";
    /// Look at webhook endpoints and what was delivered to them.
    WebhooksRead "webhooks:read";
    /// Create, change and delete webhook endpoints; send again.
    WebhooksWrite "webhooks:write";
    /// Look at events, also as a stream.
    EventsRead "events:read";
    /// Look at the account, its settings and its audit log.
    AccountRead "account:read";
    /// Change the account's settings.
    AccountWrite "account:write";
    /// Look at API keys; never at their text.
    KeysRead "keys:read";
    /// Create, roll and revoke API keys that hold no more than the key that asks.
    KeysWrite "keys:write";
}

impl Grant {
    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|grant| grant.as_str() == text)
    }

    fn bit(self) -> u32 {
        1 << (self as u8)
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grants(u32);

impl Grants {
    /// Everything, also what does not exist yet: a secret key.
    pub const ALL: Self = Self(u32::MAX);
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// Whether the grant is among them.
    #[must_use]
    pub fn hold(self, grant: Grant) -> bool {
        self.0 & grant.bit() != 0
    }

    /// Whether everything in `other` is among them: what one key may hand to another.
    #[must_use]
    pub fn cover(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }
}

impl FromIterator<Grant> for Grants {
    fn from_iter<I: IntoIterator<Item = Grant>>(grants: I) -> Self {
        Self(grants.into_iter().fold(0, |bits, grant| bits | grant.bit()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        for one in Grant::ALL.iter().copied() {
            assert_eq!(Grant::parse(one.as_str()), Some(one));
            let set: Grants = [one].into_iter().collect();
            assert!(Grants::ALL.cover(set) && set.cover(set) && set.cover(Grants::NONE));
            assert!(!Grants::NONE.cover(set) && !set.cover(Grants::ALL));
            for other in Grant::ALL.iter().copied() {
                assert_eq!(set.hold(other), one == other);
                assert!(Grants::ALL.hold(other));
                assert!(!Grants::NONE.hold(other));
            }
        }
        assert_eq!(Grant::parse("payments:everything"), None);
    }
}
