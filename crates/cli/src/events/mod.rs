//! `vinr listen` and `vinr trigger`: webhooks on a laptop. Both are clients of the API and know nothing that an
//! integrator could not know.

pub mod listen;
pub mod trigger;

/// A line for the person at the terminal.
#[expect(clippy::print_stdout, reason = "what these commands are for")]
fn say(line: impl std::fmt::Display) {
    println!("{line}");
}
