//! The till of a sandbox: the certificate that lets it speak to a simulated terminal, in files for curl and the SDKs.
//! Made at the first start and again before it ends; what was changed about the terminal since stays changed.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use vinr_domain::Timestamp;
use vinr_pki::Credential;
use vinr_server::gateway::TerminalKey;
use vinr_server::platform::Platform;
use vinr_wire::rest::lan::LanModes;

use crate::failure::Failure;

/// A certificate that ends sooner than this is replaced at the start.
const RENEW_BEFORE_MS: i64 = 10 * 24 * 3_600_000;

/// Below the data directory.
pub const DIR: &str = "till";
/// What opens the .p12; there once the till has been furnished.
const PASSPHRASE: &str = "passphrase";

/// Where the till's files are.
#[derive(Clone, Debug)]
pub struct Till {
    /// Key and certificates (PKCS #12).
    pub p12: PathBuf,
    /// What opens it.
    pub passphrase: String,
    /// The certificate and its issuers (PEM).
    pub cert: PathBuf,
    /// The key (PEM).
    pub key: PathBuf,
}

/// At the first start of a sandbox: the terminal is to serve both of its APIs. Said before it is started, so that it is
/// the first thing it hears.
pub async fn open_doors(platform: &Platform, terminal: &TerminalKey, dir: &Path) -> Result<(), Failure> {
    if is_furnished(dir) {
        return Ok(());
    }
    let modes = LanModes { local_api: true, open_wire: false, cashless: true };
    platform.applications.lan.seed(terminal, modes).await.map_err(Failure::new)
}

/// Whether this sandbox has been started before, as far as its till.
pub fn is_furnished(dir: &Path) -> bool {
    dir.join(PASSPHRASE).exists()
}

/// Furnishes the sandbox with a till for that terminal.
pub async fn furnish(
    platform: &Platform,
    terminal: &TerminalKey,
    dir: &Path,
    now: Timestamp,
) -> Result<Till, Failure> {
    super::make_private_dir(dir)?;
    let till = |passphrase| Till {
        p12: dir.join("client.p12"),
        passphrase,
        cert: dir.join("client.pem"),
        key: dir.join("client.key"),
    };
    let kept = dir.join(PASSPHRASE);
    let lan = &platform.applications.lan;
    if let Ok(passphrase) = std::fs::read_to_string(&kept) {
        let known = till(passphrase.trim().to_owned());
        if lasts(&known, now) {
            return Ok(known);
        }
    }
    let made = lan.seed_client(terminal, "The sandbox's till").await.map_err(Failure::new)?;
    let till = till(made.passphrase);
    write(&till.p12, &made.pkcs12)?;
    write(&till.cert, made.credential.chain_pem().as_bytes())?;
    write(&till.key, made.credential.key_pem().as_bytes())?;
    // Last: a start that was cut off begins again.
    write(&kept, till.passphrase.as_bytes())?;
    Ok(till)
}

fn lasts(till: &Till, now: Timestamp) -> bool {
    let read = |path: &Path| std::fs::read_to_string(path).ok();
    let (Some(chain), Some(key)) = (read(&till.cert), read(&till.key)) else { return false };
    let facts = Credential::from_pem(&chain, &key).and_then(|credential| credential.facts());
    till.p12.exists() && facts.is_ok_and(|facts| facts.not_after.ms_since(now) > RENEW_BEFORE_MS)
}

/// A file that only its owner may read.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let temporary = path.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let written = options.open(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.and_then(|()| std::fs::rename(&temporary, path)).map_err(Failure::at(path))
}
