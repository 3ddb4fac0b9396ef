//! The sandbox's terminals: registered, given an identity and a directory, and run in this process unless somebody
//! else is to run them.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use vinr_domain::TerminalId;
use vinr_pki::{Authority, DeviceBundle, DeviceIdentity, DeviceKey};
use vinr_sandbox::keys::SandboxKeys;
use vinr_server::clock::Clock;
use vinr_server::gateway::TerminalKey;
use vinr_server::identities::Identities;
use vinr_server::platform::Platform;
use vinr_server::store::TerminalRow;
use vinr_terminal::page::{Shelf, Stand};
use vinr_terminal::provision::{self, TerminalFacts};

use super::{Plan, seed, till};
use crate::failure::Failure;
use crate::{lan, mains};

/// The reserved simulator of every sandbox account (contract 1.4).
pub const SIMULATOR: &str = "term_test_simulator";

/// A certificate that ends sooner than this is replaced at the start.
const RENEW_BEFORE_MS: i64 = 30 * 24 * 3_600_000;

/// What terminals are furnished with.
#[derive(Clone)]
pub struct Workshop {
    /// Who certifies them.
    pub identities: Identities,
    /// Whom they trust.
    pub authority: Arc<Authority>,
    /// What their readers seal with.
    pub keys: SandboxKeys,
    /// When.
    pub clock: Arc<dyn Clock>,
    /// Where they connect.
    pub link_address: SocketAddr,
}

/// The sandbox's own terminals.
pub struct Yard<'a> {
    /// Where they are registered.
    pub platform: &'a Platform,
    /// What they are furnished with.
    pub workshop: &'a Workshop,
    /// Where they can be looked at.
    pub shelf: &'a Shelf,
}

/// A terminal of this process.
pub struct Started {
    /// Which.
    pub key: TerminalKey,
    /// The terminal.
    pub terminal: Arc<Stand>,
}

impl Yard<'_> {
    /// Prepares all terminals in directories below `dir`, and runs those that are to run here. The one with a till, whose
    /// files are in `till_dir`, is told to serve it.
    pub async fn open(&self, plan: &Plan, dir: &Path, till_dir: &Path) -> Result<Vec<Started>, Failure> {
        let mut started = Vec::new();
        for (id, port) in &plan.here {
            let key = self.prepare(id, dir).await?;
            if id == plan.tilled {
                till::open_doors(self.platform, &key, till_dir).await?;
            }
            let terminal = mains::power_up(&dir.join(id), None, plan.manner, lan::on_loopback(*port)).await?;
            self.shelf.put(Arc::clone(&terminal));
            started.push(Started { key, terminal });
        }
        for id in &plan.elsewhere {
            self.prepare(id, dir).await?;
        }
        Ok(started)
    }

    async fn prepare(&self, id: &str, dir: &Path) -> Result<TerminalKey, Failure> {
        let id = TerminalId::parse(id).map_err(|_bad| {
            Failure::new(format_args!("{id:?} is no terminal id"))
                .cure("A terminal id is term_ and up to 48 letters, digits, _ or -.")
        })?;
        let key = TerminalKey { scope: seed::scope()?, id: id.clone() };
        if self.platform.directory.find(&key).is_none() {
            self.platform.put_terminal(self.row(&key)?).await.map_err(Failure::new)?;
        }
        self.workshop.furnish(&key, "simulator", &serial_number(&key), &dir.join(id.as_str())).await?;
        Ok(key)
    }

    fn row(&self, key: &TerminalKey) -> Result<TerminalRow, Failure> {
        let now = self.workshop.clock.wall();
        Ok(TerminalRow {
            location: Some(seed::location()?),
            software_version: env!("CARGO_PKG_VERSION").into(),
            ..TerminalRow::new(key.id.clone(), key.scope.clone(), "simulator", &serial_number(key), now)
        })
    }
}

fn serial_number(key: &TerminalKey) -> String {
    format!("SIM-{}", key.id)
}

impl Workshop {
    /// Gives a registered terminal a directory with everything that it needs to start.
    pub async fn furnish(
        &self,
        key: &TerminalKey,
        model: &str,
        serial_number: &str,
        dir: &Path,
    ) -> Result<(), Failure> {
        let identity = match key.id.as_str() {
            SIMULATOR => DeviceIdentity::simulator(key.scope.account.clone()),
            _ => DeviceIdentity::of_terminal(key.id.clone()).map_err(Failure::new)?,
        };
        let bundle = match self.kept(dir) {
            Some(bundle) => bundle,
            None => self.issue(key).await?,
        };
        let facts = TerminalFacts {
            link_id: identity.to_string(),
            cloud: self.link_address.to_string(),
            server_name: "localhost".to_owned(),
            model: model.to_owned(),
            serial_number: serial_number.to_owned(),
        };
        let reader_key = self.keys.reader_key(&identity.to_string());
        provision::save(dir, &facts, &bundle, &reader_key).map_err(Failure::new)
    }

    /// The identity of an earlier start, unless it ends soon or is of another authority.
    fn kept(&self, dir: &Path) -> Option<DeviceBundle> {
        let kept = provision::load(dir).ok()?.bundle;
        let lasts = kept.facts().not_after.ms_since(self.clock.wall()) > RENEW_BEFORE_MS;
        (lasts && kept.roots_pem() == self.authority.roots_pem()).then_some(kept)
    }

    async fn issue(&self, terminal: &TerminalKey) -> Result<DeviceBundle, Failure> {
        let key = DeviceKey::generate().map_err(Failure::new)?;
        let csr = key.csr().map_err(Failure::new)?;
        let issued = self.identities.issue(&csr, terminal).await.map_err(Failure::new)?;
        DeviceBundle::new(key, issued.chain_pem(), self.authority.roots_pem()).map_err(Failure::new)
    }
}

/// Waits until the terminal can be reached by tills, and says where. The flag is the one that chooses its port.
pub async fn served(terminal: &Started, flag: &str, at_most: Duration) -> Result<SocketAddr, Failure> {
    let mut state = terminal.terminal.lan();
    let open = async {
        loop {
            let now = state.borrow_and_update().clone();
            if let Some(problem) = now.problem {
                return Err(Failure::new(problem).cure(format_args!(
                    "Stop what listens there, or choose another port: {flag} PORT (0 takes any free one)."
                )));
            }
            if let Some(address) = now.https {
                return Ok(address);
            }
            if state.changed().await.is_err() {
                return Err(Failure::new("the terminal has stopped"));
            }
        }
    };
    let opened = tokio::time::timeout(at_most, open).await;
    opened.map_err(|_| Failure::new(format_args!("{} does not open its listener", terminal.key.id)))?
}

/// Waits until the terminal is connected.
pub async fn online(platform: &Platform, terminal: &Started, at_most: Duration) -> Result<(), Failure> {
    connected(platform, terminal, 1, at_most).await
}

/// Waits until the terminal has started again and is connected.
pub async fn connected_again(
    platform: &Platform,
    terminal: &Started,
    at_most: Duration,
) -> Result<(), Failure> {
    connected(platform, terminal, 2, at_most).await
}

/// Waits until the terminal is connected over its `link`th link, or a later one.
async fn connected(
    platform: &Platform,
    terminal: &Started,
    link: u64,
    at_most: Duration,
) -> Result<(), Failure> {
    let begun = Instant::now();
    loop {
        let found = platform.directory.find(&terminal.key);
        if found.is_some_and(|terminal| terminal.is_online() && terminal.row().session_epoch >= link) {
            return Ok(());
        }
        if terminal.terminal.is_stopped() || begun.elapsed() > at_most {
            return Err(Failure::new(format_args!("{} does not connect", terminal.key.id))
                .cure("Start again with --log info to see what it says."));
        }
        sleep(Duration::from_millis(5)).await;
    }
}
