//! A simulated terminal in a process of its own: found, started once for each client, ended with it. Nothing that it is
//! asked leaves the machine.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::{Mutex, OnceCell};

use super::options::TerminalOptions;
use crate::config;
use crate::error::VinrError;
use crate::secret::Secret;

const PATIENCE: Duration = Duration::from_secs(60);

/// What the simulator says when it is ready.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Started {
    pub terminal: String,
    pub model: String,
    pub ip: String,
    pub port: u16,
    pub ca_bundle: String,
    pub client_p12: String,
    pub client_p12_passphrase: Secret,
    pub api: String,
    pub secret_key: Secret,
}

/// The simulator of one client: not started before somebody needs it.
pub(crate) struct Simulator {
    path: Option<PathBuf>,
    offline: bool,
    started: OnceCell<Started>,
    process: Mutex<Option<(Child, Option<ChildStdin>)>>,
}

impl Simulator {
    pub(crate) fn new(options: &TerminalOptions) -> Self {
        let path = options.simulator_path.clone();
        Self { path, offline: options.offline, started: OnceCell::new(), process: Mutex::default() }
    }

    /// What it says about itself; whoever asks first starts it.
    pub(crate) async fn started(&self) -> Result<&Started, VinrError> {
        self.started.get_or_try_init(|| self.start()).await
    }

    async fn start(&self) -> Result<Started, VinrError> {
        let program = self.program()?;
        let mut command = Command::new(&program);
        command.args(["simulator", "--json", "--until-stdin-ends"]);
        if self.offline {
            command.arg("--offline");
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child =
            command.spawn().map_err(|error| missing(&format!("{} ({})", program.display(), error.kind())))?;
        let stdin = child.stdin.take();
        let mut lines = BufReader::new(child.stdout.take().ok_or_else(|| missing("no output"))?).lines();
        let ready = async {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Ok(started) = serde_json::from_str(&line) {
                    return Some(started);
                }
            }
            None
        };
        let started: Option<Started> = tokio::time::timeout(PATIENCE, ready).await.ok().flatten();
        let started = started.ok_or_else(|| missing(&format!("{} did not start", program.display())))?;
        // Somebody has to read what it says from now on.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        *self.process.lock().await = Some((child, stdin));
        Ok(started)
    }

    /// Ends it, and waits until it has cleaned up.
    pub(crate) async fn close(&self) {
        if let Some((mut child, stdin)) = self.process.lock().await.take() {
            drop(stdin);
            if tokio::time::timeout(PATIENCE, child.wait()).await.is_err() {
                let _ = child.kill().await;
            }
        }
    }

    fn program(&self) -> Result<PathBuf, VinrError> {
        if let Some(given) = self.path.clone().or_else(config::simulator) {
            return Ok(given);
        }
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
        let built = ["release/vinr", "debug/vinr"].iter().map(|name| checkout.join(name));
        let on_path = config::path().into_iter().map(|directory| directory.join("vinr"));
        built.chain(on_path).find(|program| program.is_file()).ok_or_else(|| missing("no program `vinr`"))
    }
}

fn missing(why: &str) -> VinrError {
    let (os, cpu) = (std::env::consts::OS, std::env::consts::ARCH);
    let message = format!(
        "the simulator cannot be started on {os} {cpu}: {why}. Install `vinr`, or name it with simulator_path or VINR_SIMULATOR"
    );
    VinrError::configuration("simulator_not_available", message).about("simulator_path")
}
