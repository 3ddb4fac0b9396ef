//! Codes of authenticator apps (RFC 6238, SHA-1, six digits, thirty seconds) and recovery codes. Draws, writes and checks
//! them; what was used is its callers' to remember.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rand;
use totp_rs::{Algorithm, Builder, Secret};
use vinr_domain::Timestamp;

use crate::access::{NoRandomness, hash_key};

/// As long as RFC 4226 section 4 recommends.
const SECRET_BYTES: usize = 20;
/// How long a code is shown, in seconds.
const STEP_S: u64 = 30;
/// How many codes before and after that of now are taken, for clocks that are wrong and people who are slow.
const WINDOW: u16 = 1;
/// How many recovery codes somebody has.
const RECOVERY_CODES: usize = 10;
/// As many letters of five bits as make eighty bits.
const RECOVERY_LETTERS: usize = 16;
/// No letter that is taken for another: what is read as o, i or l is a digit.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What an authenticator app and the platform share. Never prints itself.
#[derive(Clone)]
pub(super) struct AppSecret(Vec<u8>);

impl AppSecret {
    /// A new one.
    pub(super) fn draw() -> Result<Self, NoRandomness> {
        let mut bytes = vec![0; SECRET_BYTES];
        rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
        Ok(Self(bytes))
    }

    pub(super) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As a person types it, in groups of four letters.
    pub(super) fn spelled(&self) -> String {
        let letters = self.base32();
        let groups: Vec<&str> = (0..letters.len())
            .step_by(4)
            .filter_map(|at| letters.get(at..letters.len().min(at + 4)))
            .collect();
        groups.join(" ")
    }

    /// The address that an app reads from a QR code.
    pub(super) fn address(&self, email: &str) -> String {
        let email: String = email.bytes().fold(String::new(), |mut out, byte| {
            if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
                out.push(char::from(byte));
            } else {
                out.push_str(&format!("%{byte:02X}"));
            }
            out
        });
        let secret = self.base32();
        format!(
            "otpauth://totp/VINR:{email}?secret={secret}&issuer=VINR&algorithm=SHA1&digits=6&period={STEP_S}"
        )
    }

    /// The step of time that the code is of; `None` when it is of none around now, or of one up to `used`.
    pub(super) fn step_of(&self, code: &str, now: Timestamp, used: u64) -> Option<u64> {
        let totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_step_duration(STEP_S)
            .with_skew(WINDOW)
            .with_secret(Secret::from(self.0.clone()))
            .build()
            .ok()?;
        let seconds = u64::try_from(now.0 / 1_000).ok()?;
        totp.check(code, seconds).filter(|step| *step > used)
    }

    fn base32(&self) -> String {
        Secret::from(self.0.clone()).to_base32().trim_end_matches('=').to_owned()
    }
}

impl fmt::Debug for AppSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<app secret>")
    }
}

/// The six digits of a code as somebody typed it; `None` when it is something else.
pub(super) fn digits(typed: &str) -> Option<String> {
    let plain: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    (plain.len() == 6 && plain.bytes().all(|byte| byte.is_ascii_digit())).then_some(plain)
}

/// New recovery codes: as they are shown once, and what is kept of them.
pub(super) fn draw_recovery(person: &str) -> Result<(Vec<String>, Vec<Arc<str>>), NoRandomness> {
    let mut shown = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let mut bytes = [0_u8; RECOVERY_LETTERS];
        rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
        let letters = bytes.map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
        let groups: Vec<String> = letters.chunks(4).map(|four| four.iter().collect()).collect();
        shown.push(groups.join("-"));
    }
    let kept = shown.iter().map(|code| kept_of(person, code)).collect();
    Ok((shown, kept))
}

/// What is kept of a recovery code. Eighty random bits need no slow hash.
pub(super) fn kept_of(person: &str, typed: &str) -> Arc<str> {
    let plain: String = typed
        .to_lowercase()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| match c {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        })
        .collect();
    let hash = hash_key(&format!("recovery/{person}/{plain}"));
    hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1; the last six of the eight digits there.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = AppSecret::from_bytes(b"12345678901234567890".to_vec());
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = u64::try_from(seconds / 30).unwrap();
            assert_eq!(secret.step_of(code, Timestamp(seconds * 1_000), 0), Some(step), "{seconds}");
        }
    }

    #[test]
    fn a_code_is_taken_one_step_early_and_one_late_and_never_again() {
        let secret = AppSecret::from_bytes(b"12345678901234567890".to_vec());
        let at = |seconds: i64| secret.step_of("005924", Timestamp(seconds * 1_000), 0);
        let shown = 1_234_567_890;
        assert_eq!(
            [shown - 31, shown - 30, shown, shown + 29, shown + 59, shown + 60]
                .map(|seconds| at(seconds).is_some()),
            [false, true, true, true, true, false]
        );
        let step = at(shown).unwrap();
        assert_eq!(secret.step_of("005924", Timestamp(shown * 1_000), step), None, "used");
        assert_eq!(secret.step_of("005925", Timestamp(shown * 1_000), 0), None, "another code");
    }

    #[test]
    fn what_people_type_is_read_as_they_mean_it() {
        assert_eq!(digits(" 123 456"), Some("123456".into()));
        assert_eq!(
            [digits("12345"), digits("1234567"), digits("abcdef"), digits("")],
            [None, None, None, None]
        );
        let (shown, kept) = draw_recovery("usr_1").unwrap();
        assert_eq!((shown.len(), kept.len()), (10, 10));
        assert_eq!(kept_of("usr_1", &shown[0].to_uppercase().replace('-', " ").replace('0', "O")), kept[0]);
        assert_ne!(kept_of("usr_2", &shown[0]), kept[0], "each for its person");
        assert!(shown.iter().all(|code| digits(code).is_none()));
    }

    #[test]
    fn an_app_reads_the_address() {
        let secret = AppSecret::from_bytes(b"12345678901234567890".to_vec());
        assert_eq!(
            secret.address("ada+1@shop.example"),
            "otpauth://totp/VINR:ada%2B1@shop.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=VINR\
             &algorithm=SHA1&digits=6&period=30"
        );
        assert!(secret.spelled().starts_with("GEZD GNBV "));
        assert_eq!(format!("{secret:?}"), "<app secret>");
    }
}
