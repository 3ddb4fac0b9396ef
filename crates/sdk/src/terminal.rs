//! `terminal`: payments in the current version, and the terminals of the local network.

use crate::client::Core;
use crate::local::Readers;
use crate::models::TerminalPayment;
use crate::payments::TerminalPayments;

/// In-person payments, version 2026-06-11.
#[derive(Debug, Clone)]
pub struct Terminal {
    pub(crate) core: Core,
}

impl Terminal {
    /// The calls of `terminal.payments`.
    #[must_use]
    pub fn payments(&self) -> TerminalPayments<TerminalPayment> {
        TerminalPayments::new(&self.core)
    }

    /// The calls of `terminal.readers`.
    #[must_use]
    pub fn readers(&self) -> Readers {
        Readers { core: self.core.clone() }
    }
}
