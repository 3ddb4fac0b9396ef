//! How a device without identity gets one (architecture 6): it makes its key, offers itself, shows a code, and asks
//! until somebody has entered it. Everything is on disk before the next step, so that a device that loses its power
//! goes on with the same code. Shows nothing itself and runs no payment.

use std::io;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};
use vinr_pki::{BundleError, DeviceBundle, DeviceKey, KeyError};
use vinr_wire::card::ReaderKey;
use vinr_wire::rest::pairing::{IssuedIdentity, PairingOffered, PairingView};

use super::http::{Answer, Api};
use super::{ProvisionError, TerminalFacts, file, is_provisioned, key_bytes, save};
use crate::private_file;

const KEY: &str = "pairing.key";
const OFFER: &str = "pairing.json";
/// What the device remembers beside payments: configuration, actions.
const MEMORY: &str = "memory";
const OFFERS: &str = "/v1/device/pairings";

/// What a device says of itself when it offers itself, and to whom.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The cloud's API, `https://host[:port]`.
    pub cloud: String,
    /// The authorities that the API's certificate must come from, PEM; the system's when there are none.
    pub roots_pem: Option<String>,
    /// Hardware model.
    pub model: String,
    /// The maker's number.
    pub serial_number: String,
    /// Of the software that runs.
    pub software_version: String,
}

/// How far a pairing is, for the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Show this code until there is something else to show.
    Code {
        /// `ACT-7X9K-2M4P`
        activation_code: String,
    },
    /// The cloud cannot be reached, or wants to be left alone for a while; a code that is shown stays good.
    Waiting {
        /// Why.
        reason: String,
    },
    /// Somebody entered the code.
    Paired {
        /// Who the device is from here on.
        terminal_id: String,
    },
}

/// A device cannot be paired; somebody has to act.
#[derive(Debug, thiserror::Error)]
pub enum PairError {
    /// The data directory is at fault.
    #[error(transparent)]
    Provision(#[from] ProvisionError),
    /// The device's key is at fault.
    #[error("the device's key: {0}")]
    Key(#[from] KeyError),
    /// The cloud's address or its certificate authorities are at fault.
    #[error("{0}")]
    Cloud(io::Error),
    /// The cloud refuses the offer.
    #[error("the cloud refuses this device: {0}")]
    Refused(String),
    /// What the cloud issued does not fit.
    #[error("what the cloud issued is not usable: {0}")]
    Identity(#[from] BundleError),
    /// There is no key for the reader.
    #[error("the cloud gives no key for a simulated reader: activate this device with a test key")]
    NoReaderKey,
}

/// The offer under way, as it lies in the data directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    cloud: String,
    id: String,
    secret: String,
    activation_code: String,
}

/// The device while it is being paired.
struct Applicant<'a, T> {
    dir: &'a Path,
    offer: &'a Offer,
    api: Api,
    tell: T,
    failures: u32,
}

/// Pairs the device whose data directory is `dir`; returns when it is provisioned. A directory that holds a pairing
/// under way goes on with it.
///
/// # Errors
/// [`PairError`]: somebody has to act. A cloud that cannot be reached is none; it is tried again.
pub async fn pair(dir: &Path, offer: &Offer, tell: impl FnMut(Progress)) -> Result<(), PairError> {
    if is_provisioned(dir) {
        return Ok(());
    }
    private_file::create_dir(dir).map_err(file(dir))?;
    let api = Api::new(&offer.cloud, offer.roots_pem.as_deref()).map_err(PairError::Cloud)?;
    let mut applicant = Applicant { dir, offer, api, tell, failures: 0 };
    let issued = applicant.until_issued().await?;
    applicant.keep(&issued)?;
    applicant.confirm().await;
    applicant.tidy()?;
    (applicant.tell)(Progress::Paired { terminal_id: issued.terminal_id });
    Ok(())
}

impl<T: FnMut(Progress)> Applicant<'_, T> {
    async fn until_issued(&mut self) -> Result<IssuedIdentity, PairError> {
        loop {
            let kept = match self.kept()? {
                Some(kept) => kept,
                None => self.offer().await?,
            };
            (self.tell)(Progress::Code { activation_code: kept.activation_code.clone() });
            if let Some(issued) = self.until_claimed(&kept).await? {
                return Ok(issued);
            }
            self.drop_offer()?;
        }
    }

    /// The identity, or nothing when the offer is over.
    async fn until_claimed(&mut self, kept: &Kept) -> Result<Option<IssuedIdentity>, PairError> {
        loop {
            let asked = Instant::now();
            match self.api.get(&format!("{OFFERS}/{}", kept.id), &kept.secret).await {
                Ok(Answer { status: 200, body, .. }) => {
                    self.failures = 0;
                    let Ok(view) = serde_json::from_slice::<PairingView>(&body) else {
                        self.wait("the cloud's answer makes no sense", None).await;
                        continue;
                    };
                    match (view.status.as_str(), view.identity) {
                        ("offered" | "claimed", _) => {
                            let pause = Duration::from_millis(view.poll_after_ms.clamp(100, 10_000).into());
                            sleep(pause.saturating_sub(asked.elapsed())).await;
                        }
                        ("issued", Some(issued)) => return Ok(Some(issued)),
                        _ => return Ok(None),
                    }
                }
                Ok(Answer { status: 401 | 404, .. }) => return Ok(None),
                Ok(answer) => self.wait(&said(&answer), answer.retry_after_s).await,
                Err(error) => self.wait(&error.to_string(), None).await,
            }
        }
    }

    /// Makes an offer and keeps it.
    async fn offer(&mut self) -> Result<Kept, PairError> {
        let key = self.key()?;
        let body = serde_json::json!({
            "csr": STANDARD.encode(key.csr()?),
            "model": self.offer.model,
            "serialNumber": self.offer.serial_number,
            "softwareVersion": self.offer.software_version,
        });
        loop {
            match self.api.post(OFFERS, None, body.to_string().into_bytes()).await {
                Ok(Answer { status: 200, body, .. }) => {
                    let offered: PairingOffered = serde_json::from_slice(&body)
                        .map_err(|error| PairError::Refused(format!("its answer makes no sense: {error}")))?;
                    self.failures = 0;
                    let kept = Kept {
                        cloud: self.offer.cloud.clone(),
                        id: offered.id,
                        secret: offered.secret,
                        activation_code: offered.activation_code,
                    };
                    self.write(OFFER, &serde_json::to_vec(&kept).map_err(io::Error::other))?;
                    return Ok(kept);
                }
                Ok(answer @ Answer { status: 429 | 500..=599, .. }) => {
                    self.wait(&said(&answer), answer.retry_after_s).await;
                }
                Ok(answer) => return Err(PairError::Refused(said(&answer))),
                Err(error) => self.wait(&error.to_string(), None).await,
            }
        }
    }

    /// The device's key: made once, before anybody hears of it.
    fn key(&self) -> Result<DeviceKey, PairError> {
        let path = self.dir.join(KEY);
        if path.exists() {
            return Ok(DeviceKey::from_pem(&private_file::read_secret(&path).map_err(file(&path))?)?);
        }
        let key = DeviceKey::generate()?;
        self.write(KEY, &Ok(key.to_pem().into_bytes()))?;
        Ok(key)
    }

    /// The offer that an earlier life of the device made to the same cloud.
    fn kept(&self) -> Result<Option<Kept>, PairError> {
        let path = self.dir.join(OFFER);
        if !path.exists() || !self.dir.join(KEY).exists() {
            return Ok(None);
        }
        let text = private_file::read_secret(&path).map_err(file(&path))?;
        let kept = serde_json::from_str::<Kept>(&text).ok();
        Ok(kept.filter(|kept| kept.cloud == self.offer.cloud))
    }

    fn keep(&self, issued: &IssuedIdentity) -> Result<(), PairError> {
        let bundle = DeviceBundle::new(self.key()?, &issued.certificate_chain, &issued.roots)?;
        let reader_key = issued.sandbox_reader_key.as_deref().and_then(key_bytes);
        let facts = TerminalFacts {
            link_id: issued.link_id.clone(),
            cloud: issued.gateway.address.clone(),
            server_name: issued.gateway.server_name.clone(),
            model: self.offer.model.clone(),
            serial_number: self.offer.serial_number.clone(),
        };
        let reader_key = ReaderKey::from_bytes(reader_key.ok_or(PairError::NoReaderKey)?);
        Ok(save(self.dir, &facts, &bundle, &reader_key)?)
    }

    /// A courtesy: the first greeting says the same.
    async fn confirm(&self) {
        let Ok(Some(kept)) = self.kept() else { return };
        let path = format!("{OFFERS}/{}/confirm", kept.id);
        if let Err(error) = self.api.post(&path, Some(&kept.secret), Vec::new()).await {
            tracing::info!(%error, "pairing: not confirmed; the first greeting does it");
        }
    }

    fn drop_offer(&self) -> Result<(), PairError> {
        remove(&self.dir.join(OFFER))
    }

    /// The key lives in the identity from here on.
    fn tidy(&self) -> Result<(), PairError> {
        self.drop_offer()?;
        remove(&self.dir.join(KEY))
    }

    async fn wait(&mut self, reason: &str, retry_after_s: Option<u64>) {
        (self.tell)(Progress::Waiting { reason: reason.to_owned() });
        let backoff = Duration::from_millis(500 << self.failures.min(5));
        self.failures += 1;
        sleep(retry_after_s.map_or(backoff, |seconds| Duration::from_secs(seconds.min(600)))).await;
    }

    fn write(&self, name: &str, bytes: &io::Result<Vec<u8>>) -> Result<(), PairError> {
        let path = self.dir.join(name);
        let written = match bytes {
            Ok(bytes) => private_file::replace(&path, bytes).map(|_file| ()),
            Err(error) => Err(io::Error::other(error.to_string())),
        };
        Ok(written.map_err(file(&path))?)
    }
}

/// Forgets who the device was, so that it can be paired anew: after the cloud has taken it out of service. What its
/// journal holds is kept beside, for whoever has to look.
///
/// # Errors
/// [`ProvisionError::File`]
pub fn forget(dir: &Path) -> Result<(), ProvisionError> {
    // `terminal.json` first: without it the directory holds no terminal, whatever else is left.
    for name in [super::FACTS, super::READER_KEY, super::LISTENER] {
        let path = dir.join(name);
        if path.exists() {
            std::fs::remove_file(&path).map_err(file(&path))?;
        }
    }
    let identity = dir.join(super::IDENTITY);
    if identity.exists() {
        std::fs::remove_dir_all(&identity).map_err(file(&identity))?;
    }
    // The storage key stays: what it sealed may still be wanted of the journal that is set aside.
    for name in [super::JOURNAL, super::MARK, MEMORY] {
        set_aside(dir, name)?;
    }
    private_file::sync_dir(dir).map_err(file(dir))
}

/// Renames `name` to the first of `name.1`, `name.2`, … that is free.
fn set_aside(dir: &Path, name: &str) -> Result<(), ProvisionError> {
    let path = dir.join(name);
    if !path.exists() {
        return Ok(());
    }
    let aside =
        (1..=u32::MAX).map(|number| dir.join(format!("{name}.{number}"))).find(|aside| !aside.exists());
    std::fs::rename(&path, aside.unwrap_or_else(|| dir.join(format!("{name}.0")))).map_err(file(&path))
}

fn remove(path: &Path) -> Result<(), PairError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(file(path)(error).into()),
        _ => Ok(()),
    }
}

/// What the cloud says is wrong, in its own words.
fn said(answer: &Answer) -> String {
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let message = body.pointer("/error/message").and_then(|message| message.as_str());
    message.map_or_else(|| format!("the cloud answers {}", answer.status), str::to_owned)
}
