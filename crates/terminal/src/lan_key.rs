//! The key and the certificate that the terminal's listener presents in the merchant's network. The key is made here and
//! never leaves.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vinr_domain::Timestamp;
use vinr_pki::{DeviceKey, LeafFacts};

use crate::private_file;

/// What the listener presents.
#[derive(Clone, PartialEq, Eq)]
pub struct LanIdentity {
    chain_pem: String,
    key_pem: String,
}

impl LanIdentity {
    /// A certificate with its issuers (PEM, leaf first) and its key (PKCS#8, PEM).
    #[must_use]
    pub fn new(chain_pem: String, key_pem: String) -> Self {
        Self { chain_pem, key_pem }
    }

    /// The certificate and its issuers, PEM, leaf first.
    #[must_use]
    pub fn chain_pem(&self) -> &str {
        &self.chain_pem
    }

    /// The private key, PKCS#8 in PEM: secret.
    #[must_use]
    pub fn key_pem(&self) -> &str {
        &self.key_pem
    }
}

impl fmt::Debug for LanIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LanIdentity").field("chain_bytes", &self.chain_pem.len()).finish_non_exhaustive()
    }
}

/// The listener's key and certificate. Called from the device loop only.
pub trait LanKey: Send {
    /// What the listener presents; `None` until a certificate is there.
    fn identity(&self) -> Option<Arc<LanIdentity>>;

    /// When the certificate is to be renewed; `None`: there is none.
    fn renew_at(&self) -> Option<Timestamp>;

    /// The addresses that the certificate was asked for.
    fn addresses(&self) -> &[IpAddr];

    /// A request (PKCS#10, DER) for a certificate for these addresses. Called again, it is for the same key until
    /// [`LanKey::install`] has taken a certificate. `None`: this device serves no network.
    ///
    /// # Errors
    /// Why there is none.
    fn request(&mut self, addresses: &[IpAddr]) -> Result<Option<Vec<u8>>, String>;

    /// Takes the certificate of the newest request, durably.
    ///
    /// # Errors
    /// Why not; the one in use stays.
    fn install(&mut self, chain_pem: &str) -> Result<(), String>;
}

/// No listener: for simulated worlds.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoLanKey;

impl LanKey for NoLanKey {
    fn identity(&self) -> Option<Arc<LanIdentity>> {
        None
    }

    fn renew_at(&self) -> Option<Timestamp> {
        None
    }

    fn addresses(&self) -> &[IpAddr] {
        &[]
    }

    fn request(&mut self, _addresses: &[IpAddr]) -> Result<Option<Vec<u8>>, String> {
        Ok(None)
    }

    fn install(&mut self, _chain_pem: &str) -> Result<(), String> {
        Err("this device serves no network".to_owned())
    }
}

/// What is kept, in one file of mode 0600, so that key and certificate always belong together.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    key_pem: String,
    chain_pem: String,
    addresses: Vec<IpAddr>,
}

/// The listener's key in a file.
pub struct FileLanKey {
    path: PathBuf,
    current: Option<(Arc<LanIdentity>, LeafFacts)>,
    addresses: Vec<IpAddr>,
    /// The key that a certificate has been asked for, and for which addresses.
    next: Option<(DeviceKey, Vec<IpAddr>)>,
}

impl FileLanKey {
    /// Reads the file, if it is there. One that cannot be used is not: the cloud certifies a new key.
    ///
    /// # Errors
    /// What the system says, and when others can read the file.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut opened = Self { path: path.to_owned(), current: None, addresses: Vec::new(), next: None };
        if !path.exists() {
            return Ok(opened);
        }
        let text = private_file::read_secret(path)?;
        match serde_json::from_str::<Kept>(&text).map_err(|error| error.to_string()).and_then(usable) {
            Ok((current, addresses)) => (opened.current, opened.addresses) = (Some(current), addresses),
            Err(error) => tracing::warn!(%error, "the listener's certificate is asked for anew"),
        }
        Ok(opened)
    }
}

type Usable = ((Arc<LanIdentity>, LeafFacts), Vec<IpAddr>);

fn usable(kept: Kept) -> Result<Usable, String> {
    let key = DeviceKey::from_pem(&kept.key_pem).map_err(|error| error.to_string())?;
    let facts = key.certified_by(&kept.chain_pem).map_err(|error| error.to_string())?;
    Ok(((Arc::new(LanIdentity::new(kept.chain_pem, kept.key_pem)), facts), kept.addresses))
}

impl LanKey for FileLanKey {
    fn identity(&self) -> Option<Arc<LanIdentity>> {
        self.current.as_ref().map(|(identity, _)| Arc::clone(identity))
    }

    fn renew_at(&self) -> Option<Timestamp> {
        self.current.as_ref().map(|(_, facts)| facts.renew_at())
    }

    fn addresses(&self) -> &[IpAddr] {
        &self.addresses
    }

    fn request(&mut self, addresses: &[IpAddr]) -> Result<Option<Vec<u8>>, String> {
        let key = match self.next.take() {
            Some((key, _)) => key,
            None => DeviceKey::generate().map_err(|error| error.to_string())?,
        };
        let csr = key.csr().map_err(|error| error.to_string());
        self.next = Some((key, addresses.to_vec()));
        csr.map(Some)
    }

    fn install(&mut self, chain_pem: &str) -> Result<(), String> {
        let (key, addresses) = self.next.as_ref().ok_or("no certificate was asked for")?;
        // A certificate for another key is an answer to an older request; the newest is still to come.
        let facts = key.certified_by(chain_pem).map_err(|error| error.to_string())?;
        let kept =
            Kept { key_pem: key.to_pem(), chain_pem: chain_pem.to_owned(), addresses: addresses.clone() };
        let text = serde_json::to_vec(&kept).map_err(|error| error.to_string())?;
        private_file::create_dir(private_file::directory_of(&self.path))
            .map_err(|error| error.to_string())?;
        private_file::replace(&self.path, &text).map_err(|error| error.to_string())?;
        self.addresses = kept.addresses;
        self.current = Some((Arc::new(LanIdentity::new(kept.chain_pem, kept.key_pem)), facts));
        self.next = None;
        Ok(())
    }
}

impl fmt::Debug for FileLanKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileLanKey").field("path", &self.path).finish_non_exhaustive()
    }
}
