//! What the environment says: where the API is, where programs and their memory are.

use std::path::PathBuf;

/// Where the API is when the program does not say it; nothing when it is not set or empty.
pub(crate) fn base_url() -> Option<String> {
    word("VINR_BASE_URL")
}

#[allow(clippy::disallowed_methods, reason = "this is the file that reads the environment")]
fn word(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The program that simulates a terminal.
pub(crate) fn simulator() -> Option<PathBuf> {
    word("VINR_SIMULATOR").map(PathBuf::from)
}

/// Where programs are.
pub(crate) fn path() -> Vec<PathBuf> {
    word("PATH").map_or_else(Vec::new, |text| std::env::split_paths(&text).collect())
}

/// Where programs keep what they have to remember; nothing when there is no home.
pub(crate) fn state_home() -> Option<PathBuf> {
    let home =
        || word("HOME").or_else(|| word("USERPROFILE")).map(|home| PathBuf::from(home).join(".local/state"));
    word("XDG_STATE_HOME").map(PathBuf::from).or_else(home)
}
