//! Renewal of the device's certificate over the live link, from two thirds of its life on. Whatever fails, the
//! certificate in use stays, and the cloud is asked again after a pause.

use vinr_wire::link::ToCloud;

use super::Device;
use crate::journal::Disk;
use crate::reader::Reader;

/// Where the renewal stands.
#[derive(Debug, Default)]
pub(super) struct Renewal {
    /// Requests since the last certificate.
    asked: u32,
    /// Not before then again, on the monotonic clock.
    not_before_ms: i64,
}

impl<D: Disk, R: Reader> Device<D, R> {
    /// When the next request is due, on the monotonic clock; `None` while nobody could be asked.
    pub(super) fn renewal_at_ms(&self) -> Option<i64> {
        let renew_at = self.parts.identity.renew_at().filter(|_| self.link.is_ok())?;
        // By server time: a device whose own clock is wrong must not let its certificate end.
        self.heard_time?;
        let due_ms = self.now_ms().saturating_add(renew_at.ms_since(self.stamp()));
        Some(due_ms.max(self.renewal.not_before_ms))
    }

    pub(super) fn renew_if_due(&mut self, now_ms: i64) {
        if self.renewal_at_ms().is_none_or(|due_ms| now_ms < due_ms) {
            return;
        }
        let settings = &self.parts.settings;
        let pause_ms = settings.renewal_first_ms.saturating_mul(1 << self.renewal.asked.min(20));
        self.renewal.not_before_ms = now_ms + pause_ms.min(settings.renewal_longest_ms);
        self.renewal.asked = self.renewal.asked.saturating_add(1);
        match self.parts.identity.request() {
            Ok(csr) => self.say(ToCloud::CertificateRequest { csr_der: csr.into() }),
            Err(error) => tracing::error!(%error, "no new certificate can be asked for"),
        }
    }

    pub(super) fn certified(&mut self, chain_pem: &str) {
        match self.parts.identity.install(chain_pem) {
            Ok(()) => {
                tracing::info!("certificate renewed; the next connection uses it");
                self.renewal = Renewal::default();
            }
            Err(error) => tracing::warn!(%error, "the new certificate is not used"),
        }
    }
}
