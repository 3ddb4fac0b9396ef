//! Refunds: reserved on their payment before the acquirer hears of them, asked for until the acquirer has said what became
//! of them. Moves no payment by itself; what is reserved and released goes through the payment's own steps.

mod pursuit;
mod record;
mod service;
mod turns;

pub use pursuit::Pursuit;
pub use record::RefundRow;
pub(crate) use record::{PENDING, UNBATCHED, tender_value};
pub use service::{Refunds, RefundsListed};
