//! The cloud's REST format (contract 1.2 to 1.7, 2.1, 2.3, 2.7): bodies and queries in, objects and errors out.
//! Knows no HTTP library, no store and no clock.

pub mod account;
pub mod action;
pub mod api_key;
pub mod audit;
pub mod batch;
pub mod body;
pub mod config;
pub mod error;
pub mod given;
pub mod lan;
pub mod location;
pub mod pairing;
pub mod payment;
pub mod refund;
pub mod release;
pub mod schema;
mod spelling;
pub mod terminal;
pub mod version;
pub mod view;
pub mod webhook;
