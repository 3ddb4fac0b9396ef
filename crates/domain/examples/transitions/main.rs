//! Prints the table of every state and event of a machine as Markdown: `-- payment`, `-- device` and so on.

mod action;
mod batch;
mod device;
mod device_action;
mod pairing;
mod payment;
mod refund;
mod table;
mod terminal;

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let text = match std::env::args().nth(1).as_deref() {
        Some("payment") => payment::table(),
        Some("device") => device::table(),
        Some("device_action") => device_action::table(),
        Some("pairing") => pairing::table(),
        Some("terminal") => terminal::table(),
        Some("action") => action::table(),
        Some("refund") => refund::table(),
        Some("batch") => batch::table(),
        _ => return usage(),
    };
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn usage() -> ExitCode {
    let _ = writeln!(
        std::io::stderr(),
        "which machine: payment, device, device_action, pairing, terminal, action, refund or batch?"
    );
    ExitCode::FAILURE
}
