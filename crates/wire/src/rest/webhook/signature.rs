//! How what is posted is signed, and how whoever receives it finds out that it is ours and fresh. One secret, two
//! signatures: `Vinr-Signature` and the headers of Standard Webhooks. Keeps no secret longer than its value lives.

use std::fmt;
use std::fmt::Write as _;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// The header with the time and the hexadecimal signatures.
pub const SIGNATURE_HEADER: &str = "Vinr-Signature";
/// How far the time of a signature may be from the receiver's, in seconds.
pub const TOLERANCE_S: i64 = 300;
/// How many random bytes a new secret has.
pub const SECRET_BYTES: usize = 32;
/// The fewest bytes a secret may have.
pub const MIN_SECRET_BYTES: usize = 24;

const PREFIX: &str = "whsec_";

/// What an endpoint and the platform share. Never prints itself.
#[derive(Clone)]
pub struct SigningSecret(Zeroizing<Vec<u8>>);

impl SigningSecret {
    /// A secret of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads `whsec_` and base64.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?);
        (bytes.len() >= MIN_SECRET_BYTES).then_some(Self(bytes))
    }

    /// As its holder is shown it, once.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&*self.0))
    }

    /// The bytes, to be sealed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.0)
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<signing secret>")
    }
}

/// The values of the four headers for one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signatures {
    /// `Vinr-Signature: t=<unix>,v1=<hex>[,v1=<hex>]`.
    pub vinr: String,
    /// `webhook-timestamp`.
    pub timestamp: String,
    /// `webhook-signature: v1,<base64>[ v1,<base64>]`.
    pub standard: String,
}

impl Signatures {
    /// Signs with every secret, the newest first: while one is being replaced, both sign. Both signatures are
    /// HMAC-SHA256 with the secret's bytes; `Vinr-Signature` over `t.body`, the other over `id.t.body`.
    #[must_use]
    pub fn sign(secrets: &[SigningSecret], id: &str, unix_s: i64, body: &[u8]) -> Self {
        let timestamp = unix_s.to_string();
        let mut vinr = format!("t={timestamp}");
        let mut standard = String::new();
        for secret in secrets {
            let key = secret.key();
            vinr.push_str(",v1=");
            let tag = tag(&key, &[timestamp.as_bytes(), b".", body]);
            hex(tag.as_ref(), &mut vinr);
            if !standard.is_empty() {
                standard.push(' ');
            }
            standard.push_str("v1,");
            let tag = self::tag(&key, &[id.as_bytes(), b".", timestamp.as_bytes(), b".", body]);
            STANDARD.encode_string(tag.as_ref(), &mut standard);
        }
        Self { vinr, timestamp, standard }
    }
}

fn tag(key: &hmac::Key, parts: &[&[u8]]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key);
    parts.iter().for_each(|part| context.update(part));
    context.sign()
}

fn hex(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        write!(out, "{byte:02x}").expect("writing to a string cannot fail");
    }
}

/// Why a message is not to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The header is not of the form `t=…,v1=…`.
    #[error("the signature header cannot be read")]
    Malformed,
    /// Signed too long ago, or in the future.
    #[error("the signature's time is more than 5 minutes away")]
    NotFresh,
    /// Nobody with the secret has signed this body.
    #[error("no signature fits")]
    NoMatch,
}

/// Checks `Vinr-Signature` over the raw body.
///
/// # Errors
/// [`Refused`].
pub fn verify(secret: &SigningSecret, header: &str, body: &[u8], now_s: i64) -> Result<(), Refused> {
    let mut time = None;
    let mut candidates = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=').ok_or(Refused::Malformed)? {
            ("t", value) => time = Some(value),
            ("v1", value) => candidates.push(unhex(value).ok_or(Refused::Malformed)?),
            // Schemes to come.
            (_, _) => {}
        }
    }
    let time = time.ok_or(Refused::Malformed)?;
    let signed_s: i64 = time.parse().map_err(|_| Refused::Malformed)?;
    if candidates.is_empty() {
        return Err(Refused::Malformed);
    }
    let message = [time.as_bytes(), b".", body].concat();
    let key = secret.key();
    if !candidates.iter().any(|candidate| hmac::verify(&key, &message, candidate).is_ok()) {
        return Err(Refused::NoMatch);
    }
    if now_s.saturating_sub(signed_s).saturating_abs() > TOLERANCE_S {
        return Err(Refused::NotFresh);
    }
    Ok(())
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}
