//! Owns whether a till may speak to a terminal in the shop: the name in its certificate, and the judgement on one that
//! the till has proven to hold. What is answered to a till that may not is the listener's part; nothing here opens a
//! connection, reads a clock or asks the cloud.

use std::fmt;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};
use vinr_domain::{ClientCertificateId, IdError, Timestamp};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_parser::prelude::GeneralName;

use crate::certificate::parse_chain;
use crate::deny::DenySet;
use crate::identity::{DeviceIdentity, LeafFacts, LinkIdError, leaf_facts, parse_certificate};

const SCHEME: &str = "vinr:client/";

/// What a till's certificate says: which terminal it may speak to, and under which certificate. In the certificate it
/// is the one URI of the subject alternative name, `vinr:client/<link id>/<certificate id>`; no reader takes it for a
/// device's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientName {
    /// The terminal that may be spoken to.
    pub terminal: DeviceIdentity,
    /// The certificate, as the cloud lists it.
    pub certificate: ClientCertificateId,
}

/// The text names no till.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientNameError {
    /// Not `vinr:client/<link id>/<certificate id>`.
    #[error("not a `{SCHEME}<link id>/<certificate id>` URI")]
    Form,
    /// The terminal in it is not written correctly.
    #[error(transparent)]
    Terminal(#[from] LinkIdError),
    /// The certificate in it is not written correctly.
    #[error(transparent)]
    Certificate(#[from] IdError),
}

impl ClientName {
    /// Reads the URI.
    ///
    /// # Errors
    /// [`ClientNameError`] when the text is not exactly what [`ClientName::uri`] writes for some till.
    pub fn parse(uri: &str) -> Result<Self, ClientNameError> {
        let rest = uri.strip_prefix(SCHEME).ok_or(ClientNameError::Form)?;
        let (terminal, certificate) = rest.split_once('/').ok_or(ClientNameError::Form)?;
        Ok(Self {
            terminal: DeviceIdentity::parse(terminal)?,
            certificate: ClientCertificateId::parse(certificate)?,
        })
    }

    /// What the certificate carries.
    #[must_use]
    pub fn uri(&self) -> String {
        format!("{SCHEME}{}/{}", self.terminal, self.certificate)
    }
}

/// Who has proven to be at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientIdentity {
    /// The name in the certificate.
    pub name: ClientName,
    /// Serial, fingerprint and validity of the certificate.
    pub facts: LeafFacts,
}

/// Why a till may not speak to the terminal; the till, or whoever gave it its certificate, is at fault. Asking again
/// with the same certificate helps only for [`ClientFault::NotYetValid`]. No money has moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientFault {
    /// None was presented.
    #[error("a client certificate is required")]
    Required,
    /// It was not issued by an authority that the terminal was given, not for a client, or is no certificate.
    #[error("the client certificate was not issued by the authority for clients of this terminal's account")]
    UnknownAuthority,
    /// It was issued for another terminal.
    #[error("the client certificate was issued for another terminal")]
    WrongTerminal,
    /// It was revoked.
    #[error("the client certificate has been revoked")]
    Revoked,
    /// Its time is over.
    #[error("the client certificate has expired")]
    Expired,
    /// Its time has not come: one of the clocks is wrong.
    #[error("the client certificate is not valid yet")]
    NotYetValid,
}

impl ClientFault {
    /// Every fault.
    pub const ALL: [Self; 6] = [
        Self::Required,
        Self::UnknownAuthority,
        Self::WrongTerminal,
        Self::Revoked,
        Self::Expired,
        Self::NotYetValid,
    ];

    /// The code of the `permission_error` that the till is answered with.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Required => "certificate_required",
            Self::UnknownAuthority => "certificate_unknown_authority",
            Self::WrongTerminal => "certificate_wrong_terminal",
            Self::Revoked => "certificate_revoked",
            Self::Expired => "certificate_expired",
            Self::NotYetValid => "certificate_not_yet_valid",
        }
    }
}

/// The authorities that a terminal lets tills be certified by, ready to judge with.
#[derive(Clone, Default)]
pub struct ClientAnchors(Vec<TrustAnchor<'static>>);

impl ClientAnchors {
    /// Reads them from PEM. Text without a readable certificate gives anchors that know no authority, so that every
    /// till is refused.
    #[must_use]
    pub fn from_pem(pem: &str) -> Self {
        let authorities = parse_chain(pem).unwrap_or_default();
        let anchor = |authority| anchor_from_trusted_cert(authority).ok().map(|anchor| anchor.to_owned());
        Self(authorities.iter().filter_map(anchor).collect())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for ClientAnchors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientAnchors({})", self.0.len())
    }
}

/// Whether the holder of this certificate (DER; `None` when none was presented) may speak to `terminal` at `now`. Ask
/// for every request: a connection outlives the revocation and the expiry of its certificate. That the caller holds
/// the certificate's key is shown by the handshake, not here.
///
/// What is wrong is told in the order of trust: first who issued it, then for whom, then whether it still counts.
///
/// # Errors
/// [`ClientFault`].
pub fn judge_client(
    certificate: Option<&[u8]>,
    anchors: &ClientAnchors,
    terminal: &DeviceIdentity,
    revoked: &DenySet,
    now: Timestamp,
) -> Result<ClientIdentity, ClientFault> {
    let der = certificate.ok_or(ClientFault::Required)?;
    let facts = leaf_facts(der).map_err(|_| ClientFault::UnknownAuthority)?;
    if !certified_for_clients(der, anchors, &facts) {
        return Err(ClientFault::UnknownAuthority);
    }
    let name = client_name(der).filter(|name| name.terminal == *terminal);
    let name = name.ok_or(ClientFault::WrongTerminal)?;
    if revoked.denies(&facts) {
        return Err(ClientFault::Revoked);
    }
    // Certificates count in whole seconds, and the last one belongs to them (RFC 5280 section 4.1.2.5).
    let second = now.unix_seconds();
    if second < facts.not_before.unix_seconds() {
        return Err(ClientFault::NotYetValid);
    }
    if second > facts.not_after.unix_seconds() {
        return Err(ClientFault::Expired);
    }
    Ok(ClientIdentity { name, facts })
}

/// Signature and purpose. Asked for the first moment of the certificate's own validity, so that an old certificate of
/// a stranger is a stranger's and not merely old.
fn certified_for_clients(der: &[u8], anchors: &ClientAnchors, facts: &LeafFacts) -> bool {
    let der = CertificateDer::from(der);
    let Ok(leaf) = EndEntityCert::try_from(&der) else { return false };
    let Ok(first_ms) = u64::try_from(facts.not_before.0) else { return false };
    let first = UnixTime::since_unix_epoch(Duration::from_millis(first_ms));
    let algorithms = webpki::ALL_VERIFICATION_ALGS;
    leaf.verify_for_usage(algorithms, &anchors.0, &[], first, KeyUsage::client_auth(), None, None).is_ok()
}

fn client_name(der: &[u8]) -> Option<ClientName> {
    let certificate = parse_certificate(der).ok()?;
    let names = certificate.subject_alternative_name().ok()??;
    match names.value.general_names.as_slice() {
        [GeneralName::URI(uri)] => ClientName::parse(uri).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_till_is_named_with_its_terminal_and_its_certificate() {
        for link_id in ["term_1", "acct_7.term_test_simulator"] {
            let name = ClientName {
                terminal: DeviceIdentity::parse(link_id).unwrap(),
                certificate: ClientCertificateId(7),
            };
            assert_eq!(name.uri(), format!("vinr:client/{link_id}/cert_00000000000000000000000007"));
            assert_eq!(ClientName::parse(&name.uri()), Ok(name));
        }
    }

    #[test]
    fn other_names_are_no_tills() {
        let certificate = ClientCertificateId(7);
        for uri in [
            "vinr:client/term_1".to_owned(),
            format!("vinr:terminal/term_1/{certificate}"),
            format!("vinr:client/term_test_simulator/{certificate}"),
            format!("vinr:client/term_1/{certificate}/"),
            format!("vinr:client//{certificate}"),
            format!("VINR:client/term_1/{certificate}"),
        ] {
            assert!(ClientName::parse(&uri).is_err(), "{uri}");
        }
    }

    #[test]
    fn every_fault_has_a_code_of_its_own() {
        let codes: std::collections::BTreeSet<_> = ClientFault::ALL.map(ClientFault::code).into();
        assert_eq!(codes.len(), ClientFault::ALL.len());
    }
}
