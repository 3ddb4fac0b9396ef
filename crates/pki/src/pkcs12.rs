//! Owns the bundle that a till's software is given: key and certificates in one encrypted file (PKCS #12, RFC 7292),
//! and the passphrase for it. The choice of algorithms is what OpenSSL 3, Java 8u301, Windows Server 2019 and everything
//! newer read by default; older readers take the PEM.

use aws_lc_rs::rand;
use p12_keystore::{
    Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, Pkcs12ImportPolicy, PrivateKey,
    PrivateKeyChain,
};

use crate::certificate::Credential;
use crate::identity::IdentityError;

/// Rounds of the key derivation. The passphrase is drawn and has more bits than any number of rounds could add to a
/// chosen one; this is what readers expect to see at least.
const ITERATIONS: u32 = 10_000;
/// No letters or digits that people confuse: it is read aloud in shops.
const ALPHABET: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";
/// Five bits each.
const GROUPS: usize = 6;
const GROUP_CHARS: usize = 4;

/// A bundle was not made; the platform is at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundlingError {
    /// The system has no randomness to give.
    #[error("the system has no randomness to give")]
    NoRandomness,
    /// The credential is not what this platform issues.
    #[error(transparent)]
    Credential(#[from] IdentityError),
    /// The library refused.
    #[error("the PKCS #12 file cannot be made: {0}")]
    Library(String),
}

impl From<p12_keystore::error::Error> for BundlingError {
    fn from(error: p12_keystore::error::Error) -> Self {
        Self::Library(error.to_string())
    }
}

/// A new passphrase of 120 random bits, in groups of four characters: `k3vq-…`.
///
/// # Errors
/// [`BundlingError::NoRandomness`].
pub fn draw_passphrase() -> Result<String, BundlingError> {
    let mut bytes = [0_u8; GROUPS * GROUP_CHARS];
    rand::fill(&mut bytes).map_err(|_| BundlingError::NoRandomness)?;
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect();
    Ok(letters
        .chunks(GROUP_CHARS)
        .map(|group| group.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join("-"))
}

/// A bundle cannot be read; whoever keeps it is at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpeningError {
    /// It is damaged, or the passphrase is not its.
    #[error("it is no PKCS #12 file, or the passphrase is wrong ({0})")]
    Closed(String),
    /// It opens, and there is no key with its certificate in it.
    #[error("there is no key with its certificate in it")]
    NoKey,
}

impl Credential {
    /// Opens a bundle that [`Self::to_pkcs12`] or another issuer made.
    ///
    /// # Errors
    /// [`OpeningError`]
    pub fn from_pkcs12(bytes: &[u8], passphrase: &str) -> Result<Self, OpeningError> {
        let store = KeyStore::from_pkcs12(bytes, passphrase, Pkcs12ImportPolicy::Strict)
            .map_err(|error| OpeningError::Closed(error.to_string()))?;
        let (_, held) = store.private_key_chain().ok_or(OpeningError::NoKey)?;
        let pem = |tag: &str, der: &[u8]| pem::encode(&pem::Pem::new(tag, der));
        let chain: String = held.certs().iter().map(|one| pem("CERTIFICATE", one.as_der())).collect();
        let key = pem("PRIVATE KEY", held.key().as_der());
        Self::from_pem(&chain, &key).map_err(|_| OpeningError::NoKey)
    }

    /// Key and chain as a PKCS #12 file under this passphrase. `name` is what key stores show of it.
    ///
    /// # Errors
    /// [`BundlingError`]
    pub fn to_pkcs12(&self, passphrase: &str, name: &str) -> Result<Vec<u8>, BundlingError> {
        let serial = self.facts()?.serial;
        let certificates: Result<Vec<_>, _> =
            self.chain.iter().map(|certificate| Certificate::from_der(certificate)).collect();
        let key = PrivateKey::from_der(self.key.secret_der())?;
        let entry = PrivateKeyChain::new(serial.into_bytes(), key, certificates?);
        let mut store = KeyStore::new();
        store.add_entry(name, KeyStoreEntry::PrivateKeyChain(entry));
        let writer = store
            .writer(passphrase)
            .encryption_algorithm(EncryptionAlgorithm::PbeWithHmacSha256AndAes256)
            .encryption_iterations(ITERATIONS)
            .mac_algorithm(MacAlgorithm::HmacSha256)
            .mac_iterations(ITERATIONS);
        Ok(writer.write()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_is_long_and_never_the_same() {
        let drawn = draw_passphrase().unwrap();
        assert_eq!(drawn.len(), GROUPS * GROUP_CHARS + GROUPS - 1);
        assert!(drawn.bytes().all(|byte| byte == b'-' || ALPHABET.contains(&byte)), "{drawn}");
        assert_ne!(drawn, draw_passphrase().unwrap());
    }
}
