//! `/v1/test/terminals`: what a simulated customer does, at any moment (contract 2.8). Test keys only.

pub(super) mod deck;
pub(super) mod present_card;
