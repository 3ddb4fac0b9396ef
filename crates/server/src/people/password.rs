//! Passwords: which are good enough, and how they are kept (argon2id). Slow by design, so never on the runtime's own
//! threads, and at most two at a time: each takes 19 MiB and tens of milliseconds.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, PasswordHash};
use tokio::sync::Semaphore;

/// The fewest characters of a password (NIST SP 800-63B section 3.1.1).
const MIN_CHARS: usize = 12;
/// The most: longer ones would only cost time.
const MAX_CHARS: usize = 200;
/// How many are worked on at the same time.
const AT_ONCE: usize = 2;

/// Why a password was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefused {
    /// It is too short.
    #[error("needs at least {MIN_CHARS} characters")]
    TooShort,
    /// It is too long.
    #[error("has more than {MAX_CHARS} characters")]
    TooLong,
    /// It is one of the first that anybody tries.
    #[error("is one of the first that a stranger tries: take another")]
    Guessable,
}

/// Whether the password is good enough. `about` is what strangers know of the person.
///
/// # Errors
/// [`PasswordRefused`].
pub fn check_password(password: &str, about: &[&str]) -> Result<(), PasswordRefused> {
    let chars = password.chars().count();
    if chars < MIN_CHARS {
        return Err(PasswordRefused::TooShort);
    }
    if chars > MAX_CHARS {
        return Err(PasswordRefused::TooLong);
    }
    let plain: String = password.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let known = about.iter().map(|text| text.to_lowercase()).filter(|text| text.len() >= 4);
    let mut rest = plain.clone();
    for word in known.chain(COMMON.iter().map(|word| (*word).to_owned())) {
        let word: String = word.chars().filter(|c| c.is_alphanumeric()).collect();
        rest = rest.replace(&word, "");
    }
    let distinct: std::collections::BTreeSet<char> = rest.chars().collect();
    if rest.chars().count() < 6 || distinct.len() < 4 {
        return Err(PasswordRefused::Guessable);
    }
    Ok(())
}

/// What passwords are made of when people do not think.
const COMMON: [&str; 24] = [
    "password",
    "passwort",
    "motdepasse",
    "contraseña",
    "qwerty",
    "qwertz",
    "azerty",
    "123456789",
    "12345678",
    "1234567",
    "123456",
    "12345",
    "1234",
    "admin",
    "welcome",
    "letmein",
    "iloveyou",
    "monkey",
    "dragon",
    "football",
    "vinr",
    "terminal",
    "abcdef",
    "changeme",
];

/// Hashes and compares.
pub(super) struct Hasher {
    turns: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Hasher {
    /// The hash of a password; `None` when the machine has no randomness to give.
    pub(super) async fn hash(&self, password: String) -> Option<Arc<str>> {
        self.work(move || {
            let mut salt = [0_u8; 16];
            aws_lc_rs::rand::fill(&mut salt).ok()?;
            let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt).ok()?;
            Some(Arc::from(hash.to_string()))
        })
        .await
        .flatten()
    }

    /// Whether the password has this hash. Without one it takes as long and is false, so that an answer does not tell
    /// who is here.
    pub(super) async fn matches(&self, password: String, hash: Option<Arc<str>>) -> bool {
        let known = hash.is_some();
        let worked = self.work(move || match hash.as_deref().map(PasswordHash::new) {
            Some(Ok(hash)) => Argon2::default().verify_password(password.as_bytes(), &hash).is_ok(),
            Some(Err(_)) | None => {
                // Thrown away: only the time counts.
                let _ = Argon2::default().hash_password_with_salt(password.as_bytes(), &[0; 16]);
                false
            }
        });
        worked.await.unwrap_or(false) && known
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let _turn = self.turns.acquire().await.ok()?;
        tokio::task::spawn_blocking(work).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_try_first_is_no_password() {
        for (password, refused) in [
            ("short", PasswordRefused::TooShort),
            ("passwordpassword", PasswordRefused::Guessable),
            ("Ada@shop.example1", PasswordRefused::Guessable),
            ("aaaaaaaaaaaaaaaa", PasswordRefused::Guessable),
            ("1234567890123", PasswordRefused::Guessable),
        ] {
            assert_eq!(check_password(password, &["ada@shop.example"]), Err(refused), "{password}");
        }
        assert_eq!(check_password("correct horse battery", &["ada@shop.example"]), Ok(()));
    }

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let hasher = Hasher::default();
        let hash = hasher.hash("correct horse battery".into()).await;
        assert!(hasher.matches("correct horse battery".into(), hash.clone()).await);
        assert!(!hasher.matches("correct horse batterx".into(), hash.clone()).await);
        assert!(!hasher.matches("correct horse battery".into(), None).await);
        assert_ne!(hash, hasher.hash("correct horse battery".into()).await, "salted");
    }
}
