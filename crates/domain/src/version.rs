//! Versions of terminal software: which is newer. Knows nothing of what is in one.

use std::cmp::Ordering;
use std::fmt;

/// How many numbers a version may have.
const MAX_PARTS: usize = 4;

/// The text is not a version: one to four numbers with dots between, `3.14.2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a version: one to four whole numbers with dots between, such as 3.14.2")]
pub struct VersionError;

/// A version of terminal software. `1.4` and `1.4.0` are written differently and are the same.
#[derive(Clone, Copy)]
pub struct SoftwareVersion {
    parts: [u32; MAX_PARTS],
    written: u8,
}

impl SoftwareVersion {
    /// Reads the written form.
    ///
    /// # Errors
    /// [`VersionError`] for anything but one to four numbers without leading zeros.
    pub fn parse(text: &str) -> Result<Self, VersionError> {
        let mut parts = [0; MAX_PARTS];
        let mut written: u8 = 0;
        for part in text.split('.') {
            let slot = parts.get_mut(usize::from(written)).ok_or(VersionError)?;
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            if !digits || (part.len() > 1 && part.starts_with('0')) {
                return Err(VersionError);
            }
            *slot = part.parse().map_err(|_| VersionError)?;
            written += 1;
        }
        Ok(Self { parts, written })
    }
}

impl Ord for SoftwareVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts.cmp(&other.parts)
    }
}

impl PartialOrd for SoftwareVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for SoftwareVersion {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}

impl Eq for SoftwareVersion {}

impl fmt::Display for SoftwareVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, part) in self.parts.iter().take(usize::from(self.written)).enumerate() {
            let dot = if at == 0 { "" } else { "." };
            write!(f, "{dot}{part}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for SoftwareVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_and_not_their_digits() {
        let version = |text| SoftwareVersion::parse(text).unwrap();
        assert!(version("3.9.0") < version("3.14.2"));
        assert!(version("3.14") < version("3.14.0.1"));
        assert_eq!(version("1"), version("1.0.0"));
        assert_eq!(version("0.1.0").to_string(), "0.1.0");
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", ".", "1.", "1..2", "v1", "1.2.3.4.5", "01.2", "1.2-rc1", "4294967296", "+1"] {
            assert_eq!(SoftwareVersion::parse(text), Err(VersionError), "{text}");
        }
    }
}
