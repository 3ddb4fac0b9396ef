//! What the API shows of a terminal. Decides nothing; its status is the domain's word.

use std::sync::Arc;

use vinr_domain::Timestamp;
use vinr_domain::terminal::{Reason, State, Status};
use vinr_wire::rest::terminal::{TerminalView, WaitingView};

use crate::gateway::{Signs, Terminal};
use crate::identities::link_identity;
use crate::store::{OfflineRow, TerminalRow};

/// Where a terminal is in the merchant's network, and how it is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkFacts {
    /// Hardware address of its network interface; `None` when it does not tell.
    pub mac: Option<Arc<str>>,
    /// Its addresses in the merchant's network, as it last said.
    pub addresses: Vec<Arc<str>>,
    /// Under which name it announces itself there; a hint and no identity.
    pub host: Option<String>,
    /// Since when it is connected; `None` while it is not.
    pub connected_since: Option<Timestamp>,
    /// When the certificate ends that it was let in with.
    pub certificate_ends_at: Option<Timestamp>,
    /// How many connections it has been granted.
    pub connections: u64,
    /// Which version of the link's protocol it speaks; the cloud takes no other.
    pub protocol: u32,
}

/// Where it is, and how it is connected.
pub(super) fn link_facts(terminal: &Terminal) -> LinkFacts {
    let row = terminal.row();
    LinkFacts {
        host: link_identity(&terminal.key).map(|identity| vinr_pki::listener_host(&identity)),
        connected_since: terminal.connected_since(),
        certificate_ends_at: terminal.certificate_ends_at(),
        connections: row.session_epoch,
        protocol: vinr_wire::link::PROTOCOL_VERSION,
        mac: row.mac,
        addresses: row.local_addresses,
    }
}

/// The terminal as it is now.
#[must_use]
pub fn view(terminal: &Terminal) -> TerminalView {
    let known = terminal.known();
    view_of(&known.row, shown(terminal, known.state), &terminal.signs)
}

/// A terminal that was never connected, once this is durable.
#[must_use]
pub fn view_of_new(row: &TerminalRow) -> TerminalView {
    view_of(row, State::NEW, &Signs::of(row))
}

/// Its status now.
pub(super) fn shown_status(terminal: &Terminal) -> Status {
    shown(terminal, terminal.standing().state).status()
}

/// A link that just ended counts at once, before anything of it is written.
fn shown(terminal: &Terminal, state: State) -> State {
    match state {
        State::Connected { reasons } if !terminal.is_online() => State::Absent { reasons },
        State::Connected { .. } | State::Absent { .. } | State::Awaited { .. } | State::Deactivated => state,
    }
}

fn waiting(offline: &OfflineRow) -> WaitingView {
    WaitingView {
        pending: offline.pending,
        amount: offline.amount_minor,
        currency: offline.currency.clone(),
        oldest_at: offline.oldest_at.map(Timestamp::unix_seconds),
    }
}

/// The terminal as it is once this is durable.
pub(super) fn view_of(row: &TerminalRow, state: State, signs: &Signs) -> TerminalView {
    let connected = matches!(state, State::Connected { .. });
    let seen = signs.heard_at().filter(|_| connected).or(row.last_seen_at);
    TerminalView {
        id: row.id.as_str().into(),
        object: "terminal",
        livemode: row.scope.livemode,
        model: Arc::clone(&row.model),
        serial_number: Arc::clone(&row.serial_number),
        status: state.status().as_str(),
        location_id: row.location.as_ref().map(|id| id.as_str().into()),
        software_version: Some(Arc::clone(&row.software_version)).filter(|version| !version.is_empty()),
        last_seen: seen.map(Timestamp::unix_seconds),
        battery_level: if connected { signs.battery_percent() } else { row.battery_percent },
        created_at: row.created_at.unix_seconds(),
        display_name: row.display_name.clone(),
        offline: row.offline.as_ref().filter(|offline| offline.pending > 0).map(waiting),
        attention: state.reasons().iter().map(Reason::as_str).collect(),
        locked: row.locked || row.lock_asked,
        round_trip_ms: signs.round_trip_ms().filter(|_| connected),
        sequence: row.sequence,
    }
}
