//! Who wants to hear when a terminal comes and goes and what it says beside payments. The gateway knows no service;
//! a service that listens knows no link.

use std::sync::Arc;

use vinr_wire::link::{HelloFacts, ToCloud};

use super::directory::Terminal;

/// Listens to every terminal. Called on the task of the link: whoever has to wait for something makes a note and
/// does it elsewhere. What is not noted is not said again on this link.
pub trait Hearer: Send + Sync + 'static {
    /// The terminal has introduced itself, was accepted, and can be sent to.
    fn greeted(&self, _terminal: &Arc<Terminal>, _facts: &HelloFacts) {}

    /// The terminal said this on its newest link.
    fn heard(&self, _terminal: &Arc<Terminal>, _message: &ToCloud) {}

    /// The terminal's newest link is gone, and none has taken over.
    fn parted(&self, _terminal: &Arc<Terminal>) {}
}

/// All who listen, in the order in which they are told.
pub type Hearers = Arc<[Arc<dyn Hearer>]>;
