//! Runs simulated worlds and says which broke a promise. `cargo xtask sim` calls it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use clap::Parser;
use tokio::time::Instant;
use vinr_e2e::world::{Bug, Case, Config, Happening, Outcome, Violation, World};

/// Runs simulated worlds.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Run this one seed and print all that happens in it.
    #[arg(long)]
    seed: Option<u64>,
    /// Play every case of the fallback instead.
    #[arg(long)]
    matrix: bool,
    /// How often each.
    #[arg(long, default_value_t = 50)]
    jitters: u64,
    /// Play this one case and print all that happens in it.
    #[arg(long)]
    case: Option<String>,
    /// The jitter to play it with.
    #[arg(long, default_value_t = 0)]
    jitter: u64,
    /// Plant a bug.
    #[arg(long)]
    sabotage: Option<String>,
    /// Run every world a second time and compare.
    #[arg(long)]
    twice: bool,
    /// How many worlds at the same time; default: one per processor.
    #[arg(long)]
    jobs: Option<usize>,
}

type Run = Box<dyn Fn(&Config) -> Outcome>;

#[derive(Debug, Default)]
struct Sums {
    payments: u64,
    events: u64,
    counts: BTreeMap<Happening, u64>,
    broken: Vec<Outcome>,
}

#[expect(clippy::print_stdout, reason = "what it prints is what it is for")]
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut config = Config::default();
    if let Some(name) = &arguments.sabotage {
        let Some(bug) = Bug::find(name) else {
            let names: Vec<String> = Bug::ALL.into_iter().map(Bug::name).collect();
            println!("there is no bug {name}; there are {}", names.join(", "));
            return ExitCode::FAILURE;
        };
        config.bug = Some(bug);
    }
    if let Some(one) = one_run(&arguments) {
        config.keep_all_lines = true;
        let Ok(outcome) = one.map(|run| run(&config)) else {
            println!("there is no such case; they are called like {}", Case::all()[0]);
            return ExitCode::FAILURE;
        };
        println!("{}hash {:016x}", outcome.report(&config), outcome.hash);
        return if outcome.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let begun = Instant::now();
    let (runs, sums) = if arguments.matrix {
        let (cases, jitters) = (Case::all(), arguments.jitters.max(1));
        let runs = cases.len() as u64 * jitters;
        let run = |number: u64| cases[(number / jitters) as usize].run(number % jitters, &config);
        (runs, run_all(&arguments, &(0..runs), &run))
    } else {
        let range = arguments.from..arguments.from.saturating_add(arguments.seeds);
        (arguments.seeds, run_all(&arguments, &range, &|seed| World::run(seed, &config)))
    };
    let seconds = begun.elapsed().as_secs_f64().max(0.001);
    for (happening, count) in &sums.counts {
        println!("{count:>9}  {happening:?}");
    }
    for missing in Happening::all().iter().filter(|happening| !sums.counts.contains_key(happening)) {
        println!("    never  {missing:?}");
    }
    let (what, per_second) = (if arguments.matrix { "cases" } else { "seeds" }, runs as f64 / seconds);
    println!("{runs} {what}, {} payments, {} events, {per_second:.0} {what}/s", sums.payments, sums.events);
    let Some(worst) = sums.broken.first() else { return ExitCode::SUCCESS };
    println!("{}", worst.report(&config));
    let names: Vec<&str> = sums.broken.iter().map(Outcome::replay).collect();
    println!("{} broke a promise: {}", names.len(), names.join(", "));
    ExitCode::FAILURE
}

/// A run that was named; `Err` when there is none of that name.
fn one_run(arguments: &Arguments) -> Option<Result<Run, ()>> {
    if let Some(seed) = arguments.seed {
        return Some(Ok(Box::new(move |config| World::run(seed, config))));
    }
    let (case, jitter) = (Case::find(arguments.case.as_deref()?), arguments.jitter);
    Some(case.ok_or(()).map(|case| Box::new(move |config: &Config| case.run(jitter, config)) as _))
}

/// Runs the range on every processor; worlds do not know of each other.
fn run_all(arguments: &Arguments, range: &Range<u64>, run: &(dyn Fn(u64) -> Outcome + Sync)) -> Sums {
    let (next, stop) = (AtomicU64::new(range.start), AtomicBool::new(false));
    let sums = Mutex::new(Sums::default());
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..arguments.jobs.unwrap_or(processors) {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= range.end {
                        return;
                    }
                    let mut outcome = run(seed);
                    if arguments.twice && run(seed).hash != outcome.hash {
                        let what = "the second run went otherwise than the first".to_owned();
                        outcome.violations.push(Violation { invariant: "same seed, same world", what });
                    }
                    let enough = take(&sums, outcome);
                    stop.fetch_or(enough, Ordering::Relaxed);
                }
            });
        }
    });
    let mut sums = sums.into_inner().unwrap_or_default();
    sums.broken.sort_by_key(|outcome| outcome.seed);
    sums
}

/// Adds a world to the sums; `true` when enough have gone wrong to look at.
#[expect(clippy::print_stdout, reason = "progress is for whoever waits")]
fn take(sums: &Mutex<Sums>, outcome: Outcome) -> bool {
    let Ok(mut sums) = sums.lock() else { return true };
    sums.payments += outcome.payments as u64;
    sums.events += outcome.events;
    for (happening, count) in &outcome.counts {
        *sums.counts.entry(*happening).or_default() += count;
    }
    if let Some(violation) = outcome.violations.first() {
        println!("{}: {} {}", outcome.replay(), violation.invariant, violation.what);
        sums.broken.push(outcome);
    }
    sums.broken.len() >= 50
}
