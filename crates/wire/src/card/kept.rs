//! A sealed card that waits on the terminal's disk: sealed once more for this device, so that a copied file is worth
//! nothing elsewhere. Draws no randomness and keeps no key.

use std::fmt;

use bytes::Bytes;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::seal::{SealError, SealedCard};

const VERSION: u8 = 1;
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;
const WRAPPED_BYTES: usize = KEY_BYTES + TAG_BYTES;

/// How much randomness one entry takes: its data key and two nonces.
pub const ENTROPY_BYTES: usize = KEY_BYTES + 2 * NONCE_BYTES;

/// The secret of one device's storage. Never prints itself, and wipes itself.
#[derive(Clone)]
pub struct StorageKey(Zeroizing<[u8; KEY_BYTES]>);

impl StorageKey {
    /// Takes the 32 bytes of a key; they must be random.
    #[must_use]
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl fmt::Debug for StorageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<storage key>")
    }
}

/// The entry that a card is kept for. Opens under this one and no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepContext<'a> {
    /// Where the card was read.
    pub terminal: &'a str,
    /// Life of the terminal's journal.
    pub generation: u32,
    /// Number of the request.
    pub stan: u32,
    /// Hash of the approval before.
    pub previous: &'a [u8; 32],
}

impl KeepContext<'_> {
    /// Unambiguous because only the last part has no fixed length.
    fn to_bytes(self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend(self.generation.to_be_bytes());
        bytes.extend(self.stan.to_be_bytes());
        bytes.extend(self.previous);
        bytes.extend(self.terminal.as_bytes());
        bytes
    }
}

/// Seals a sealed card for the device's storage: under a data key of its own, which is wrapped by the device's.
/// `entropy` must be fresh from the system for every call.
#[must_use]
pub fn keep(
    card: &SealedCard,
    key: &StorageKey,
    context: KeepContext<'_>,
    entropy: &Zeroizing<[u8; ENTROPY_BYTES]>,
) -> Bytes {
    let (data_key, nonces) = entropy.split_at(KEY_BYTES);
    let (wrap_nonce, nonce) = nonces.split_at(NONCE_BYTES);
    let context = context.to_bytes();
    let mut kept = vec![VERSION];
    kept.extend(wrap_nonce);
    kept.extend(lock(&*key.0, wrap_nonce, data_key, &context));
    kept.extend(nonce);
    kept.extend(lock(data_key, nonce, card.as_bytes(), &context));
    kept.into()
}

/// Opens what [`keep`] sealed for the same entry under the same key.
///
/// # Errors
/// [`SealError`]; nothing is learned from bytes that do not open.
pub fn take(kept: &[u8], key: &StorageKey, context: KeepContext<'_>) -> Result<SealedCard, SealError> {
    let (version, rest) = kept.split_first().ok_or(SealError::Version)?;
    if *version != VERSION {
        return Err(SealError::Version);
    }
    let (wrap_nonce, rest) = rest.split_at_checked(NONCE_BYTES).ok_or(SealError::Broken)?;
    let (wrapped, rest) = rest.split_at_checked(WRAPPED_BYTES).ok_or(SealError::Broken)?;
    let (nonce, sealed) = rest.split_at_checked(NONCE_BYTES).ok_or(SealError::Broken)?;
    let context = context.to_bytes();
    let data_key = Zeroizing::new(unlock(&*key.0, wrap_nonce, wrapped, &context)?);
    unlock(&data_key, nonce, sealed, &context).map(SealedCard::from)
}

fn lock(key: &[u8], nonce: &[u8], plain: &[u8], context: &[u8]) -> Vec<u8> {
    let nonce = XNonce::try_from(nonce).expect("cut to 24 bytes above");
    let sealed = cipher(key).encrypt(&nonce, Payload { msg: plain, aad: context });
    sealed.expect("XChaCha20-Poly1305 seals any message shorter than 256 GiB")
}

fn unlock(key: &[u8], nonce: &[u8], sealed: &[u8], context: &[u8]) -> Result<Vec<u8>, SealError> {
    let nonce = XNonce::try_from(nonce).map_err(|_| SealError::Broken)?;
    if key.len() != KEY_BYTES {
        return Err(SealError::Broken);
    }
    cipher(key).decrypt(&nonce, Payload { msg: sealed, aad: context }).map_err(|_| SealError::Broken)
}

fn cipher(key: &[u8]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new_from_slice(key).expect("a key of 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: KeepContext<'static> =
        KeepContext { terminal: "term_a", generation: 7, stan: 3, previous: &[5; 32] };

    fn kept() -> Bytes {
        let entropy = Zeroizing::new(std::array::from_fn(|at| at as u8));
        keep(&SealedCard::from(vec![1, 2, 3]), &StorageKey::from_bytes([9; 32]), CONTEXT, &entropy)
    }

    #[test]
    fn it_opens_for_the_same_entry_on_the_same_device_only() {
        let (key, kept) = (StorageKey::from_bytes([9; 32]), kept());
        assert_eq!(take(&kept, &key, CONTEXT).unwrap().as_bytes(), [1, 2, 3]);
        assert!(take(&kept, &StorageKey::from_bytes([8; 32]), CONTEXT).is_err(), "another device");
        for other in [
            KeepContext { terminal: "term_b", ..CONTEXT },
            KeepContext { generation: 8, ..CONTEXT },
            KeepContext { stan: 4, ..CONTEXT },
            KeepContext { previous: &[6; 32], ..CONTEXT },
        ] {
            assert!(take(&kept, &key, other).is_err(), "{other:?}");
        }
    }

    #[test]
    fn whatever_is_changed_or_cut_does_not_open() {
        let (key, kept) = (StorageKey::from_bytes([9; 32]), kept());
        for at in 0..kept.len() {
            let mut changed = kept.to_vec();
            changed[at] ^= 1;
            assert!(take(&changed, &key, CONTEXT).is_err(), "byte {at}");
            assert!(take(&kept[..at], &key, CONTEXT).is_err(), "cut at {at}");
        }
    }
}
