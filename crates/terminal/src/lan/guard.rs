//! Who may use the Local API: the judgement on a client certificate, asked for every request, under the newest word of
//! the cloud. Answers nobody.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use vinr_domain::Timestamp;
use vinr_pki::{ClientAnchors, ClientFault, ClientIdentity, DenySet, DeviceIdentity, judge_client};
use vinr_wire::link::LanAccess;

use crate::clock::Clock;

/// Judges certificates.
pub(super) struct Guard {
    access: watch::Receiver<Arc<LanAccess>>,
    terminal: Option<DeviceIdentity>,
    clock: Arc<dyn Clock>,
    ready: Mutex<Arc<Rules>>,
}

/// What the newest word of the cloud comes to.
#[derive(Debug, Default)]
struct Rules {
    version: u64,
    anchors: ClientAnchors,
    revoked: DenySet,
    /// The list of revoked certificates could not be read: nobody is let in.
    broken: bool,
}

impl Rules {
    fn of(access: &LanAccess) -> Self {
        let revoked = DenySet::new();
        let broken = revoked.replace(access.revoked_serials.iter()).is_err();
        if broken {
            tracing::error!("the list of revoked certificates cannot be read; every till is refused");
        }
        let anchors = ClientAnchors::from_pem(&access.client_authorities_pem);
        Self { version: access.version, anchors, revoked, broken }
    }
}

impl Guard {
    pub(super) fn new(access: watch::Receiver<Arc<LanAccess>>, link_id: &str, clock: Arc<dyn Clock>) -> Self {
        let terminal = DeviceIdentity::parse(link_id).ok();
        Self { access, terminal, clock, ready: Mutex::default() }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.wall()
    }

    /// The newest word of the cloud.
    pub(super) fn access(&self) -> Arc<LanAccess> {
        Arc::clone(&self.access.borrow())
    }

    /// Whether the holder of this certificate may use the Local API now.
    pub(super) fn judge(&self, certificate: Option<&[u8]>) -> Result<ClientIdentity, ClientFault> {
        let rules = self.rules();
        let terminal = self.terminal.as_ref().ok_or(ClientFault::WrongTerminal)?;
        let judged = judge_client(certificate, &rules.anchors, terminal, &rules.revoked, self.now())?;
        if rules.broken { Err(ClientFault::Revoked) } else { Ok(judged) }
    }

    fn rules(&self) -> Arc<Rules> {
        let access = self.access();
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if ready.version != access.version {
            *ready = Arc::new(Rules::of(&access));
        }
        Arc::clone(&ready)
    }

    /// Resolves when a certificate that counted counts no longer; never for one that never did, because each of its
    /// requests is refused in words.
    pub(super) async fn turned_away(&self, certificate: Option<&[u8]>) {
        let mut access = self.access.clone();
        let mut counted = self.judge(certificate).is_ok();
        while access.changed().await.is_ok() {
            let counts = self.judge(certificate).is_ok();
            if counted && !counts {
                return;
            }
            counted |= counts;
        }
        std::future::pending::<()>().await;
    }
}
