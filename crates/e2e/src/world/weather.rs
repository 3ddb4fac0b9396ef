//! How likely things go wrong in one world. Drawn once from the seed: some worlds are calm in one way and wild in
//! another. When the storm is over, nothing goes wrong any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rand::RngExt as _;
use vinr_sandbox::faults::Rates;

use super::streams::stream;

/// Likelihoods, each in thousandths per occasion unless it says otherwise.
#[derive(Clone, Debug)]
pub(super) struct Weather {
    over: Arc<AtomicBool>,
    /// Per frame.
    pub(super) frame_lost: u32,
    /// Per frame.
    pub(super) frame_duplicated: u32,
    /// Per frame.
    pub(super) frame_reordered: u32,
    /// Per frame.
    pub(super) frame_delayed: u32,
    /// Per commit, before and after each.
    pub(super) commit_crash: u32,
    /// Per commit.
    pub(super) commit_slow: u32,
    /// Per crash point that a terminal passes.
    pub(super) power_loss: u32,
    /// Per request of a till, there and back each.
    pub(super) till_lost: u32,
    /// Per message to the issuer.
    pub(super) issuer: Rates,
    /// Mean pause between two blows of chaos, in milliseconds.
    pub(super) blow_every_ms: u64,
    /// Nobody sets the server's clock. Only then may a terminal forget soon: a clock that goes back gives leases that
    /// have ended a second life, and a day's memory outlives that, a minute's does not.
    pub(super) steady_clock: bool,
}

impl Weather {
    pub(super) fn draw(seed: u64) -> Self {
        let mut rng = stream(seed, "weather", 0);
        // Calm, ordinary or wild, each kind of fault by itself.
        let mut of = |permille: u32| permille * [0, 1, 1, 3][rng.random_range(0..4_usize)];
        let issuer_scale = u16::try_from(of(1)).unwrap_or(0);
        Self {
            over: Arc::default(),
            frame_lost: of(15),
            frame_duplicated: of(15),
            frame_reordered: of(15),
            frame_delayed: of(15),
            commit_crash: of(10),
            commit_slow: of(25),
            power_loss: of(20),
            till_lost: of(20),
            issuer: Rates {
                silent_permille: 40 * issuer_scale,
                late_permille: 40 * issuer_scale,
                answer_lost_permille: 50 * issuer_scale,
                duplicated_permille: 40 * issuer_scale,
                latest_ms: 40_000,
            },
            blow_every_ms: [4_000, 8_000, 20_000][rng.random_range(0..3_usize)],
            steady_clock: rng.random_bool(0.4),
        }
    }

    /// Nothing goes wrong by itself.
    pub(super) fn calm() -> Self {
        Self {
            over: Arc::default(),
            frame_lost: 0,
            frame_duplicated: 0,
            frame_reordered: 0,
            frame_delayed: 0,
            commit_crash: 0,
            commit_slow: 0,
            power_loss: 0,
            till_lost: 0,
            issuer: Rates::default(),
            blow_every_ms: 1,
            steady_clock: true,
        }
    }

    /// From now on nothing goes wrong.
    pub(super) fn clear_up(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}
