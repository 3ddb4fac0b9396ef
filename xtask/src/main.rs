//! `cargo xtask`: the project's own commands. Only picks the task and turns its outcome into an exit status.
#![allow(clippy::print_stderr, reason = "a command line tool reports on its own terminal")]

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::workspace::{Outcome, Workspace};
use xtask::{fuzz, generate, package, suite, tidy, world};

/// Tasks of the VINR repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Check the rules that the compiler cannot: layers, names, sizes, forbidden words.
    Tidy,
    /// Run everything that must pass before a change lands, installing what is missing.
    Test(suite::Options),
    /// Regenerate the checked-in files that are made from others.
    Gen(generate::Options),
    /// Run simulated worlds, one per seed.
    Sim(world::SimOptions),
    /// Make what is published of the SDKs, with the simulator for this platform.
    Package(package::Options),
    /// Let a fuzzer look for input that breaks what reads bytes of strangers.
    Fuzz(fuzz::FuzzOptions),
    /// Measure, each figure beside its floor.
    Bench(world::BenchOptions),
}

fn main() -> ExitCode {
    match perform(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Outcome {
    let workspace = Workspace::find()?;
    match task {
        Task::Tidy => tidy::run(&workspace),
        Task::Test(options) => suite::run(&workspace, &options),
        Task::Gen(options) => generate::run(&workspace, &options),
        Task::Sim(options) => world::simulate(&workspace, &options),
        Task::Package(options) => package::run(&workspace, &options),
        Task::Fuzz(options) => fuzz::run(&workspace, &options),
        Task::Bench(options) => world::bench(&workspace, &options),
    }
}
