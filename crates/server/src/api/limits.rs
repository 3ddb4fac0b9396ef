//! How often a key may ask (contract 2.4): token buckets, reads and writes apart, and one per payment that is polled.
//! Counts only; the answer to a caller who asks too often is written elsewhere.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};
use governor::clock::Clock as GovernorClock;
use governor::middleware::{NoOpMiddleware, StateInformationMiddleware, StateSnapshot};
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{NotUntil, RateLimiter};
use vinr_domain::PaymentId;

use crate::access::{KeyId, Principal};
use crate::clock::Clock;
use crate::settings::{Quota, RateLimits};

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Buckets of polled payments are swept after this many polls, so that there are never many more of them than polls
/// that are still held against somebody.
const POLLS_BETWEEN_SWEEPS: u32 = 4096;

/// What the caller is told about the bucket its request was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    limit: u32,
    remaining: u32,
    /// When the bucket is full again, Unix seconds.
    reset_at_s: i64,
}

impl Standing {
    /// Writes the three headers.
    pub(super) fn write(self, headers: &mut HeaderMap) {
        headers.insert(LIMIT, self.limit.into());
        headers.insert(REMAINING, self.remaining.into());
        headers.insert(RESET, self.reset_at_s.into());
    }
}

/// The request came too early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMany {
    /// The state of the empty bucket.
    pub(super) standing: Standing,
    /// When the next request will be taken, in whole seconds, at least 1.
    pub(super) retry_after_s: u64,
}

/// The time as the buckets see it.
#[derive(Clone)]
struct Ticks(Arc<dyn Clock>);

impl GovernorClock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::new(self.0.monotonic_ms().max(0).unsigned_abs() * 1_000_000)
    }
}

/// Buckets of one size.
struct Buckets<K: Hash + Eq + Clone> {
    limiter: RateLimiter<K, DashMapStateStore<K>, Ticks, StateInformationMiddleware>,
    quota: Quota,
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    /// `None` for no limit. A quota of zero would never let anybody in and counts as one.
    fn new(quota: Option<Quota>, clock: &Arc<dyn Clock>) -> Option<Self> {
        let quota = quota.map(|q| Quota { per_second: q.per_second.max(1), burst: q.burst.max(1) })?;
        let burst = NonZeroU32::new(quota.burst)?;
        let size = governor::Quota::per_second(NonZeroU32::new(quota.per_second)?).allow_burst(burst);
        let ticks = Ticks(Arc::clone(clock));
        let limiter =
            RateLimiter::<K, _, _, NoOpMiddleware<Nanos>>::new(size, DashMapStateStore::default(), ticks);
        Some(Self { limiter: limiter.with_middleware(), quota })
    }

    fn take(&self, key: &K) -> Result<StateSnapshot, NotUntil<Nanos>> {
        self.limiter.check_key(key)
    }

    fn standing(&self, remaining: u32, clock: &dyn Clock) -> Standing {
        let missing = i64::from(self.quota.burst - remaining.min(self.quota.burst));
        let full_in_ms = missing * 1000 / i64::from(self.quota.per_second);
        let reset_at_s = clock.wall().plus_ms(full_in_ms + 999).unix_seconds();
        Standing { limit: self.quota.burst, remaining, reset_at_s }
    }

    fn check(&self, key: &K, clock: &dyn Clock) -> Result<Standing, TooMany> {
        match self.take(key) {
            Ok(state) => Ok(self.standing(state.remaining_burst_capacity(), clock)),
            Err(refusal) => {
                let wait = refusal.wait_time_from(self.limiter.clock().now());
                let retry_after_s = wait.as_millis().div_ceil(1000).max(1);
                let retry_after_s = u64::try_from(retry_after_s).unwrap_or(Duration::MAX.as_secs());
                Err(TooMany { standing: self.standing(0, clock), retry_after_s })
            }
        }
    }
}

/// The buckets of keys of one mode.
struct PerKey {
    reads: Option<Buckets<KeyId>>,
    writes: Option<Buckets<KeyId>>,
}

impl PerKey {
    fn new(quota: Option<Quota>, clock: &Arc<dyn Clock>) -> Self {
        Self { reads: Buckets::new(quota, clock), writes: Buckets::new(quota, clock) }
    }
}

/// All buckets.
pub(super) struct Limits {
    test: PerKey,
    live: PerKey,
    polls: Option<Buckets<(KeyId, PaymentId)>>,
    polled: AtomicU32,
    clock: Arc<dyn Clock>,
}

impl Limits {
    pub(super) fn new(settings: &RateLimits, clock: Arc<dyn Clock>) -> Self {
        Self {
            test: PerKey::new(settings.test, &clock),
            live: PerKey::new(settings.live, &clock),
            polls: Buckets::new(settings.polling, &clock),
            polled: AtomicU32::new(0),
            clock,
        }
    }

    /// Takes the request out of its buckets. `polled`: the payment, when the request retrieves one.
    /// `None` when nothing limits it; otherwise the standing of the bucket that has less left.
    pub(super) fn take(
        &self,
        who: &Principal,
        writes: bool,
        polled: Option<PaymentId>,
    ) -> Result<Option<Standing>, TooMany> {
        let key = self.take_one(who.key, who.scope.livemode, writes)?;
        let (Some(id), Some(polls)) = (polled, &self.polls) else { return Ok(key) };
        self.sweep(polls);
        let poll = polls.check(&(who.key, id), &*self.clock)?;
        Ok(Some(key.filter(|key| key.remaining <= poll.remaining).unwrap_or(poll)))
    }

    /// Takes a request out of the bucket of its key. Operators are limited as live keys are.
    pub(super) fn take_one(
        &self,
        key: KeyId,
        livemode: bool,
        writes: bool,
    ) -> Result<Option<Standing>, TooMany> {
        let mode = if livemode { &self.live } else { &self.test };
        let buckets = if writes { &mode.writes } else { &mode.reads };
        buckets.as_ref().map(|buckets| buckets.check(&key, &*self.clock)).transpose()
    }

    /// Forgets the buckets that are full again.
    fn sweep(&self, polls: &Buckets<(KeyId, PaymentId)>) {
        if self.polled.fetch_add(1, Ordering::Relaxed) % POLLS_BETWEEN_SWEEPS == POLLS_BETWEEN_SWEEPS - 1 {
            polls.limiter.retain_recent();
            polls.limiter.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicI64;

    use vinr_domain::Timestamp;

    use super::*;
    use crate::access::sample;

    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn wall(&self) -> Timestamp {
            Timestamp(1_700_000_000_000 + self.monotonic_ms())
        }

        fn monotonic_ms(&self) -> i64 {
            self.0.load(Ordering::Relaxed)
        }
    }

    fn limits(settings: &RateLimits) -> (Limits, Arc<Hand>) {
        let hand = Arc::new(Hand(AtomicI64::new(0)));
        (Limits::new(settings, Arc::clone(&hand) as Arc<dyn Clock>), hand)
    }

    fn small() -> RateLimits {
        RateLimits {
            test: Some(Quota { per_second: 2, burst: 3 }),
            live: None,
            polling: Some(Quota { per_second: 1, burst: 2 }),
        }
    }

    #[test]
    fn a_bucket_empties_and_fills_again_with_time() {
        let (limits, hand) = limits(&small());
        let who = sample("sk_test_a");
        let left: Vec<u32> =
            (0..3).map(|_| limits.take(&who, true, None).unwrap().unwrap().remaining).collect();
        assert_eq!(left, [2, 1, 0]);
        let refused = limits.take(&who, true, None).unwrap_err();
        assert_eq!((refused.standing.limit, refused.standing.remaining, refused.retry_after_s), (3, 0, 1));
        assert_eq!(refused.standing.reset_at_s, 1_700_000_002);
        assert!(limits.take(&who, false, None).is_ok(), "reads have a bucket of their own");
        assert!(limits.take(&sample("sk_test_b"), true, None).is_ok(), "so has another key");
        hand.0.store(499, Ordering::Relaxed);
        assert!(limits.take(&who, true, None).is_err());
        hand.0.store(500, Ordering::Relaxed);
        assert!(limits.take(&who, true, None).is_ok());
    }

    #[test]
    fn polling_one_payment_is_limited_and_another_payment_is_not() {
        let (limits, hand) = limits(&small());
        let who = sample("sk_live_a");
        let poll = |id| limits.take(&who, false, Some(PaymentId(id)));
        assert_eq!(limits.take(&who, false, None), Ok(None), "live has no limit here");
        assert!(poll(1).is_ok() && poll(1).is_ok());
        assert_eq!(poll(1).unwrap_err().retry_after_s, 1);
        assert!(poll(2).is_ok());
        hand.0.store(1000, Ordering::Relaxed);
        assert!(poll(1).is_ok());
    }

    #[test]
    fn polled_payments_are_forgotten() {
        let (limits, hand) = limits(&RateLimits { test: None, ..small() });
        let who = sample("sk_test_a");
        for id in 0..u128::from(POLLS_BETWEEN_SWEEPS) * 4 {
            hand.0.fetch_add(10, Ordering::Relaxed);
            limits.take(&who, false, Some(PaymentId(id))).unwrap();
        }
        let kept = limits.polls.as_ref().unwrap().limiter.len();
        assert!(kept <= 2 * POLLS_BETWEEN_SWEEPS as usize, "{kept} buckets");
    }
}
