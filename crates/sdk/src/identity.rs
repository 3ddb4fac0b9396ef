//! Names that make a request safe to send twice: client tokens and idempotency keys. Makes and checks them, remembers
//! none.

use std::fmt::Write;

use aws_lc_rs::rand;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::clock;
use crate::error::VinrError;

/// What stays as it is in a segment of a path.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const LONGEST_KEY: usize = 255;

/// A UUID of version 7: it sorts by the time it was made, as the platform's own names do.
pub(crate) fn new_client_token() -> Result<String, VinrError> {
    let mut bytes = random::<16>()?;
    let millis = u64::try_from(clock::unix().as_millis()).unwrap_or_default().to_be_bytes();
    bytes[..6].copy_from_slice(&millis[2..]);
    bytes[6] = (bytes[6] & 0x0f) | 0x70;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    Ok(hyphenated(bytes))
}

/// The caller's idempotency key if it can be a header, or a new one.
pub(crate) fn idempotency_key(given: Option<&str>) -> Result<String, VinrError> {
    let Some(given) = given else {
        let mut bytes = random::<16>()?;
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        return Ok(hyphenated(bytes));
    };
    let printable = given.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let edges = !given.starts_with(' ') && !given.ends_with(' ');
    if !given.is_empty() && given.len() <= LONGEST_KEY && printable && edges {
        return Ok(given.to_owned());
    }
    let message = "an idempotency key is 1 to 255 printable ASCII characters";
    Err(VinrError::configuration("parameter_invalid", message).about("idempotency_key"))
}

/// An id as one segment of a path: whatever is in it, it cannot lead anywhere else.
pub(crate) fn segment(name: &str, id: &str) -> Result<String, VinrError> {
    if id.is_empty() {
        let message = format!("{name} has to be a non-empty string");
        return Err(VinrError::configuration("parameter_missing", message).about(name));
    }
    if id == "." || id == ".." {
        return Err(VinrError::configuration("parameter_invalid", format!("{name} is not an id")).about(name));
    }
    Ok(utf8_percent_encode(id, SEGMENT).to_string())
}

/// A number from 0 to 1, so that many tills do not come back at once.
pub(crate) fn jitter() -> f64 {
    let drawn = random::<4>().map_or(u32::MAX / 2, u32::from_be_bytes);
    f64::from(drawn) / f64::from(u32::MAX)
}

fn random<const N: usize>() -> Result<[u8; N], VinrError> {
    let mut bytes = [0_u8; N];
    rand::fill(&mut bytes).map_err(|_| {
        VinrError::configuration("no_randomness", "the system has no randomness to give: nothing was sent")
    })?;
    Ok(bytes)
}

fn hyphenated(bytes: [u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_sort_by_the_time_they_were_made_and_differ() {
        let [one, other] = [new_client_token().unwrap(), new_client_token().unwrap()];
        assert_ne!(one, other);
        assert!(one[..13] <= other[..13], "{one} {other}");
        assert_eq!((one.len(), &one[14..15]), (36, "7"), "{one}");
    }

    #[test]
    fn an_id_stays_one_segment() {
        assert_eq!(segment("id", "a/b?c#d e").unwrap(), "a%2Fb%3Fc%23d%20e");
        for id in ["", ".", ".."] {
            assert!(segment("id", id).is_err(), "{id}");
        }
    }

    #[test]
    fn a_key_that_cannot_be_a_header_is_refused() {
        for key in ["", " a", "a ", "line\nbreak", "é", &"a".repeat(256)] {
            assert!(idempotency_key(Some(key)).is_err(), "{key:?}");
        }
        assert_eq!(idempotency_key(Some("refund of order 7")).unwrap(), "refund of order 7");
    }
}
