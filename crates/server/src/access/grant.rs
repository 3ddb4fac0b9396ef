//! What a key may do. A secret key may do everything; a restricted key what its scopes say (contract 1.1).

use std::fmt;

/// One permission, `payments:read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Grant {
    /// Look at payments.
    PaymentsRead,
    /// Create, capture and cancel payments.
    PaymentsWrite,
    /// Look at terminals.
    TerminalsRead,
    /// Change terminals, and present test cards to them.
    TerminalsWrite,
}

impl Grant {
    /// Every grant.
    pub const ALL: [Self; 4] =
        [Self::PaymentsRead, Self::PaymentsWrite, Self::TerminalsRead, Self::TerminalsWrite];

    /// As keys and errors write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PaymentsRead => "payments:read",
            Self::PaymentsWrite => "payments:write",
            Self::TerminalsRead => "terminals:read",
            Self::TerminalsWrite => "terminals:write",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.as_str() == text)
    }

    fn bit(self) -> u8 {
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
pub struct Grants(u8);

impl Grants {
    /// Everything, also what does not exist yet: a secret key.
    pub const ALL: Self = Self(u8::MAX);
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// Whether the grant is among them.
    #[must_use]
    pub fn hold(self, grant: Grant) -> bool {
        self.0 & grant.bit() != 0
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
        for one in Grant::ALL {
            assert_eq!(Grant::parse(one.as_str()), Some(one));
            let set: Grants = [one].into_iter().collect();
            for other in Grant::ALL {
                assert_eq!(set.hold(other), one == other);
                assert!(Grants::ALL.hold(other));
                assert!(!Grants::NONE.hold(other));
            }
        }
        assert_eq!(Grant::parse("payments:everything"), None);
    }
}
