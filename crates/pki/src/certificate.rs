//! Owns certificates and keys in memory on their way between an authority, a file and a TLS configuration. Keys
//! never reach a log: nothing here prints one.

use std::fmt;
use std::path::{Path, PathBuf};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::files::{self, StorageError};
use crate::identity::{IdentityError, LeafFacts, leaf_facts};

/// A leaf certificate for a key that its holder made and kept.
#[derive(Clone, Debug)]
pub struct IssuedCertificate {
    pub(crate) leaf: CertificateDer<'static>,
    pub(crate) chain_pem: String,
    pub(crate) facts: LeafFacts,
}

impl IssuedCertificate {
    /// The leaf.
    #[must_use]
    pub fn leaf(&self) -> &CertificateDer<'static> {
        &self.leaf
    }

    /// The leaf and its issuing authority, as PEM in that order.
    #[must_use]
    pub fn chain_pem(&self) -> &str {
        &self.chain_pem
    }

    /// What to record in order to list and revoke it.
    #[must_use]
    pub fn facts(&self) -> &LeafFacts {
        &self.facts
    }
}

/// A private key with its certificate chain, leaf first.
pub struct Credential {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
    chain_pem: String,
    key_pem: String,
}

/// A key or certificate file does not hold what it should; the operator has to act.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// The file could not be read, or its mode is wrong.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// No PEM certificate in it.
    #[error("{} holds no readable PEM certificate", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// No PEM private key in it.
    #[error("{} holds no readable PEM private key", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },
}

impl Credential {
    /// Reads a certificate an operator brought along, for example one of a public authority for the API. The chain
    /// and the key must match; [`crate::api_server_config`] checks that.
    ///
    /// # Errors
    /// [`CredentialError`] when a file cannot be read, holds something else, or the key is open to other users.
    pub fn load(chain: &Path, key: &Path) -> Result<Self, CredentialError> {
        let chain_pem = files::read(chain)?;
        let key_pem = files::read_secret(key)?;
        let certificates =
            parse_chain(&chain_pem).ok_or(CredentialError::NoCertificate { path: chain.into() })?;
        let parsed = PrivateKeyDer::from_pem_slice(key_pem.as_bytes())
            .map_err(|_| CredentialError::NoKey { path: key.into() })?;
        Ok(Self { chain: certificates, key: parsed, chain_pem, key_pem })
    }

    /// Reads a chain, leaf first, and its key, as they are kept in one's own memory.
    ///
    /// # Errors
    /// [`IdentityError::Malformed`] when either cannot be read.
    pub fn from_pem(chain_pem: &str, key_pem: &str) -> Result<Self, IdentityError> {
        let chain = parse_chain(chain_pem).ok_or(IdentityError::Malformed)?;
        let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes()).map_err(|_| IdentityError::Malformed)?;
        Ok(Self { chain, key, chain_pem: chain_pem.to_owned(), key_pem: key_pem.to_owned() })
    }

    /// The leaf.
    ///
    /// # Errors
    /// [`IdentityError::Malformed`] when there is none, which only a loaded chain can cause.
    pub fn leaf(&self) -> Result<&CertificateDer<'static>, IdentityError> {
        self.chain.first().ok_or(IdentityError::Malformed)
    }

    pub(crate) fn new(chain: Vec<CertificateDer<'static>>, chain_pem: String, key: &rcgen::KeyPair) -> Self {
        Self { chain, chain_pem, key: private_key(key), key_pem: key.serialize_pem() }
    }

    /// The leaf and its issuing authorities, as PEM.
    #[must_use]
    pub fn chain_pem(&self) -> &str {
        &self.chain_pem
    }

    /// The private key as PEM: secret. Store it in files of mode 0600 only.
    #[must_use]
    pub fn key_pem(&self) -> &str {
        &self.key_pem
    }

    /// Serial, fingerprint and validity of the leaf.
    ///
    /// # Errors
    /// [`IdentityError::Malformed`] when the leaf is not a certificate, which only a loaded file can cause.
    pub fn facts(&self) -> Result<LeafFacts, IdentityError> {
        leaf_facts(self.chain.first().ok_or(IdentityError::Malformed)?)
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("leaf", &self.facts()).finish_non_exhaustive()
    }
}

/// Every certificate in the text; `None` when there is none or one cannot be read.
pub(crate) fn parse_chain(pem: &str) -> Option<Vec<CertificateDer<'static>>> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().ok()?;
    (!chain.is_empty()).then_some(chain)
}

/// The key in the form rustls takes.
pub(crate) fn private_key(key: &rcgen::KeyPair) -> PrivateKeyDer<'static> {
    PrivatePkcs8KeyDer::from(key.serialize_der()).into()
}
