//! What a batch is made of, for people who look at it. Changes nothing.

use vinr_domain::batch::Status;
use vinr_wire::rest::batch::BatchView;

use super::service::Batches;
use crate::access::Principal;
use crate::refusal::Refusal;
use crate::store::{BrandSum, Lot, Tender};

/// Where the payments of the batch are found: an open one holds what waits for it.
#[must_use]
pub fn lot_of(batch: &BatchView) -> Lot {
    match batch.status {
        Status::Open => {
            Lot::Open(Tender { terminal: batch.terminal_id.as_str().into(), currency: batch.currency })
        }
        Status::Closing | Status::Closed => Lot::Batch(batch.id),
    }
}

impl Batches {
    /// What each network's cards took in the batch.
    ///
    /// # Errors
    /// That the store cannot answer.
    pub async fn brands(&self, who: &Principal, batch: &BatchView) -> Result<Vec<BrandSum>, Refusal> {
        Ok(self.ledger.office.store.sum_brands(&who.scope, &lot_of(batch)).await?)
    }
}
