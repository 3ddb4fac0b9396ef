//! The configuration of terminals on the server: keeps what account, location and terminal say, works out what holds
//! for each terminal, and sees to it that each terminal has it (contract 1.10). What a configuration may say is
//! decided in `vinr_wire::rest::config`.
//!
//! A request writes one record, of the level that it changes, however many terminals there are. What follows for each
//! of them is worked out by one task ([`Configurations::run`]), in portions with one transaction each: a new version is
//! durable before it is sent, and counts as applied when the terminal's word is durable.

mod courier;
mod levels;
mod read;
mod row;
mod service;
mod stirs;
mod write;

pub(crate) use levels::Reader;
pub use read::offline_max_age_ms;
pub use row::ConfigurationRow;
pub use service::Configurations;
pub use stirs::Stirs;
pub use write::Write;
