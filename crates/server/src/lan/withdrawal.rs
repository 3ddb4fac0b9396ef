//! What let tills into a terminal's network ends with the terminal's service: every client certificate in force, and the
//! shared key. Written by whoever takes the terminal out of service, in that transaction.

use tokio::sync::MutexGuard;

use super::row::{ClientCertificateRow, EndReason};
use super::service::Lan;
use super::settings::write;
use crate::gateway::TerminalKey;
use crate::store::{Change, StoreError};

/// What is to be written; while it is held, nothing else is let in.
#[must_use = "what is not written is not withdrawn"]
pub struct Withdrawal<'a> {
    lan: &'a Lan,
    key: TerminalKey,
    _turn: MutexGuard<'a, ()>,
    /// The records to be written together with the terminal's.
    pub changes: Vec<Change>,
}

impl Lan {
    /// What has to be written when the terminal is taken out of service. The caller does not hold the terminal's turn yet:
    /// whoever changes who may speak to a terminal takes the turns in this order.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn withdrawal(&self, key: &TerminalKey) -> Result<Withdrawal<'_>, StoreError> {
        let turn = self.shared.turn.lock().await;
        let (now, reason) = (self.shared.office.now(), EndReason::TerminalDeactivated);
        let mut changes = Vec::new();
        for kept in self.certificates(key).await? {
            let row = kept.value;
            if row.revoked_at.is_none() && row.not_after >= now {
                let ended = ClientCertificateRow { revoked_at: Some(now), revoked_because: reason, ..row };
                changes.push(Change::update(&ended, kept.revision));
            }
        }
        let asked = self.asked(key).await?;
        if asked.value.cashless_key.is_some() {
            changes.push(write(&asked.value.clone().without_key(now, reason), &asked));
        }
        Ok(Withdrawal { lan: self, key: key.clone(), _turn: turn, changes })
    }
}

impl Withdrawal<'_> {
    /// It has been written.
    pub fn done(self) {
        self.lan.changed(&self.key);
    }
}
