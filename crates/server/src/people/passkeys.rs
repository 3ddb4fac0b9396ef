//! Passkeys (Web Authentication level 3): made, used and removed. A challenge is drawn here, belongs to one session or one
//! visit, is used once and is over after five minutes. Always with user verification, so that a passkey alone is two factors.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vinr_wire::rest::body::FieldError;
use vinr_wire::rest::error::ErrorCode;
use webauthn_rp::bin::{Decode, Encode};
use webauthn_rp::request::auth::AuthenticationVerificationOptions;
use webauthn_rp::request::register::{
    CredProtect, RegistrationVerificationOptions, USER_HANDLE_MAX_LEN, UserHandle64,
};
use webauthn_rp::request::{AsciiDomain, RpId};
use webauthn_rp::response::CredentialId;
use webauthn_rp::response::register::{CompressedPubKey, DynamicState, StaticState};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication64, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration,
    RegistrationServerState,
};

use super::app::no_randomness;
use super::rows::{EntryLinkRow, PersonRow, Purpose};
use super::sessions::named;
use super::sign_in::{NotSignedIn, Origin, place};
use super::ways::{PasskeyRow, Way, hex, unhex};
use super::{People, SignedIn};
use crate::access::draw_token;
use crate::refusal::Refusal;
use crate::store::{Change, CommitError, Kept, RecordCursor, RecordPage, Scope, Transaction};

/// How long a challenge can be answered, in milliseconds.
const CHALLENGE_MS: i64 = 5 * 60_000;
/// How many challenges one address can have that nobody has answered or forgotten.
const AT_ONCE: u32 = 100;
/// How many passkeys a person has.
const MAX_PASSKEYS: usize = 20;
/// The longest answer of a browser, in bytes.
const MAX_ANSWER: usize = 16 * 1024;
/// How often it is tried again when something else was written at the same moment.
const ATTEMPTS: u32 = 4;

/// For which host passkeys are, and from which pages of it they are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The host without its port.
    pub host: Arc<str>,
    /// The origins of its pages, `https://pay.example:8443`.
    pub origins: Vec<String>,
}

/// A challenge for a browser.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// Names it; whoever has it and answers is its visitor.
    pub token: String,
    /// What the browser is asked, JSON.
    pub options: String,
}

impl Site {
    fn rp(&self) -> Result<RpId, Refusal> {
        let domain = AsciiDomain::try_from(self.host.to_string());
        domain.map(RpId::Domain).map_err(|_| Refusal::NoSuch("host"))
    }
}

/// What a challenge is drawn for.
struct Drawn {
    state: Vec<u8>,
    options: serde_json::Value,
    session: Option<Arc<str>>,
    address: Arc<str>,
}

impl People {
    /// Begins to make a passkey for somebody.
    ///
    /// # Errors
    /// That they have as many as anybody can have.
    pub async fn begin_passkey(&self, who: &SignedIn, site: &Site) -> Result<Challenge, Refusal> {
        let person = &who.person.value;
        if person.passkeys.len() >= MAX_PASSKEYS {
            let message = format!("At most {MAX_PASSKEYS} passkeys. Remove one first.");
            return Err(Refusal::stated(ErrorCode::LimitExceeded, message));
        }
        let handle = match &person.handle {
            Some(known) => handle_of(known).ok_or(Refusal::NoSuch("passkey"))?,
            None => self.name_for_passkeys(who).await?,
        };
        let rp = site.rp()?;
        let mut asked = PublicKeyCredentialCreationOptions::first_passkey_with_blank_user_info(&rp, &handle);
        // Not every platform knows this extension; verification is asked for and checked every time anyway.
        asked.extensions.cred_protect = CredProtect::None;
        let (server, client) = asked.start_ceremony().map_err(unexpected)?;
        let mut options = serde_json::to_value(&client).map_err(unexpected)?;
        // What people read when they choose among their passkeys. Nothing of it is proved by anything.
        options["rp"]["name"] = "VINR".into();
        options["user"]["name"] = person.email.to_string().into();
        options["user"]["displayName"] = person.name.to_string().into();
        let known =
            person.passkeys.iter().filter(|row| row.host == site.host).filter_map(|row| unhex(&row.id));
        let known =
            known.map(|id| serde_json::json!({ "type": "public-key", "id": URL_SAFE_NO_PAD.encode(id) }));
        options["excludeCredentials"] = known.collect();
        let state = server.encode().map_err(unexpected)?;
        let session = Some(Arc::clone(&who.session.value.id));
        self.draw(site, Drawn { state, options, session, address: "".into() }).await
    }

    /// Takes what the browser made as the person's passkey.
    ///
    /// # Errors
    /// [`Refusal::Field`] for a name that is none and for an answer that is not one to this challenge.
    pub async fn add_passkey(
        &self,
        who: &SignedIn,
        site: &Site,
        (token, name): (&str, &str),
        answer: &str,
    ) -> Result<(), Refusal> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 60 {
            return Err(FieldError::invalid("name", "must have 1 to 60 characters").into());
        }
        let wrong =
            || FieldError::invalid("credential", "is not the answer to what was asked, or came too late");
        let state = self.take(site, token, Some(who)).await?.ok_or_else(wrong)?;
        let state = RegistrationServerState::<USER_HANDLE_MAX_LEN>::decode(&state).map_err(|_| wrong())?;
        let answer = Some(answer).filter(|text| text.len() <= MAX_ANSWER).ok_or_else(wrong)?;
        let made = Registration::from_json_relaxed(answer.as_bytes()).map_err(|_| wrong())?;
        let rules = RegistrationVerificationOptions::<String, String> {
            allowed_origins: &site.origins,
            // What was not asked for is not looked at, as the standard says.
            error_on_unsolicited_extensions: false,
            ..RegistrationVerificationOptions::default()
        };
        let made = state.verify(&site.rp()?, &made, &rules).map_err(|error| {
            tracing::info!(%error, "a passkey was not taken");
            wrong()
        })?;
        let row = PasskeyRow {
            id: hex(made.id().as_ref()),
            name: name.into(),
            host: Arc::clone(&site.host),
            key: hex(&made.static_state().encode().map_err(unexpected)?),
            state: hex(&made.dynamic_state().encode().map_err(unexpected)?),
            since: self.office.now(),
            used_at: None,
        };
        // The handle may have been given since `who` was read.
        let person = self.person(&who.person.value.id).await?.ok_or(Refusal::NoSuch("person"))?;
        let mut next = person.value.clone();
        next.passkeys.push(row);
        let mut session = who.session.value.clone();
        session.strong = true;
        let more = vec![Change::update(&session, who.session.revision)];
        let who = SignedIn { person, ..who.clone() };
        self.ways_changed(&who, &next, "person.passkey_added", more).await
    }

    /// Removes a passkey.
    ///
    /// # Errors
    /// That there is none of that name, or that nothing else would let its person in.
    pub async fn remove_passkey(&self, who: &SignedIn, id: &str) -> Result<(), Refusal> {
        let person = &who.person.value;
        let mut next = person.clone();
        next.passkeys.retain(|row| &*row.id != id);
        if next.passkeys.len() == person.passkeys.len() {
            return Err(Refusal::NoSuch("passkey"));
        }
        if !next.has_way_in() {
            let message =
                "This passkey is your last way in. Choose a password, or add another passkey first.";
            return Err(Refusal::stated(ErrorCode::LimitExceeded, message));
        }
        self.ways_changed(who, &next, "person.passkey_removed", Vec::new()).await
    }

    /// Asks a browser for a passkey: of anybody at the door, or of who is signed in.
    ///
    /// # Errors
    /// [`NotSignedIn::Wait`] when the address has asked for too many.
    pub async fn ask_passkey(
        &self,
        site: &Site,
        who: Option<&SignedIn>,
        from: &Origin,
    ) -> Result<Challenge, NotSignedIn> {
        let address = if who.is_some() { "".into() } else { place(from) };
        if who.is_none() {
            let page = RecordPage { limit: AT_ONCE, cursor: RecordCursor::Start };
            let having = Some(("address", &*address));
            let store = &self.office.store;
            let listed = store.list::<EntryLinkRow>(&Scope::platform(), having, &page).await;
            if listed.map_err(Refusal::from)?.0.len() >= AT_ONCE as usize {
                return Err(NotSignedIn::Wait { wait_s: CHALLENGE_MS / 1_000 });
            }
        }
        let rp = site.rp()?;
        let asked = DiscoverableCredentialRequestOptions::passkey(&rp).start_ceremony();
        let (server, client) = asked.map_err(unexpected)?;
        let mut options = serde_json::to_value(&client).map_err(unexpected)?;
        if let Some(who) = who {
            let known = who.person.value.passkeys.iter().filter(|row| row.host == site.host);
            let known = known
                .filter_map(|row| unhex(&row.id))
                .map(|id| serde_json::json!({ "type": "public-key", "id": URL_SAFE_NO_PAD.encode(id) }));
            options["allowCredentials"] = known.collect();
        }
        let state = server.encode().map_err(unexpected)?;
        let session = who.map(|who| Arc::clone(&who.session.value.id));
        Ok(self.draw(site, Drawn { state, options, session, address }).await?)
    }

    /// Signs in whoever's passkey answered, and gives the token for the browser.
    ///
    /// # Errors
    /// [`NotSignedIn`].
    pub async fn sign_in_with_passkey(
        &self,
        site: &Site,
        token: &str,
        answer: &str,
        from: Origin,
    ) -> Result<String, NotSignedIn> {
        let (id, shown) = self.answered(site, token, None, answer).await?;
        for _ in 0..ATTEMPTS {
            let person = self.person(&id).await?.filter(|kept| !kept.value.disabled);
            let person = person.ok_or(NotSignedIn::WrongPasskey)?;
            let next = shown.in_use(&person.value);
            match self.try_open((next, person.revision), from.clone(), Way::Passkey, Vec::new()).await? {
                Ok(token) => return Ok(token),
                Err(CommitError::RecordStale { .. }) => {}
                Err(error) => return Err(Refusal::from(error).into()),
            }
        }
        Err(Refusal::Overloaded.into())
    }

    /// Proves again who somebody is with a passkey of theirs.
    ///
    /// # Errors
    /// [`NotSignedIn`].
    pub async fn prove_with_passkey(
        &self,
        who: &SignedIn,
        site: &Site,
        token: &str,
        answer: &str,
    ) -> Result<(), NotSignedIn> {
        let (id, shown) = self.answered(site, token, Some(who), answer).await?;
        if id != who.person.value.id {
            return Err(NotSignedIn::WrongPasskey);
        }
        for _ in 0..ATTEMPTS {
            let person = self.person(&id).await?.ok_or(NotSignedIn::WrongPasskey)?;
            let next = shown.in_use(&person.value);
            match self.note_proof(who, (&next, person.revision), Way::Passkey).await {
                Err(CommitError::RecordStale { .. }) => {}
                done => return Ok(done.map_err(Refusal::from)?),
            }
        }
        Err(Refusal::Overloaded.into())
    }

    /// Whose passkey answered the challenge, and with which.
    async fn answered(
        &self,
        site: &Site,
        token: &str,
        who: Option<&SignedIn>,
        answer: &str,
    ) -> Result<(Arc<str>, Shown), NotSignedIn> {
        let wrong = NotSignedIn::WrongPasskey;
        let state = self.take(site, token, who).await?.ok_or(wrong.clone())?;
        let state = DiscoverableAuthenticationServerState::decode(&state).map_err(|_| wrong.clone())?;
        let answer = Some(answer).filter(|text| text.len() <= MAX_ANSWER).ok_or(wrong.clone())?;
        let answer = DiscoverableAuthentication64::from_json_relaxed(answer.as_bytes());
        let answer = answer.map_err(|_| wrong.clone())?;
        let id = hex(answer.raw_id().as_ref());
        let store = &self.office.store;
        let found = store.find_across_accounts::<PersonRow>("passkey", &id).await.map_err(Refusal::from)?;
        let person: Kept<PersonRow> = found.ok_or(wrong.clone())?;
        let row = person.value.passkeys.iter().find(|row| row.id == id && row.host == site.host);
        let shown = row.and_then(|row| self.verified(row, &person.value, site, state, &answer));
        let shown = shown.ok_or(wrong)?;
        Ok((Arc::clone(&person.value.id), shown))
    }

    fn verified(
        &self,
        row: &PasskeyRow,
        person: &PersonRow,
        site: &Site,
        state: DiscoverableAuthenticationServerState,
        answer: &DiscoverableAuthentication64,
    ) -> Option<Shown> {
        let id = unhex(&row.id)?;
        let handle = handle_of(person.handle.as_deref()?)?;
        let key =
            StaticState::<CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>>::decode(&unhex(&row.key)?);
        let dynamic = DynamicState::decode(unhex(&row.state)?.try_into().ok()?).ok()?;
        let id = CredentialId::<&[u8]>::decode(&id).ok()?;
        let mut known = AuthenticatedCredential::new(id, &handle, key.ok()?, dynamic).ok()?;
        let rules = AuthenticationVerificationOptions::<String, String> {
            allowed_origins: &site.origins,
            // What was not asked for is not looked at, as the standard says.
            error_on_unsolicited_extensions: false,
            ..AuthenticationVerificationOptions::default()
        };
        match state.verify(&site.rp().ok()?, answer, &mut known, &rules) {
            Ok(_) => {
                let state = hex(&known.dynamic_state().encode().ok()?);
                Some(Shown { id: Arc::clone(&row.id), state, at: self.office.now() })
            }
            Err(error) => {
                tracing::info!(%error, "a passkey was refused");
                None
            }
        }
    }

    /// Gives somebody the name by which passkeys know them.
    async fn name_for_passkeys(&self, who: &SignedIn) -> Result<UserHandle64, Refusal> {
        let handle = UserHandle64::new();
        let next = PersonRow { handle: Some(hex(handle.as_ref())), ..who.person.value.clone() };
        let changes = vec![Change::update(&next, who.person.revision)];
        self.office.store.commit(Transaction { changes }).await?;
        Ok(handle)
    }

    async fn draw(&self, site: &Site, drawn: Drawn) -> Result<Challenge, Refusal> {
        let token = draw_token().map_err(no_randomness)?;
        let now = self.office.now();
        let Drawn { state, options, session, address } = drawn;
        let purpose = Purpose::Passkey { state: hex(&state), host: Arc::clone(&site.host), session, address };
        let ends_at = now.plus_ms(CHALLENGE_MS);
        let row = EntryLinkRow { id: named(&token).into(), purpose, created_at: now, ends_at };
        self.office.store.commit(Transaction { changes: vec![Change::insert(&row)] }).await?;
        Ok(Challenge { token, options: options.to_string() })
    }

    /// Takes a challenge away; `None` when it has been used, is over, or was not drawn for this session and host.
    async fn take(
        &self,
        site: &Site,
        token: &str,
        who: Option<&SignedIn>,
    ) -> Result<Option<Vec<u8>>, Refusal> {
        let found = self.office.store.get::<EntryLinkRow>(&Scope::platform(), &named(token)).await?;
        let now = self.office.now();
        let Some(kept) = found.filter(|kept| kept.value.ends_at > now) else { return Ok(None) };
        let Purpose::Passkey { state, host, session, .. } = &kept.value.purpose else { return Ok(None) };
        if *host != site.host || session.as_ref() != who.map(|who| &who.session.value.id) {
            return Ok(None);
        }
        // The revision says who was first: an answer that comes twice at once counts once.
        let used = EntryLinkRow { ends_at: kept.value.created_at, ..kept.value.clone() };
        let changes = vec![Change::update(&used, kept.revision)];
        match self.office.store.commit(Transaction { changes }).await {
            Ok(()) => Ok(unhex(state)),
            Err(CommitError::RecordStale { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// A passkey that was shown just now.
struct Shown {
    id: Arc<str>,
    state: Arc<str>,
    at: vinr_domain::Timestamp,
}

impl Shown {
    /// Its person, with its use noted.
    fn in_use(&self, person: &PersonRow) -> PersonRow {
        let mut next = person.clone();
        for row in next.passkeys.iter_mut().filter(|row| row.id == self.id) {
            row.state = Arc::clone(&self.state);
            row.used_at = Some(self.at);
        }
        next
    }
}

fn handle_of(digits: &str) -> Option<UserHandle64> {
    let bytes: [u8; 64] = unhex(digits)?.try_into().ok()?;
    UserHandle64::decode(bytes).ok()
}

/// What can only be a fault of ours.
fn unexpected(error: impl std::fmt::Display) -> Refusal {
    tracing::error!(%error, "a challenge could not be written");
    Refusal::Unavailable { money_may_have_moved: false }
}
