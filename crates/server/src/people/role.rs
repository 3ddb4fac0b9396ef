//! What a person may do for an account. Roles are sets of the grants that keys have too, so one check serves both.

use crate::access::{Grant, Grants};

/// A person's role in an account, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks, and changes nothing.
    Viewer,
    /// Takes payments, and cancels what has not been paid.
    Cashier,
    /// Runs a shop: refunds, batches, terminals, locations.
    Manager,
    /// Builds the integration: keys, webhooks, certificates, terminals; gives no money back.
    Developer,
    /// Everything, and who else may do what.
    Owner,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [Self::Viewer, Self::Cashier, Self::Manager, Self::Developer, Self::Owner];

    /// As pages and the store write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Cashier => "cashier",
            Self::Manager => "manager",
            Self::Developer => "developer",
            Self::Owner => "owner",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// What it may do.
    #[must_use]
    pub fn grants(self) -> Grants {
        let looks = [
            Grant::PaymentsRead,
            Grant::RefundsRead,
            Grant::BatchesRead,
            Grant::TerminalsRead,
            Grant::LocationsRead,
        ];
        let sells = [Grant::PaymentsWrite];
        let runs = [
            Grant::RefundsWrite,
            Grant::BatchesWrite,
            Grant::TerminalsWrite,
            Grant::LocationsWrite,
            Grant::EventsRead,
            Grant::WebhooksRead,
            Grant::AccountRead,
        ];
        let builds = [
            Grant::TerminalsWrite,
            Grant::LocationsWrite,
            Grant::EventsRead,
            Grant::WebhooksRead,
            Grant::WebhooksWrite,
            Grant::AccountRead,
            Grant::KeysRead,
            Grant::KeysWrite,
        ];
        match self {
            Self::Viewer => looks.into_iter().collect(),
            Self::Cashier => looks.into_iter().chain(sells).collect(),
            Self::Manager => looks.into_iter().chain(sells).chain(runs).collect(),
            Self::Developer => looks.into_iter().chain(sells).chain(builds).collect(),
            Self::Owner => Grants::ALL,
        }
    }

    /// Whether it says who else may do what.
    #[must_use]
    pub fn governs(self) -> bool {
        self == Self::Owner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_looks_only_some_give_money_back_or_make_keys() {
        let may = |grant| Role::ALL.into_iter().filter(|role| role.grants().hold(grant)).collect::<Vec<_>>();
        assert_eq!(may(Grant::PaymentsRead), Role::ALL);
        assert_eq!(may(Grant::RefundsWrite), [Role::Manager, Role::Owner]);
        assert_eq!(may(Grant::KeysWrite), [Role::Developer, Role::Owner]);
        assert_eq!(may(Grant::AccountWrite), [Role::Owner]);
        assert!(Role::ALL.into_iter().all(|role| Role::parse(role.as_str()) == Some(role)));
    }
}
