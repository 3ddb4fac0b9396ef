//! Project tasks as a library, so that `cargo test` can run the same checks as `cargo xtask`.
//! Owns tidy, code generation, the test command, packages, simulation and benchmarks; no product code uses it.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool reports on its own terminal"
)]

pub mod clock;
pub mod config;
pub mod fuzz;
pub mod generate;
pub mod needs;
pub mod package;
pub mod stages;
pub mod suite;
pub mod tidy;
pub mod workspace;
pub mod world;
