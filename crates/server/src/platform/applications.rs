//! The services beside payments, one field each: built here, started here, listened to by the gateway.

use std::sync::Arc;

use vinr_domain::Currency;

use super::Ports;
use super::cashiers::Cashiers;
use super::registers::Registers;
use crate::accounts::{AccountBook, Accounts};
use crate::actions::Actions;
use crate::batches::{AccountDefaults, BatchLedger, Batches, Defaults};
use crate::configuration::Configurations;
use crate::events::Events;
use crate::figures::DailyFigures;
use crate::fleet::Fleet;
use crate::gateway::Hearers;
use crate::identities::{Identities, Renewals};
use crate::lan::Lan;
use crate::office::Office;
use crate::offline::OfflineDesk;
use crate::oversight::Oversight;
use crate::pairing::{Greetings, Pairing};
use crate::people::People;
use crate::refunds::{Pursuit, Refunds};
use crate::releases::Releases;
use crate::requests::RequestLog;
use crate::store::StoreError;
use crate::tills::TillDesk;
use crate::webhooks::Webhooks;

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
    /// Who may speak to terminals in the merchants' networks.
    pub lan: Lan,
    /// What terminals are told to do besides payments.
    pub actions: Actions,
    /// What software there is for them.
    pub releases: Releases,
    /// How devices become terminals.
    pub pairing: Pairing,
    /// Money that is given back.
    pub refunds: Refunds,
    /// What terminals took, settled by the day.
    pub batches: Batches,
    /// Webhooks.
    pub webhooks: Webhooks,
    /// Events.
    pub events: Events,
    /// What terminals approved without the cloud.
    pub offline: OfflineDesk,
    /// What tills ask through their terminals.
    pub tills: TillDesk,
    /// People who sign in to the dashboard.
    pub people: People,
    /// What programs asked of the API.
    pub requests: RequestLog,
    /// What happened on every day.
    pub figures: DailyFigures,
    /// What whoever runs the server sees of it.
    pub oversight: Oversight,
}

impl Applications {
    /// Builds every service and starts what each does by itself.
    pub(super) async fn start(
        office: &Office,
        ports: &Ports,
        registers: &Registers,
        cashiers: &Cashiers,
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
        let lan = Lan::open(office, directory, &fleet, &identities, &configurations).await?;
        office.tasks.spawn(configurations.clone().run());
        office.tasks.spawn(lan.clone().run());
        let releases = Releases::open(office.clone(), ports.authority.clone()).await?;
        let actions =
            Actions::open(office.clone(), Arc::clone(directory), register.clone(), releases.clone()).await?;
        office.tasks.spawn(actions.clone().run());
        let pairing =
            Pairing::load(office, &fleet, &registers.directory, (&identities, &lan), &ports.acquirer).await?;
        let (refunds, batches) = settling(office, ports, cashiers);
        let (asked, refunded, settled) = (cashiers.payments.clone(), refunds.clone(), batches.clone());
        let tills = TillDesk::new(office.clone(), asked, refunded, settled);
        let webhooks = Webhooks::new(office.clone());
        webhooks.start().await?;
        let offline = OfflineDesk::new(office.clone(), Arc::clone(directory), register.clone());
        office.tasks.spawn(offline.clone().run());
        let events = Events::new(office.clone(), Arc::clone(&registers.keys));
        let people = People::new(office.clone());
        office.tasks.spawn(people.clone().tidy());
        let requests = RequestLog::start(office);
        let figures = DailyFigures::start(office.clone());
        Ok(Self {
            oversight: Oversight::new(office.clone(), directory),
            figures,
            people,
            requests,
            webhooks,
            events,
            identities,
            fleet,
            accounts,
            configurations,
            lan,
            actions,
            releases,
            pairing,
            refunds,
            batches,
            offline,
            tills,
        })
    }

    /// Who listens to what terminals say beside payments.
    pub(super) fn hearers(&self) -> Hearers {
        Arc::new([
            Arc::new(Renewals::new(self.identities.clone())) as _,
            Arc::new(self.configurations.clone()) as _,
            Arc::new(self.lan.clone()) as _,
            Arc::new(self.actions.clone()) as _,
            Arc::new(Greetings::new(self.pairing.clone())),
            Arc::new(self.offline.clone()),
            Arc::new(self.tills.clone()),
            Arc::new(self.events.clone()),
        ])
    }
}

/// Refunds and batches, begun.
fn settling(office: &Office, ports: &Ports, cashiers: &Cashiers) -> (Refunds, Batches) {
    let (recovery, tally) = (cashiers.recovery.clone(), cashiers.books.tally.clone());
    let pursuit = Pursuit::new(office.clone(), recovery, Arc::clone(&ports.acquirer), tally.clone());
    office.tasks.spawn(pursuit.clone().run());
    let defaults = defaults(Arc::clone(&office.book));
    let ledger = BatchLedger::new(office.clone(), tally, Arc::clone(&ports.acquirer), defaults);
    office.tasks.spawn(ledger.clone().run());
    (Refunds::new(pursuit), Batches::new(ledger))
}

/// What the accounts say about their batches, as of the moment of asking.
fn defaults(book: Arc<AccountBook>) -> Defaults {
    Arc::new(move |scope| {
        let figures = book.figures(scope);
        let currency = figures.default_currency.as_deref().and_then(|code| Currency::parse(code).ok());
        AccountDefaults { time_zone: Some(figures.time_zone), currency }
    })
}
