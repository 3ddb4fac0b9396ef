//! Makes names: time-ordered 128-bit numbers in the layout of a UUIDv7 (RFC 9562 section 5.7). Knows nothing of what
//! they name.

use std::sync::{Mutex, PoisonError};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha12Rng;
use vinr_domain::Timestamp;

/// The source of names of one process. Names made in the same millisecond rise. When the clock goes back, so do the
/// names: a name tells when its thing was made, and lists are ordered by it.
#[derive(Debug)]
pub struct Names {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    rng: ChaCha12Rng,
    last: u128,
}

impl Names {
    /// A source that draws from `seed`. Two processes must not share a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: Mutex::new(State { rng: ChaCha12Rng::seed_from_u64(seed), last: 0 }) }
    }

    /// The next name, made at `now`.
    #[must_use]
    pub fn next(&self, now: Timestamp) -> u128 {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let random = (u128::from(state.rng.next_u64()) << 64) | u128::from(state.rng.next_u64());
        let time = u128::from(now.0.clamp(0, 0xFFFF_FFFF_FFFF).unsigned_abs()) << 80;
        let version_and_variant = (0x7_u128 << 76) | (0b10_u128 << 62);
        let random_bits = (0xFFF_u128 << 64) | ((1_u128 << 62) - 1);
        let name = time | version_and_variant | (random & random_bits);
        let same_moment = name >> 80 == state.last >> 80;
        state.last = if same_moment { name.max(state.last + 1) } else { name };
        state.last
    }

    /// A number with nothing in it: for jitter and stream names.
    #[must_use]
    pub fn draw(&self) -> u64 {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).rng.next_u64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_rise_within_a_moment_and_follow_the_clock() {
        let names = Names::new(7);
        let made: Vec<u128> = [5, 5, 5, 3, 9].map(|ms| names.next(Timestamp(ms))).to_vec();
        assert!(made[..3].is_sorted_by(|a, b| a < b));
        assert_eq!(made.iter().map(|name| name >> 80).collect::<Vec<_>>(), [5, 5, 5, 3, 9]);
        assert_eq!((made[0] >> 76) & 0xF, 7);
    }
}
