//! The services beside payments, one field each: built here, started here, listened to by the gateway.

use std::sync::Arc;

use super::Ports;
use super::cashiers::Cashiers;
use super::registers::Registers;
use crate::gateway::Hearers;
use crate::office::Office;
use crate::store::StoreError;

/// The services beside payments.
#[derive(Clone)]
pub struct Applications {}

impl Applications {
    /// Builds every service and starts what each does by itself.
    #[expect(clippy::unused_async, reason = "services read what they adopt")]
    pub(super) async fn start(
        _office: &Office,
        _ports: &Ports,
        _registers: &Registers,
        _cashiers: &Cashiers,
    ) -> Result<Self, StoreError> {
        Ok(Self {})
    }

    /// Who listens to what terminals say beside payments.
    pub(super) fn hearers(&self) -> Hearers {
        Arc::new([])
    }
}
