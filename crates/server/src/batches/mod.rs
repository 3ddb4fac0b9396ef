//! Batches: what a terminal took and gave back in one currency, closed on demand or at the end of the business day, and
//! settled with the acquirer. Membership is written by closing alone; nothing is written for a payment until then.

mod business_day;
mod closing;
mod ledger;
mod look;
mod record;
mod service;

pub use business_day::BusinessDay;
pub use ledger::{AccountDefaults, BatchLedger, Defaults};
pub use look::lot_of;
pub use record::BatchRow;
pub use service::{Batches, BatchesListed};
