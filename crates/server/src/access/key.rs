//! The text of an API key: which kinds there are, and what is kept of one. Holds no key longer than a call.

use std::sync::Arc;

use aws_lc_rs::{digest, rand};

/// Longer texts are not looked at.
const MAX_CHARS: usize = 255;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// As many as make 256 bits.
const DRAWN_CHARS: usize = 43;

/// What the text of a key says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) livemode: bool,
    pub(super) restricted: bool,
}

/// Reads the prefix; `None` when the text cannot be an API key.
pub(super) fn kind_of(text: &str) -> Option<Kind> {
    let (restricted, rest) = match text.strip_prefix("sk_") {
        Some(rest) => (false, rest),
        None => (true, text.strip_prefix("rk_")?),
    };
    let (livemode, rest) = match rest.strip_prefix("test_") {
        Some(rest) => (false, rest),
        None => (true, rest.strip_prefix("live_")?),
    };
    let fits = !rest.is_empty()
        && text.len() <= MAX_CHARS
        && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    fits.then_some(Kind { livemode, restricted })
}

/// Whether the text can be an operator's key.
pub(super) fn is_operator_key(text: &str) -> bool {
    let rest = text.strip_prefix("ok_").unwrap_or("");
    !rest.is_empty()
        && text.len() <= MAX_CHARS
        && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// What is stored instead of a key: its SHA-256. Keys are long and random, so a slow hash would add nothing.
#[must_use]
pub fn hash_key(text: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
    hash
}

/// The machine has no random numbers to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the machine has no random numbers to give")]
pub struct NoRandomness;

/// A new API key.
///
/// # Errors
/// [`NoRandomness`].
pub fn draw_key(livemode: bool, restricted: bool) -> Result<String, NoRandomness> {
    let kind = if restricted { "rk" } else { "sk" };
    let mode = if livemode { "live" } else { "test" };
    Ok(format!("{kind}_{mode}_{}", draw()?))
}

/// A new shared key for the Cashless API of one terminal.
///
/// # Errors
/// [`NoRandomness`].
pub fn draw_cashless_key(livemode: bool) -> Result<String, NoRandomness> {
    Ok(format!("ck_{}_{}", if livemode { "live" } else { "test" }, draw()?))
}

/// A new operator's key.
///
/// # Errors
/// [`NoRandomness`].
pub fn draw_operator_key() -> Result<String, NoRandomness> {
    Ok(format!("ok_{}", draw()?))
}

/// A secret that is no key: of a session, an invitation, a link that signs in once.
///
/// # Errors
/// [`NoRandomness`].
pub fn draw_token() -> Result<String, NoRandomness> {
    draw()
}

/// 43 characters of 62, so 256 bits, of the machine's randomness: never of the names', which repeat with their seed.
fn draw() -> Result<String, NoRandomness> {
    let mut drawn = String::with_capacity(DRAWN_CHARS);
    let mut bytes = [0_u8; 64];
    while drawn.len() < DRAWN_CHARS {
        rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
        // A byte beyond the last whole round of the alphabet would favour its first letters.
        let fair = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < ALPHABET.len() * 4);
        let letters = fair.map(|byte| char::from(ALPHABET[byte % ALPHABET.len()]));
        drawn.extend(letters.take(DRAWN_CHARS - drawn.len()));
    }
    Ok(drawn)
}

/// What people are shown of a key: its prefix and its last four characters.
#[must_use]
pub fn hint_of(text: &str) -> Arc<str> {
    let prefixes = ["sk_test_", "sk_live_", "rk_test_", "rk_live_", "ck_test_", "ck_live_", "ok_"];
    let prefix = prefixes.into_iter().find(|prefix| text.starts_with(prefix)).unwrap_or("");
    let mut last: Vec<char> = text[prefix.len()..].chars().collect();
    last.drain(..last.len().saturating_sub(4));
    format!("{prefix}…{}", last.into_iter().collect::<String>()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_tells_the_kind_and_other_text_is_no_key() {
        let kind = |livemode, restricted| Some(Kind { livemode, restricted });
        assert_eq!(kind_of("sk_test_vinr_dev"), kind(false, false));
        assert_eq!(kind_of("sk_live_0a"), kind(true, false));
        assert_eq!(kind_of("rk_test_a"), kind(false, true));
        assert_eq!(kind_of("rk_live_a"), kind(true, true));
        for text in ["", "sk_", "sk_test_", "pk_test_a", "sk_prod_a", "SK_TEST_A", "sk_test_a b", "sk_test_é"]
        {
            assert_eq!(kind_of(text), None, "{text}");
        }
        assert_eq!(kind_of(&format!("sk_test_{}", "a".repeat(248))), None);
    }

    #[test]
    fn a_drawn_key_is_of_its_kind_and_never_the_same() {
        let drawn = draw_key(true, true).unwrap();
        assert_eq!(kind_of(&drawn), Some(Kind { livemode: true, restricted: true }));
        assert_eq!(drawn.len(), "rk_live_".len() + DRAWN_CHARS);
        assert_ne!(drawn, draw_key(true, true).unwrap());
        let letters: std::collections::BTreeSet<char> =
            (0..100).flat_map(|_| draw().unwrap().chars().collect::<Vec<_>>()).collect();
        assert_eq!(letters.len(), ALPHABET.len(), "every letter is drawn");
        assert!(is_operator_key(&draw_operator_key().unwrap()));
        // The key of a cash register opens nothing in the cloud.
        let cashless = draw_cashless_key(false).unwrap();
        assert!(cashless.starts_with("ck_test_") && kind_of(&cashless).is_none());
    }

    #[test]
    fn a_hint_shows_the_last_four_characters() {
        assert_eq!(&*hint_of("sk_test_0123456789"), "sk_test_…6789");
        assert_eq!(&*hint_of("sk_test_"), "sk_test_…");
        assert_eq!(&*hint_of("ok_0123456789"), "ok_…6789");
        assert_eq!(&*hint_of("ck_live_0123456789"), "ck_live_…6789");
    }
}
