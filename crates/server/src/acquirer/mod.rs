//! The way to the money: a port, and what stands behind it. Nothing else talks to an acquirer.

mod port;
pub mod sandbox;

pub use port::{Acquirer, Answer, Ask, Pending, RefundAnswer, RefundSubject, Settlement, Subject};
