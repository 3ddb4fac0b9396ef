//! How the device is: computed here, told to the cloud after every greeting and whenever it changes.

use std::collections::BTreeSet;

use vinr_domain::Attention;
use vinr_wire::link::{DeviceStatus, ToCloud};

use super::Device;
use crate::journal::Disk;
use crate::reader::Reader;

impl<D: Disk, R: Reader> Device<D, R> {
    fn status(&self) -> DeviceStatus {
        let settings = &self.parts.settings;
        let clock_is_off = self.wall_ahead_ms.is_some_and(|ahead_ms| ahead_ms.abs() > settings.clock_off_ms);
        let journal_is_full = self.parts.journal.room() < settings.journal_entries / 10;
        let reasons = [
            (
                Attention::BatteryLow,
                self.battery_percent.is_some_and(|left| left <= settings.battery_low_percent),
            ),
            (Attention::PaperOut, self.parts.hello.has_printer && !self.parts.printer.has_paper()),
            (Attention::ReaderFault, self.parts.reader.is_faulty()),
            (Attention::ClockUnsynced, clock_is_off),
            (Attention::StorageLow, journal_is_full),
            (Attention::CertificateExpiring, self.parts.identity.ends_soon(self.stamp())),
        ];
        let needs_attention: BTreeSet<Attention> =
            reasons.into_iter().filter(|(_, holds)| *holds).map(|(reason, _)| reason).collect();
        DeviceStatus {
            battery_percent: self.battery_percent,
            needs_attention,
            locked: self.parts.memory.kept().locked,
            software_version: self.software_version(),
            storage_free_bytes: None,
        }
    }

    /// Tells the cloud, if it has been told otherwise on this link. Not before server time is known: the device
    /// cannot judge its clock and its certificate without.
    pub(super) fn report_status(&mut self) {
        if self.link.is_err() || self.heard_time.is_none() {
            return;
        }
        let status = self.status();
        if self.status_said.as_ref() == Some(&status) {
            return;
        }
        if self.parts.outbox.send(ToCloud::DeviceStatus(status.clone())) {
            self.status_said = Some(status);
        }
    }
}
