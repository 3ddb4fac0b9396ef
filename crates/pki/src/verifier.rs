//! Owns the decision whether a peer may open a device link: chain, validity and purpose by webpki, then identity,
//! then the deny set. It also turns what rustls reports afterwards back into a reason.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, RootCertStore,
    SignatureScheme,
};

use crate::authority::{Authority, Role};
use crate::deny::DenySet;
use crate::identity::{IdentityError, leaf_facts, parse_certificate, peer_identity};

/// Why a device's handshake was refused; the device, or whoever provisioned it, is at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceRefusal {
    /// No certificate was presented.
    #[error("no client certificate was presented")]
    NoCertificate,
    /// The certificate comes from another installation.
    #[error("the certificate was not issued by this installation's devices authority")]
    UnknownAuthority,
    /// The certificate names this installation's authority for clients, servers or software as its issuer.
    #[error("the certificate was issued for a client, a server or software, not for a device")]
    WrongAuthority,
    /// Its time is over: the device missed its renewal.
    #[error("the certificate has expired")]
    Expired,
    /// Its time has not come: one of the clocks is wrong.
    #[error("the certificate is not valid yet")]
    NotYetValid,
    /// It is in the deny set.
    #[error("the certificate is revoked")]
    Revoked,
    /// It names no terminal.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Anything else webpki refuses, such as a wrong purpose or encoding.
    #[error("the certificate is not acceptable: {0}")]
    Invalid(String),
}

/// The reason behind a failed handshake of a gateway connection; `None` when certificates were not the reason.
#[must_use]
pub fn refusal(error: &Error) -> Option<DeviceRefusal> {
    let reason = match error {
        Error::NoCertificatesPresented => return Some(DeviceRefusal::NoCertificate),
        Error::InvalidCertificate(reason) => reason,
        _ => return None,
    };
    Some(match reason {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => DeviceRefusal::UnknownAuthority,
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => DeviceRefusal::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            DeviceRefusal::NotYetValid
        }
        CertificateError::Revoked => DeviceRefusal::Revoked,
        CertificateError::Other(OtherError(inner)) => match inner.downcast_ref::<DeviceRefusal>() {
            Some(refusal) => refusal.clone(),
            None => DeviceRefusal::Invalid(inner.to_string()),
        },
        other => DeviceRefusal::Invalid(other.to_string()),
    })
}

/// Verifies devices. The trust anchor is the devices authority itself and not the root, so that nothing issued by a
/// sibling can pass, whatever chain its holder presents.
#[derive(Debug)]
pub(crate) struct DeviceVerifier {
    chain: Arc<dyn ClientCertVerifier>,
    siblings: Vec<Vec<u8>>,
    deny: Arc<DenySet>,
}

impl DeviceVerifier {
    pub(crate) fn new(
        authority: &Authority,
        deny: Arc<DenySet>,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, DeviceVerifierError> {
        let mut anchors = RootCertStore::empty();
        anchors.add(authority.devices().certificate.clone())?;
        let chain = WebPkiClientVerifier::builder_with_provider(Arc::new(anchors), provider).build()?;
        let siblings = [Role::Clients, Role::Servers, Role::Listeners, Role::Software]
            .into_iter()
            .filter_map(|role| parse_certificate(&authority.issuing(role)?.certificate).ok())
            .map(|certificate| certificate.subject().as_raw().to_vec())
            .collect();
        Ok(Self { chain, siblings, deny })
    }

    /// Only for the report: an issuer's name proves nothing, and the certificate is refused either way.
    fn names_a_sibling(&self, leaf: &[u8]) -> bool {
        parse_certificate(leaf).is_ok_and(|leaf| {
            let issuer = leaf.issuer().as_raw();
            self.siblings.iter().any(|sibling| sibling.as_slice() == issuer)
        })
    }
}

/// The verifier could not be set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeviceVerifierError {
    #[error(transparent)]
    Anchor(#[from] Error),
    #[error(transparent)]
    Builder(#[from] VerifierBuilderError),
}

fn refused(refusal: DeviceRefusal) -> Error {
    Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(refusal))))
}

impl ClientCertVerifier for DeviceVerifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chain.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = match self.chain.verify_client_cert(end_entity, intermediates, now) {
            Err(_) if self.names_a_sibling(end_entity) => {
                return Err(refused(DeviceRefusal::WrongAuthority));
            }
            other => other?,
        };
        peer_identity(end_entity).map_err(|error| refused(error.into()))?;
        let facts = leaf_facts(end_entity).map_err(|error| refused(error.into()))?;
        if self.deny.denies(&facts) {
            // Not `Other`: this one makes rustls tell the device so, with the alert `certificate_revoked`.
            return Err(Error::InvalidCertificate(CertificateError::Revoked));
        }
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}
