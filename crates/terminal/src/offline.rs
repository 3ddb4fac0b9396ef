//! What the terminal needs to approve without the cloud: the seal for cards that wait, the mark that shows when the
//! journal was put back, and the limits. Approves nothing itself.

mod limits;
mod mark;
mod vault;

pub use vault::Vault;

pub(crate) use limits::{Limits, Refusal, Waiting};
pub(crate) use mark::{Mark, MarkFile};
