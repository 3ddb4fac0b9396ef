//! Owns the TLS configurations. Every one is TLS 1.3 only and names its cryptography itself: nothing depends on what
//! the process installed as its default provider. It opens no connection.

use std::sync::{Arc, LazyLock};

use arc_swap::ArcSwap;
use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert, VerifierBuilderError};
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore, ServerConfig};

use crate::authority::Authority;
use crate::certificate::{Credential, parse_chain, private_key};
use crate::cloud_verifier::CloudVerifier;
use crate::deny::DenySet;
use crate::device::DeviceBundle;
use crate::identity::{IdentityError, LeafFacts, leaf_facts};
use crate::verifier::{DeviceVerifier, DeviceVerifierError};

/// Keeps each record, with its header and tag, within the 4096 bytes that rustls reads at once. The receiving side
/// then never has to grow its buffer, of which a gateway has one per terminal.
const MAX_FRAGMENT_BYTES: usize = 4096 - 24;

/// A configuration could not be built; a key, certificate or root given to it is at fault.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// rustls refused a part, for example a key that is not the certificate's.
    #[error("the TLS configuration is not usable: {0}")]
    Rustls(#[from] rustls::Error),
    /// A verifier could not be built.
    #[error("the verifier is not usable: {0}")]
    Verifier(#[from] VerifierBuilderError),
    /// Neither the given PEM nor the system has a root certificate.
    #[error("there is no readable root certificate to trust")]
    NoRoots,
}

impl From<DeviceVerifierError> for TlsError {
    fn from(error: DeviceVerifierError) -> Self {
        match error {
            DeviceVerifierError::Anchor(error) => Self::Rustls(error),
            DeviceVerifierError::Builder(error) => Self::Verifier(error),
        }
    }
}

/// aws-lc-rs with X25519 and P-256. The hybrid post-quantum group is left out: it adds a kilobyte to the hello in each
/// direction and a second key agreement to every handshake, and after an outage thousands of terminals shake hands at
/// once. Card data is sealed per transaction inside the link and does not rest on this exchange alone.
pub(crate) static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| {
    let mut provider = aws_lc_rs::default_provider();
    provider.kx_groups = vec![aws_lc_rs::kx_group::X25519, aws_lc_rs::kx_group::SECP256R1];
    Arc::new(provider)
});

/// For the device gateway: a client certificate of the devices authority is required, must name a terminal and must
/// not be in `deny`. No session can be resumed, because a resumed one is not verified again and would survive its
/// revocation; for the same reason there is no early data.
///
/// Open connections outlive a change of `deny`: ask [`DenySet::denies`] for each request, and cut them.
///
/// # Errors
/// [`TlsError`] when `credential` is not usable.
pub fn gateway_server_config(
    authority: &Authority,
    credential: &Credential,
    deny: Arc<DenySet>,
) -> Result<Arc<ServerConfig>, TlsError> {
    gateway_config_with(authority, &ServerIdentity::new(credential)?, deny)
}

/// The same, with a certificate that can be replaced while the gateway runs.
///
/// # Errors
/// [`TlsError`] when the authority is not usable.
pub fn gateway_config_with(
    authority: &Authority,
    identity: &ServerIdentity,
    deny: Arc<DenySet>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let verifier = DeviceVerifier::new(authority, deny, PROVIDER.clone())?;
    let mut config = ServerConfig::builder_with_provider(PROVIDER.clone())
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(Arc::new(verifier))
        .with_cert_resolver(Arc::clone(&identity.current) as Arc<dyn ResolvesServerCert>);
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.max_early_data_size = 0;
    config.max_fragment_size = Some(MAX_FRAGMENT_BYTES);
    Ok(Arc::new(config))
}

/// What a server presents, replaceable while it runs: handshakes that begin afterwards get the new certificate.
#[derive(Clone, Debug)]
pub struct ServerIdentity {
    pub(crate) current: Arc<Current>,
}

#[derive(Debug)]
pub(crate) struct Current(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl ServerIdentity {
    /// Presents this credential.
    ///
    /// # Errors
    /// [`TlsError`] when its key is not its certificate's.
    pub fn new(credential: &Credential) -> Result<Self, TlsError> {
        Ok(Self { current: Arc::new(Current(ArcSwap::from_pointee(certified(credential)?))) })
    }

    /// Presents this one from the next handshake on.
    ///
    /// # Errors
    /// [`TlsError`] when its key is not its certificate's; the old one stays.
    pub fn replace(&self, credential: &Credential) -> Result<(), TlsError> {
        self.current.0.store(Arc::new(certified(credential)?));
        Ok(())
    }

    /// Serial, fingerprint and validity of what is presented.
    ///
    /// # Errors
    /// [`IdentityError::Malformed`] when it is not a certificate, which only a loaded file can cause.
    pub fn facts(&self) -> Result<LeafFacts, IdentityError> {
        leaf_facts(self.current.0.load().cert.first().ok_or(IdentityError::Malformed)?)
    }
}

fn certified(credential: &Credential) -> Result<CertifiedKey, TlsError> {
    Ok(CertifiedKey::from_der(credential.chain.clone(), credential.key.clone_key(), &PROVIDER)?)
}

/// For a device that has no identity yet, or anybody else who calls the API: trusts these roots (PEM), or those of
/// the system when there are none; checks the server's name; HTTP/1.1.
///
/// # Errors
/// [`TlsError::NoRoots`] when there is nothing to trust.
pub fn api_client_config(roots_pem: Option<&str>) -> Result<Arc<ClientConfig>, TlsError> {
    let mut roots = RootCertStore::empty();
    match roots_pem {
        Some(pem) => {
            for root in parse_chain(pem).ok_or(TlsError::NoRoots)? {
                roots.add(root)?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Err(TlsError::NoRoots);
    }
    let mut config = ClientConfig::builder_with_provider(PROVIDER.clone())
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(CloudVerifier::new(roots, PROVIDER.clone())?)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// For a device on its way to the gateway: trusts the roots in its bundle and no others, checks the server's name,
/// presents the device's certificate, resumes nothing.
///
/// # Errors
/// [`TlsError`] when the bundle's roots, chain or key are not usable.
pub fn device_client_config(bundle: &DeviceBundle) -> Result<Arc<ClientConfig>, TlsError> {
    let mut roots = RootCertStore::empty();
    for root in &bundle.roots {
        roots.add(root.clone())?;
    }
    // The gateway has the issuing authority as its anchor. Sending it along would only make each connection there
    // hold on to it.
    let leaf = bundle.chain.iter().take(1).cloned().collect();
    let mut config = ClientConfig::builder_with_provider(PROVIDER.clone())
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(CloudVerifier::new(roots, PROVIDER.clone())?)
        .with_client_auth_cert(leaf, private_key(&bundle.key.0))?;
    config.resumption = Resumption::disabled();
    config.max_fragment_size = Some(MAX_FRAGMENT_BYTES);
    Ok(Arc::new(config))
}

/// For the API: a server certificate, no client certificates (API keys say who calls), HTTP/1.1.
///
/// # Errors
/// [`TlsError`] when `credential` is not usable.
pub fn api_server_config(credential: &Credential) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = ServerConfig::builder_with_provider(PROVIDER.clone())
        .with_protocol_versions(&[&TLS13])?
        .with_no_client_auth()
        .with_single_cert(credential.chain.clone(), credential.key.clone_key())?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
