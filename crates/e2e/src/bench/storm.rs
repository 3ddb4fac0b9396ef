//! How fast a fleet comes back after an outage: handshake, upgrade and greeting of ours, beside the handshake alone.

use std::time::Duration;

use super::child::{Child, Peer};
use super::cloud::scratch;
use super::report::{Goal, Report, Row, progress};
use super::{Failure, Plan, machine};

/// Open files that a process needs besides its connections.
const SPARE: u64 = 500;

pub(super) fn run(plan: &Plan) -> Result<Report, Failure> {
    let wanted = plan.terminals.unwrap_or(if plan.quick { 2_000 } else { 5_000 });
    let (terminals, mut notes) = affordable(wanted)?;
    let dir = scratch(&plan.dir)?;
    let mut cloud = Child::server(Peer::Cloud, dir.path(), terminals)?;
    let mut hub = Child::server(Peer::Hub, dir.path(), terminals)?;
    progress(&format!("storm: making {terminals} identities"));
    let mut fleet = Child::fleet(dir.path(), terminals)?;
    // The first time is a beginning and no return.
    outage(&mut fleet, Peer::Hub, &mut hub)?;
    outage(&mut fleet, Peer::Cloud, &mut cloud)?;
    let mut rate = Row::new(format!("{terminals} terminals reconnect"), "1/s", Goal::RatioAtLeast(0.75));
    for round in 1..=plan.rounds {
        progress(&format!("storm: round {round} of {}", plan.rounds));
        rate.floor.push(terminals as f64 / outage(&mut fleet, Peer::Hub, &mut hub)?);
        rate.ours.push(terminals as f64 / outage(&mut fleet, Peer::Cloud, &mut cloud)?);
    }
    notes.push("until every terminal has been welcomed (floor: has been answered one byte); 256 at a time, nothing resumed, a certificate each".to_owned());
    notes.push("server and terminals are a process each on the same cores; every welcome of ours is recorded in the store".to_owned());
    Ok(Report { name: "storm", rows: vec![rate], notes })
}

/// Connects everybody, disconnects everybody, and waits until the server has noticed. Returns the seconds of the first.
fn outage(fleet: &mut Child, peer: Peer, server: &mut Child) -> Result<f64, Failure> {
    let seconds = fleet.connect(peer, server)?;
    fleet.disconnect()?;
    empty(server)?;
    Ok(seconds)
}

/// Waits until the server has no connection left.
pub(super) fn empty(server: &mut Child) -> Result<(), Failure> {
    for _ in 0..600 {
        if server.online()? == 0 {
            // What it still has to write about them is not part of the next figure.
            std::thread::park_timeout(Duration::from_millis(300));
            return Ok(());
        }
        std::thread::park_timeout(Duration::from_millis(50));
    }
    Err(Failure::new("the server keeps connections that are gone"))
}

/// As many terminals as the limit of open files allows, and a note when they are fewer than were wanted.
pub(super) fn affordable(wanted: usize) -> Result<(usize, Vec<String>), Failure> {
    let limit = machine::raise_file_limit().map_err(|error| Failure::new(error.to_string()))?;
    let most = usize::try_from(limit.saturating_sub(SPARE)).unwrap_or(usize::MAX);
    if wanted <= most {
        return Ok((wanted, Vec::new()));
    }
    Ok((most, vec![format!("{wanted} terminals were wanted; {limit} open files allow {most}")]))
}
