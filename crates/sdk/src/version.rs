//! Versions: of the API, and of this crate.

/// What `User-Agent` says.
pub(crate) const USER_AGENT: &str = concat!("vinr-rust/", env!("CARGO_PKG_VERSION"));

/// A version of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ApiVersion {
    /// Times are RFC 3339; unset fields are left out.
    Current,
    /// Times are Unix seconds; unset fields are `null`.
    Legacy,
}

impl ApiVersion {
    /// The value of `Vinr-Version`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Current => "2026-06-11",
            Self::Legacy => "2025-05-31",
        }
    }
}
