//! Feeds spoiled input to everything that reads bytes of strangers, for as long as it is told.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use vinr_e2e::decoders::{Decoder, all};

/// Feeds spoiled input to everything that reads bytes of strangers. A panic is a fault, and the seed repeats it.
#[derive(Debug, Parser)]
struct Options {
    /// Only those whose name contains this.
    #[arg(default_value = "")]
    name: String,
    /// How long each, in seconds.
    #[arg(long, default_value_t = 60, value_name = "S")]
    seconds: u64,
    /// How many inputs each, at most.
    #[arg(long, default_value_t = u64::MAX, value_name = "N")]
    most: u64,
    /// Feeds nothing: writes the examples of each below this directory, one directory each, and says their names.
    #[arg(long, value_name = "DIR")]
    examples: Option<PathBuf>,
    /// Decides the inputs.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
}

#[expect(clippy::print_stdout, reason = "the figures are what it was asked for")]
fn main() -> ExitCode {
    let options = Options::parse();
    if let Some(dir) = &options.examples {
        return list(dir);
    }
    for decoder in all().into_iter().filter(|decoder| decoder.name.contains(&options.name)) {
        let (read, understood) =
            decoder.exercise(options.seed, options.most, Duration::from_secs(options.seconds));
        println!("{:<24} {read:>12} inputs, {understood:>12} understood", decoder.name);
    }
    ExitCode::SUCCESS
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "the names are what it was asked for")]
fn list(dir: &Path) -> ExitCode {
    for decoder in all() {
        if let Err(error) = write(dir, &decoder) {
            eprintln!("{}: {error}", dir.display());
            return ExitCode::FAILURE;
        }
        println!("{}", decoder.name);
    }
    ExitCode::SUCCESS
}

fn write(dir: &Path, decoder: &Decoder) -> std::io::Result<()> {
    let own = dir.join(decoder.name.replace([' ', '/'], "-"));
    std::fs::create_dir_all(&own)?;
    decoder
        .examples
        .iter()
        .enumerate()
        .try_for_each(|(at, example)| std::fs::write(own.join(format!("example-{at}")), example))
}
