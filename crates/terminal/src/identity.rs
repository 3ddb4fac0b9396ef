//! The device's own certificate: how long it is good for, and its renewal. The key is made here and never leaves.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ClientConfig;
use tokio::sync::watch;
use vinr_domain::Timestamp;
use vinr_pki::{DeviceBundle, DeviceKey, device_client_config};

/// The device's identity. Called from the device loop only.
pub trait Identity: Send {
    /// When the certificate in use is to be renewed; `None`: there is none.
    fn renew_at(&self) -> Option<Timestamp>;

    /// Whether the renewal is so late that somebody has to look.
    fn ends_soon(&self, now: Timestamp) -> bool;

    /// The roots that the device trusts, PEM; empty: none, and no software is accepted.
    fn roots_pem(&self) -> &str;

    /// A request (PKCS#10, DER) for a certificate of a new key. Called again, it is for the same key until
    /// [`Identity::install`] has taken a certificate.
    ///
    /// # Errors
    /// Why there is none.
    fn request(&mut self) -> Result<Vec<u8>, String>;

    /// Takes the certificate of the newest request, durably; the next connection uses it.
    ///
    /// # Errors
    /// Why not; the one in use stays.
    fn install(&mut self, chain_pem: &str) -> Result<(), String>;
}

/// No certificate and no roots: for simulated worlds, whose links need none.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoIdentity;

impl Identity for NoIdentity {
    fn renew_at(&self) -> Option<Timestamp> {
        None
    }

    fn ends_soon(&self, _now: Timestamp) -> bool {
        false
    }

    fn roots_pem(&self) -> &str {
        ""
    }

    fn request(&mut self) -> Result<Vec<u8>, String> {
        Err("this device has no certificate".to_owned())
    }

    fn install(&mut self, _chain_pem: &str) -> Result<(), String> {
        Err("this device has no certificate".to_owned())
    }
}

/// A device's identity in its data directory.
#[derive(Debug)]
pub struct FileIdentity {
    dir: PathBuf,
    bundle: DeviceBundle,
    /// The key that a certificate has been asked for.
    next: Option<DeviceKey>,
    tls: watch::Sender<Arc<ClientConfig>>,
}

impl FileIdentity {
    /// The identity that `bundle` is and `dir` holds, and the TLS configuration that follows its renewals, for
    /// [`crate::link::WssConnector`].
    ///
    /// # Errors
    /// Why the certificate cannot be used for TLS.
    pub fn new(
        dir: &Path,
        bundle: DeviceBundle,
    ) -> Result<(Self, watch::Receiver<Arc<ClientConfig>>), vinr_pki::TlsError> {
        let (tls, follows) = watch::channel(device_client_config(&bundle)?);
        Ok((Self { dir: dir.to_owned(), bundle, next: None, tls }, follows))
    }
}

impl Identity for FileIdentity {
    fn renew_at(&self) -> Option<Timestamp> {
        Some(self.bundle.facts().renew_at())
    }

    fn ends_soon(&self, now: Timestamp) -> bool {
        self.bundle.facts().ends_soon(now)
    }

    fn roots_pem(&self) -> &str {
        self.bundle.roots_pem()
    }

    fn request(&mut self) -> Result<Vec<u8>, String> {
        let key = match self.next.take() {
            Some(key) => key,
            None => DeviceKey::generate().map_err(|error| error.to_string())?,
        };
        let csr = key.csr().map_err(|error| error.to_string());
        self.next = Some(key);
        csr
    }

    fn install(&mut self, chain_pem: &str) -> Result<(), String> {
        let key = self.next.as_ref().ok_or("no certificate was asked for")?;
        // A certificate for another key is an answer to an older request; the newest is still to come.
        self.bundle.check_renewal(key, chain_pem).map_err(|error| error.to_string())?;
        let key = self.next.take().ok_or("no certificate was asked for")?;
        let bundle =
            DeviceBundle::new(key, chain_pem, self.bundle.roots_pem()).map_err(|error| error.to_string())?;
        let tls = device_client_config(&bundle).map_err(|error| error.to_string())?;
        // Written beside the old one and then put in its place: a power loss leaves either.
        bundle.save(&self.dir).map_err(|error| error.to_string())?;
        self.bundle = bundle;
        self.tls.send_replace(tls);
        Ok(())
    }
}
