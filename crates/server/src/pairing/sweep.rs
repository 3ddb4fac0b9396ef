//! Ends pairings that took too long, and forgets those that have ended. Everything it needs is in the store.

use std::time::Duration;

use vinr_domain::pairing::Event;

use super::Pairing;
use super::record::PairingRow;
use crate::refusal::Refusal;
use crate::store::{Change, Kept, Transaction};

/// How often the store is asked for what is due.
const EVERY: Duration = Duration::from_secs(5);
const AT_ONCE: u32 = 200;

impl Pairing {
    pub(super) async fn sweep(self) {
        loop {
            tokio::time::sleep(EVERY).await;
            if let Err(error) = self.sweep_once().await {
                tracing::error!(%error, "pairings that are over cannot be ended; it is tried again");
            }
        }
    }

    async fn sweep_once(&self) -> Result<(), Refusal> {
        let _turn = self.turn.lock().await;
        let due = self.office.store.due_across_accounts::<PairingRow>(self.office.now(), AT_ONCE).await?;
        for kept in due {
            let id = kept.value.id;
            if let Err(error) = self.end_one(kept).await {
                tracing::error!(pairing = %id, %error, "a pairing cannot be ended; it is tried again");
            }
        }
        Ok(())
    }

    async fn end_one(&self, kept: Kept<PairingRow>) -> Result<(), Refusal> {
        if kept.value.state.expires_at().is_some() {
            return self.end_with(kept, Event::Lapsed).await.map(|_state| ());
        }
        let row = kept.value;
        let changes = vec![Change::delete::<PairingRow>(&row.scope, &row.id.to_string())];
        Ok(self.office.store.commit(Transaction { changes }).await?)
    }
}
