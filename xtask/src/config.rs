//! What the project tasks read from the environment, and nothing else reads it.

/// The settings that come from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Whether an automated build runs us (`CI=true`): plain output, no incremental compilation.
    pub ci: bool,
    /// The cargo that started us, so that a chosen toolchain stays chosen.
    pub cargo: String,
}

impl Environment {
    /// Reads the environment of this process.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "this is the config.rs of the project tasks")]
    pub fn read() -> Self {
        let ci = std::env::var("CI").is_ok_and(|value| value == "true" || value == "1");
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        Self { ci, cargo }
    }
}
