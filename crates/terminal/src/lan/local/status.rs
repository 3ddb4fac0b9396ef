//! `GET /v1/status`: who the terminal is and whether it can take a payment. The one thing that is told without a client
//! certificate: it is what discovery announces anyway, and a till whose certificate does not work must be able to see
//! that it reached the right terminal.

use vinr_wire::lan::LAN_PROTOCOL_VERSION;
use vinr_wire::lan::local::StatusView;
use vinr_wire::link::LanAccess;

use super::super::counter::Counter;
use super::super::reply::Reply;
use crate::till::Standing;

pub(super) fn status(counter: &Counter) -> Reply {
    let access = counter.guard.access();
    let standing = counter.till.standing();
    let standing = standing.borrow();
    let who = counter.who();
    Reply::json(
        200,
        &StatusView {
            object: "terminal_status",
            id: who.terminal.clone(),
            model: who.model.clone(),
            status: readiness(&standing),
            online: standing.online,
            api_modes: modes(&access),
            protocol_version: LAN_PROTOCOL_VERSION,
            software_version: standing.software_version.clone(),
            livemode: access.livemode,
            offline_pending: standing.offline.pending,
        },
    )
}

/// What is served.
pub(in crate::lan) fn modes(access: &LanAccess) -> Vec<&'static str> {
    let modes = [(access.local_api, "local"), (access.cashless, "cashless")];
    modes.into_iter().filter_map(|(served, word)| served.then_some(word)).collect()
}

/// `ready`, `busy`, `locked` or `out_of_service`.
pub(in crate::lan) fn readiness(standing: &Standing) -> &'static str {
    if standing.out_of_service {
        "out_of_service"
    } else if standing.serving.is_some() {
        "busy"
    } else if standing.locked {
        "locked"
    } else {
        "ready"
    }
}
