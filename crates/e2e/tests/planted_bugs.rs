//! The world can fail: each planted protocol bug is found, in worlds that are clean without it.

use vinr_e2e::world::{Bug, Case, Config, Dies, Outcome, World};

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

/// The first run of the matrix in which a bug shows.
fn first_case_that_shows(bug: Bug, dies: Dies) -> Option<(Case, Outcome)> {
    let config = Config { bug: Some(bug), ..Config::default() };
    let cases = Case::all().into_iter().filter(|case| case.dies == dies);
    let mut runs = cases.flat_map(|case| (0..3).map(move |jitter| (case, jitter)));
    runs.find_map(|(case, jitter)| {
        let outcome = case.run(jitter, &config);
        (!outcome.is_clean()).then(|| (case, case.run(jitter, &Config::default())))
    })
}

/// The parts of the fallback, left out one by one in the real code and in the till, and what the terminal must have on
/// disk. Each shows in the matrix, in a case that is clean without it.
#[test]
fn the_matrix_finds_what_the_fallback_must_not_leave_out() {
    let planted = [
        ("NewName", Dies::Terminal),
        ("RestartKnownIntent", Dies::Terminal),
        ("OwnRequestAnywhere", Dies::Terminal),
        ("ForwardPastFence", Dies::Cloud),
        ("BelieveBoth", Dies::Terminal),
        ("ForgetDelegation", Dies::Till),
        ("TombstoneUnsynced", Dies::Terminal),
        ("SkipJournalSync", Dies::Terminal),
        ("ShowAloneUnsynced", Dies::Terminal),
    ];
    for (name, dies) in planted {
        let bug = Bug::find(name).expect("the bug is known by its name");
        let found = first_case_that_shows(bug, dies);
        let (case, without) =
            found.unwrap_or_else(|| panic!("{name} shows in no case in which {dies:?} dies"));
        println!("{name}: found in {case}");
        assert!(without.is_clean(), "{}", without.report(&Config::default()));
    }
}
