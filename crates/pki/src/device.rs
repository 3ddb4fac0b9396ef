//! Owns the terminal's side of its identity: a key that is made on the device and never leaves it, and the files of
//! a provisioned device. It cannot issue anything.

use std::fmt;
use std::path::{Path, PathBuf};

use rcgen::{CertificateParams, DistinguishedName, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData};
use rustls::pki_types::CertificateDer;

use crate::certificate::parse_chain;
use crate::files::{self, StorageError};
use crate::identity::{
    DeviceIdentity, IdentityError, LeafFacts, leaf_facts, parse_certificate, peer_identity,
};

const KEY: &str = "key.pem";
const NEXT_KEY: &str = "key.next.pem";
const CERTIFICATE: &str = "cert.pem";
const ROOTS: &str = "ca.pem";

/// A device's private key, ECDSA P-256.
pub struct DeviceKey(pub(crate) KeyPair);

/// A key could not be made, read or used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The cryptographic library refused.
    #[error("the key cannot be made or used: {0}")]
    Library(String),
    /// Not a PEM private key of the one supported kind.
    #[error("not an ECDSA P-256 private key in PEM")]
    NotP256,
}

impl DeviceKey {
    /// Makes a new key.
    ///
    /// # Errors
    /// [`KeyError::Library`] when the system has no randomness to give.
    pub fn generate() -> Result<Self, KeyError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256);
        key.map(Self).map_err(|error| KeyError::Library(error.to_string()))
    }

    /// A certificate signing request in DER (RFC 2986), signed with this key. It asks for no name: which terminal
    /// the device is, the authority decides.
    ///
    /// # Errors
    /// [`KeyError::Library`] when signing fails.
    pub fn csr(&self) -> Result<Vec<u8>, KeyError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        let request =
            params.serialize_request(&self.0).map_err(|error| KeyError::Library(error.to_string()))?;
        Ok(request.der().to_vec())
    }

    /// The key as PEM: secret. For files of mode 0600 on the device only.
    #[must_use]
    pub fn to_pem(&self) -> String {
        self.0.serialize_pem()
    }

    /// Reads what [`Self::to_pem`] wrote.
    ///
    /// # Errors
    /// [`KeyError::NotP256`] for anything else.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        match KeyPair::from_pem(pem) {
            Ok(key) if key.is_compatible(&PKCS_ECDSA_P256_SHA256) => Ok(Self(key)),
            _ => Err(KeyError::NotP256),
        }
    }

    /// What the leaf of a chain (PEM, leaf first) says, if it certifies this key. Whose it is, is not looked at.
    ///
    /// # Errors
    /// [`BundleError`]: what is wrong with it.
    pub fn certified_by(&self, chain_pem: &str) -> Result<LeafFacts, BundleError> {
        let chain = parse_chain(chain_pem).ok_or(BundleError::NoCertificate)?;
        let leaf = chain.first().ok_or(BundleError::NoCertificate)?;
        if self.matches(leaf) { Ok(leaf_facts(leaf)?) } else { Err(BundleError::Mismatch) }
    }

    /// Whether `leaf` certifies this key.
    pub(crate) fn matches(&self, leaf: &[u8]) -> bool {
        parse_certificate(leaf).is_ok_and(|certificate| {
            certificate.public_key().raw == self.0.subject_public_key_info().as_slice()
        })
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceKey(..)")
    }
}

/// What a provisioned device keeps on disk: `key.pem`, `cert.pem` (leaf first) and `ca.pem` (the roots it trusts).
pub struct DeviceBundle {
    pub(crate) key: DeviceKey,
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) roots: Vec<CertificateDer<'static>>,
    chain_pem: String,
    roots_pem: String,
    identity: DeviceIdentity,
    facts: LeafFacts,
}

/// The parts of a device's identity do not make a whole.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file could not be read or written, or its mode is wrong.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The directory holds no provisioned device.
    #[error("{} holds no device certificate: provision the device", dir.display())]
    NotProvisioned {
        /// The directory.
        dir: PathBuf,
    },
    /// The key cannot be used.
    #[error("the device's key is not usable: {0}")]
    Key(#[from] KeyError),
    /// No certificate chain.
    #[error("the device's chain holds no readable PEM certificate")]
    NoCertificate,
    /// No roots.
    #[error("the device's roots hold no readable PEM certificate")]
    NoRoots,
    /// The certificate was issued for another key.
    #[error("the device's certificate is for another key: provision the device again")]
    Mismatch,
    /// The certificate names no terminal.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The certificate names another terminal than the one that asked.
    #[error("the certificate is for another terminal")]
    OtherTerminal,
    /// The certificate ends no later than the one it would replace.
    #[error("the certificate ends no later than the one in use")]
    NoLonger,
}

impl DeviceBundle {
    /// Puts a device's key, the chain its authority issued for it and the roots it shall trust together.
    ///
    /// # Errors
    /// [`BundleError`] when a part cannot be read, the key is not the certificate's, or the leaf names no terminal.
    pub fn new(key: DeviceKey, chain_pem: &str, roots_pem: &str) -> Result<Self, BundleError> {
        let chain = parse_chain(chain_pem).ok_or(BundleError::NoCertificate)?;
        let roots = parse_chain(roots_pem).ok_or(BundleError::NoRoots)?;
        let leaf = chain.first().ok_or(BundleError::NoCertificate)?;
        let (identity, facts) = (peer_identity(leaf)?, leaf_facts(leaf)?);
        if !key.matches(leaf) {
            return Err(BundleError::Mismatch);
        }
        let (chain_pem, roots_pem) = (chain_pem.to_owned(), roots_pem.to_owned());
        Ok(Self { key, chain, roots, chain_pem, roots_pem, identity, facts })
    }

    /// Whether `chain_pem` certifies `key` for this same terminal, for longer than this bundle's own certificate.
    ///
    /// # Errors
    /// [`BundleError`]: what is wrong with it; this bundle stays good.
    pub fn check_renewal(&self, key: &DeviceKey, chain_pem: &str) -> Result<(), BundleError> {
        let chain = parse_chain(chain_pem).ok_or(BundleError::NoCertificate)?;
        let leaf = chain.first().ok_or(BundleError::NoCertificate)?;
        if !key.matches(leaf) {
            return Err(BundleError::Mismatch);
        }
        if peer_identity(leaf)? != self.identity {
            return Err(BundleError::OtherTerminal);
        }
        if leaf_facts(leaf)?.not_after <= self.facts.not_after {
            return Err(BundleError::NoLonger);
        }
        Ok(())
    }

    /// Writes the three files with mode 0600, creating `dir` with mode 0700. May replace an older bundle: whenever
    /// power fails, [`DeviceBundle::load`] finds the old or the new one.
    ///
    /// # Errors
    /// [`BundleError::Storage`].
    pub fn save(&self, dir: &Path) -> Result<(), BundleError> {
        files::create_private_dir(dir)?;
        // `cert.pem` is the commit point: until it is replaced the old key is in place, and from then on the new
        // key is found under its temporary name.
        files::write(dir, ROOTS, self.roots_pem.as_bytes())?;
        files::write(dir, NEXT_KEY, self.key.0.serialize_pem().as_bytes())?;
        files::write(dir, CERTIFICATE, self.chain_pem.as_bytes())?;
        files::rename(dir, NEXT_KEY, KEY)?;
        Ok(())
    }

    /// Reads what [`DeviceBundle::save`] wrote. Whether the certificate has expired is for the caller to see in
    /// [`DeviceBundle::facts`].
    ///
    /// # Errors
    /// [`BundleError`], naming the file and the cure where the operator has to act.
    pub fn load(dir: &Path) -> Result<Self, BundleError> {
        if !files::exists(&dir.join(CERTIFICATE))? {
            return Err(BundleError::NotProvisioned { dir: dir.into() });
        }
        let chain_pem = files::read(&dir.join(CERTIFICATE))?;
        let roots_pem = files::read(&dir.join(ROOTS))?;
        if let Some(key) = Self::interrupted(dir, &chain_pem)? {
            files::rename(dir, NEXT_KEY, KEY)?;
            return Self::new(key, &chain_pem, &roots_pem);
        }
        let key = DeviceKey::from_pem(&files::read_secret(&dir.join(KEY))?)?;
        Self::new(key, &chain_pem, &roots_pem)
    }

    /// The key of a save that stopped after its commit point.
    fn interrupted(dir: &Path, chain_pem: &str) -> Result<Option<DeviceKey>, BundleError> {
        let path = dir.join(NEXT_KEY);
        if !files::exists(&path)? {
            return Ok(None);
        }
        let chain = parse_chain(chain_pem).ok_or(BundleError::NoCertificate)?;
        let key = DeviceKey::from_pem(&files::read_secret(&path)?)?;
        Ok(chain.first().is_some_and(|leaf| key.matches(leaf)).then_some(key))
    }

    /// The terminal this device is.
    #[must_use]
    pub fn identity(&self) -> &DeviceIdentity {
        &self.identity
    }

    /// The authorities it trusts, as PEM.
    #[must_use]
    pub fn roots_pem(&self) -> &str {
        &self.roots_pem
    }

    /// Serial, fingerprint and validity of the device's certificate.
    #[must_use]
    pub fn facts(&self) -> &LeafFacts {
        &self.facts
    }
}

impl fmt::Debug for DeviceBundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceBundle")
            .field("identity", &self.identity)
            .field("facts", &self.facts)
            .finish_non_exhaustive()
    }
}
