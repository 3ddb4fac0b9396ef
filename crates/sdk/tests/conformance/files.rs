//! The shared files, as they stand in the repository.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A file of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// A JSON file of the repository.
pub fn json(path: &str) -> Value {
    let file = repository(path);
    let text = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_slice(&text).unwrap()
}
