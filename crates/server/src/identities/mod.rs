//! Who terminals are: issues their certificates, renews them over the live link, revokes them, and keeps the deny set
//! that every handshake and every frame is held against. Decides neither who may have a terminal nor when it loses it.

mod certificate;
mod gateway;
mod renewal;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use vinr_domain::Timestamp;
use vinr_pki::{Authority, DenySet, DeviceIdentity, IssueError, IssuedCertificate, LeafFacts, leaf_facts};

pub use certificate::CertificateRow;
pub use gateway::GatewayTlsError;
pub use renewal::Renewals;

use crate::gateway::TerminalKey;
use crate::office::Office;
use crate::refusal::Refusal;
use crate::store::{Change, CommitError, RecordCursor, RecordPage, StoreError, Transaction};

/// The simulator that every account has one of (contract 1.4); its link id names the account.
const SIMULATOR: &str = "term_test_simulator";

/// How often certificates that have ended are forgotten.
const TIDY_EVERY: Duration = Duration::from_secs(3_600);
const TIDY_AT_ONCE: u32 = 500;

/// The identities of all terminals.
#[derive(Clone)]
pub struct Identities {
    office: Office,
    authority: Option<Arc<Authority>>,
    denied: Arc<DenySet>,
    /// Issuing to a terminal and revoking all that it has take turns, or one would miss what the other does.
    turn: Arc<Mutex<()>>,
}

/// What ends with a revocation.
#[derive(Clone, Debug, Default)]
pub struct Revocation {
    /// What makes it durable.
    pub changes: Vec<Change>,
    /// What is denied once it is.
    pub serials: Vec<Arc<str>>,
}

impl Identities {
    /// Loads what has been revoked: nothing that was may open a link after a restart.
    ///
    /// # Errors
    /// When the store cannot be read; a server that does not know what is revoked must not start.
    pub async fn load(office: Office, authority: Option<Arc<Authority>>) -> Result<Self, StoreError> {
        let now = office.now();
        let kept = office.store.all_across_accounts::<CertificateRow>().await?;
        let revoked = kept.iter().map(|kept| &kept.value).filter(|row| row.revoked_at.is_some());
        let serials: Vec<&str> =
            revoked.filter(|row| row.not_after >= now).map(|row| row.serial.as_ref()).collect();
        let denied = Arc::new(DenySet::new());
        denied.replace(&serials).map_err(|error| StoreError::Engine(error.to_string().into()))?;
        Ok(Self { office, authority, denied, turn: Arc::default() })
    }

    /// What no terminal may use any more.
    #[must_use]
    pub fn denied(&self) -> &Arc<DenySet> {
        &self.denied
    }

    /// The authority of this installation.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] on a server that was started without one.
    pub fn authority(&self) -> Result<&Arc<Authority>, Refusal> {
        self.authority.as_ref().ok_or_else(|| {
            tracing::error!("this server was started without a certificate authority");
            Refusal::Unavailable { money_may_have_moved: false }
        })
    }

    /// What there is to compare of the root that everybody trusts.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] on a server without an authority.
    pub fn root(&self) -> Result<LeafFacts, Refusal> {
        leaf_facts(self.authority()?.root()).map_err(|error| {
            tracing::error!(%error, "the root certificate cannot be read");
            Refusal::Unavailable { money_may_have_moved: false }
        })
    }

    /// Keeps issuing and revoking apart until it is dropped. To be held from before the reads until after the
    /// commit.
    pub async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Certifies the key of a signing request for the terminal, now. Nothing is recorded yet: the row belongs into
    /// the transaction that gives the certificate its meaning.
    ///
    /// # Errors
    /// That the request is not one; that there is no authority.
    pub fn certify(
        &self,
        csr_der: &[u8],
        key: &TerminalKey,
    ) -> Result<(IssuedCertificate, CertificateRow), CertifyError> {
        let authority = self.authority.as_ref().ok_or(CertifyError::NoAuthority)?;
        let now = self.office.now();
        let identity = link_identity(key).ok_or(CertifyError::NoAuthority)?;
        let issued = authority.issue_device(csr_der, &identity, now)?;
        let row = CertificateRow::new(issued.facts(), key, now);
        Ok((issued, row))
    }

    /// Certifies and records at once, for whoever provisions terminals by hand.
    ///
    /// # Errors
    /// [`CertifyError`]
    pub async fn issue(&self, csr_der: &[u8], key: &TerminalKey) -> Result<IssuedCertificate, CertifyError> {
        let (issued, row) = self.certify(csr_der, key)?;
        self.office.store.commit(Transaction { changes: vec![Change::insert(&row)] }).await?;
        Ok(issued)
    }

    /// The end of every certificate of the terminal, but for the one with the serial number `but`.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn revocation(&self, key: &TerminalKey, but: Option<&str>) -> Result<Revocation, StoreError> {
        let now = self.office.now();
        let mut revocation = Revocation::default();
        let mut cursor = RecordCursor::Start;
        loop {
            let page = RecordPage { limit: 100, cursor };
            let having = Some((certificate::TERMINAL, key.id.as_str()));
            let (kept, more) = self.office.store.list::<CertificateRow>(&key.scope, having, &page).await?;
            let last = kept.last().map(|kept| Arc::clone(&kept.value.serial));
            for kept in kept {
                let row = kept.value;
                if row.revoked_at.is_none() && row.not_after >= now && but != Some(row.serial.as_ref()) {
                    revocation.serials.push(Arc::clone(&row.serial));
                    let row = CertificateRow { revoked_at: Some(now), ..row };
                    revocation.changes.push(Change::update(&row, kept.revision));
                }
            }
            match last.filter(|_| more) {
                Some(last) => cursor = RecordCursor::After(last),
                None => return Ok(revocation),
            }
        }
    }

    /// Holds handshakes and frames against a revocation that is durable.
    pub fn deny(&self, revocation: &Revocation) {
        for serial in &revocation.serials {
            if let Err(error) = self.denied.deny(serial) {
                tracing::error!(%error, "a revoked certificate cannot be denied");
            }
        }
    }

    /// Forgets certificates that have ended.
    pub async fn tidy(self) {
        loop {
            match self.forget_ended().await {
                Ok(forgotten) if forgotten == TIDY_AT_ONCE as usize => {}
                Ok(_) => tokio::time::sleep(TIDY_EVERY).await,
                Err(error) => {
                    tracing::error!(%error, "ended certificates cannot be forgotten; it is tried again");
                    tokio::time::sleep(TIDY_EVERY).await;
                }
            }
        }
    }

    async fn forget_ended(&self) -> Result<usize, CommitError> {
        let now = self.office.now();
        let ended = self.office.store.due_across_accounts::<CertificateRow>(now, TIDY_AT_ONCE).await?;
        let forget = |row: &CertificateRow| Change::delete::<CertificateRow>(&row.scope, &row.serial);
        let changes: Vec<Change> = ended.iter().map(|kept| forget(&kept.value)).collect();
        let forgotten = changes.len();
        if forgotten > 0 {
            self.office.store.commit(Transaction { changes }).await?;
        }
        Ok(forgotten)
    }

    fn now(&self) -> Timestamp {
        self.office.now()
    }
}

/// The name that a terminal's certificate bears; `None` for a terminal whose id cannot be in one.
#[must_use]
pub fn link_identity(key: &TerminalKey) -> Option<DeviceIdentity> {
    if key.id.as_str() == SIMULATOR {
        return Some(DeviceIdentity::simulator(key.scope.account.clone()));
    }
    DeviceIdentity::of_terminal(key.id.clone()).ok()
}

/// A certificate was not issued.
#[derive(Debug, thiserror::Error)]
pub enum CertifyError {
    /// The server has no authority.
    #[error("this server was started without a certificate authority")]
    NoAuthority,
    /// The terminal is out of service.
    #[error("the terminal is out of service")]
    OutOfService,
    /// The signing request is at fault, or the authority.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// It could not be recorded, so it must not be used.
    #[error(transparent)]
    Commit(#[from] CommitError),
}
