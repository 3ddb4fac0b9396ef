//! Approvals that terminals gave without the cloud: whether one follows the one before, what waits on the terminals, and
//! who is told when something is missing. Moves no payment; the lane that takes an approval asks here first.

mod chain;
mod desk;
mod ledger;

pub use chain::{ChainRow, Finding};
pub use desk::OfflineDesk;
pub use ledger::{Assessment, OfflineLedger};
