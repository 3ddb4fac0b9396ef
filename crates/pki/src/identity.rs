//! Owns who a certificate says its holder is: the URI in the subject alternative name. It never looks at the
//! subject's common name, and does not check signatures; that is the verifier's part.

use std::fmt;

use aws_lc_rs::digest;
use vinr_domain::{AccountId, IdError, TerminalId, Timestamp};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

pub(crate) const SCHEME: &str = "vinr:terminal/";
const SIMULATOR: &str = "term_test_simulator";

/// The terminal at the other end of a device link. Its written form is the link id: `term_…`, or
/// `acct_….term_test_simulator` for the reserved simulator (contract 1.4), which every account has one of and which
/// therefore needs the account to be told apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceIdentity {
    account: Option<AccountId>,
    terminal: TerminalId,
}

/// The text is not a link id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkIdError {
    /// One of the ids in it is not written correctly.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The simulator's id is the same in every account.
    #[error("{SIMULATOR} needs its account in front: acct_….{SIMULATOR}")]
    AccountMissing,
    /// Only the simulator's link id names an account.
    #[error("only {SIMULATOR} is written with its account")]
    AccountNotAllowed,
}

impl DeviceIdentity {
    /// A terminal under its own id.
    ///
    /// # Errors
    /// [`LinkIdError::AccountMissing`] for the reserved simulator: see [`DeviceIdentity::simulator`].
    pub fn of_terminal(terminal: TerminalId) -> Result<Self, LinkIdError> {
        if terminal.as_str() == SIMULATOR {
            return Err(LinkIdError::AccountMissing);
        }
        Ok(Self { account: None, terminal })
    }

    /// The reserved simulator of one account.
    #[must_use]
    pub fn simulator(account: AccountId) -> Self {
        let terminal = TerminalId::parse(SIMULATOR).expect("the reserved id is a terminal id");
        Self { account: Some(account), terminal }
    }

    /// Reads a link id.
    ///
    /// # Errors
    /// [`LinkIdError`] when the text is not exactly what [`fmt::Display`] writes for some identity.
    pub fn parse(text: &str) -> Result<Self, LinkIdError> {
        let Some((account, terminal)) = text.split_once('.') else {
            return Self::of_terminal(TerminalId::parse(text)?);
        };
        let account = AccountId::parse(account)?;
        if TerminalId::parse(terminal)?.as_str() != SIMULATOR {
            return Err(LinkIdError::AccountNotAllowed);
        }
        Ok(Self::simulator(account))
    }

    /// The account, named for its simulator only; any other terminal's account is looked up.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        self.account.as_ref()
    }

    /// The terminal.
    #[must_use]
    pub fn terminal(&self) -> &TerminalId {
        &self.terminal
    }

    /// What the certificate carries.
    pub(crate) fn uri(&self) -> String {
        format!("{SCHEME}{self}")
    }
}

impl fmt::Display for DeviceIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(account) = &self.account {
            write!(f, "{account}.")?;
        }
        fmt::Display::fmt(&self.terminal, f)
    }
}

/// A certificate does not say which terminal holds it; whoever issued it is at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// Not one certificate in DER.
    #[error("the certificate is not well-formed DER")]
    Malformed,
    /// No subject alternative name. A common name is no identity.
    #[error("the certificate has no subject alternative name (a common name does not count)")]
    Missing,
    /// More than one name, so that two readers could choose differently.
    #[error("the certificate carries more than one name")]
    Ambiguous,
    /// A name, but not a terminal's.
    #[error("the certificate's name is not a `{SCHEME}` URI")]
    NotATerminal,
    /// A terminal's name with a bad link id.
    #[error("the certificate's link id is not valid: {0}")]
    LinkId(#[from] LinkIdError),
}

/// What is needed to renew, list and revoke a leaf certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafFacts {
    /// Serial number in lower-case hexadecimal, without leading zero bytes.
    pub serial: String,
    /// SHA-256 of the DER in lower-case hexadecimal.
    pub fingerprint: String,
    /// First moment of validity.
    pub not_before: Timestamp,
    /// Last moment of validity.
    pub not_after: Timestamp,
}

impl LeafFacts {
    /// When it is to be renewed: at two thirds of its life, so that a third is left for failures.
    #[must_use]
    pub fn renew_at(&self) -> Timestamp {
        let life_ms = self.not_after.ms_since(self.not_before).max(0);
        self.not_before.plus_ms(life_ms / 3 * 2)
    }

    /// Whether its renewal has been failing for half of the time that was left for it: somebody has to look.
    #[must_use]
    pub fn ends_soon(&self, now: Timestamp) -> bool {
        let left_ms = self.not_after.ms_since(self.renew_at());
        now >= self.renew_at().plus_ms(left_ms / 2)
    }
}

/// Reads the terminal a leaf certificate was issued to. Call it on certificates that the handshake has verified.
///
/// # Errors
/// [`IdentityError`] unless the subject alternative name is exactly one `vinr:terminal/<link id>` URI.
pub fn peer_identity(der: &[u8]) -> Result<DeviceIdentity, IdentityError> {
    let certificate = parse_certificate(der)?;
    let names = certificate
        .subject_alternative_name()
        .map_err(|_| IdentityError::Ambiguous)?
        .ok_or(IdentityError::Missing)?;
    match names.value.general_names.as_slice() {
        [] => Err(IdentityError::Missing),
        [GeneralName::URI(uri)] => {
            let link_id = uri.strip_prefix(SCHEME).ok_or(IdentityError::NotATerminal)?;
            Ok(DeviceIdentity::parse(link_id)?)
        }
        [_] => Err(IdentityError::NotATerminal),
        _ => Err(IdentityError::Ambiguous),
    }
}

/// Whether any of the certificate's names is a terminal's. What cannot be read names none.
pub(crate) fn names_a_terminal(der: &[u8]) -> bool {
    let Ok(certificate) = parse_certificate(der) else { return false };
    let Ok(Some(names)) = certificate.subject_alternative_name() else { return false };
    names
        .value
        .general_names
        .iter()
        .any(|name| matches!(name, GeneralName::URI(uri) if uri.starts_with(SCHEME)))
}

/// Reads serial, fingerprint and validity of a leaf certificate.
///
/// # Errors
/// [`IdentityError::Malformed`] when it is not one certificate in DER.
pub fn leaf_facts(der: &[u8]) -> Result<LeafFacts, IdentityError> {
    let certificate = parse_certificate(der)?;
    let serial = certificate.raw_serial();
    let first = serial.iter().position(|byte| *byte != 0).unwrap_or(serial.len());
    let at = |seconds: i64| Timestamp(seconds.saturating_mul(1000));
    Ok(LeafFacts {
        serial: hex(&serial[first..]),
        fingerprint: hex(digest::digest(&digest::SHA256, der).as_ref()),
        not_before: at(certificate.validity().not_before.timestamp()),
        not_after: at(certificate.validity().not_after.timestamp()),
    })
}

/// Parses exactly one certificate: bytes after it would be seen by some readers and not by others.
pub(crate) fn parse_certificate(der: &[u8]) -> Result<X509Certificate<'_>, IdentityError> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Ok(certificate),
        _ => Err(IdentityError::Malformed),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_ids_read_back() {
        for text in ["term_1", "term_01HZ-x_y", "acct_7.term_test_simulator"] {
            assert_eq!(DeviceIdentity::parse(text).unwrap().to_string(), text);
        }
        let simulator = DeviceIdentity::parse("acct_7.term_test_simulator").unwrap();
        assert_eq!(simulator.account().unwrap().as_str(), "acct_7");
        assert_eq!(simulator.terminal().as_str(), SIMULATOR);
    }

    #[test]
    fn a_simulator_without_account_and_an_account_without_simulator_are_refused() {
        assert_eq!(DeviceIdentity::parse("term_test_simulator"), Err(LinkIdError::AccountMissing));
        assert_eq!(DeviceIdentity::parse("acct_7.term_1"), Err(LinkIdError::AccountNotAllowed));
        for text in ["", "acct_7", "acct_7.", ".term_1", "acct_7.term_test_simulator.", "term_1/x", "Term_1"]
        {
            assert!(matches!(DeviceIdentity::parse(text), Err(LinkIdError::Id(_))), "{text}");
        }
    }

    #[test]
    fn a_certificate_is_renewed_at_two_thirds_and_noticed_when_that_fails() {
        let (from, until) = (Timestamp(1_000), Timestamp(91_000));
        let facts =
            LeafFacts { serial: "1".into(), fingerprint: "2".into(), not_before: from, not_after: until };
        assert_eq!(facts.renew_at(), Timestamp(61_000));
        assert!(!facts.ends_soon(Timestamp(75_999)) && facts.ends_soon(Timestamp(76_000)));
    }

    #[test]
    fn anything_but_a_certificate_is_malformed() {
        assert_eq!(peer_identity(b""), Err(IdentityError::Malformed));
        assert_eq!(leaf_facts(&[0x30, 0x03, 1, 2, 3]), Err(IdentityError::Malformed));
    }
}
