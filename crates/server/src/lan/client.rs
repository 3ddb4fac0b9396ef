//! The certificates of tills: made for one terminal, told once, listed, revoked. A private key that the platform made is
//! in the one answer that tells it and nowhere else.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use vinr_domain::{ClientCertificateId, Timestamp};
use vinr_pki::{ClientName, Credential, IssueError, LeafFacts, draw_passphrase};
use vinr_wire::rest::body::FieldError;
use vinr_wire::rest::error::ErrorCode;
use vinr_wire::rest::lan::{ClientCertificateView, NewClientCertificate};
use vinr_wire::rest::terminal::Cursor;

use super::assembly::MAX_REVOKED;
use super::row::{ClientCertificateRow, EndReason, TERMINAL};
use super::service::Lan;
use crate::access::Principal;
use crate::audit::Act;
use crate::gateway::{Terminal, TerminalKey};
use crate::identities::link_identity;
use crate::once::{IdempotencyKey, Said};
use crate::refusal::Refusal;
use crate::store::{Change, Kept, RecordCursor, RecordPage, Scope};

/// How many client certificates a terminal can have in force.
const MAX_IN_FORCE: usize = 50;

/// A certificate that was just made, with its key when the platform made it.
pub(super) struct Made {
    pub(super) row: ClientCertificateRow,
    pub(super) own: Option<OwnKey>,
}

/// A key that the platform made: secret.
pub(super) struct OwnKey {
    pub(super) credential: Credential,
    pub(super) pkcs12: Vec<u8>,
    pub(super) passphrase: String,
}

impl Lan {
    /// A page of the terminal's client certificates, newest first, and whether there is more.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`], or that the store cannot answer.
    pub async fn list_client_certificates(
        &self,
        scope: &Scope,
        terminal: &str,
        limit: u8,
        cursor: Cursor<Arc<str>>,
    ) -> Result<(Vec<ClientCertificateView>, bool), Refusal> {
        let terminal = self.find(scope, terminal)?;
        let cursor = match cursor {
            Cursor::Newest => RecordCursor::Start,
            Cursor::After(id) => RecordCursor::After(id),
            Cursor::Before(id) => RecordCursor::Before(id),
        };
        let page = RecordPage { limit: limit.into(), cursor };
        let having = Some((TERMINAL, terminal.key.id.as_str()));
        let store = &self.shared.office.store;
        let (kept, more) = store.list::<ClientCertificateRow>(scope, having, &page).await?;
        Ok((kept.iter().map(|kept| self.certificate_view(&kept.value)).collect(), more))
    }

    /// A page of the client certificates of all terminals of the account and mode, newest first, and whether there is
    /// more.
    ///
    /// # Errors
    /// That the store cannot answer.
    pub async fn list_all_client_certificates(
        &self,
        scope: &Scope,
        limit: u8,
        after: Option<&str>,
    ) -> Result<(Vec<ClientCertificateView>, bool), Refusal> {
        let cursor = after.map_or(RecordCursor::Start, |id| RecordCursor::After(id.into()));
        let page = RecordPage { limit: limit.into(), cursor };
        let store = &self.shared.office.store;
        let (kept, more) = store.list::<ClientCertificateRow>(scope, None, &page).await?;
        Ok((kept.iter().map(|kept| self.certificate_view(&kept.value)).collect(), more))
    }

    /// One of the terminal's client certificates.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`], [`Refusal::NoSuch`], or that the store cannot answer.
    pub async fn client_certificate(
        &self,
        scope: &Scope,
        terminal: &str,
        id: &str,
    ) -> Result<ClientCertificateView, Refusal> {
        let terminal = self.find(scope, terminal)?;
        Ok(self.certificate_view(&self.find_certificate(&terminal.key, id).await?.value))
    }

    /// Certifies a till for the terminal. The answer tells the key, if the platform made it; the answer that is
    /// remembered for a repeated request does not.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`]; a field that says that the signing request is at fault; `limit_exceeded`; what every
    /// change can meet.
    pub async fn create_client_certificate(
        &self,
        who: &Principal,
        terminal: &str,
        new: NewClientCertificate,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        self.find_in_service(&who.scope, terminal)?;
        let (this, who, terminal) = (self.clone(), who.clone(), terminal.to_owned());
        self.detached(async move {
            let _turn = this.shared.turn.lock().await;
            // Nobody is let in any more once the terminal is taken out of service.
            let terminal = this.find_in_service(&who.scope, &terminal)?;
            let office = &this.shared.office;
            if let Some(said) = office.once.replay(&who.scope, key.as_ref()).await? {
                return Ok(said);
            }
            this.check_room(&terminal.key).await?;
            let made = this.make(&terminal, new)?;
            let view = this.certificate_view(&made.row);
            let act = Act::new("client_certificate.created", Arc::clone(&view.id)).after(&view);
            let (changes, kept) = (vec![Change::insert(&made.row)], Said::new(200, &view));
            let said = office.conclude_audited((&who.scope, &who), act, key.as_ref(), changes, kept).await?;
            if said.replayed {
                return Ok(said);
            }
            this.changed(&terminal.key);
            Ok(Said::new(200, &told(view, made.own)))
        })
        .await
    }

    /// Ends a client certificate for ever; one that has ended stays as it is. The terminal is told at once.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`], [`Refusal::NoSuch`], and what every change can meet.
    pub async fn revoke_client_certificate(
        &self,
        who: &Principal,
        terminal: &str,
        id: &str,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let terminal = self.find(&who.scope, terminal)?;
        let (this, who, id) = (self.clone(), who.clone(), id.to_owned());
        self.detached(async move {
            let _turn = this.shared.turn.lock().await;
            let office = &this.shared.office;
            if let Some(said) = office.once.replay(&who.scope, key.as_ref()).await? {
                return Ok(said);
            }
            let kept = this.find_certificate(&terminal.key, &id).await?;
            let before = this.certificate_view(&kept.value);
            if kept.value.revoked_at.is_some() {
                let said = Said::new(200, &before);
                return office.conclude(&who.scope, key.as_ref(), Vec::new(), said).await;
            }
            let (revoked_at, revoked_because) = (Some(office.now()), EndReason::Requested);
            let ended = ClientCertificateRow { revoked_at, revoked_because, ..kept.value };
            let after = this.certificate_view(&ended);
            let act = Act::new("client_certificate.revoked", Arc::clone(&after.id));
            let act = act.before(&before).after(&after);
            let (changes, said) = (vec![Change::update(&ended, kept.revision)], Said::new(200, &after));
            let said = office.conclude_audited((&who.scope, &who), act, key.as_ref(), changes, said).await?;
            this.changed(&terminal.key);
            Ok(said)
        })
        .await
    }

    async fn check_room(&self, key: &TerminalKey) -> Result<(), Refusal> {
        let now = self.shared.office.now();
        let all = self.certificates(key).await?;
        let unended = all.iter().map(|kept| &kept.value).filter(|row| row.not_after >= now);
        let in_force = unended.clone().filter(|row| row.revoked_at.is_none()).count();
        if in_force >= MAX_IN_FORCE {
            let message = "A terminal has at most 50 client certificates in force. Revoke one first.";
            return Err(Refusal::stated(ErrorCode::LimitExceeded, message));
        }
        // The terminal has to know every one that could be revoked.
        if unended.count() >= MAX_REVOKED {
            let message = "Too many client certificates of this terminal were revoked in the last 30 days.";
            return Err(Refusal::stated(ErrorCode::LimitExceeded, message));
        }
        Ok(())
    }

    /// Makes a certificate. Nothing is recorded yet.
    pub(super) fn make(&self, terminal: &Terminal, new: NewClientCertificate) -> Result<Made, Refusal> {
        let office = &self.shared.office;
        let authority = self.shared.identities.authority()?;
        let unavailable = || Refusal::Unavailable { money_may_have_moved: false };
        let (id, now) = (ClientCertificateId(office.name()), office.now());
        let identity = link_identity(&terminal.key).ok_or_else(unavailable)?;
        let name = ClientName { terminal: identity, certificate: id };
        let (chain_pem, facts, own) = match new.csr_der {
            Some(csr_der) => {
                let issued =
                    authority.certify_client(&csr_der, &name, now).map_err(|error| at_fault(&error))?;
                (issued.chain_pem().to_owned(), issued.facts().clone(), None)
            }
            None => {
                let credential = authority.issue_client(&name, now).map_err(|error| at_fault(&error))?;
                let facts = credential.facts().map_err(|_| unavailable())?;
                let passphrase = draw_passphrase().map_err(|_| unavailable())?;
                let label = format!("VINR {} {id}", terminal.key.id);
                let pkcs12 = credential.to_pkcs12(&passphrase, &label).map_err(|error| {
                    tracing::error!(%error, "a client certificate cannot be bundled");
                    unavailable()
                })?;
                (credential.chain_pem().to_owned(), facts, Some(OwnKey { credential, pkcs12, passphrase }))
            }
        };
        Ok(Made { row: row(id, &terminal.key, new.name, &chain_pem, &facts, now), own })
    }

    async fn find_certificate(
        &self,
        key: &TerminalKey,
        id: &str,
    ) -> Result<Kept<ClientCertificateRow>, Refusal> {
        let kept = self.shared.office.store.get::<ClientCertificateRow>(&key.scope, id).await?;
        kept.filter(|kept| kept.value.terminal == key.id).ok_or(Refusal::NoSuch("client certificate"))
    }

    fn certificate_view(&self, row: &ClientCertificateRow) -> ClientCertificateView {
        let now = self.shared.office.now();
        let status = match row.revoked_at {
            Some(_) => "revoked",
            None if now > row.not_after => "expired",
            None if now >= row.renew_at => "expiring",
            None => "active",
        };
        ClientCertificateView {
            id: row.id.to_string().into(),
            object: "client_certificate",
            livemode: row.scope.livemode,
            terminal_id: row.terminal.as_str().into(),
            name: row.name.clone(),
            status,
            serial_number: Arc::clone(&row.serial),
            fingerprint: Arc::clone(&row.fingerprint),
            certificate: Arc::clone(&row.chain_pem),
            created_at: row.created_at.unix_seconds(),
            expires_at: row.not_after.unix_seconds(),
            revoked_at: row.revoked_at.map(Timestamp::unix_seconds),
            revoked_reason: row.revoked_at.map(|_| row.revoked_because.as_str()),
            private_key: None,
            pkcs12: None,
            passphrase: None,
        }
    }
}

fn row(
    id: ClientCertificateId,
    key: &TerminalKey,
    name: Option<Arc<str>>,
    chain_pem: &str,
    facts: &LeafFacts,
    now: Timestamp,
) -> ClientCertificateRow {
    ClientCertificateRow {
        id,
        scope: key.scope.clone(),
        terminal: key.id.clone(),
        name,
        serial: facts.serial.as_str().into(),
        fingerprint: facts.fingerprint.as_str().into(),
        chain_pem: chain_pem.into(),
        created_at: now,
        renew_at: facts.renew_at(),
        not_after: facts.not_after,
        revoked_at: None,
        revoked_because: EndReason::default(),
    }
}

fn told(view: ClientCertificateView, own: Option<OwnKey>) -> ClientCertificateView {
    let Some(own) = own else { return view };
    ClientCertificateView {
        private_key: Some(own.credential.key_pem().into()),
        pkcs12: Some(STANDARD.encode(own.pkcs12).into()),
        passphrase: Some(own.passphrase.into()),
        ..view
    }
}

/// The caller's fault, if it is.
fn at_fault(error: &IssueError) -> Refusal {
    let message = match error {
        IssueError::MalformedRequest => "is not a signing request (PKCS #10)",
        IssueError::RequestSignature => "is not signed with the key that it names",
        IssueError::RequestKey => "names a key that is not ECDSA P-256",
        other => {
            tracing::error!(error = %other, "a client certificate cannot be issued");
            return Refusal::Unavailable { money_may_have_moved: false };
        }
    };
    FieldError::invalid("csr", message).into()
}
