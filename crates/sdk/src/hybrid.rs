//! Payments that go over the shop's network first, and through the cloud under the same name when their terminal is not
//! there.

mod courier;
mod decide;
mod delegations;
mod files;
mod identity;
mod trip;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use delegations::{Delegation, DelegationState, Delegations, Order};
pub(crate) use identity::{create, resolve};

/// The way that a payment takes to its terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Way {
    /// Through the platform.
    #[default]
    Cloud,
    /// Over the network of the shop.
    Local,
    /// Over the network of the shop; through the platform when the terminal is not there.
    Hybrid,
}

/// How a payment reaches its terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Connectivity {
    /// The way that it takes.
    #[serde(default)]
    pub mode: Way,
    /// How long the terminal has to acknowledge a local command, in milliseconds; 2000 unless given.
    #[serde(rename = "localTimeoutMs", default, skip_serializing_if = "Option::is_none")]
    pub local_timeout_ms: Option<u64>,
}

impl Connectivity {
    /// Over the network of the shop; through the platform when the terminal is not there.
    #[must_use]
    pub fn hybrid() -> Self {
        Self { mode: Way::Hybrid, local_timeout_ms: None }
    }

    /// Over the network of the shop alone.
    #[must_use]
    pub fn local() -> Self {
        Self { mode: Way::Local, local_timeout_ms: None }
    }

    /// How long the terminal has to acknowledge a local command.
    #[must_use]
    pub fn local_timeout(mut self, timeout: Duration) -> Self {
        self.local_timeout_ms = u64::try_from(timeout.as_millis()).ok();
        self
    }
}
