//! What the device loop does about the journal when nothing is due: leases of commands that nobody repeats, and
//! entries that are old, settled and reported.

use vinr_domain::device::{Event, State};
use vinr_domain::{IntentId, Timestamp};
use vinr_wire::journal::IntentRecord;

use super::{Device, Stop};
use crate::faults::CrashPoint;
use crate::journal::Disk;
use crate::reader::Reader;

impl<D: Disk, R: Reader> Device<D, R> {
    pub(super) async fn tidy(&mut self) -> Result<(), Stop> {
        self.take_acknowledged()?;
        self.look_around();
        // Without server time nothing is old: a wrong clock must not make the terminal forget a tombstone.
        let Some((now, error_ms)) = self.server_time.server_now(self.now_ms()) else { return Ok(()) };
        let certainly_now = now.plus_ms(-error_ms);
        self.end_lapsed().await?;
        self.erase_old(certainly_now).await?;
        if self.link.is_ok() {
            self.report();
        }
        self.parts.journal.sync().await?;
        if self.active.is_none() {
            self.parts.journal.compact_if_worth_it().await?;
        }
        self.show_rest();
        Ok(())
    }

    /// Ends prompts that a power loss interrupted and that the cloud never asked for again.
    async fn end_lapsed(&mut self) -> Result<(), Stop> {
        let active = self.active.as_ref().map(|active| active.intent);
        let lapsed: Vec<IntentId> = self
            .parts
            .journal
            .entries()
            .filter(
                |entry| matches!(entry.state, State::Waiting { attempt_epoch: 1.., deadline } if self.lease_over(deadline)),
            )
            .map(|entry| entry.intent)
            .filter(|intent| Some(*intent) != active)
            .collect();
        for intent in lapsed {
            self.advance(intent, &Event::LeaseOver).await?;
        }
        Ok(())
    }

    async fn erase_old(&mut self, now: Timestamp) -> Result<(), Stop> {
        let keep_ms = self.parts.settings.keep_ms;
        let old = |entry: &&IntentRecord| {
            let settled = match entry.state {
                State::Approved { .. }
                | State::Declined { .. }
                | State::Voided { .. }
                | State::Ended { .. } => entry.reported,
                State::Waiting { .. }
                | State::AuthSent { .. }
                | State::Unknown { .. }
                | State::ApprovedAlone { .. } => false,
            };
            // A command that comes back later than this is refused by its own lease.
            settled && now >= entry.written_at.plus_ms(keep_ms)
        };
        let old: Vec<IntentId> = self.parts.journal.entries().filter(old).map(|entry| entry.intent).collect();
        if old.is_empty() {
            return Ok(());
        }
        for intent in old {
            self.parts.journal.erase(intent)?;
            self.parts.desk.forget(intent);
        }
        self.parts.journal.write()?;
        self.point(CrashPoint::EraseNotSynced)?;
        self.parts.journal.sync().await?;
        Ok(())
    }
}
