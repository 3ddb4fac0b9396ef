//! The device's storage key and the randomness for what it seals. The key stays in here.

use bytes::Bytes;
use rand::Rng as _;
use vinr_wire::card::kept::{ENTROPY_BYTES, KeepContext, keep, take};
use vinr_wire::card::{SealError, SealedCard, StorageKey};
use zeroize::Zeroizing;

/// Seals cards that wait on this device's disk. Takes randomness from the system: what seals must not follow from a
/// simulated world's seed, and nothing that a terminal does depends on it.
#[derive(Debug)]
pub struct Vault {
    key: StorageKey,
}

impl Vault {
    /// A vault of the device with this key.
    #[must_use]
    pub fn new(key: StorageKey) -> Self {
        Self { key }
    }

    pub(crate) fn keep(&self, card: &SealedCard, context: KeepContext<'_>) -> Bytes {
        let mut entropy = Zeroizing::new([0; ENTROPY_BYTES]);
        rand::rng().fill_bytes(&mut *entropy);
        keep(card, &self.key, context, &entropy)
    }

    pub(crate) fn take(&self, kept: &[u8], context: KeepContext<'_>) -> Result<SealedCard, SealError> {
        take(kept, &self.key, context)
    }
}
