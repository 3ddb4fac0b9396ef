//! The fallback of a till from its terminal to the cloud: 192 cases against the real code, each of which comes to its
//! moment and keeps every promise.

use std::collections::BTreeMap;

use vinr_e2e::world::{Case, Config, Happening};

/// How often each case is played: twice for each half of what a jitter decides. `cargo xtask sim --matrix` plays more.
const JITTERS: u64 = 4;

/// What a matrix worth the name has seen.
const SEEN: [Happening; 5] = [
    Happening::CancelWon,
    Happening::Crashed,
    Happening::Orphaned,
    Happening::TurnedToCloud,
    Happening::LateAnswerIgnored,
];

#[test]
fn every_case_comes_to_its_moment_and_keeps_every_promise() {
    let config = Config::default();
    let mut counts = BTreeMap::<Happening, u64>::new();
    for case in Case::all() {
        for jitter in 0..JITTERS {
            let outcome = case.run(jitter, &config);
            assert!(outcome.is_clean(), "{}", outcome.report(&config));
            for (happening, count) in outcome.counts {
                *counts.entry(happening).or_default() += count;
            }
        }
    }
    let never: Vec<Happening> = SEEN.into_iter().filter(|seen| !counts.contains_key(seen)).collect();
    assert!(never.is_empty(), "in the whole matrix there was never: {never:?}");
}

#[test]
fn a_case_and_its_jitter_are_one_run() {
    let config = Config::default();
    for case in Case::all().into_iter().step_by(37) {
        let (once, twice) = (case.run(5, &config), case.run(5, &config));
        assert_eq!((once.hash, once.events), (twice.hash, twice.events), "{case} differs from itself");
        assert_ne!(once.hash, case.run(6, &config).hash, "{case} has no jitter");
    }
}
