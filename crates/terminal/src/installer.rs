//! How other software gets onto the device: the port. Whether it may, has been decided before it is asked.

use vinr_domain::SoftwareVersion;
use vinr_pki::software::Manifest;

/// Installs software. Called from the device loop while no payment is on the screen.
pub trait Installer: Send {
    /// Puts the software in place, so that it runs from the next start on. May be called again for what it has
    /// installed already, because power may be lost in between.
    ///
    /// # Errors
    /// Why it cannot be installed, for whoever ordered the update; what runs now keeps running.
    fn install(&mut self, manifest: &Manifest) -> Result<(), String>;

    /// The version that runs: `built` is this software's own, `installed` what was installed last.
    fn running(&self, built: &str, installed: Option<&str>) -> String {
        let _ = installed;
        built.to_owned()
    }
}

/// Installs on a device that is not there: there is no image, and the version is all that changes.
#[derive(Clone, Copy, Debug, Default)]
pub struct SimulatedInstaller;

impl Installer for SimulatedInstaller {
    fn install(&mut self, manifest: &Manifest) -> Result<(), String> {
        tracing::info!(version = %manifest.version, "installed");
        Ok(())
    }

    fn running(&self, built: &str, installed: Option<&str>) -> String {
        let newer = |text: &&str| {
            let (own, other) = (SoftwareVersion::parse(built), SoftwareVersion::parse(text));
            matches!((own, other), (Ok(own), Ok(other)) if other > own)
        };
        installed.filter(newer).unwrap_or(built).to_owned()
    }
}
