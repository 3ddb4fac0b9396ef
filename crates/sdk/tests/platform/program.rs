//! Starts the program and ends it; nothing else is ever ended.

use serde_json::Value;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::config;

/// A running program, and the line that it said when it was ready.
pub struct Running {
    pub ready: Value,
    _child: Child,
    _directory: tempfile::TempDir,
}

impl Running {
    /// Starts `vinr dev`.
    pub async fn dev() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        let mut command = Command::new(config::program());
        command.args(["dev", "--json", "--api-port", "0", "--link-port", "0", "--rate-limits", "off"]);
        command.args(["--acquirer-answer-ms", "2000", "--data-dir"]).arg(data);
        Self::started(command, directory).await
    }

    /// Starts `vinr simulator`.
    pub async fn simulator() -> Self {
        let mut command = Command::new(config::program());
        command.args(["simulator", "--json", "--until-stdin-ends"]);
        Self::started(command, tempfile::tempdir().unwrap()).await
    }

    async fn started(mut command: Command, directory: tempfile::TempDir) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = loop {
            let line = lines.next_line().await.unwrap().expect("the program ended before it was ready");
            if line.starts_with('{') {
                break serde_json::from_str(&line).unwrap();
            }
        };
        // Somebody has to read what it says from now on.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { ready, _child: child, _directory: directory }
    }

    /// A text of its line.
    pub fn text(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap_or_else(|| panic!("{} has no {name}", self.ready))
    }
}

/// An address where nobody listens.
pub async fn nobody() -> String {
    tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string()
}
