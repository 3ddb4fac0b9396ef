//! Hardware → Terminals → one terminal: what is around each of its panels, and which panels there are. Each panel is a
//! page of its own under `/dashboard/terminals/{id}` and extends `terminal/frame.html`; what it shows and does is its own
//! file's business.

mod actions;
pub(in crate::dashboard) mod attention;
mod configuration;
mod connectivity;
mod door;
mod events;
mod integrations;
mod local_api;
mod network;
mod offline;
mod overview;
mod receipts;
mod retire;

use std::sync::Arc;

use axum::Router;
use vinr_domain::OFFLINE_DEFAULTS_CURRENCY;
use vinr_wire::lan::DEFAULT_PORT;
use vinr_wire::rest::terminal::TerminalView;

use super::super::Dashboard;
use super::super::page::{Shell, Trouble};
use super::super::screen::screen_of;
use super::super::visit::Visit;
use super::terminals::{Row, row};
use crate::access::Grant;

/// Under which path each terminal has its panels.
const PAGE: &str = "/dashboard/terminals";

/// The panels: the last part of the path, the name, and what somebody must be allowed to find anything there. Named as the
/// documents for integrators name them.
const PANELS: &[(&str, &str, Grant)] = &[
    ("", "Overview", Grant::TerminalsRead),
    ("network", "Network", Grant::TerminalsRead),
    ("connectivity", "Connectivity", Grant::TerminalsRead),
    ("local-api", "Local API", Grant::TerminalsRead),
    ("integrations", "Integrations", Grant::TerminalsRead),
    ("configuration", "Configuration", Grant::TerminalsRead),
    ("offline", "Offline", Grant::TerminalsRead),
    ("actions", "Actions", Grant::TerminalsRead),
    ("events", "Events", Grant::EventsRead),
    ("receipts", "Receipts", Grant::PaymentsRead),
    ("retire", "Take out of service", Grant::TerminalsWrite),
];

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    Router::new()
        .merge(overview::routes())
        .merge(network::routes())
        .merge(connectivity::routes())
        .merge(local_api::routes())
        .merge(integrations::routes())
        .merge(configuration::routes())
        .merge(offline::routes())
        .merge(actions::routes())
        .merge(events::routes())
        .merge(receipts::routes())
        .merge(retire::routes())
}

/// The terminal that a panel is about; what `terminal/frame.html` shows above each of them. The template of a panel
/// finds it as `device`.
pub(super) struct Device {
    /// As lists show it.
    pub(super) row: Row,
    /// As the API shows it.
    pub(super) view: TerminalView,
    /// Whether it is connected: one that needs attention can be or not.
    connected: bool,
    /// The panels that this person may look at.
    pub(super) panels: Vec<Panel>,
    /// Where its screen is, if it is simulated here.
    pub(super) screen: Option<String>,
}

/// A panel in the navigation.
pub(super) struct Panel {
    /// Its path.
    pub(super) href: String,
    /// Its name.
    pub(super) name: String,
    /// Whether it is the one that is shown.
    pub(super) here: bool,
}

impl Device {
    /// The terminal of that name, for the panel with that last part of the path.
    ///
    /// # Errors
    /// When there is no such terminal in the account and mode, or the person may not look at terminals.
    pub(super) fn find(dashboard: &Dashboard, visit: &Visit, id: &str, panel: &str) -> Result<Self, Trouble> {
        let who = visit.may(Grant::TerminalsRead)?;
        let view = dashboard.services.applications.fleet.terminals.retrieve(who, id)?;
        let panels = PANELS.iter().filter(|(_, _, grant)| visit.can(*grant));
        let panels = panels.map(|(last, name, _)| Panel {
            href: path(id, last),
            name: visit.words.say(name),
            here: *last == panel,
        });
        let facts = dashboard.services.applications.fleet.terminals.link_facts(who, id)?;
        Ok(Self {
            connected: facts.connected_since.is_some(),
            row: row(&view, visit, dashboard.services.clock.wall()),
            panels: panels.collect(),
            screen: screen_of(dashboard, visit, id),
            view,
        })
    }

    /// Whether it is connected.
    pub(super) fn is_connected(&self) -> bool {
        self.connected
    }

    /// Whether anything may still be changed about it.
    pub(super) fn is_in_service(&self) -> bool {
        self.view.status != "deactivated"
    }

    /// What is around the panel.
    pub(super) fn shell(&self, dashboard: &Dashboard, visit: &Visit) -> Shell {
        let here = self.panels.iter().find(|panel| panel.here).map(|panel| panel.name.as_str());
        let title =
            here.map_or_else(|| self.row.name.clone(), |panel| format!("{} · {panel}", self.row.name));
        visit.shell(dashboard, &title)
    }
}

/// The path of a panel of this terminal.
pub(super) fn path(id: &str, panel: &str) -> String {
    if panel.is_empty() { format!("{PAGE}/{id}") } else { format!("{PAGE}/{id}/{panel}") }
}

/// Under which name tills keep what they trust.
const TRUST: &str = "vinr-ca.pem";

/// What somebody in the shop's network connects to.
pub(super) struct Address {
    /// Its name there.
    pub(super) host: String,
    /// Its addresses, as it last said.
    pub(super) addresses: Vec<Arc<str>>,
    /// Where it listens.
    pub(super) port: u16,
    /// The file with what it is trusted by.
    pub(super) trust: &'static str,
    /// What its certificate says of it.
    pub(super) identity: String,
    /// A payment of a till, by curl.
    pub(super) pay: String,
    /// A sale of a cash register, by curl.
    pub(super) sale: String,
}

impl Address {
    /// Of this terminal.
    pub(super) fn of(dashboard: &Dashboard, visit: &Visit, id: &str) -> Result<Self, Trouble> {
        let who = visit.may(Grant::TerminalsRead)?;
        let facts = dashboard.services.applications.fleet.terminals.link_facts(who, id)?;
        let figures = dashboard.services.book.figures(&who.scope);
        let host = facts.host.unwrap_or_default();
        let first = facts.addresses.first().map(|address| match address.contains(':') {
            true => format!("[{address}]"),
            false => address.to_string(),
        });
        let authority = format!("{}:{DEFAULT_PORT}", first.unwrap_or_else(|| host.clone()));
        let currency = figures.default_currency.as_deref().unwrap_or(OFFLINE_DEFAULTS_CURRENCY);
        Ok(Self {
            host,
            addresses: facts.addresses,
            port: DEFAULT_PORT,
            trust: TRUST,
            identity: format!("vinr:terminal/{id}"),
            pay: format!(
                "curl --cacert {TRUST} --cert-type P12 --cert till.p12:PASSPHRASE \\\n  \
                 --max-time 120 https://{authority}/v1/pay \\\n  \
                 -H 'Content-Type: application/json' \\\n  \
                 -d '{{\"terminalId\":\"{id}\",\"amount\":2500,\"currency\":\"{currency}\",\"reference\":\"order_1\"}}'"
            ),
            sale: format!(
                "curl --cacert {TRUST} --max-time 120 https://{authority}/cashless/v1/sale \\\n  \
                 -H 'X-VINR-Cashless-Key: SHARED-KEY' -H 'Content-Type: application/json' \\\n  \
                 -d '{{\"amount\":2500,\"currency\":\"{currency}\",\"reference\":\"POS-ORDER-1\"}}'"
            ),
        })
    }
}
