//! People who work with the platform in a browser: who they are, what they may do for which account, and that they are
//! signed in. Keeps hashes of passwords and tokens, never the text; knows nothing of HTTP or pages.

mod app;
mod codes;
mod entry;
mod members;
mod passkeys;
mod password;
mod proof;
mod role;
mod rows;
mod rules;
mod sessions;
mod sign_in;
mod ways;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use vinr_domain::{Timestamp, encode_base32};

pub use app::AppDraft;
pub use members::{Member, Waiting};
pub use passkeys::{Challenge, Site};
pub use password::{PasswordRefused, check_password};
pub use proof::Evidence;
pub use role::Role;
pub use rows::{EntryLinkRow, Membership, PersonRow, Purpose, SessionRow};
pub use rules::{Missing, RulesRow};
pub use sessions::SignedIn;
pub use sign_in::{Entered, NotSignedIn, Origin};
pub use ways::{AppRow, PasskeyRow, Way};

use self::password::Hasher;
use crate::office::Office;
use crate::webhooks::SealKey;

/// The people and their sessions.
#[derive(Clone)]
pub struct People {
    office: Office,
    hasher: Arc<Hasher>,
    /// What seals the secrets of authenticator apps: the key that seals those of webhooks.
    seal: SealKey,
    /// Failed attempts by the address they came from.
    strangers: Arc<Mutex<HashMap<Arc<str>, Attempts>>>,
}

/// Attempts to sign in that failed, one after the other.
#[derive(Clone, Copy, Debug)]
struct Attempts {
    count: u32,
    last_at: Timestamp,
}

impl People {
    /// Over the office.
    #[must_use]
    pub fn new(office: Office) -> Self {
        let seal = office.settings.webhooks.key.clone().unwrap_or_else(SealKey::random);
        Self { office, hasher: Arc::default(), seal, strangers: Arc::default() }
    }

    /// A new person's name, `usr_…`.
    fn person_name(&self) -> Arc<str> {
        format!("usr_{}", encode_base32(self.office.name())).into()
    }
}
