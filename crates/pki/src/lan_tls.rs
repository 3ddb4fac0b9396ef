//! Builds the TLS configurations for the merchant's network: the listener of a terminal, and a till that speaks to it.
//! TLS 1.3 only, and nothing is resumed. Who a till is, the listener proves here and judges with
//! [`crate::judge_client`] for every request; what the till is answered is the listener's part.

use std::sync::{Arc, OnceLock};

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, ResolvesServerCert};
use rustls::version::TLS13;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, OtherError,
    ServerConfig, SignatureScheme,
};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use crate::certificate::{Credential, parse_chain};
use crate::identity::{DeviceIdentity, IdentityError};
use crate::listener::listener_identity;
use crate::tls::{PROVIDER, ServerIdentity, TlsError};

/// For a terminal's listener in the merchant's network. Asks a till for a certificate and lets in tills without one:
/// the key of a certificate is proven by the handshake, everything else about it is asked per request with
/// [`crate::judge_client`], because a connection outlives a revocation, and because a till is better told what is wrong
/// than cut off. No session is kept and no ticket given: a resumed one would not be proven again.
///
/// # Errors
/// [`TlsError`] when rustls refuses a part.
pub fn lan_server_config(identity: &ServerIdentity) -> Result<Arc<ServerConfig>, TlsError> {
    let proof = Arc::new(Proof(PROVIDER.signature_verification_algorithms));
    let mut config = ServerConfig::builder_with_provider(PROVIDER.clone())
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(proof)
        .with_cert_resolver(Arc::clone(&identity.current) as Arc<dyn ResolvesServerCert>);
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.max_early_data_size = 0;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// For a till on its way to `terminal`: trusts these roots (PEM) and no others, and of what they issued only the
/// certificate that names the terminal; under which address it was found does not matter. Presents `credential` if
/// there is one (the Cashless API asks for none), resumes nothing.
///
/// # Errors
/// [`TlsError`] when there is no root to trust, or `credential` is not usable.
pub fn till_client_config(
    roots_pem: &str,
    terminal: &DeviceIdentity,
    credential: Option<&Credential>,
) -> Result<Arc<ClientConfig>, TlsError> {
    till_config(roots_pem, Expected::This(terminal.clone()), credential)
}

/// For a till that looks who is at an address: trusts these roots (PEM) and no others, takes whichever terminal they
/// issued for, and says which one that is as soon as the handshake is done. What is found so is asked who it is, and
/// told nothing; a payment goes through [`till_client_config`].
///
/// # Errors
/// [`TlsError`] when there is no root to trust, or `credential` is not usable.
pub fn looking_client_config(
    roots_pem: &str,
    credential: Option<&Credential>,
) -> Result<(Arc<ClientConfig>, Arc<OnceLock<DeviceIdentity>>), TlsError> {
    let found = Arc::new(OnceLock::new());
    let config = till_config(roots_pem, Expected::Any(Arc::clone(&found)), credential)?;
    Ok((config, found))
}

fn till_config(
    roots_pem: &str,
    expected: Expected,
    credential: Option<&Credential>,
) -> Result<Arc<ClientConfig>, TlsError> {
    let roots = parse_chain(roots_pem).ok_or(TlsError::NoRoots)?;
    let anchor = |root| anchor_from_trusted_cert(root).ok().map(|anchor| anchor.to_owned());
    let anchors: Vec<TrustAnchor<'static>> = roots.iter().filter_map(anchor).collect();
    if anchors.is_empty() {
        return Err(TlsError::NoRoots);
    }
    let algorithms = PROVIDER.signature_verification_algorithms;
    let verifier = ListenerVerifier { anchors, expected, algorithms };
    let builder = ClientConfig::builder_with_provider(PROVIDER.clone())
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match credential {
        Some(own) => builder.with_client_auth_cert(own.chain.clone(), own.key.clone_key())?,
        None => builder.with_no_client_auth(),
    };
    config.resumption = Resumption::disabled();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Why a till does not speak to what it found; nothing was said to it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListenerRefusal {
    /// It is another terminal.
    #[error("this is terminal {0}, and not the one that was looked for")]
    OtherTerminal(DeviceIdentity),
    /// It is no terminal.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

/// Takes every certificate whose key is proven.
#[derive(Debug)]
struct Proof(WebPkiSupportedAlgorithms);

impl ClientCertVerifier for Proof {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    /// None, so that a till presents what it has and is told what is wrong with it.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

/// Whom a till expects at an address.
#[derive(Debug)]
enum Expected {
    /// Nobody but this terminal.
    This(DeviceIdentity),
    /// One terminal, whichever it is; the first that answers.
    Any(Arc<OnceLock<DeviceIdentity>>),
}

impl Expected {
    fn is(&self, found: &DeviceIdentity) -> bool {
        match self {
            Self::This(terminal) => terminal == found,
            Self::Any(known) => known.get_or_init(|| found.clone()) == found,
        }
    }
}

/// Verifies that a server is a terminal.
#[derive(Debug)]
struct ListenerVerifier {
    anchors: Vec<TrustAnchor<'static>>,
    expected: Expected,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for ListenerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let leaf = EndEntityCert::try_from(end_entity).map_err(|error| invalid(&error))?;
        let usage = KeyUsage::server_auth();
        leaf.verify_for_usage(self.algorithms.all, &self.anchors, intermediates, now, usage, None, None)
            .map_err(|error| invalid(&error))?;
        match listener_identity(end_entity) {
            Ok(terminal) if self.expected.is(&terminal) => Ok(ServerCertVerified::assertion()),
            Ok(other) => Err(refused(ListenerRefusal::OtherTerminal(other))),
            Err(error) => Err(refused(error.into())),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

fn refused(refusal: ListenerRefusal) -> Error {
    Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(refusal))))
}

fn invalid(error: &webpki::Error) -> Error {
    Error::InvalidCertificate(match error {
        webpki::Error::UnknownIssuer | webpki::Error::InvalidSignatureForPublicKey => {
            CertificateError::UnknownIssuer
        }
        webpki::Error::CertExpired { .. } => CertificateError::Expired,
        webpki::Error::CertNotValidYet { .. } => CertificateError::NotValidYet,
        webpki::Error::RequiredEkuNotFoundContext(_) => CertificateError::InvalidPurpose,
        webpki::Error::NameConstraintViolation => CertificateError::NotValidForName,
        _ => CertificateError::BadEncoding,
    })
}
