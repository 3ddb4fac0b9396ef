//! Payments as an application: what the API calls, what moves them, and what looks after them when their terminal no
//! longer does. Knows nothing of HTTP and nothing of frames.

mod advance;
mod cancel;
mod create;
mod create_in_group;
mod find;
mod recovery;
mod replay;
mod search;
mod service;
mod tally;
mod verdict;
mod watch;

pub use advance::{AdvanceError, Advanced, Books, scope_of};
pub use recovery::Recovery;
pub use search::{BrandSum, Entry, Lot, Passed, PaymentFilter, Search, Stage, Tender};
pub use service::{Answered, Payments};
pub use tally::{Noted, Tally};
pub use verdict::verdict_for;
pub use watch::{Watch, Watchers};
