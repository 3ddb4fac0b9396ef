//! Builds the fuzzer of `crates/e2e` with the coverage that it follows, and starts it for each decoder in turn, for as long
//! as it is told. Knows no decoder; the program lists them.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::workspace::{self, Outcome, TaskError, Workspace, output};

/// What the compiler puts into every block for libFuzzer: counters, their addresses, and what is compared.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                        -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares";

/// What to look at, and for how long.
#[derive(Debug, Clone, Args)]
pub struct FuzzOptions {
    /// Only decoders whose name contains this.
    #[arg(default_value = "")]
    pub name: String,
    /// How long each, in seconds.
    #[arg(long, default_value_t = 60, value_name = "S")]
    pub seconds: u64,
    /// How many inputs each, at most.
    #[arg(long, default_value_t = u64::MAX, value_name = "N")]
    pub runs: u64,
    /// Only say which decoders there are.
    #[arg(long)]
    pub list: bool,
}

/// Runs the fuzzer.
///
/// # Errors
/// When it does not build, or finds an input that breaks a decoder: its own output says which, and where it is kept.
pub fn run(workspace: &Workspace, options: &FuzzOptions) -> Outcome {
    let dir = workspace.target()?.join("fuzz");
    let names = decoders(workspace, &dir)?;
    let chosen: Vec<&String> = names.iter().filter(|name| name.contains(&options.name)).collect();
    if options.list {
        for name in chosen {
            say(name);
        }
        return Ok(());
    }
    let program = build(workspace, &dir)?;
    for name in chosen {
        let kept = dir.join("corpus").join(name.replace([' ', '/'], "-"));
        let found = dir.join("found").join(name.replace([' ', '/'], "-"));
        std::fs::create_dir_all(&found)
            .map_err(|error| TaskError(format!("{}: {error}", found.display())))?;
        say(&format!("==> {name}"));
        let mut command = Command::new(&program);
        command
            .arg(&kept)
            .arg(format!("--decoder={name}"))
            .arg(format!("-max_total_time={}", options.seconds))
            .arg(format!("-artifact_prefix={}/", found.display()))
            .args(["-max_len=98304", "-print_final_stats=1", "-verbosity=0", "-rss_limit_mb=4096"]);
        if let Ok(runs) = i64::try_from(options.runs) {
            command.arg(format!("-runs={runs}"));
        }
        workspace::run(command)?;
    }
    Ok(())
}

/// The decoders, by name; their examples are written to where the fuzzer keeps what it finds useful.
fn decoders(workspace: &Workspace, dir: &Path) -> Outcome<Vec<String>> {
    let corpus = dir.join("corpus");
    let mut command =
        workspace.cargo(["run", "--quiet", "-p", "vinr-e2e", "--bin", "decoders", "--", "--examples"]);
    command.arg(&corpus);
    let said = output(command)?;
    Ok(String::from_utf8_lossy(&said).lines().map(str::to_owned).collect())
}

/// Builds the fuzzer. With a target, so that what the build itself runs is built without coverage.
fn build(workspace: &Workspace, dir: &Path) -> Outcome<PathBuf> {
    let triple = workspace.host()?;
    let mut command =
        workspace.cargo(["build", "--profile", "fuzz", "-p", "vinr-e2e", "--features", "fuzzing"]);
    command.args(["--bin", "fuzz", "--target", &triple, "--target-dir"]).arg(dir).env("RUSTFLAGS", COVERAGE);
    workspace::run(command)?;
    Ok(dir.join(triple).join("fuzz").join("fuzz"))
}

fn say(line: &str) {
    println!("{line}");
}
