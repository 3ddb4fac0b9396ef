//! Owns which leaf certificates are revoked right now. Where the list comes from and who cuts open connections is
//! the caller's part; this is only the answer, the same one for a handshake and for a frame.

use std::collections::BTreeSet;

use arc_swap::ArcSwap;

use crate::identity::LeafFacts;

const MAX_HEX_DIGITS: usize = 64;

/// Revoked certificates by serial number or fingerprint; readers never wait for a writer.
///
/// A fresh set denies nothing, so fill it from the store before the listener opens.
#[derive(Debug, Default)]
pub struct DenySet {
    entries: ArcSwap<BTreeSet<String>>,
}

/// An entry that could never match a certificate; accepting it would leave the certificate in use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{entry:?} is neither a serial number nor a SHA-256 fingerprint in hexadecimal")]
pub struct DenyError {
    /// The entry as it was given.
    pub entry: String,
}

impl DenySet {
    /// A set that denies nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces the whole set at once. Upper case and `:` between bytes are accepted.
    ///
    /// # Errors
    /// [`DenyError`] when an entry is not hexadecimal; the set then stays as it was.
    pub fn replace<I>(&self, entries: I) -> Result<(), DenyError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let entries = entries.into_iter().map(|entry| key(entry.as_ref())).collect::<Result<_, _>>()?;
        self.entries.store(std::sync::Arc::new(entries));
        Ok(())
    }

    /// Revokes one more certificate, by serial number or fingerprint.
    ///
    /// # Errors
    /// [`DenyError`] when the entry is not hexadecimal.
    pub fn deny(&self, entry: &str) -> Result<(), DenyError> {
        let key = key(entry)?;
        self.entries.rcu(|old| {
            let mut new = BTreeSet::clone(old);
            new.insert(key.clone());
            new
        });
        Ok(())
    }

    /// Whether the certificate is revoked. Cheap enough to ask for every frame.
    #[must_use]
    pub fn denies(&self, leaf: &LeafFacts) -> bool {
        let entries = self.entries.load();
        [&leaf.serial, &leaf.fingerprint].into_iter().any(|id| entries.contains(id.trim_start_matches('0')))
    }
}

/// One spelling for each number: no separators, lower case, no leading zeros. A serial number has at most 20 bytes
/// (RFC 5280 section 4.1.2.2), so it cannot be taken for the 32 bytes of a fingerprint.
fn key(entry: &str) -> Result<String, DenyError> {
    let digits: String = entry.chars().filter(|c| *c != ':').map(|c| c.to_ascii_lowercase()).collect();
    let number = digits.trim_start_matches('0');
    let fits = digits.len() <= MAX_HEX_DIGITS && !number.is_empty();
    if !fits || !number.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(DenyError { entry: entry.to_owned() });
    }
    Ok(number.to_owned())
}

#[cfg(test)]
mod tests {
    use vinr_domain::Timestamp;

    use super::*;

    fn leaf(serial: &str, fingerprint: &str) -> LeafFacts {
        LeafFacts {
            serial: serial.into(),
            fingerprint: fingerprint.into(),
            not_before: Timestamp(0),
            not_after: Timestamp(1),
        }
    }

    #[test]
    fn either_number_in_any_spelling_denies_and_nothing_else_does() {
        let fingerprint = format!("0{}", "c".repeat(63));
        let revoked = leaf("0a1b", &fingerprint);
        for entry in ["0a1b", "A1B", "0A:1B", fingerprint.as_str(), &fingerprint.to_uppercase()] {
            let set = DenySet::new();
            assert!(!set.denies(&revoked));
            set.deny(entry).unwrap();
            assert!(set.denies(&revoked), "{entry}");
            assert!(!set.denies(&leaf("0a1c", &"d".repeat(64))), "{entry}");
        }
    }

    #[test]
    fn replacing_forgets_the_old_entries() {
        let set = DenySet::new();
        set.deny("01").unwrap();
        set.replace(["02", "03"]).unwrap();
        let denied = ["01", "02", "03"].map(|serial| set.denies(&leaf(serial, "ff")));
        assert_eq!(denied, [false, true, true]);
    }

    #[test]
    fn an_entry_that_cannot_match_is_refused_and_changes_nothing() {
        let set = DenySet::new();
        set.deny("01").unwrap();
        for entry in ["", "0", "zz", "serial 5", &"a".repeat(65)] {
            assert!(set.deny(entry).is_err(), "{entry}");
            assert!(set.replace(["02", entry]).is_err(), "{entry}");
        }
        assert!(set.denies(&leaf("01", "ff")));
        assert!(!set.denies(&leaf("02", "ff")));
    }
}
