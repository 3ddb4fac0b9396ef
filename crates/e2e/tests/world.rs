//! Worlds by seed keep every promise, in the same way every time, and have weather worth the name.

use std::collections::BTreeMap;

use vinr_e2e::world::{Config, Happening, World};

/// How many worlds a test runs: enough for every kind of fault, short enough for every change.
const SEEDS: u64 = 400;

/// Seeds whose worlds broke a promise once, each by a bug that has been mended since.
const ONCE_BROKEN: [u64; 4] = [31, 1980, 4018, 5100];

#[test]
fn every_world_keeps_every_promise_and_every_fault_happens() {
    let config = Config::default();
    let mut counts = BTreeMap::<Happening, u64>::new();
    for seed in 0..SEEDS {
        let outcome = World::run(seed, &config);
        assert!(outcome.is_clean(), "{}", outcome.report(&config));
        assert!(outcome.payments > 0, "nobody paid in world {seed}");
        for (happening, count) in outcome.counts {
            *counts.entry(happening).or_default() += count;
        }
    }
    let never: Vec<Happening> =
        Happening::all().into_iter().filter(|happening| !counts.contains_key(happening)).collect();
    assert!(never.is_empty(), "in {SEEDS} worlds there was never: {never:?}");
}

#[test]
fn what_was_mended_stays_mended() {
    let config = Config::default();
    for seed in ONCE_BROKEN {
        let outcome = World::run(seed, &config);
        assert!(outcome.is_clean(), "{}", outcome.report(&config));
    }
}

#[test]
fn the_same_seed_is_the_same_world() {
    let config = Config::default();
    let mut hashes = Vec::new();
    let seeds = (0..12).chain(ONCE_BROKEN);
    for seed in seeds.clone() {
        let (once, twice) = (World::run(seed, &config), World::run(seed, &config));
        assert_eq!((once.hash, once.events), (twice.hash, twice.events), "world {seed} differs from itself");
        hashes.push(once.hash);
    }
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), seeds.count(), "different seeds are different worlds");
}
