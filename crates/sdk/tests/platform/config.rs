//! What the environment says about the program under test.

use std::path::PathBuf;

use crate::files;

/// The program: `VINR_BIN`, or what `cargo build` made.
#[allow(clippy::disallowed_methods, reason = "this is the file that reads the environment")]
pub fn program() -> PathBuf {
    std::env::var_os("VINR_BIN").map_or_else(|| files::repository("target/debug/vinr"), PathBuf::from)
}
