//! The two ways of writing a payment that `Vinr-Version` picks between (contract 1.3).

/// A version of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ApiVersion {
    /// Times are Unix seconds, unset fields are `null`. The default with `X-Api-Key`.
    V2025_05_31,
    /// Times are RFC 3339 UTC strings, unset fields are left out. The default with `Bearer`.
    V2026_06_11,
}

impl ApiVersion {
    /// Every version, oldest first.
    pub const ALL: [Self; 2] = [Self::V2025_05_31, Self::V2026_06_11];

    /// As the `Vinr-Version` header writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2025_05_31 => "2025-05-31",
            Self::V2026_06_11 => "2026-06-11",
        }
    }

    /// Reads what [`Self::as_str`] wrote; `None` is `unsupported_version` to the caller.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_read_back_and_nothing_else_is_one() {
        for version in ApiVersion::ALL {
            assert_eq!(ApiVersion::parse(version.as_str()), Some(version));
        }
        for text in ["", "2026-06-12", "2026-06-11 ", "latest"] {
            assert_eq!(ApiVersion::parse(text), None, "{text}");
        }
    }
}
