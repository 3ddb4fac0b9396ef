//! The VINR cloud: the API that merchants call, the lanes that move payments, the gateway that terminals connect to,
//! and the store underneath. [`platform`] puts it together. Nothing here reads the environment or ends the process.

pub mod access;
pub mod accounts;
pub mod acquirer;
pub mod actions;
pub mod api;
pub mod audit;
pub mod batches;
pub mod clock;
pub mod configuration;
pub mod dashboard;
pub mod events;
pub mod figures;
pub mod fleet;
pub mod gateway;
pub mod groups;
pub mod identities;
pub mod lan;
pub mod listener;
pub mod naming;
pub mod office;
pub mod offline;
pub mod once;
pub mod pairing;
pub mod payments;
pub mod people;
pub mod platform;
pub mod refunds;
pub mod refusal;
pub mod releases;
pub mod requests;
pub mod settings;
pub mod store;
pub mod tasks;
pub mod tills;
pub mod webhooks;
