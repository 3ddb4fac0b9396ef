//! The audit log: who changed what, when, with which request. Append-only, one chain of hashes per account and mode and
//! one for the platform, written in the transaction of the change. It records and never decides.
//!
//! A service that changes something says so where it commits. Instead of `office.conclude(scope, key, changes, said)`:
//!
//! ```ignore
//! let act = Act::new("location.updated", id).before(&old_view).after(&new_view);
//! office.conclude_audited((&who.scope, who), act, key, changes, said).await
//! ```
//!
//! `who` is a `&Principal`, an `&Operator`, or [`By::system`] / [`By::terminal`]. `before` and `after` are what the API
//! shows of the object; members called `secret` and the like are left out. Who commits by itself takes a turn:
//!
//! ```ignore
//! let mut turn = office.audit.turn(&scope).await?;
//! changes.push(turn.entry(By::system("settlement"), Act::new("batch.closed", id)));
//! store.commit(Transaction { changes }).await?;      // while `turn` lives
//! drop(turn);
//! ```
//!
//! A turn is exclusive per chain, so nothing slow belongs between taking it and committing, and a failed commit is
//! tried again with a new turn. What was done goes into the log; what was refused does not, except attempts that an
//! owner must learn of (guessed activation codes).

mod entry;
mod log;

pub use entry::{Act, AuditEntry, By};
pub use log::{Audit, Turn, Verified};
