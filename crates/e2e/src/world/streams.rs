//! Randomness: one seed, and an independent stream of numbers for every part of a world, so that one part drawing
//! once more does not change what happens to all the others.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// The offset basis and the prime of the 64-bit FNV-1a hash.
const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

/// A hash that is the same on every machine and in every version of the standard library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StableHash(pub(super) u64);

impl StableHash {
    pub(super) fn new() -> Self {
        Self(FNV_BASIS)
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(FNV_PRIME);
        }
    }
}

/// The stream of the part called `name`, of which there may be several.
pub(super) fn stream(seed: u64, name: &str, index: u64) -> ChaCha8Rng {
    let mut hash = StableHash::new();
    hash.update(name.as_bytes());
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&hash.0.to_le_bytes());
    key[16..24].copy_from_slice(&index.to_le_bytes());
    ChaCha8Rng::from_seed(key)
}

/// A seed for a part that wants one.
pub(super) fn seed_of(seed: u64, name: &str, index: u64) -> u64 {
    stream(seed, name, index).next_u64()
}
