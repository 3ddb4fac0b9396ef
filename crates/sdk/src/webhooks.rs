//! Whether a post is the platform's and fresh, and the event in it. Believes the raw bytes only, and compares in constant
//! time.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::clock;
use crate::error::VinrError;
use crate::events::Event;

/// How far the time of a signature may be away from now, unless said otherwise.
pub const DEFAULT_TOLERANCE: Duration = Duration::from_secs(300);
const SHORTEST_SECRET: usize = 24;
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// `webhooks`
#[derive(Debug, Clone, Copy)]
pub struct Webhooks;

/// What was signed, and with what.
struct Signed {
    /// What stands before the body.
    prefix: String,
    seconds: i64,
    candidates: Vec<Vec<u8>>,
}

impl Webhooks {
    /// The event of a post. `body` are the bytes as they came; `signature` is the header `Vinr-Signature`.
    ///
    /// # Errors
    /// A [`VinrError`] of the kind `SignatureVerification` when the post is not to be believed.
    pub fn construct_event(&self, body: &[u8], signature: &str, secret: &str) -> Result<Event, VinrError> {
        self.construct_event_at(body, signature, secret, DEFAULT_TOLERANCE, clock::unix_seconds())
    }

    /// The same with all headers of the post: those of Standard Webhooks are understood too.
    ///
    /// # Errors
    /// As [`Self::construct_event`].
    pub fn construct_event_from_headers<'a>(
        &self,
        body: &[u8],
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
        secret: &str,
    ) -> Result<Event, VinrError> {
        self.construct_event_from_headers_at(body, headers, secret, DEFAULT_TOLERANCE, clock::unix_seconds())
    }

    /// [`Self::construct_event`] with another tolerance, at this time in Unix seconds.
    ///
    /// # Errors
    /// As [`Self::construct_event`].
    pub fn construct_event_at(
        &self,
        body: &[u8],
        signature: &str,
        secret: &str,
        tolerance: Duration,
        now: i64,
    ) -> Result<Event, VinrError> {
        let key = key_of(secret)?;
        checked(body, &own_header(signature)?, &key, tolerance, now)
    }

    /// [`Self::construct_event_from_headers`] with another tolerance, at this time in Unix seconds.
    ///
    /// # Errors
    /// As [`Self::construct_event`].
    pub fn construct_event_from_headers_at<'a>(
        &self,
        body: &[u8],
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
        secret: &str,
        tolerance: Duration,
        now: i64,
    ) -> Result<Event, VinrError> {
        let key = key_of(secret)?;
        checked(body, &from_headers(headers)?, &key, tolerance, now)
    }
}

fn checked(
    body: &[u8],
    signed: &Signed,
    key: &[u8],
    tolerance: Duration,
    now: i64,
) -> Result<Event, VinrError> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let message = [signed.prefix.as_bytes(), body].concat();
    if !signed.candidates.iter().any(|one| hmac::verify(&key, &message, one).is_ok()) {
        let message = "no signature fits: another secret, or the body is not the bytes that came";
        return Err(VinrError::signature("no_match", message));
    }
    if now.abs_diff(signed.seconds) > tolerance.as_secs() {
        let message = format!("the post was signed more than {} s away from now", tolerance.as_secs());
        return Err(VinrError::signature("not_fresh", message));
    }
    serde_json::from_slice(body).map_err(|_| malformed("the signed body is no event"))
}

fn key_of(secret: &str) -> Result<Vec<u8>, VinrError> {
    let key = secret.strip_prefix("whsec_").and_then(|text| BASE64.decode(text).ok());
    key.filter(|key| key.len() >= SHORTEST_SECRET).ok_or_else(|| {
        let message = "secret has to be the whsec_… of the endpoint";
        VinrError::configuration("parameter_invalid", message).about("secret")
    })
}

fn malformed(why: &str) -> VinrError {
    VinrError::signature("malformed", why)
}

fn unix_seconds(text: Option<&str>) -> Result<i64, VinrError> {
    let digits = |text: &str| {
        let bare = text.strip_prefix('-').unwrap_or(text);
        (1..=15).contains(&bare.len()) && bare.bytes().all(|byte| byte.is_ascii_digit())
    };
    let read = text.filter(|text| digits(text)).and_then(|text| text.parse().ok());
    read.ok_or_else(|| malformed("the signature has no time"))
}

/// `Vinr-Signature: t=<unix>,v1=<hex>[,v1=<hex>]`.
fn own_header(header: &str) -> Result<Signed, VinrError> {
    let mut time = None;
    let mut candidates = Vec::new();
    for part in header.split(',') {
        let (name, value) =
            part.trim().split_once('=').ok_or_else(|| malformed("the signature header cannot be read"))?;
        match name {
            "t" => time = Some(value),
            "v1" => candidates.push(unhex(value).ok_or_else(|| malformed("a signature is not hexadecimal"))?),
            // Schemes to come.
            _ => {}
        }
    }
    if candidates.is_empty() {
        return Err(malformed("the header has no signature"));
    }
    let seconds = unix_seconds(time)?;
    Ok(Signed { prefix: format!("{}.", time.unwrap_or_default()), seconds, candidates })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() || !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes().chunks(2).map(|two| Some(digit(two[0])? << 4 | digit(two[1])?)).collect()
}

fn from_headers<'a>(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Signed, VinrError> {
    let (mut own, mut id, mut time, mut signatures) = (None, None, None, None);
    for (name, value) in headers {
        let place = match name.to_ascii_lowercase().as_str() {
            "vinr-signature" => &mut own,
            "webhook-id" => &mut id,
            "webhook-timestamp" => &mut time,
            "webhook-signature" => &mut signatures,
            _ => continue,
        };
        *place = Some(value);
    }
    if let Some(own) = own {
        return own_header(own);
    }
    let (Some(id), Some(signatures)) = (id, signatures) else {
        return Err(malformed("the post carries no signature"));
    };
    let seconds = unix_seconds(time)?;
    let each = signatures.split(' ').filter_map(|one| one.strip_prefix("v1,"));
    let candidates: Vec<Vec<u8>> = each.filter_map(|one| BASE64.decode(one).ok()).collect();
    if candidates.is_empty() {
        return Err(malformed("the headers have no signature"));
    }
    Ok(Signed { prefix: format!("{id}.{}.", time.unwrap_or_default()), seconds, candidates })
}
