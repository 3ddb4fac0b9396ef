//! What `vinr dev` can be told about webhooks, and the key that their secrets are kept under.

use std::path::{Path, PathBuf};

use clap::Args;
use vinr_server::webhooks::{SealKey, WebhookSettings};
use vinr_wire::rest::webhook::Policy;

use crate::args::OnOff;
use crate::failure::Failure;

/// Webhooks in the sandbox. They may go to this machine and without encryption, unless told otherwise.
#[derive(Clone, Debug, Args)]
pub struct WebhookArgs {
    /// Whether webhooks may go to private addresses and over plain http.
    #[arg(long = "webhook-private", value_enum, default_value_t = OnOff::On, value_name = "on|off")]
    pub private: OnOff,

    /// The pauses between the attempts to deliver a webhook, in milliseconds.
    #[arg(
        long = "webhook-retries-ms",
        value_delimiter = ',',
        default_value = "60000,300000,1800000,7200000,86400000",
        value_name = "MS,…"
    )]
    pub retries_ms: Vec<u32>,

    /// How long an endpoint has to answer, in milliseconds.
    #[arg(long = "webhook-answer-ms", default_value_t = 5_000, value_name = "MS")]
    pub answer_ms: u32,

    /// After how long of nothing but failures an endpoint is disabled, in milliseconds.
    #[arg(long = "webhook-disable-after-ms", default_value_t = 604_800_000, value_name = "MS")]
    pub disable_after_ms: u32,

    /// A certificate authority that endpoints' certificates may come from, beside those the machine trusts (PEM).
    #[arg(long = "webhook-ca", value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

impl WebhookArgs {
    /// The settings, and what [`sandbox`] says of the rest.
    pub fn settings(&self, data_dir: &Path) -> Result<WebhookSettings, Failure> {
        let open = self.private == OnOff::On;
        Ok(WebhookSettings {
            policy: Policy { plain_http: open, private_addresses: open },
            retries_ms: self.retries_ms.iter().copied().map(i64::from).collect(),
            answer_ms: u64::from(self.answer_ms),
            disable_after_ms: i64::from(self.disable_after_ms),
            extra_roots: self.ca.as_deref().map(roots).transpose()?.unwrap_or_default(),
            ..sandbox(data_dir)?
        })
    }
}

/// Webhooks to anybody, this machine included, as often and as long as everywhere; the key is made in the directory when
/// it is not there.
pub fn sandbox(data_dir: &Path) -> Result<WebhookSettings, Failure> {
    let key = data_dir.join("webhooks.key");
    Ok(WebhookSettings {
        policy: Policy { plain_http: true, private_addresses: true },
        key: Some(SealKey::open(&key).map_err(Failure::at(&key))?),
        ..WebhookSettings::default()
    })
}

/// The certificates in a file.
pub fn roots(path: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    use rustls::pki_types::pem::PemObject;
    let certificates = rustls::pki_types::CertificateDer::pem_file_iter(path);
    let certificates = certificates.and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let certificates = certificates
        .map_err(|error| Failure::new(format_args!("{} cannot be read: {error}", path.display())))?;
    Ok(certificates.into_iter().map(|certificate| certificate.to_vec()).collect())
}
