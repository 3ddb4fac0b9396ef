//! Keeps secrets unreadable in the store: sealed, each for its owner only (an endpoint, a person). Makes none of its own but
//! those of endpoints.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::rand;
use vinr_wire::rest::webhook::{SECRET_BYTES, SigningSecret};

const KEY_BYTES: usize = 32;

/// The key that secrets are sealed with. Never prints itself.
#[derive(Clone)]
pub struct SealKey(Arc<[u8; KEY_BYTES]>);

impl SealKey {
    /// A key of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Arc::new(bytes))
    }

    /// A key that nobody else has.
    #[must_use]
    pub fn random() -> Self {
        let mut bytes = [0; KEY_BYTES];
        rand::fill(&mut bytes).expect("the system's source of randomness works, or nothing does");
        Self::from_bytes(bytes)
    }

    /// The key in the file, which is made with a new key when it is not there (mode 0600).
    ///
    /// # Errors
    /// When the file cannot be read or written, or is not a key.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(mut file) => {
                let key = Self::random();
                file.write_all(&*key.0)?;
                file.sync_all()?;
                Ok(key)
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                let mut bytes = Vec::with_capacity(KEY_BYTES);
                std::fs::File::open(path)?.take(KEY_BYTES as u64 + 1).read_to_end(&mut bytes)?;
                let bytes = bytes.try_into().map_err(|_| {
                    std::io::Error::new(std::io::ErrorKind::InvalidData, "not a key of 32 bytes")
                })?;
                Ok(Self::from_bytes(bytes))
            }
            Err(error) => Err(error),
        }
    }

    /// A new signing secret.
    pub(super) fn make_secret() -> SigningSecret {
        let mut bytes = vec![0; SECRET_BYTES];
        rand::fill(&mut bytes).expect("the system's source of randomness works, or nothing does");
        SigningSecret::from_bytes(bytes)
    }

    /// Seals a secret for the endpoint of that name.
    pub(super) fn seal(&self, endpoint: &str, secret: &SigningSecret) -> Vec<u8> {
        self.seal_bytes(endpoint, secret.as_bytes())
    }

    /// Seals the bytes for whatever has that name.
    pub(crate) fn seal_bytes(&self, of: &str, secret: &[u8]) -> Vec<u8> {
        let mut sealed = secret.to_vec();
        let nonce = self
            .key()
            .seal_in_place_append_tag(Aad::from(of.as_bytes()), &mut sealed)
            .expect("a few bytes are not too long to be sealed");
        [&nonce.as_ref()[..], &sealed].concat()
    }

    /// Opens what [`Self::seal_bytes`] sealed for the same name; `None` when it was sealed with another key.
    pub(crate) fn unseal_bytes(&self, of: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let secret = self.key().open_in_place(nonce, Aad::from(of.as_bytes()), &mut sealed).ok()?;
        Some(secret.to_vec())
    }

    /// Opens what [`Self::seal`] sealed for the same endpoint; `None` when it was sealed with another key.
    pub(super) fn unseal(&self, endpoint: &str, sealed: &[u8]) -> Option<SigningSecret> {
        self.unseal_bytes(endpoint, sealed).map(SigningSecret::from_bytes)
    }

    /// A sealed secret as text.
    pub(super) fn text_of(sealed: &[u8]) -> String {
        sealed.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Opens what [`Self::text_of`] wrote.
    pub(super) fn unseal_text(&self, endpoint: &str, text: &str) -> Option<SigningSecret> {
        let digits = text.as_bytes().chunks(2);
        let bytes: Option<Vec<u8>> =
            digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
        self.unseal(endpoint, &bytes?)
    }

    fn key(&self) -> RandomizedNonceKey {
        RandomizedNonceKey::new(&AES_256_GCM, &*self.0).expect("the key is as long as the cipher wants it")
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<seal key>")
    }
}

impl PartialEq for SealKey {
    fn eq(&self, other: &Self) -> bool {
        subtle::ConstantTimeEq::ct_eq(&self.0[..], &other.0[..]).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_for_its_endpoint_and_with_its_key_only() {
        let key = SealKey::random();
        let secret = SealKey::make_secret();
        let sealed = key.seal("we_1", &secret);
        assert_eq!(key.unseal("we_1", &sealed).unwrap().as_bytes(), secret.as_bytes());
        assert!(key.unseal("we_2", &sealed).is_none());
        assert!(SealKey::random().unseal("we_1", &sealed).is_none());
        assert!(key.unseal("we_1", &sealed[..5]).is_none());
        assert!(!sealed.windows(8).any(|part| part == &secret.as_bytes()[..8]));
        assert_eq!(format!("{key:?}"), "<seal key>");
    }

    #[test]
    fn the_key_file_is_private_and_read_again() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("webhooks.key");
        let key = SealKey::open(&path).unwrap();
        assert_eq!(SealKey::open(&path).unwrap(), key);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::write(&path, b"short").unwrap();
        assert!(SealKey::open(&path).is_err());
    }
}
