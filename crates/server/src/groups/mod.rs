//! Payments that any terminal of a group may take, and that wait while all of them are busy. Oldest first at every
//! terminal, bounded per account, never at two terminals. What is durable is in the store; the order of waiting is the
//! order of the payments' names, so that a restart finds it again.

mod queue;
mod waiting;

pub use queue::{Hands, Queue, Reserved, Slot};
