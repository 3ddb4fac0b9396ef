//! The shared key: compared in constant time, and guarded against guessing per source address with a lock-out that
//! doubles. Knows the key's hash only.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use subtle::ConstantTimeEq as _;
use tokio::time::Instant;

/// How many wrong keys an address may send before it is locked out.
const FREE_TRIES: u32 = 5;
/// The first lock-out; each further wrong key doubles it.
const FIRST: Duration = Duration::from_secs(1);
/// The longest.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// After so long without a wrong key, an address is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(3_600);
/// How many addresses are remembered; beyond, the one that was quiet longest is forgotten.
const ADDRESSES: usize = 1_024;

/// Lets ECRs in, and one order at a time.
#[derive(Debug, Default)]
pub(in crate::lan) struct Door {
    failures: Mutex<HashMap<IpAddr, Failures>>,
    /// Held between the look for an earlier transaction of a reference and the order for it.
    pub(super) orders: tokio::sync::Mutex<()>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    wrong: u32,
    last: Instant,
    locked_until: Option<Instant>,
}

/// Why an ECR is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    NoKey,
    WrongKey,
    LockedOut { retry_after_s: u64 },
}

impl Door {
    /// Whether `key` is the one with this hash. No key was sent or there is none: nobody is let in.
    pub(super) fn admit(
        &self,
        from: IpAddr,
        key: Option<&[u8]>,
        hash: Option<&[u8; 32]>,
    ) -> Result<(), Refused> {
        let (from, now) = (network(from), Instant::now());
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let known = failures.get(&from).copied().filter(|known| now < known.last + FORGOTTEN);
        if let Some(until) = known.and_then(|known| known.locked_until).filter(|until| now < *until) {
            let left = until - now;
            return Err(Refused::LockedOut {
                retry_after_s: left.as_secs() + u64::from(left.subsec_nanos() > 0),
            });
        }
        let key = key.ok_or(Refused::NoKey)?;
        // Without a key of its own the terminal compares with nothing that hashes to anything.
        let (expected, is_set) = hash.map_or(([0; 32], false), |hash| (*hash, true));
        let same = bool::from(digest(&SHA256, key).as_ref().ct_eq(expected.as_slice()));
        if same && is_set {
            failures.remove(&from);
            return Ok(());
        }
        let wrong = known.map_or(0, |known| known.wrong).saturating_add(1);
        let locked_until = lock_out(wrong).map(|locked| now + locked);
        if failures.len() >= ADDRESSES && !failures.contains_key(&from) {
            forget_quietest(&mut failures);
        }
        failures.insert(from, Failures { wrong, last: now, locked_until });
        Err(Refused::WrongKey)
    }
}

/// For how long an address is locked out after so many wrong keys.
fn lock_out(wrong: u32) -> Option<Duration> {
    let beyond = wrong.checked_sub(FREE_TRIES)?;
    Some(FIRST.saturating_mul(1 << beyond.min(20)).min(LONGEST))
}

fn forget_quietest(failures: &mut HashMap<IpAddr, Failures>) {
    let quietest = failures.iter().min_by_key(|(_, failures)| failures.last).map(|(address, _)| *address);
    if let Some(address) = quietest {
        failures.remove(&address);
    }
}

/// One IPv6 host has 2^64 addresses of its own: its network is what counts.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => Ipv6Addr::from(u128::from(six) >> 64 << 64).into(),
        four @ IpAddr::V4(_) => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"ck_test_simulator";

    fn hash() -> [u8; 32] {
        digest(&SHA256, KEY).as_ref().try_into().unwrap()
    }

    fn at(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn guessing_is_slowed_down_for_the_guesser_alone() {
        let (door, hash) = (Door::default(), hash());
        let (guesser, ecr) = (at("192.168.1.66"), at("192.168.1.50"));
        for _ in 0..FREE_TRIES {
            assert_eq!(door.admit(guesser, Some(b"ck_live_guess"), Some(&hash)), Err(Refused::WrongKey));
        }
        // Even the right key does not help now: otherwise the lock-out would tell that a guess was right.
        assert_eq!(door.admit(guesser, Some(KEY), Some(&hash)), Err(Refused::LockedOut { retry_after_s: 1 }));
        assert_eq!(door.admit(ecr, Some(KEY), Some(&hash)), Ok(()));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(door.admit(guesser, Some(b"again"), Some(&hash)), Err(Refused::WrongKey));
        assert_eq!(door.admit(guesser, Some(KEY), Some(&hash)), Err(Refused::LockedOut { retry_after_s: 2 }));
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(door.admit(guesser, Some(KEY), Some(&hash)), Ok(()));
        assert_eq!(door.admit(guesser, Some(b"typo"), Some(&hash)), Err(Refused::WrongKey));
        assert_eq!(door.admit(guesser, Some(KEY), Some(&hash)), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_let_in_while_there_is_no_key() {
        let door = Door::default();
        assert_eq!(door.admit(at("::1"), None, Some(&hash())), Err(Refused::NoKey));
        assert_eq!(door.admit(at("::1"), Some(KEY), None), Err(Refused::WrongKey));
        assert_eq!(door.admit(at("::1"), Some(b""), None), Err(Refused::WrongKey));
    }

    #[test]
    fn the_lock_out_doubles_up_to_a_quarter_of_an_hour() {
        assert_eq!(lock_out(FREE_TRIES - 1), None);
        assert_eq!(lock_out(FREE_TRIES), Some(Duration::from_secs(1)));
        assert_eq!(lock_out(FREE_TRIES + 3), Some(Duration::from_secs(8)));
        assert_eq!(lock_out(u32::MAX), Some(LONGEST));
        assert_eq!(network(at("2001:db8::1")), network(at("2001:db8::ffff:2")));
        assert_eq!(network(at("::ffff:10.0.0.1")), at("10.0.0.1"));
    }
}
