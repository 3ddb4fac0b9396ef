//! The terminals on demand of a sandbox: given an identity, run in this process, run again after a restart, ended and
//! forgotten when they are deleted.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::terminals::Workshop;
use crate::failure::Failure;
use crate::terminal::Manner;
use crate::{lan, mains};
use tokio::sync::Mutex;
use vinr_server::fleet::{BenchAnswer, BenchFault, TestBench};
use vinr_server::gateway::TerminalKey;
use vinr_server::store::TerminalRow;
use vinr_terminal::page::{Shelf, Stand};

/// Runs terminals on demand.
pub struct Bench {
    workshop: Workshop,
    dir: PathBuf,
    manner: Manner,
    shelf: Shelf,
    running: Mutex<BTreeMap<TerminalKey, Arc<Stand>>>,
}

impl Bench {
    /// A bench that keeps each terminal in a directory below `dir`, and shows it on the shelf.
    pub fn new(workshop: Workshop, dir: PathBuf, manner: Manner, shelf: Shelf) -> Arc<Self> {
        Arc::new(Self { workshop, dir, manner, shelf, running: Mutex::default() })
    }

    /// Runs what an earlier process ran. One that cannot be run does not keep the sandbox from starting.
    pub async fn resume(&self, rows: Vec<TerminalRow>) {
        for row in rows {
            if let Err(failure) = self.run(&row).await {
                tracing::warn!(terminal = %row.id, %failure, "a terminal on demand is not run again");
            }
        }
    }

    /// Ends all of them in order; they stay registered.
    pub async fn end(&self) {
        let running = std::mem::take(&mut *self.running.lock().await);
        for terminal in running.into_values() {
            if let Err(stop) = terminal.shutdown().await {
                tracing::warn!(%stop, "a terminal did not end in order");
            }
        }
    }

    async fn run(&self, row: &TerminalRow) -> Result<(), Failure> {
        let key = TerminalKey { scope: row.scope.clone(), id: row.id.clone() };
        let mut running = self.running.lock().await;
        if running.get(&key).is_some_and(|terminal| !terminal.has_ended()) {
            return Ok(());
        }
        let dir = self.dir.join(row.id.as_str());
        self.workshop.furnish(&key, &row.model, &row.serial_number, &dir).await?;
        let terminal = mains::power_up(&dir, None, self.manner, lan::on_loopback(0)).await?;
        self.shelf.put(Arc::clone(&terminal));
        running.insert(key, terminal);
        Ok(())
    }

    async fn forget(&self, row: &TerminalRow) -> Result<(), Failure> {
        let key = TerminalKey { scope: row.scope.clone(), id: row.id.clone() };
        let terminal = self.running.lock().await.remove(&key);
        self.shelf.take(row.id.as_str());
        if let Some(terminal) = terminal
            && let Err(stop) = terminal.shutdown().await
        {
            tracing::warn!(terminal = %row.id, %stop, "a terminal did not end in order");
        }
        let dir = self.dir.join(row.id.as_str());
        match tokio::fs::remove_dir_all(&dir).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::at(&dir)(error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

impl TestBench for Bench {
    fn open(&self, terminal: TerminalRow) -> BenchAnswer<'_> {
        Box::pin(async move { self.run(&terminal).await.map_err(|failure| BenchFault(failure.to_string())) })
    }

    fn close(&self, terminal: TerminalRow) -> BenchAnswer<'_> {
        Box::pin(
            async move { self.forget(&terminal).await.map_err(|failure| BenchFault(failure.to_string())) },
        )
    }
}
