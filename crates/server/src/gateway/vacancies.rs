//! Where lanes say that their terminal could take a payment. Knows nothing of who wants to hear it.

use std::sync::Arc;

use vinr_domain::payment::Payment;
use vinr_wire::link::Simulation;

use super::directory::TerminalKey;

/// Who hears of terminals that are free, and of payments that a terminal has given back. Called often, never waits.
pub trait Vacancies: Send + Sync + 'static {
    /// The terminal is free, or has come back; by the time this is heard it may be neither.
    fn free(&self, terminal: &TerminalKey);

    /// The terminal did not take the payment, durably; it waits again. `simulation` is what a simulated cardholder does.
    fn given_back(&self, terminal: &TerminalKey, payment: Arc<Payment>, simulation: Option<Simulation>);
}
