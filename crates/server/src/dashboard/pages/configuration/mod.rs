//! The configuration of terminals, for one of them, for a location and for the account: the same settings in the same
//! form, each with what holds and who says so, and how far the devices are. What a configuration may say is decided in
//! `vinr_wire::rest::config`.

pub(in crate::dashboard) mod account;
mod known;
mod read;
mod settings;
mod standing;

pub(super) use known::{Known, source};
pub(super) use read::{read, taken};
pub(super) use settings::{Group, Input, groups};
pub(super) use standing::{Fleet, Standing, standing};
