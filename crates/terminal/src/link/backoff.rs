//! How long to wait before the link is tried again. Draws jitter from the generator it is given; reads no clock.

use std::time::Duration;

use rand::{Rng, RngExt as _};

use crate::settings::Settings;

/// Why the last connection is no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It could not be made, or broke; it had lived this long.
    Lost {
        /// Since it was established; zero if it never was.
        lived: Duration,
    },
    /// A newer link of the same terminal has taken over: two devices with one identity must not chase each other.
    Superseded,
    /// The cloud refused, and will until somebody acts.
    Rejected,
}

/// Exponential back-off with full jitter: after a failure of the cloud a thousand terminals that lost it in the same
/// second come back spread out.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The pause after one more ending.
    pub(crate) fn pause(&mut self, ending: Ending, settings: &Settings, rng: &mut impl Rng) -> Duration {
        let ceiling = match ending {
            Ending::Lost { lived } => {
                if lived >= settings.backoff_reset_after {
                    self.failures = 0;
                }
                let doubled = settings.backoff_first.saturating_mul(1 << self.failures.min(20));
                self.failures = self.failures.saturating_add(1);
                return jittered(Duration::ZERO, doubled.min(settings.backoff_longest), rng);
            }
            Ending::Superseded => settings.backoff_longest,
            Ending::Rejected => settings.rejected_pause,
        };
        jittered(ceiling / 2, ceiling, rng)
    }
}

fn jittered(least: Duration, most: Duration, rng: &mut impl Rng) -> Duration {
    let range_ms = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(rng.random_range(range_ms(least)..=range_ms(most).max(range_ms(least))))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    const BROKEN: Ending = Ending::Lost { lived: Duration::ZERO };

    /// The longest pause among many draws after `failures` failures.
    fn longest(failures: u32, settings: &Settings) -> Duration {
        let mut rng = ChaCha8Rng::seed_from_u64(u64::from(failures));
        (0..2_000).map(|_| Backoff { failures }.pause(BROKEN, settings, &mut rng)).max().unwrap()
    }

    #[test]
    fn pauses_grow_to_their_limit_and_no_further() {
        let settings = Settings::default();
        assert!((200..=250).contains(&longest(0, &settings).as_millis()));
        assert!((1_800..=2_000).contains(&longest(3, &settings).as_millis()));
        assert!((27_000..=30_000).contains(&longest(40, &settings).as_millis()));
    }

    #[test]
    fn a_link_that_lived_starts_the_pauses_over() {
        let settings = Settings::default();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut backoff = Backoff { failures: 12 };
        let pause = backoff.pause(Ending::Lost { lived: Duration::from_secs(61) }, &settings, &mut rng);
        assert!(pause <= settings.backoff_first);
        assert_eq!(backoff.failures, 1);
    }

    #[test]
    fn a_refusal_is_not_tried_again_soon() {
        let settings = Settings::default();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..100 {
            let rejected = Backoff::default().pause(Ending::Rejected, &settings, &mut rng);
            assert!(rejected >= settings.rejected_pause / 2);
            let superseded = Backoff::default().pause(Ending::Superseded, &settings, &mut rng);
            assert!(superseded >= settings.backoff_longest / 2);
        }
    }
}
