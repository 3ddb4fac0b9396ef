//! Starts the simulated world and the benchmarks of `crates/e2e`. Knows their command lines, not their contents.

use clap::Args;

use crate::workspace::{Outcome, Workspace, run};

/// Which worlds to run.
#[derive(Debug, Clone, Default, Args)]
pub struct SimOptions {
    /// How many seeds to run.
    #[arg(long, value_name = "N")]
    pub seeds: Option<u64>,
    /// Run this one seed: what a failure printed.
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// The first seed of the range.
    #[arg(long, value_name = "K")]
    pub from: Option<u64>,
    /// Play the fallback of a till instead: every case of the matrix.
    #[arg(long)]
    pub matrix: bool,
    /// How often each case is played; 50 for a release.
    #[arg(long, value_name = "N")]
    pub jitters: Option<u64>,
    /// Play this one case: what a failure printed.
    #[arg(long, value_name = "NAME")]
    pub case: Option<String>,
    /// The jitter to play it with.
    #[arg(long, value_name = "J")]
    pub jitter: Option<u64>,
    /// Build without optimisation: slower worlds, but no second build beside that of the tests.
    #[arg(long)]
    pub debug: bool,
    /// Further arguments for the world, after `--`.
    #[arg(last = true)]
    pub rest: Vec<String>,
}

/// What to measure.
#[derive(Debug, Clone, Args)]
pub struct BenchOptions {
    /// Names of benchmarks and further arguments, passed on as they are; none means all benchmarks.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub names: Vec<String>,
}

/// Runs simulated worlds.
///
/// # Errors
/// When a world does not build or breaks an invariant; its own output names the seed.
pub fn simulate(workspace: &Workspace, options: &SimOptions) -> Outcome {
    let mut command = workspace.cargo(["run", "--quiet", "-p", "vinr-e2e", "--bin", "world"]);
    if !options.debug {
        command.arg("--release");
    }
    command.arg("--").args(world_arguments(options));
    run(command)
}

/// The command line of the world binary for these options.
#[must_use]
pub fn world_arguments(options: &SimOptions) -> Vec<String> {
    let numbers = [
        ("--seeds", options.seeds),
        ("--seed", options.seed),
        ("--from", options.from),
        ("--jitters", options.jitters),
        ("--jitter", options.jitter),
    ];
    let given = numbers
        .iter()
        .filter_map(|(flag, number)| number.map(|number| [flag.to_string(), number.to_string()]));
    let matrix = options.matrix.then(|| "--matrix".to_owned());
    let case = options.case.iter().flat_map(|name| ["--case".to_owned(), name.clone()]);
    given.flatten().chain(matrix).chain(case).chain(options.rest.iter().cloned()).collect()
}

/// Runs benchmarks, always optimised.
///
/// # Errors
/// When a benchmark does not build or fails.
pub fn bench(workspace: &Workspace, options: &BenchOptions) -> Outcome {
    let mut command =
        workspace.cargo(["run", "--release", "--quiet", "-p", "vinr-e2e", "--bin", "bench", "--"]);
    command.args(&options.names);
    run(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_given_flags_reach_the_world() {
        let options =
            SimOptions { seeds: Some(5), from: Some(9), rest: vec!["-v".into()], ..SimOptions::default() };
        assert_eq!(world_arguments(&options), ["--seeds", "5", "--from", "9", "-v"]);
        let case = Some("P7-other-before-till".to_owned());
        let options = SimOptions { case, jitter: Some(3), matrix: true, ..SimOptions::default() };
        assert_eq!(
            world_arguments(&options),
            ["--jitter", "3", "--matrix", "--case", "P7-other-before-till"]
        );
    }
}
