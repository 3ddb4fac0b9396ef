//! What the store knows of completed payments that no batch holds yet. Joining one is a change like every other
//! ([`super::Change::JoinBatch`]); what a batch says is its owner's record.

use std::sync::Arc;

use vinr_domain::{BatchId, Brand, Currency, PaymentId, Timestamp};

use super::port::{Pending, Scope, StoreError};

/// What a batch is of: a terminal and a currency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tender {
    /// The terminal.
    pub terminal: Arc<str>,
    /// The currency.
    pub currency: Currency,
}

/// A completed payment that the acquirer has nothing left to be told of and that no batch holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unbatched {
    /// The payment.
    pub id: PaymentId,
    /// What it took, in minor units.
    pub captured_minor: i64,
}

/// Sums over the completed payments of a tender that no batch holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnbatchedSums {
    /// How many could join one now.
    pub count: u32,
    /// What these took, in minor units.
    pub captured_minor: i64,
    /// How many cannot: the acquirer has not acknowledged their capture.
    pub unacknowledged: u32,
}

/// A tender with completed payments that no batch holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnbatchedTender {
    /// Whose.
    pub scope: Scope,
    /// Which.
    pub tender: Tender,
    /// When the first of them was completed.
    pub first_at: Timestamp,
}

/// Completed payments that are settled together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lot {
    /// In this batch.
    Batch(BatchId),
    /// Of this tender, in no batch yet.
    Open(Tender),
}

/// What the cards of one network took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrandSum {
    /// The network.
    pub brand: Brand,
    /// How many payments.
    pub count: u32,
    /// What they took, in minor units.
    pub captured_minor: i64,
}

/// The reads that batches are made from.
pub trait BatchReads: Send + Sync + 'static {
    /// Payments of the tender that a batch can take, completed at or before `up_to`, the earliest first, at most
    /// `limit`.
    fn list_unbatched(
        &self,
        scope: &Scope,
        tender: &Tender,
        up_to: Timestamp,
        limit: u32,
    ) -> Pending<'_, Result<Vec<Unbatched>, StoreError>>;

    /// What is in no batch yet.
    fn sum_unbatched(&self, scope: &Scope, tender: &Tender)
    -> Pending<'_, Result<UnbatchedSums, StoreError>>;

    /// What each network's cards took in the lot, by the network's name.
    fn sum_brands(&self, scope: &Scope, lot: &Lot) -> Pending<'_, Result<Vec<BrandSum>, StoreError>>;

    /// Every tender that has payments a batch could take.
    fn list_unbatched_tenders_across_accounts(&self)
    -> Pending<'_, Result<Vec<UnbatchedTender>, StoreError>>;
}
