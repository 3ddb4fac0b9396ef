//! How often somebody may try: counts within a window that slides, in memory. What a restart forgets, an attacker
//! cannot cause.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use super::Tries;

/// Above this many, those who have not tried for a while are forgotten.
const SWEEP_ABOVE: usize = 4_096;

/// Tries by key.
#[derive(Debug)]
pub(super) struct Attempts<K> {
    allowed: Tries,
    seen: Mutex<HashMap<K, Vec<i64>>>,
}

impl<K: Hash + Eq> Attempts<K> {
    pub(super) fn new(allowed: Tries) -> Self {
        Self { allowed, seen: Mutex::default() }
    }

    /// Whether another try is allowed.
    ///
    /// # Errors
    /// After how many seconds it will be.
    pub(super) fn check(&self, key: &K, now_ms: i64) -> Result<(), u64> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(tries) = seen.get(key) else { return Ok(()) };
        let recent = tries.iter().filter(|at| now_ms - **at < self.allowed.within_ms);
        let (count, oldest) = recent.fold((0, now_ms), |(count, oldest), at| (count + 1, oldest.min(*at)));
        if count < self.allowed.most {
            return Ok(());
        }
        let wait_ms = (oldest + self.allowed.within_ms - now_ms).max(1);
        Err(wait_ms.unsigned_abs().div_ceil(1_000))
    }

    /// There was one; `true` when it was the last that is allowed.
    pub(super) fn note(&self, key: K, now_ms: i64) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = |at: &i64| now_ms - *at < self.allowed.within_ms;
        if seen.len() > SWEEP_ABOVE {
            seen.retain(|_, tries| tries.iter().any(recent));
        }
        let tries = seen.entry(key).or_default();
        tries.retain(recent);
        tries.push(now_ms);
        tries.len() >= self.allowed.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_counted_for_each_and_forgotten_one_by_one() {
        let attempts = Attempts::new(Tries { most: 3, within_ms: 1_000 });
        for at in [0, 100, 200] {
            assert_eq!(attempts.check(&"a", at), Ok(()));
            assert_eq!(attempts.note("a", at), at == 200);
        }
        assert_eq!(attempts.check(&"a", 300), Err(1));
        assert_eq!(attempts.check(&"b", 300), Ok(()), "somebody else");
        assert_eq!(attempts.check(&"a", 999), Err(1));
        assert_eq!(attempts.check(&"a", 1_000), Ok(()), "the first is forgotten");
        attempts.note("a", 1_000);
        assert_eq!(attempts.check(&"a", 1_050), Err(1));
    }

    #[test]
    fn those_who_no_longer_try_are_not_kept() {
        let attempts = Attempts::new(Tries { most: 3, within_ms: 1_000 });
        for key in 0..20_000_i64 {
            attempts.note(key, key);
        }
        assert!(attempts.seen.lock().unwrap().len() <= SWEEP_ABOVE + 1);
    }
}
