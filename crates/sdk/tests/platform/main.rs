//! The SDK against the real program: the shared scenarios, and whatever else needs a platform that runs. Not part of a plain
//! `cargo test`, which may have no program yet: `tests/outside/93_sdk_rust.py` runs it.

#![allow(clippy::unwrap_used, reason = "what is not there fails the test")]

#[path = "../conformance/calling.rs"]
mod calling;
mod config;
#[path = "../conformance/files.rs"]
mod files;
#[path = "../conformance/generated"]
mod generated {
    //! Made by `cargo xtask gen rust-sdk`.
    pub mod dispatch;
}
#[path = "../conformance/matching.rs"]
mod matching;
mod nearby;
mod program;
mod scenarios;
