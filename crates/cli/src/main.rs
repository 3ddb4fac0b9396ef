//! The `vinr` binary: reads the command line, runs the command, ends the process. The platform itself is below.

mod accounts;
mod args;
mod client;
mod dev;
mod doctor;
#[cfg(feature = "crash-points")]
mod doom;
mod embedded;
mod events;
mod failure;
mod lan;
mod logging;
mod mains;
mod pairing;
mod simulator;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};
use crate::failure::Failure;

/// Half the memory of an idle connection is the allocator's rounding; this one rounds less and frees across threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    logging::start(cli.log);
    match run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            #[expect(clippy::print_stderr, reason = "the command line's last word")]
            {
                eprintln!("vinr: {failure}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format_args!("the runtime cannot start: {error}")))?;
    match command {
        Command::Dev(args) => runtime.block_on(dev::run(args)),
        Command::Simulator(args) => runtime.block_on(simulator::run(args)),
        Command::Terminal(args) => runtime.block_on(terminal::run(args)),
        Command::Keys(args) => runtime.block_on(accounts::run_keys(args)),
        Command::Accounts(args) => runtime.block_on(accounts::run_accounts(args)),
        Command::Listen(args) => runtime.block_on(events::listen::run(args)),
        Command::Trigger(args) => runtime.block_on(events::trigger::run(args)),
        Command::Doctor(args) => runtime.block_on(doctor::run(args)),
        Command::Openapi => print_openapi(),
    }
}

/// The answer to whoever typed the command.
#[expect(clippy::print_stdout, reason = "what was asked for")]
fn say(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stdout, reason = "the document is the answer")]
fn print_openapi() -> Result<(), Failure> {
    let document = vinr_server::api::openapi()
        .to_pretty_json()
        .map_err(|error| Failure::new(format_args!("the OpenAPI document cannot be written: {error}")))?;
    println!("{document}");
    Ok(())
}
