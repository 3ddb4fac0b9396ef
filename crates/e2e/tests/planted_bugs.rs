//! The world can fail: each planted protocol bug is found, in worlds that are clean without it.

use vinr_e2e::world::{Bug, Config, World};

/// In how many worlds a bug must show.
const SEEDS: u64 = 400;

fn first_seed_that_shows(bug: Bug) -> Option<u64> {
    let config = Config { bug: Some(bug), ..Config::default() };
    (0..SEEDS).find(|seed| !World::run(*seed, &config).is_clean())
}

/// Bugs that lose or double money, or say what is not so. One more, `IgnoreTombstone`, shows in no world: the
/// cloud's fence refuses what a forgotten cancel would let through, and the terminal's own tests look for it.
#[test]
fn every_planted_bug_is_found() {
    let names = [
        "SilenceIsDecline",
        "AskBeforeCommit",
        "ReverseOnce",
        "SkipJournalSync",
        "RestartKnownIntent",
        "KeyAfterCommit",
        "AssignTwice",
        "RefundWithoutReservation",
        "OwnRequestAnywhere",
        "ForwardPastFence",
        "ShowAloneUnsynced",
        "DeactivationWithoutCut",
        "CursorBeforeDelivery",
        "RetryOutOfTurn",
    ];
    for name in names {
        let bug = Bug::find(name).expect("the bug is known by its name");
        let seed = first_seed_that_shows(bug);
        let seed = seed.unwrap_or_else(|| panic!("{name} was not found in {SEEDS} worlds"));
        println!("{name}: found in world {seed}");
        let without = World::run(seed, &Config::default());
        assert!(without.is_clean(), "{}", without.report(&Config::default()));
    }
}
