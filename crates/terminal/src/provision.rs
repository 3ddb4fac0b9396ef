//! What a provisioned terminal keeps in its data directory, and where. Makes no identity and talks to nobody:
//! whoever provisions brings the parts.

mod http;
pub mod pairing;

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vinr_pki::{BundleError, DeviceBundle};
use vinr_wire::card::{ReaderKey, StorageKey};
use zeroize::Zeroizing;

use crate::private_file;

const FACTS: &str = "terminal.json";
const READER_KEY: &str = "reader.key";
const IDENTITY: &str = "identity";
const JOURNAL: &str = "journal";
const MEMORY: &str = "memory.json";
const STORAGE_KEY: &str = "storage.key";
const MARK: &str = "offline.json";
const LISTENER: &str = "listener.json";

/// What is written in `terminal.json`. Unknown fields are an error: a setting that is misspelt must not be ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TerminalFacts {
    /// Who the terminal is: what stands in its certificate, `term_…` or `acct_….term_…`.
    pub link_id: String,
    /// Where the cloud's gateway listens, `host:port`.
    pub cloud: String,
    /// The name that the gateway's certificate must have.
    pub server_name: String,
    /// The device's model, for the cloud's list of terminals.
    pub model: String,
    /// The device's serial number.
    pub serial_number: String,
}

/// A terminal's data directory, read.
#[derive(Debug)]
pub struct Provisioned {
    /// Who it is and where its cloud is.
    pub facts: TerminalFacts,
    /// Its key and certificate.
    pub bundle: DeviceBundle,
    /// What its reader seals card data with.
    pub reader_key: ReaderKey,
    /// Where its journal is kept.
    pub journal: PathBuf,
    /// Where it keeps the rest of what it must remember.
    pub memory: PathBuf,
    /// Where its key and certificate are.
    pub identity: PathBuf,
    /// What seals cards that wait on its disk. Made on the device the first time, and nowhere else.
    pub storage_key: StorageKey,
    /// Where it is kept how far the approvals without the cloud have come.
    pub mark: PathBuf,
    /// Where the key and the certificate of its listener in the merchant's network are.
    pub listener: PathBuf,
}

/// A data directory is not usable; the operator has to act.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// Nothing was ever provisioned there.
    #[error("{} holds no terminal: provision one, or name another directory with --data", dir.display())]
    NotProvisioned {
        /// The directory.
        dir: PathBuf,
    },
    /// A file cannot be read or written, or others can read it.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// A file does not hold what it must.
    #[error("{}: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The key or the certificate is not usable.
    #[error(transparent)]
    Identity(#[from] BundleError),
    /// The certificate is another terminal's.
    #[error("the certificate is for {certified}, terminal.json says {stated}: provision the device again")]
    OtherTerminal {
        /// In the certificate.
        certified: String,
        /// In `terminal.json`.
        stated: String,
    },
}

fn file<'a>(path: &'a Path) -> impl FnOnce(io::Error) -> ProvisionError + 'a {
    move |source| ProvisionError::File { path: path.to_owned(), source }
}

/// Writes a terminal's data directory: `terminal.json`, `reader.key`, `identity/`. The journal is left as it is.
///
/// # Errors
/// [`ProvisionError`] when a file cannot be written, or the bundle is another terminal's.
pub fn save(
    dir: &Path,
    facts: &TerminalFacts,
    bundle: &DeviceBundle,
    reader_key: &ReaderKey,
) -> Result<(), ProvisionError> {
    same_terminal(facts, bundle)?;
    private_file::create_dir(dir).map_err(file(dir))?;
    bundle.save(&dir.join(IDENTITY))?;
    let path = dir.join(READER_KEY);
    let digits: String = reader_key.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    private_file::replace(&path, format!("{digits}\n").as_bytes()).map_err(file(&path))?;
    // Written last: a directory with this file is complete.
    let path = dir.join(FACTS);
    let text = serde_json::to_string_pretty(facts)
        .map_err(|error| ProvisionError::Malformed { path: path.clone(), reason: error.to_string() })?;
    private_file::replace(&path, format!("{text}\n").as_bytes()).map_err(file(&path))?;
    Ok(())
}

/// Whether `dir` holds a provisioned terminal.
#[must_use]
pub fn is_provisioned(dir: &Path) -> bool {
    dir.join(FACTS).exists()
}

/// Reads what [`save`] wrote.
///
/// # Errors
/// [`ProvisionError`], naming the file and, where the operator can act, the cure.
pub fn load(dir: &Path) -> Result<Provisioned, ProvisionError> {
    let path = dir.join(FACTS);
    if !is_provisioned(dir) {
        return Err(ProvisionError::NotProvisioned { dir: dir.to_owned() });
    }
    let text = std::fs::read_to_string(&path).map_err(file(&path))?;
    let facts: TerminalFacts = serde_json::from_str(&text)
        .map_err(|error| ProvisionError::Malformed { path: path.clone(), reason: error.to_string() })?;
    let bundle = DeviceBundle::load(&dir.join(IDENTITY))?;
    same_terminal(&facts, &bundle)?;
    let path = dir.join(READER_KEY);
    let digits = private_file::read_secret(&path).map_err(file(&path))?;
    let key = key_bytes(digits.trim())
        .ok_or(ProvisionError::Malformed { path, reason: "not 64 hexadecimal digits".to_owned() })?;
    Ok(Provisioned {
        facts,
        bundle,
        reader_key: ReaderKey::from_bytes(key),
        journal: dir.join(JOURNAL),
        memory: dir.join(MEMORY),
        identity: dir.join(IDENTITY),
        storage_key: storage_key(&dir.join(STORAGE_KEY))?,
        mark: dir.join(MARK),
        listener: dir.join(LISTENER),
    })
}

/// Reads the device's storage key; makes it if there is none.
fn storage_key(path: &Path) -> Result<StorageKey, ProvisionError> {
    if !path.exists() {
        let fresh: Zeroizing<[u8; 32]> = Zeroizing::new(rand::random());
        let digits: Zeroizing<String> =
            Zeroizing::new(fresh.iter().map(|byte| format!("{byte:02x}")).collect());
        private_file::replace(path, digits.as_bytes()).map_err(file(path))?;
    }
    let digits = Zeroizing::new(private_file::read_secret(path).map_err(file(path))?);
    let reason = "not 64 hexadecimal digits".to_owned();
    let key = key_bytes(digits.trim()).ok_or(ProvisionError::Malformed { path: path.to_owned(), reason })?;
    Ok(StorageKey::from_bytes(key))
}

fn same_terminal(facts: &TerminalFacts, bundle: &DeviceBundle) -> Result<(), ProvisionError> {
    let certified = bundle.identity().to_string();
    if certified == facts.link_id {
        Ok(())
    } else {
        Err(ProvisionError::OtherTerminal { certified, stated: facts.link_id.clone() })
    }
}

fn key_bytes(digits: &str) -> Option<[u8; 32]> {
    if digits.len() != 64 || !digits.is_ascii() {
        return None;
    }
    let mut key = [0; 32];
    for (byte, pair) in key.iter_mut().zip(digits.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(key)
}
