//! What the terminal serves in the merchant's network: the Local API and the Cashless API over TLS, the Local API on the
//! open wire where the cloud has turned that on, and its announcement. What is served is the cloud's word ([`LanAccess`]);
//! what is charged is the device loop's. Keeps no card data and decides nothing about money.
//!
//! [`LanAccess`]: vinr_wire::link::LanAccess

mod cashless;
mod counter;
mod discovery;
mod feed;
mod front;
mod guard;
mod listener;
mod local;
pub(crate) mod names;
mod reply;
mod request;
mod serve;
mod settings;
mod view;

pub use serve::{Lan, LanHandle, LanState};
pub use settings::{Announce, LanSettings};
