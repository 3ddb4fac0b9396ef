//! Who may speak to the terminal in the merchant's network, and the certificate that it presents there. What is answered
//! is in the terminal's memory before, and holds at once: a till that was locked out stays out.

use std::net::IpAddr;
use std::sync::Arc;

use vinr_wire::link::{LanAccess, LanAccessApplied, LanCertificateRequest, ToCloud};

use super::outbox::Subject;
use super::{Device, Stop};
use crate::journal::Disk;
use crate::memory::KeptAccess;
use crate::network::place;
use crate::reader::Reader;

/// Where asking for the listener's certificate stands.
#[derive(Debug, Default)]
pub(super) struct Asking {
    /// Requests since the last certificate.
    asked: u32,
    /// Not before then again, on the monotonic clock.
    not_before_ms: i64,
    /// This device has a listener, as far as is known.
    has_none: bool,
}

impl<D: Disk, R: Reader> Device<D, R> {
    /// The cloud says who may speak to the terminal.
    pub(super) async fn admit(&mut self, access: LanAccess) -> Result<(), Stop> {
        let in_force = self.parts.desk.access.borrow().clone();
        let (version, held) = (access.version, in_force.version);
        if version > held {
            let mut kept = self.parts.memory.kept().clone();
            kept.access = Some(KeptAccess::of(&access));
            self.remember(kept).await?;
            let served = |access: &LanAccess| (access.local_api, access.cashless, access.open_wire);
            let other_doors = served(&access) != served(&in_force);
            tracing::info!(version, other_doors, "access to the terminal changed");
            self.parts.desk.access.send_replace(Arc::new(access));
            self.restart_wanted |= other_doors;
        }
        // A restart for other doors waits until the cloud has it, a little.
        let applied = LanAccessApplied { version: version.max(held), error: None };
        self.say_report(Subject::Access, ToCloud::LanAccessApplied(applied));
        Ok(())
    }

    /// The cloud has turned the terminal away: nobody may speak to it until the cloud says anew who may.
    pub(super) async fn admit_nobody(&mut self) -> Result<(), Stop> {
        let in_force = self.parts.desk.access.borrow().clone();
        if in_force.version == 0 {
            return Ok(());
        }
        let nobody = LanAccess {
            version: 0,
            local_api: false,
            cashless: false,
            open_wire: false,
            client_authorities_pem: String::new(),
            revoked_serials: Vec::new(),
            cashless_key_hash: None,
            ..LanAccess::clone(&in_force)
        };
        let mut kept = self.parts.memory.kept().clone();
        kept.access = Some(KeptAccess::of(&nobody));
        self.remember(kept).await?;
        tracing::warn!("turned away by the cloud: nobody in the merchant's network is served");
        self.parts.desk.access.send_replace(Arc::new(nobody));
        Ok(())
    }

    /// Starts again for what is served from then on, once no payment is on the screen.
    pub(super) fn restart_for_access(&mut self) {
        if std::mem::take(&mut self.restart_wanted) && self.restart_by_ms.is_none() {
            self.restart_by_ms = Some(self.now_ms() + self.parts.settings.restart_notice_ms);
            self.show_rest();
        }
    }

    /// Looks where the device is; the next greeting says it, and the listener's certificate has to fit.
    pub(super) fn look_around(&mut self) {
        place(self.parts.network.as_ref(), &mut self.parts.hello);
        self.publish_facts();
    }

    /// When the next request for the listener's certificate is due, on the monotonic clock; `None` while nobody could be
    /// asked, or there is no need.
    pub(super) fn lan_certificate_at_ms(&self) -> Option<i64> {
        if self.link.is_err() || self.heard_time.is_none() || self.lan_asking.has_none {
            return None;
        }
        let now_ms = self.now_ms();
        let due_ms = match self.parts.lan_key.renew_at() {
            Some(renew_at) if self.parts.lan_key.addresses() == self.addresses() => {
                now_ms.saturating_add(renew_at.ms_since(self.stamp()))
            }
            Some(_) | None => now_ms,
        };
        Some(due_ms.max(self.lan_asking.not_before_ms))
    }

    pub(super) fn ask_lan_certificate_if_due(&mut self, now_ms: i64) {
        if self.lan_certificate_at_ms().is_none_or(|due_ms| now_ms < due_ms) {
            return;
        }
        let settings = &self.parts.settings;
        let pause_ms = settings.renewal_first_ms.saturating_mul(1 << self.lan_asking.asked.min(20));
        self.lan_asking.not_before_ms = now_ms + pause_ms.min(settings.renewal_longest_ms);
        self.lan_asking.asked = self.lan_asking.asked.saturating_add(1);
        let addresses = self.addresses();
        match self.parts.lan_key.request(&addresses) {
            Ok(Some(csr)) => {
                let request = LanCertificateRequest { csr_der: csr.into(), addresses };
                self.say(ToCloud::LanCertificateRequest(request));
            }
            Ok(None) => self.lan_asking.has_none = true,
            Err(error) => tracing::error!(%error, "no certificate for the listener can be asked for"),
        }
    }

    pub(super) fn lan_certified(&mut self, chain_pem: &str) {
        match self.parts.lan_key.install(chain_pem) {
            Ok(()) => {
                tracing::info!("the listener has a new certificate");
                self.lan_asking = Asking::default();
                self.parts.desk.certificate.send_replace(self.parts.lan_key.identity());
            }
            Err(error) => tracing::warn!(%error, "the listener's new certificate is not used"),
        }
    }

    fn addresses(&self) -> Vec<IpAddr> {
        self.parts.hello.local_addresses.iter().filter_map(|text| text.parse().ok()).collect()
    }
}
