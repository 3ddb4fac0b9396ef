//! Looks after terminals that say nothing: writes now and then when the connected ones were last heard from, gives up
//! on those that did not come back after a start, and calls attention to those that have been away for long.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use vinr_domain::Timestamp;
use vinr_domain::terminal::{Event, Reason, State};

use super::register::{Held, Register};
use crate::gateway::{Directory, Terminal};
use crate::office::Office;

/// How often it looks.
const EVERY: Duration = Duration::from_secs(15);
/// After how long a sign of life is written, so that it is durable within five minutes.
const SEEN_MS: i64 = 4 * 60_000;
/// How long a terminal may be away before somebody should look after it.
const LONG_MS: i64 = 24 * 3_600_000;
/// When a certificate should long have been renewed: terminals do so after two thirds of its 90 days.
const ENDS_SOON_MS: i64 = 15 * 24 * 3_600_000;
/// For how long attention is called to something that was wrong with offline approvals; the audit log keeps it for ever.
const OFFLINE_WRONG_MS: i64 = 7 * 24 * 3_600_000;
/// How many terminals are written in one transaction.
const PORTION: usize = 250;

/// The attendant of all terminals.
pub struct Attendant {
    office: Office,
    directory: Arc<Directory>,
    register: Register,
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    /// Its last sign of life is to be written.
    Seen,
    /// It did not come back in time after the start.
    Missing,
    /// It has been away for long.
    Long,
    /// What was wrong with its offline approvals has been shown for long enough.
    Shown,
    /// Its certificate ends soon, or no longer does.
    Certificate {
        /// Whether it does.
        soon: bool,
    },
}

impl Attendant {
    /// An attendant of the terminals in the directory.
    #[must_use]
    pub fn new(office: Office, directory: Arc<Directory>, register: Register) -> Self {
        Self { office, directory, register }
    }

    /// Attends until the platform ends.
    pub async fn run(self) {
        let patience = Duration::from_millis(u64::from(self.office.settings.heartbeat_ms) * 3);
        let back_by = Instant::now() + patience;
        loop {
            sleep(EVERY.min(patience)).await;
            self.round(Instant::now() >= back_by).await;
        }
    }

    /// Looks at every terminal once. Whoever has a turn just now is looked at the next time.
    async fn round(&self, all_back: bool) {
        let mut portion = Vec::with_capacity(PORTION);
        for terminal in self.directory.all() {
            let now = self.office.now();
            if due(&terminal, now, all_back).is_none() {
                continue;
            }
            let Some(mut held) = self.register.try_hold(&terminal) else { continue };
            // As it is now that nobody else can change it.
            let Some(due) = due(&terminal, now, all_back) else { continue };
            attend(&mut held, due);
            portion.push(held);
            if portion.len() == PORTION {
                self.record(std::mem::take(&mut portion)).await;
            }
        }
        if !portion.is_empty() {
            self.record(portion).await;
        }
    }

    async fn record(&self, portion: Vec<Held>) {
        if let Err(error) = self.register.record_all(portion).await {
            tracing::warn!(%error, "what became of terminals cannot be written; it is tried again");
        }
    }
}

fn due(terminal: &Terminal, now: Timestamp, all_back: bool) -> Option<Due> {
    let heard = terminal.signs.heard_at();
    let known = terminal.standing();
    let wrong_since = terminal.read(|row| row.offline_wrong_at).filter(|_| known.state != State::Deactivated);
    if wrong_since.is_some_and(|at| now.ms_since(at) >= OFFLINE_WRONG_MS) {
        return Some(Due::Shown);
    }
    match known.state {
        State::Connected { .. } => {
            let soon = terminal.certificate_ends_at().map(|end| end.ms_since(now) < ENDS_SOON_MS);
            let found = terminal.read(|row| row.found.contain(Reason::CertificateExpiring));
            if let Some(soon) = soon.filter(|soon| *soon != found) {
                return Some(Due::Certificate { soon });
            }
            let unwritten = heard?.ms_since(known.last_seen_at.unwrap_or(Timestamp(0)));
            (unwritten.abs() >= SEEN_MS && terminal.is_online()).then_some(Due::Seen)
        }
        State::Awaited { .. } => (all_back && !terminal.is_online()).then_some(Due::Missing),
        State::Absent { reasons } => {
            let away = now.ms_since(known.last_seen_at?);
            (away >= LONG_MS && !reasons.contain(Reason::OfflineForLong)).then_some(Due::Long)
        }
        State::Deactivated => None,
    }
}

fn attend(held: &mut Held, due: Due) {
    let taken = match due {
        Due::Seen => {
            let (seen, battery) = (held.terminal().signs.heard_at(), held.terminal().signs.battery_percent());
            let row = held.edit();
            row.last_seen_at = seen.or(row.last_seen_at);
            row.battery_percent = battery;
            Ok(())
        }
        Due::Missing => held.happened(Event::WaitOver),
        Due::Long => {
            held.find(Reason::OfflineForLong, true);
            Ok(())
        }
        Due::Shown => {
            held.edit().offline_wrong_at = None;
            held.find(Reason::OfflineRecords, false);
            held.find(Reason::OfflineVoided, false);
            Ok(())
        }
        Due::Certificate { soon } => {
            held.find(Reason::CertificateExpiring, soon);
            Ok(())
        }
    };
    if let Err(illegal) = taken {
        tracing::error!(terminal = %held.row().id, %illegal, "a terminal's presence is out of step");
    }
}
