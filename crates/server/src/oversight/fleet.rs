//! The terminals of all accounts, counted.

use std::collections::BTreeMap;
use std::sync::Arc;

use vinr_domain::Timestamp;
use vinr_domain::terminal::{Reason, Status};

use super::{Oversight, links_granted};
use crate::fleet::view;
use crate::gateway::TerminalKey;
use crate::identities::CertificateRow;
use crate::refusal::Refusal;
use crate::store::Scope;

/// A certificate that ends within this time is shown, in milliseconds: 14 days.
const SOON_MS: i64 = 14 * 24 * 3_600_000;
/// How many certificates are looked at, and terminals named.
const ENDING: u32 = 100;

/// How the terminals of all accounts are.
#[derive(Clone, Debug, Default)]
pub struct FleetHealth {
    /// How many have each status.
    pub statuses: BTreeMap<Status, u64>,
    /// How many run each version; those that were never connected have none.
    pub versions: BTreeMap<Arc<str>, u64>,
    /// How many want attention for each reason.
    pub reasons: BTreeMap<Reason, u64>,
    /// Terminals whose certificate ends soon, the soonest first.
    pub ending: Vec<Ending>,
    /// How many links are up.
    pub links: u64,
    /// How many links have been granted since the server began.
    pub links_since: u64,
    /// When it began.
    pub since: Timestamp,
}

/// A terminal whose certificate ends soon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Whose.
    pub scope: Scope,
    /// Which terminal.
    pub terminal: String,
    /// The certificate's last moment.
    pub not_after: Timestamp,
}

impl Oversight {
    /// How the terminals are now.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn fleet(&self) -> Result<FleetHealth, Refusal> {
        let since = self.began_at;
        let mut health = FleetHealth { since, ..FleetHealth::default() };
        for terminal in self.directory.all() {
            let view = view(&terminal);
            let status = Status::ALL.into_iter().find(|status| status.as_str() == view.status);
            if let Some(status) = status {
                *health.statuses.entry(status).or_default() += 1;
            }
            if status == Some(Status::Deactivated) {
                continue;
            }
            if let Some(version) = view.software_version {
                *health.versions.entry(version).or_default() += 1;
            }
            for reason in view.attention.iter().filter_map(|word| Reason::parse(word)) {
                *health.reasons.entry(reason).or_default() += 1;
            }
            health.links += u64::from(terminal.is_online());
        }
        health.links_since = links_granted(&self.directory).saturating_sub(self.links_before);
        health.ending = self.ending().await?;
        Ok(health)
    }

    /// Certificates that end soon, of terminals that are in service and have no newer one.
    async fn ending(&self) -> Result<Vec<Ending>, Refusal> {
        let soon = self.office.now().plus_ms(SOON_MS);
        let due = self.office.store.due_across_accounts::<CertificateRow>(soon, ENDING).await?;
        let mut last = BTreeMap::<TerminalKey, Timestamp>::new();
        for row in due.into_iter().map(|kept| kept.value).filter(|row| row.revoked_at.is_none()) {
            let key = TerminalKey { scope: row.scope, id: row.terminal };
            let not_after = last.entry(key).or_insert(row.not_after);
            *not_after = row.not_after.max(*not_after);
        }
        let mut ending = Vec::new();
        for (key, not_after) in last {
            let Some(terminal) = self.directory.find(&key) else { continue };
            let renewed = terminal.certificate().is_some_and(|leaf| leaf.not_after > soon);
            if !renewed && !terminal.read(|row| row.deactivated) {
                ending.push(Ending { scope: key.scope, terminal: key.id.to_string(), not_after });
            }
        }
        ending.sort_by_key(|one| one.not_after);
        Ok(ending)
    }
}
