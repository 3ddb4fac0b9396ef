//! The services beside payments, one field each: built here, started here, listened to by the gateway.

use std::sync::Arc;

use super::Ports;
use super::cashiers::Cashiers;
use super::registers::Registers;
use crate::accounts::Accounts;
use crate::actions::Actions;
use crate::configuration::Configurations;
use crate::fleet::Fleet;
use crate::gateway::Hearers;
use crate::identities::{Identities, Renewals};
use crate::office::Office;
use crate::pairing::{Greetings, Pairing};
use crate::releases::Releases;
use crate::store::StoreError;

/// The services beside payments.
#[derive(Clone)]
pub struct Applications {
    /// Who the terminals are.
    pub identities: Identities,
    /// Terminals and locations.
    pub fleet: Fleet,
    /// Accounts and their keys.
    pub accounts: Accounts,
    /// What terminals are told of how to behave.
    pub configurations: Configurations,
    /// What terminals are told to do besides payments.
    pub actions: Actions,
    /// What software there is for them.
    pub releases: Releases,
    /// How devices become terminals.
    pub pairing: Pairing,
}

impl Applications {
    /// Builds every service and starts what each does by itself.
    pub(super) async fn start(
        office: &Office,
        ports: &Ports,
        registers: &Registers,
        _cashiers: &Cashiers,
    ) -> Result<Self, StoreError> {
        let identities = Identities::load(office.clone(), ports.authority.clone()).await?;
        office.tasks.spawn(identities.clone().tidy());
        let fleet = Fleet::new(office, &registers.directory, &registers.terminals);
        office.tasks.spawn(fleet.attendant(&registers.directory).run());
        let accounts = Accounts::new(office.clone(), Arc::clone(&registers.keys));
        accounts.recall_uses().await?;
        office.tasks.spawn(accounts.clone().note_uses());
        let (directory, register) = (&registers.directory, &registers.terminals);
        let configurations =
            Configurations::open(office.clone(), Arc::clone(directory), register.clone()).await?;
        office.tasks.spawn(configurations.clone().run());
        let releases = Releases::open(office.clone(), ports.authority.clone()).await?;
        let actions =
            Actions::open(office.clone(), Arc::clone(directory), register.clone(), releases.clone()).await?;
        office.tasks.spawn(actions.clone().run());
        let pairing =
            Pairing::load(office, &fleet, &registers.directory, &identities, &ports.acquirer).await?;
        Ok(Self { identities, fleet, accounts, configurations, actions, releases, pairing })
    }

    /// Who listens to what terminals say beside payments.
    pub(super) fn hearers(&self) -> Hearers {
        Arc::new([
            Arc::new(Renewals::new(self.identities.clone())) as _,
            Arc::new(self.configurations.clone()) as _,
            Arc::new(self.actions.clone()) as _,
            Arc::new(Greetings::new(self.pairing.clone())),
        ])
    }
}
