//! What a till needs before it speaks to terminals: its own certificate, and the authority that terminals are known by.
//! Reads files once, shows neither key nor passphrase to anybody.

use std::path::Path;

use vinr_pki::{Credential, OpeningError};

use super::options::TerminalOptions;
use super::simulator::Started;
use crate::calls::CertificatesCalls;
use crate::client::Core;
use crate::error::VinrError;

/// What connections to terminals are made with.
pub(super) struct Trust {
    pub credential: Option<Credential>,
    /// The root that signed every terminal of this platform, PEM.
    pub roots_pem: String,
}

/// Reads the certificate, and takes the root from its file or from the platform.
pub(super) async fn load(core: &Core, options: &TerminalOptions) -> Result<Trust, VinrError> {
    let credential = match &options.cert_path {
        Some(path) => Some(own(path, options.cert_passphrase.reveal()).await?),
        None => None,
    };
    let roots_pem = match &options.ca_path {
        Some(path) => text(path, "local_ca").await?,
        None => CertificatesCalls { core: core.clone() }.retrieve_ca_bundle().await?,
    };
    if !roots_pem.contains("-----BEGIN CERTIFICATE-----") {
        let message = "the authority of the terminals is no certificate in PEM";
        return Err(VinrError::configuration("local_ca_unreadable", message).about("local_ca"));
    }
    Ok(Trust { credential, roots_pem })
}

/// What the simulator brings along.
pub(super) async fn of_simulator(started: &Started) -> Result<Trust, VinrError> {
    let credential = own(Path::new(&started.client_p12), started.client_p12_passphrase.reveal()).await?;
    let roots_pem = text(Path::new(&started.ca_bundle), "local_ca").await?;
    Ok(Trust { credential: Some(credential), roots_pem })
}

async fn own(path: &Path, passphrase: &str) -> Result<Credential, VinrError> {
    let bundle = file(path, "local_cert").await?;
    Credential::from_pkcs12(&bundle, passphrase).map_err(|error| {
        let closed = matches!(&error, OpeningError::Closed(why) if why.to_lowercase().contains("mac"));
        let (code, message) = if closed {
            ("local_cert_passphrase", "the client certificate does not open with its passphrase")
        } else {
            ("local_cert_unreadable", "the client certificate is no PKCS #12 bundle that can be read")
        };
        VinrError::configuration(code, message).about("local_cert")
    })
}

async fn text(path: &Path, option: &str) -> Result<String, VinrError> {
    let bytes = file(path, option).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

async fn file(path: &Path, option: &str) -> Result<Vec<u8>, VinrError> {
    tokio::fs::read(path).await.map_err(|error| {
        let message = format!("{option} cannot be read ({})", error.kind());
        VinrError::configuration("local_file_unreadable", message).about(option)
    })
}
