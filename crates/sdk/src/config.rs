//! What the environment says. Read once, when a client is made.

/// Where the API is when the program does not say it; nothing when it is not set or empty.
pub(crate) fn base_url() -> Option<String> {
    word("VINR_BASE_URL")
}

#[allow(clippy::disallowed_methods, reason = "this is the file that reads the environment")]
fn word(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
