//! Prints the table of every state and event of a machine as Markdown: `-- payment` or `-- device`.

mod device;
mod payment;
mod table;

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let text = match std::env::args().nth(1).as_deref() {
        Some("payment") => payment::table(),
        Some("device") => device::table(),
        _ => return usage(),
    };
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn usage() -> ExitCode {
    let _ = writeln!(std::io::stderr(), "which machine: payment or device?");
    ExitCode::FAILURE
}
