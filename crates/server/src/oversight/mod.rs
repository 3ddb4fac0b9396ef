//! What whoever runs the server sees of it: the terminals of all accounts, their links, what waits where, how fast the
//! store answers, and the audit logs. Looks and changes nothing; asks for no merchant's payments.

mod audit;
mod fleet;
mod queues;

use std::sync::Arc;

use vinr_domain::Timestamp;

pub use self::audit::{AuditFound, AuditQuery};
pub use self::fleet::{Ending, FleetHealth};
pub use self::queues::{Answering, Queue, Queues, Waiting};
use crate::gateway::Directory;
use crate::office::Office;

/// The look at the whole.
#[derive(Clone)]
pub struct Oversight {
    office: Office,
    directory: Arc<Directory>,
    began_at: Timestamp,
    /// How many links had been granted, to all terminals together, when this began.
    links_before: u64,
}

impl Oversight {
    /// Over these parts, from now on.
    #[must_use]
    pub fn new(office: Office, directory: &Arc<Directory>) -> Self {
        let (began_at, links_before) = (office.now(), links_granted(directory));
        Self { office, directory: Arc::clone(directory), began_at, links_before }
    }
}

/// How many links have been granted to all terminals together.
fn links_granted(directory: &Directory) -> u64 {
    directory.all().iter().map(|terminal| terminal.read(|row| row.session_epoch)).sum()
}
