//! Measures the platform against floors: bare programs that do the least that the same job needs, in the same run, on
//! the same disk, with the same client. Judges nothing by absolute figures, which a machine makes and not the code.

mod arrivals;
mod calls;
mod child;
mod cloud;
mod configure;
mod creates;
mod dashboard;
mod fleet;
mod http_floor;
mod http_load;
mod hub_floor;
mod idle;
mod lan;
mod lan_floor;
mod machine;
mod million;
mod overview;
mod payments;
mod push;
mod report;
mod retrieves;
mod storm;
mod webhooks;

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use self::report::{Report, Run};

/// Measures VINR beside its floors.
#[derive(Debug, Parser)]
#[command(name = "bench", args_conflicts_with_subcommands = true)]
pub struct Options {
    #[command(subcommand)]
    child: Option<child::Role>,
    /// Which benchmarks to run: creates, payments, retrieves, idle, storm, push, configure, webhooks, lan, dashboard; none means all of them.
    #[arg(value_parser = ["creates", "payments", "retrieves", "idle", "storm", "push", "configure", "webhooks", "lan", "dashboard"])]
    names: Vec<String>,
    /// Fewer and shorter rounds, and fewer terminals.
    #[arg(long)]
    quick: bool,
    /// How often floor and platform are measured in turn.
    #[arg(long, value_name = "N")]
    rounds: Option<usize>,
    /// How long each of them is under load per round, in milliseconds.
    #[arg(long, value_name = "MS")]
    measure_ms: Option<u64>,
    /// How many terminals `idle`, `storm`, `push` and `configure` connect.
    #[arg(long, value_name = "N")]
    terminals: Option<usize>,
    /// The program whose simulator `lan` measures; the `vinr` beside this one unless given.
    #[arg(long, value_name = "PATH")]
    vinr: Option<PathBuf>,
    /// Writes the figures of all benchmarks of this run there.
    #[arg(long, value_name = "PATH")]
    json: Option<PathBuf>,
    /// Where databases, journals and figures go.
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    dir: PathBuf,
}

/// What went wrong, for the person who measures.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failure(String);

impl Failure {
    fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

/// Says what was being done when an error came.
trait During<T> {
    fn during(self, what: &str) -> Result<T, Failure>;
}

impl<T, E: std::fmt::Display> During<T> for Result<T, E> {
    fn during(self, what: &str) -> Result<T, Failure> {
        self.map_err(|error| Failure(format!("{what}: {error}")))
    }
}

/// How long and how large a run is.
#[derive(Clone, Debug)]
struct Plan {
    rounds: usize,
    measure: Duration,
    quick: bool,
    /// For `idle`, `storm`, `push` and `configure`, when the caller says so.
    terminals: Option<usize>,
    /// For `lan`.
    vinr: Option<PathBuf>,
    dir: PathBuf,
}

/// Runs what the command line asks for.
///
/// # Errors
/// [`Failure`] when something could not be measured. A goal that is missed is no error: it is what the table says.
pub fn run(options: Options) -> Result<(), Failure> {
    let files = machine::raise_file_limit().during("raising the limit of open files")?;
    if let Some(role) = options.child {
        return child::play(role);
    }
    let plan = Plan {
        rounds: options.rounds.unwrap_or(if options.quick { 2 } else { 3 }),
        measure: Duration::from_millis(options.measure_ms.unwrap_or(if options.quick {
            1_000
        } else {
            2_500
        })),
        quick: options.quick,
        terminals: options.terminals,
        vinr: options.vinr,
        dir: options.dir,
    };
    std::fs::create_dir_all(&plan.dir).during("making the directory for figures")?;
    let mut run = Run::begin(&plan, files)?;
    for (name, benchmark) in BENCHMARKS {
        if options.names.is_empty() || options.names.iter().any(|wanted| wanted == name) {
            run.add(benchmark(&plan)?)?;
        }
    }
    run.end(options.json.as_deref())
}

type Benchmark = fn(&Plan) -> Result<Report, Failure>;

const BENCHMARKS: [(&str, Benchmark); 10] = [
    ("creates", creates::run),
    ("payments", payments::run),
    ("retrieves", retrieves::run),
    ("idle", idle::run),
    ("storm", storm::run),
    ("webhooks", webhooks::run),
    ("push", push::run),
    ("configure", configure::run),
    ("lan", lan::run),
    ("dashboard", dashboard::run),
];
