//! The terminals and locations of all accounts: what is registered of them, whether a terminal is there, and what the
//! outside is told about it. Takes no payment and speaks to no link; the gateway says who came and went.

mod attendant;
mod bench;
mod locations;
mod register;
mod terminals;
mod view;

pub use attendant::Attendant;
pub use bench::{BenchAnswer, BenchFault, TestBench, TestTerminals};
pub use locations::{Assignable, Locations, view as location_view};
pub use register::{Held, Register};
pub use terminals::Terminals;
pub use view::{LinkFacts, view, view_of_new};

use std::sync::Arc;

use crate::gateway::Directory;
use crate::office::Office;

/// What the API can ask of terminals and locations.
#[derive(Clone)]
pub struct Fleet {
    office: Office,
    /// The one way to change what is registered of a terminal.
    pub register: Register,
    /// Terminals.
    pub terminals: Terminals,
    /// Locations.
    pub locations: Locations,
    /// Terminals on demand.
    pub test_terminals: TestTerminals,
}

impl Fleet {
    /// The services over the terminals in the directory.
    #[must_use]
    pub fn new(office: &Office, directory: &Arc<Directory>, register: &Register) -> Self {
        let (office, directory, register) = (office.clone(), Arc::clone(directory), register.clone());
        let locations = Locations::new(office.clone(), Arc::clone(&directory));
        let terminals =
            Terminals::new(office.clone(), Arc::clone(&directory), register.clone(), locations.clone());
        let test_terminals = TestTerminals::new(
            office.clone(),
            directory,
            register.clone(),
            locations.clone(),
            terminals.clone(),
        );
        Self { office, register, terminals, locations, test_terminals }
    }

    /// Who looks after terminals that say nothing.
    #[must_use]
    pub fn attendant(&self, directory: &Arc<Directory>) -> Attendant {
        Attendant::new(self.office.clone(), Arc::clone(directory), self.register.clone())
    }
}
