//! The seal: card data under AES-256-GCM with a key of its own for every transaction. Keeps no key and remembers
//! no transaction; that a context is sealed once is the reader's promise (see [`seal`]).

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use bytes::Bytes;
use vinr_domain::{EntryMode, IntentId};
use zeroize::Zeroizing;

use super::data::{CardData, PAN_MAX_DIGITS, PIN_MAX_DIGITS};

/// First byte of a sealed card, and part of what the key is made from.
const VERSION: u8 = 1;
const SEAL_LABEL: &[u8] = b"vinr card seal v1";
const READER_LABEL: &[u8] = b"vinr reader key v1";
const KEY_BYTES: usize = 32;
const TAG_BYTES: usize = 16;
/// Entry mode, expiry, then number and PIN, each a length and room for the longest: every sealed card is equally
/// long, so that its length says nothing.
const PLAIN_BYTES: usize = 1 + 2 + 1 + PAN_MAX_DIGITS + 1 + PIN_MAX_DIGITS;
const PAN_AT: usize = 3;
const PIN_AT: usize = PAN_AT + 1 + PAN_MAX_DIGITS;
const ENTRY_MODES: [EntryMode; 4] =
    [EntryMode::Contactless, EntryMode::Chip, EntryMode::Swipe, EntryMode::ManualKey];

/// Card data under seal. Safe to carry; prints as its length.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedCard(Bytes);

impl SealedCard {
    /// The bytes as they travel.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for SealedCard {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<Bytes> for SealedCard {
    fn from(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for SealedCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<sealed, {} bytes>", self.0.len())
    }
}

/// The secret that a reader shares with the acquirer. Never prints itself, and wipes itself.
#[derive(Clone)]
pub struct ReaderKey(Zeroizing<[u8; KEY_BYTES]>);

impl ReaderKey {
    /// Takes the 32 bytes of a key; they must be random or derived, never chosen.
    #[must_use]
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The key itself, to be put into a file of mode 0600.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; KEY_BYTES]> {
        self.0.clone()
    }

    /// The key of one terminal's reader, from the key that the acquirer keeps for all of them: whoever takes a
    /// reader apart learns nothing of the others.
    #[must_use]
    pub fn derive(base: &Self, terminal: &str) -> Self {
        Self(expand(&base.0, &[READER_LABEL, terminal.as_bytes()]))
    }
}

impl fmt::Debug for ReaderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<reader key>")
    }
}

/// The transaction that card data is sealed for. Opens under this one and no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealContext<'a> {
    /// Where the card was read.
    pub terminal: &'a str,
    /// Life of the terminal's journal.
    pub generation: u32,
    /// Number of the request.
    pub stan: u32,
    /// Which payment.
    pub intent: IntentId,
}

impl SealContext<'_> {
    /// The context as bytes, unambiguous because only the last part has no fixed length.
    fn to_bytes(self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend(self.generation.to_be_bytes());
        bytes.extend(self.stan.to_be_bytes());
        bytes.extend(self.intent.0.to_be_bytes());
        bytes.extend(self.terminal.as_bytes());
        bytes
    }
}

/// The bytes do not open. Which of key, context and bytes is wrong cannot be told, and must not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Sealed by a version of the seal that this one does not know, or no seal at all.
    #[error("not a sealed card of a known version")]
    Version,
    /// Another key, another transaction, or changed on the way.
    #[error("the seal does not open for this transaction")]
    Broken,
}

/// Seals card data for one transaction.
///
/// The key is made from the reader's key and the context and is used for this one message, which is what makes a
/// fixed nonce sound (NIST SP 800-38D section 8.2: a nonce must not repeat under one key). So a reader seals once
/// for a context: what has to be sent again is sent as the same bytes, and a number that has been given to a
/// request is durable before the first of these bytes leaves the terminal, so that no restart gives it again.
#[must_use]
pub fn seal(card: &CardData, key: &ReaderKey, context: SealContext<'_>) -> SealedCard {
    let context = context.to_bytes();
    let mut plain = plain_of(card);
    let tag = transaction_key(key, &context)
        .seal_in_place_separate_tag(nonce(), Aad::from(&context), plain.as_mut_slice())
        .expect("AES-GCM seals any message shorter than 64 GiB");
    let mut sealed = Vec::with_capacity(1 + PLAIN_BYTES + TAG_BYTES);
    sealed.push(VERSION);
    sealed.extend_from_slice(plain.as_slice());
    sealed.extend_from_slice(tag.as_ref());
    SealedCard::from(sealed)
}

/// Opens what [`seal`] sealed for the same transaction under the same key.
///
/// # Errors
/// [`SealError`]; nothing is learned from bytes that do not open.
pub fn open(sealed: &SealedCard, key: &ReaderKey, context: SealContext<'_>) -> Result<CardData, SealError> {
    let (version, sealed) = sealed.as_bytes().split_first().ok_or(SealError::Version)?;
    if *version != VERSION || sealed.len() != PLAIN_BYTES + TAG_BYTES {
        return Err(SealError::Version);
    }
    let context = context.to_bytes();
    let mut buffer = Zeroizing::new(sealed.to_vec());
    let plain = transaction_key(key, &context)
        .open_in_place(nonce(), Aad::from(&context), buffer.as_mut_slice())
        .map_err(|_| SealError::Broken)?;
    card_of(plain).ok_or(SealError::Broken)
}

fn plain_of(card: &CardData) -> Zeroizing<[u8; PLAIN_BYTES]> {
    let view = card.view();
    let mut plain = Zeroizing::new([0; PLAIN_BYTES]);
    plain[0] = ENTRY_MODES.iter().position(|mode| *mode == view.entry_mode).unwrap_or(0) as u8;
    plain[1..PAN_AT].copy_from_slice(&view.expiry_yymm.to_be_bytes());
    for (at, digits) in [(PAN_AT, view.pan), (PIN_AT, view.pin.unwrap_or(""))] {
        plain[at] = digits.len() as u8;
        plain[at + 1..][..digits.len()].copy_from_slice(digits.as_bytes());
    }
    plain
}

fn card_of(plain: &[u8]) -> Option<CardData> {
    let entry_mode = *ENTRY_MODES.get(usize::from(*plain.first()?))?;
    let expiry_yymm = u16::from_be_bytes(plain.get(1..PAN_AT)?.try_into().ok()?);
    let digits = |at: usize| -> Option<&str> {
        let length = usize::from(*plain.get(at)?);
        std::str::from_utf8(plain.get(at + 1..)?.get(..length)?).ok()
    };
    let pin = Some(digits(PIN_AT)?).filter(|pin| !pin.is_empty());
    CardData::new(digits(PAN_AT)?, expiry_yymm, pin, entry_mode).ok()
}

fn transaction_key(key: &ReaderKey, context: &[u8]) -> LessSafeKey {
    let bytes = expand(&key.0, &[SEAL_LABEL, context]);
    let key = UnboundKey::new(&AES_256_GCM, bytes.as_slice());
    LessSafeKey::new(key.expect("an AES-256 key has 32 bytes, and this one is an array of 32"))
}

/// Fixed: each key seals one message.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

struct KeyLength;

impl KeyType for KeyLength {
    fn len(&self) -> usize {
        KEY_BYTES
    }
}

/// HKDF-SHA256 (RFC 5869) without a salt: the secret is uniformly random already.
fn expand(secret: &[u8; KEY_BYTES], info: &[&[u8]]) -> Zeroizing<[u8; KEY_BYTES]> {
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    Salt::new(HKDF_SHA256, &[])
        .extract(secret)
        .expand(info, KeyLength)
        .and_then(|expanded| expanded.fill(bytes.as_mut_slice()))
        .expect("HKDF-SHA256 gives up to 8160 bytes, and this asks for 32");
    bytes
}
