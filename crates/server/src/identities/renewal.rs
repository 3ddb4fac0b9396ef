//! Renewal over the live link: a terminal asks with a new key and gets a certificate for itself and nobody else. The
//! old one stays good until it ends, so a terminal that loses the answer has lost nothing.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use vinr_pki::IssueError;
use vinr_wire::link::{ToCloud, ToTerminal};

use super::{CertifyError, Identities};
use crate::gateway::{Hearer, Terminal, TerminalKey};
use crate::store::{Change, Transaction};

/// How many terminals may be served at the same time; the others ask again.
const AT_ONCE: usize = 64;

/// Listens for terminals that ask for a new certificate.
pub struct Renewals {
    identities: Identities,
    under_way: Arc<Mutex<BTreeSet<TerminalKey>>>,
}

impl Renewals {
    /// For these identities.
    #[must_use]
    pub fn new(identities: Identities) -> Self {
        Self { identities, under_way: Arc::default() }
    }

    /// One at a time for each terminal, and a limited number in all.
    fn begin(&self, key: &TerminalKey) -> bool {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.len() < AT_ONCE && under_way.insert(key.clone())
    }
}

impl Hearer for Renewals {
    fn heard(&self, terminal: &Arc<Terminal>, message: &ToCloud) {
        let ToCloud::CertificateRequest { csr_der } = message else { return };
        if !self.begin(&terminal.key) {
            terminal.send(ToTerminal::CertificateRefused { reason: "too many at once".to_owned() });
            return;
        }
        let (identities, under_way) = (self.identities.clone(), Arc::clone(&self.under_way));
        let (terminal, csr_der) = (Arc::clone(terminal), csr_der.clone());
        self.identities.office.tasks.spawn(async move {
            let answer = match identities.renew(&terminal, &csr_der).await {
                Ok(chain_pem) => ToTerminal::CertificateIssued { chain_pem },
                Err(error) => {
                    tracing::warn!(terminal = %terminal.key.id, %error, "a certificate is not renewed");
                    ToTerminal::CertificateRefused { reason: reason_of(&error).to_owned() }
                }
            };
            terminal.send(answer);
            under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&terminal.key);
        });
    }
}

impl Identities {
    async fn renew(&self, terminal: &Arc<Terminal>, csr_der: &[u8]) -> Result<String, CertifyError> {
        let _turn = self.turn().await;
        // Taken out of service while it waited for its turn: what it gets now nobody would revoke any more.
        if terminal.row().deactivated {
            return Err(CertifyError::OutOfService);
        }
        let (issued, row) = self.certify(csr_der, &terminal.key)?;
        self.office.store.commit(Transaction { changes: vec![Change::insert(&row)] }).await?;
        tracing::info!(terminal = %terminal.key.id, serial = %row.serial, "a certificate is renewed");
        Ok(issued.chain_pem().to_owned())
    }
}

/// What the terminal is told: what it can do something about, and nothing of the cloud's inside.
fn reason_of(error: &CertifyError) -> &'static str {
    match error {
        CertifyError::OutOfService => "this terminal is out of service",
        CertifyError::Issue(IssueError::MalformedRequest) => "the request is malformed",
        CertifyError::Issue(IssueError::RequestSignature) => "the request is not signed with its own key",
        CertifyError::Issue(IssueError::RequestKey) => "the key is not ECDSA P-256",
        CertifyError::Issue(_) | CertifyError::NoAuthority | CertifyError::Commit(_) => "try later",
    }
}
