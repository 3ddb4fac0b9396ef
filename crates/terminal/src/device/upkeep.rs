//! The terminal's configuration, and what else waits until no payment is on the screen. What is answered is in the
//! terminal's memory before.

use std::sync::Arc;

use vinr_wire::link::{ConfigApplied, Configure, DeviceConfiguration, HelloFacts, ToCloud};

use super::{Device, Stop};
use crate::faults::CrashPoint;
use crate::journal::Disk;
use crate::memory::{Kept, Refused};
use crate::reader::Reader;

impl<D: Disk, R: Reader> Device<D, R> {
    /// A configuration has arrived: known ones are answered, a newer one is applied when no payment is on the screen.
    pub(super) fn configure(&mut self, configure: Configure) {
        let kept = self.parts.memory.kept();
        if configure.version <= kept.config_version {
            let version = kept.config_version;
            return self.say(ToCloud::ConfigApplied(ConfigApplied { version, error: None }));
        }
        if let Some(refused) = kept.refused.as_ref().filter(|refused| configure.version <= refused.version) {
            let (version, error) = (refused.version, Some(refused.error.clone()));
            return self.say(ToCloud::ConfigApplied(ConfigApplied { version, error }));
        }
        let newer = self.waiting_config.as_ref().is_none_or(|waiting| waiting.version < configure.version);
        if newer {
            self.waiting_config = Some(configure);
        }
    }

    /// Does what has been waiting for the payment on the screen to end.
    pub(super) async fn work_off(&mut self) -> Result<(), Stop> {
        if self.has_customer() || self.restart_by_ms.is_some() {
            return Ok(());
        }
        self.restart_for_access();
        if let Some(configure) = self.waiting_config.take() {
            self.apply(configure).await?;
        }
        self.work_off_actions().await
    }

    async fn apply(&mut self, configure: Configure) -> Result<(), Stop> {
        let version = configure.version;
        let mut kept = self.parts.memory.kept().clone();
        let parsed = DeviceConfiguration::parse(&configure.config, self.parts.hello.has_printer);
        let error = match parsed {
            Ok(parsed) => {
                kept.config_version = version;
                // Parsed as JSON just now, so that it is UTF-8.
                kept.config = Some(String::from_utf8_lossy(&configure.config).into_owned());
                kept.refused = None;
                self.remember(kept).await?;
                tracing::info!(version, "configuration applied");
                self.configuration = Arc::new(parsed);
                self.parts.in_force.send_replace(Arc::clone(&self.configuration));
                None
            }
            Err(error) => {
                tracing::warn!(version, %error, "configuration refused");
                let error = error.to_string();
                kept.refused = Some(Refused { version, error: error.clone() });
                self.remember(kept).await?;
                Some(error)
            }
        };
        self.say(ToCloud::ConfigApplied(ConfigApplied { version, error }));
        self.show_rest();
        Ok(())
    }

    /// Makes a change of the terminal's memory durable. Nothing is said or done on its strength before.
    pub(super) async fn remember(&mut self, kept: Kept) -> Result<(), Stop> {
        self.point(CrashPoint::MemoryNotWritten)?;
        self.parts.memory.replace(kept).await?;
        self.point(CrashPoint::MemoryWritten)?;
        self.publish_facts();
        Ok(())
    }

    /// What the next greeting says of the terminal, and the next heartbeat of its battery.
    pub(super) fn publish_facts(&self) {
        let kept = self.parts.memory.kept();
        let facts = HelloFacts {
            software_version: self.software_version(),
            battery_percent: self.battery_percent,
            config_version: kept.config_version,
            locked: kept.locked,
            offline_pending: self.offline.pending,
            ..self.parts.hello.clone()
        };
        self.parts.facts.send_if_modified(|said| {
            let changed = *said != facts;
            *said = facts;
            changed
        });
    }

    /// The version of the software that runs.
    pub(super) fn software_version(&self) -> String {
        let installed = self.parts.memory.kept().software.as_deref();
        self.parts.installer.running(&self.parts.hello.software_version, installed)
    }
}

/// The configuration that the memory holds, as this software honours it.
pub(super) fn remembered(kept: &Kept, has_printer: bool) -> DeviceConfiguration {
    let Some(json) = &kept.config else { return DeviceConfiguration::default() };
    DeviceConfiguration::parse(json.as_bytes(), has_printer).unwrap_or_else(|error| {
        // It was applied by other software; the cloud sends one that fits.
        tracing::error!(%error, "the remembered configuration cannot be applied");
        DeviceConfiguration::default()
    })
}
