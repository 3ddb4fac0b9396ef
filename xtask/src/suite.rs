//! `cargo xtask test`: the one command that says whether a change may land.
//! Owns the order of the stages; what each stage checks lives elsewhere.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::generate;
use crate::needs;
use crate::stages::{self, Stage};
use crate::tidy;
use crate::workspace::{Outcome, TaskError, Workspace, at, run as start};
use crate::world::{SimOptions, simulate};

/// Where the suites that drive the built program from outside live.
const OUTSIDE: &str = "tests/outside";

/// How much to run.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// Leave out the outside suites and the simulated worlds; installs nothing but toolchain components.
    #[arg(long)]
    pub fast: bool,
    /// How many simulated worlds to run.
    #[arg(long, value_name = "N", default_value_t = 2000)]
    pub seeds: u64,
}

/// Runs all stages.
///
/// # Errors
/// At the first stage that fails, naming it.
pub fn run(workspace: &Workspace, options: &Options) -> Outcome {
    let mut plan = inside(workspace);
    if !options.fast {
        plan.insert(0, Stage::new("install what is missing", || needs::system(workspace)));
        plan.extend(outside(workspace)?);
        let worlds = SimOptions { seeds: Some(options.seeds), debug: true, ..SimOptions::default() };
        plan.push(Stage::new(format!("simulate {} worlds", options.seeds), move || {
            simulate(workspace, &worlds)
        }));
    }
    stages::run(plan, &mut std::io::stdout())
}

/// What needs nothing but Rust.
fn inside(workspace: &Workspace) -> Vec<Stage<'_>> {
    let cargo =
        |arguments: &'static [&'static str]| move || start(workspace.cargo(arguments.iter().copied()));
    let drift = generate::Options { check: true, names: Vec::new() };
    vec![
        Stage::new("toolchain components", || needs::toolchain(workspace)),
        Stage::new("format", cargo(&["fmt", "--all", "--", "--check"])),
        Stage::new("lints", cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])),
        Stage::new("tidy", || tidy::run(workspace)),
        Stage::new("generated files", move || generate::run(workspace, &drift)),
        Stage::new("tests", cargo(&["test", "--workspace", "--no-fail-fast"])),
        // Features unify over what is built together: only a build of its own leaves the planted bugs out.
        Stage::new("build vinr", cargo(&["build", "-p", "vinr"])),
    ]
}

/// One stage for each outside suite, in order of name, after the one that prepares Python for them.
fn outside(workspace: &Workspace) -> Outcome<Vec<Stage<'_>>> {
    let suites = suites(&workspace.root().join(OUTSIDE))?;
    if suites.is_empty() {
        return Ok(Vec::new());
    }
    let target = workspace.target()?;
    let (binary, venv) = (target.join("debug/vinr"), target.join("venv"));
    let mut plan = vec![Stage::new("Python for the outside suites", || needs::venv(workspace).map(drop))];
    for suite in suites {
        let (binary, venv) = (binary.clone(), venv.clone());
        let name = suite.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        plan.push(Stage::new(format!("outside: {name}"), move || {
            let shell = suite.extension().is_some_and(|extension| extension == "sh");
            let mut command =
                workspace.program(if shell { PathBuf::from("bash") } else { venv.join("bin/python") });
            command.arg(&suite).env("VINR_BIN", &binary).env("VENV", &venv);
            start(command)
        }));
    }
    Ok(plan)
}

/// The suites in a directory: `*.sh` and `*.py`, by name. No directory means no suites.
///
/// # Errors
/// When the directory is there and cannot be read.
pub fn suites(directory: &Path) -> Outcome<Vec<PathBuf>> {
    if !directory.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(directory).map_err(|cause| at(directory, "cannot read", &cause))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(|cause| TaskError(format!("{}: {cause}", directory.display())))?.path();
        let suite = path.extension().is_some_and(|extension| extension == "sh" || extension == "py");
        if suite && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
