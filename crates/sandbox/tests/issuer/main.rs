//! The sandbox issuer from outside: every card, every message, every restart.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod captures;
mod cards;
mod ledger;
mod random_orders;
mod refunds;
mod requests;
mod reversals;
mod till;
