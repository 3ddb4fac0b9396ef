//! `/v1/test/terminals`: terminals on demand, and what a simulated customer does, at any moment (contract 2.8). Test
//! keys only.

pub(super) mod create;
pub(super) mod deck;
pub(super) mod delete;
pub(super) mod present_card;
