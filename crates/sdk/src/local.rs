//! Terminals on the local network: who they are is proven before anything is said to them. They are shown the till's
//! certificate and never the secret key.

mod addresses;
mod announced;
mod charge;
mod nearby;
mod options;
mod readers;
mod simulator;
mod trust;

pub use charge::{CreateLocalPayment, LineItem, TipRequest};
pub(crate) use charge::{charge_nearby, fits, local_route, look_up, retrieve_anywhere};
pub(crate) use nearby::{FIND, Nearby};
pub use options::TerminalOptions;
pub use readers::{Discover, Reader, ReaderStatus, Readers};
