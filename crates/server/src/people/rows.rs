//! What is kept of people, sessions and links. All of it belongs to the platform: a person may work for several accounts.

use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vinr_domain::{AccountId, Timestamp};

use super::role::Role;
use super::ways::{AppRow, PasskeyRow, Way};
use crate::store::{Kind, RecordKey, Scope, Stored, spelling};

/// For which account a person works, as what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The account.
    #[serde(with = "spelling::text")]
    pub account: AccountId,
    /// As what.
    pub role: Role,
}

/// Somebody who signs in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonRow {
    /// `usr_…`
    pub id: Arc<str>,
    /// How they are reached, and what they sign in with; in lower case, unique.
    pub email: Arc<str>,
    /// What they are called.
    pub name: Arc<str>,
    /// When they came.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
    /// The hash of their password (argon2id, PHC string); none until they have chosen one.
    #[serde(default)]
    pub password: Option<Arc<str>>,
    /// For which accounts they work.
    #[serde(default)]
    pub memberships: Vec<Membership>,
    /// Whether they run the platform.
    #[serde(default)]
    pub operates: bool,
    /// Attempts to sign in as them that failed since one worked.
    #[serde(default)]
    pub failed: u32,
    /// Until when nobody can sign in as them with a password.
    #[serde(default, with = "spelling::moment_option")]
    pub locked_until: Option<Timestamp>,
    /// The language in which they read amounts and times, `de-CH`; the browser's when none.
    #[serde(default)]
    pub locale: Option<Arc<str>>,
    /// Whether they may not sign in any more.
    #[serde(default)]
    pub disabled: bool,
    /// Their authenticator app.
    #[serde(default)]
    pub app: Option<AppRow>,
    /// The hashes of the recovery codes that have not been used.
    #[serde(default)]
    pub recovery: Vec<Arc<str>>,
    /// Their passkeys, the oldest first.
    #[serde(default)]
    pub passkeys: Vec<PasskeyRow>,
    /// By what passkeys know them, in hexadecimal digits; tells nothing about them.
    #[serde(default)]
    pub handle: Option<Arc<str>>,
}

impl PersonRow {
    /// Somebody new, without a password.
    #[must_use]
    pub fn new(
        id: Arc<str>,
        (email, name): (&str, &str),
        membership: Membership,
        created_at: Timestamp,
    ) -> Self {
        Self {
            id,
            email: email.trim().to_lowercase().into(),
            name: name.into(),
            created_at,
            password: None,
            memberships: vec![membership],
            operates: false,
            failed: 0,
            locked_until: None,
            locale: None,
            disabled: false,
            app: None,
            recovery: Vec::new(),
            passkeys: Vec::new(),
            handle: None,
        }
    }

    /// What they may do for the account; `None` when they do not work for it.
    #[must_use]
    pub fn role_in(&self, account: &AccountId) -> Option<Role> {
        self.memberships.iter().find(|membership| membership.account == *account).map(|found| found.role)
    }
}

impl Stored for PersonRow {
    const KIND: Kind = Kind::Person;

    fn scope(&self) -> &Scope {
        platform()
    }

    fn id(&self) -> Arc<str> {
        Arc::clone(&self.id)
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn keys(&self) -> Vec<RecordKey> {
        let of = |membership: &Membership| RecordKey::index("account", membership.account.as_str());
        let email = RecordKey::unique("email", Arc::clone(&self.email));
        let passkey = |row: &PasskeyRow| RecordKey::unique("passkey", Arc::clone(&row.id));
        let found = self.memberships.iter().map(of).chain(self.passkeys.iter().map(passkey));
        std::iter::once(email).chain(found).collect()
    }
}

/// That somebody is signed in, in one browser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionRow {
    /// The hash of the token that the browser sends.
    pub id: Arc<str>,
    /// Who.
    pub person: Arc<str>,
    /// What every form must carry.
    pub form_token: Arc<str>,
    /// For which account they work now; `None` for somebody who only runs the platform.
    #[serde(default, with = "spelling::text_option")]
    pub account: Option<AccountId>,
    /// Whether they see live data.
    pub livemode: bool,
    /// When they signed in.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
    /// When they were last here, to a minute.
    #[serde(with = "spelling::moment")]
    pub seen_at: Timestamp,
    /// When they last proved who they are.
    #[serde(with = "spelling::moment")]
    pub proved_at: Timestamp,
    /// From where.
    pub address: Option<IpAddr>,
    /// With what, as the browser says.
    pub browser: Arc<str>,
    /// How it began.
    #[serde(default)]
    pub way: Way,
    /// Whether its person has shown more than a password since.
    #[serde(default)]
    pub strong: bool,
    /// The secret of an authenticator app that has not shown yet that it works, sealed.
    #[serde(default)]
    pub app_draft: Option<Arc<str>>,
}

impl Stored for SessionRow {
    const KIND: Kind = Kind::Session;

    fn scope(&self) -> &Scope {
        platform()
    }

    fn id(&self) -> Arc<str> {
        Arc::clone(&self.id)
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn due_at(&self) -> Option<Timestamp> {
        Some(super::sessions::ends_at(self))
    }

    fn keys(&self) -> Vec<RecordKey> {
        vec![RecordKey::index("person", Arc::clone(&self.person))]
    }
}

/// What a link is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Signs this person in.
    SignIn {
        /// Who.
        person: Arc<str>,
    },
    /// Lets somebody new in, or gives somebody who is here another account.
    Invitation {
        /// Whom.
        email: Arc<str>,
        /// For what.
        membership: Membership,
        /// By whom.
        invited_by: Arc<str>,
    },
    /// What a browser was asked to show or make a passkey for.
    Passkey {
        /// What the answer is checked against, in hexadecimal digits.
        state: Arc<str>,
        /// For which host.
        host: Arc<str>,
        /// In which session; none at the door.
        session: Option<Arc<str>>,
        /// From which address, at the door.
        address: Arc<str>,
    },
    /// Lets somebody whose password was right go on with a code. Is in a cookie, not in a link.
    SecondStep {
        /// Who.
        person: Arc<str>,
    },
}

/// A link that can be followed once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EntryLinkRow {
    /// The hash of the token in it.
    pub id: Arc<str>,
    /// What it is for.
    pub purpose: Purpose,
    /// When it was made.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
    /// Until when it can be followed.
    #[serde(with = "spelling::moment")]
    pub ends_at: Timestamp,
}

impl Stored for EntryLinkRow {
    const KIND: Kind = Kind::EntryLink;

    fn scope(&self) -> &Scope {
        platform()
    }

    fn id(&self) -> Arc<str> {
        Arc::clone(&self.id)
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn due_at(&self) -> Option<Timestamp> {
        Some(self.ends_at)
    }

    fn keys(&self) -> Vec<RecordKey> {
        match &self.purpose {
            Purpose::SignIn { person } | Purpose::SecondStep { person } => {
                vec![RecordKey::index("person", Arc::clone(person))]
            }
            Purpose::Passkey { address, .. } => vec![RecordKey::index("address", Arc::clone(address))],
            Purpose::Invitation { membership, .. } => {
                vec![RecordKey::index("account", membership.account.as_str())]
            }
        }
    }
}

fn platform() -> &'static Scope {
    static PLATFORM: std::sync::LazyLock<Scope> = std::sync::LazyLock::new(Scope::platform);
    &PLATFORM
}
