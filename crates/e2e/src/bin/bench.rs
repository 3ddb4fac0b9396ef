//! `bench`: reads the command line and ends the process. What is measured, and how, is in the library.

use std::process::ExitCode;

use clap::Parser;
use vinr_e2e::bench::{Options, run};

/// The one of the `vinr` binary, because half of an idle connection's memory is the allocator's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match run(Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            #[expect(clippy::print_stderr, reason = "the command line's last word")]
            {
                eprintln!("bench: {failure}");
            }
            ExitCode::FAILURE
        }
    }
}
