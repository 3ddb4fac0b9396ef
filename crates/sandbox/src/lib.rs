//! The outside world in a box: test cards, cardholders, an issuer with accounts and a ledger, and faults by seed.
//! Opens no socket and reads no clock; the same seed and the same messages give the same world.

pub mod cardholder;
pub mod deck;
pub mod faults;
pub mod issuer;
pub mod keys;
pub mod ledger;
