//! What an idle terminal costs in memory: how much a server process grows when terminals connect and fall silent.

use std::time::Duration;

use super::child::{Child, Peer};
use super::cloud::scratch;
use super::report::{Goal, Report, Row, progress};
use super::storm::affordable;
use super::{Failure, Plan, machine};

/// How long memory is given to come to rest: allocators give pages back late.
const REST: Duration = Duration::from_secs(3);

pub(super) fn run(plan: &Plan) -> Result<Report, Failure> {
    let wanted = plan.terminals.unwrap_or(if plan.quick { 4_000 } else { 10_000 });
    let (terminals, mut notes) = affordable(wanted)?;
    // Memory varies little from run to run, and a round is long.
    let rounds = if plan.quick { 1 } else { plan.rounds.min(2) };
    let mut cost = Row::new(format!("idle terminal, at {terminals}"), "KiB", Goal::AtMost(16.0));
    let mut fleet = None;
    for round in 1..=rounds {
        progress(&format!("idle: round {round} of {rounds}"));
        let dir = scratch(&plan.dir)?;
        // Both trust the authority that the platform makes, so a new platform means new identities.
        let mut cloud = Child::server(Peer::Cloud, dir.path(), terminals)?;
        let mut hub = Child::server(Peer::Hub, dir.path(), terminals)?;
        let fleet = fleet.insert(Child::fleet(dir.path(), terminals)?);
        cost.floor.push(growth(fleet, Peer::Hub, &mut hub, terminals)?);
        cost.ours.push(growth(fleet, Peer::Cloud, &mut cloud, terminals)?);
    }
    notes.push(
        "growth of the server process's resident memory (smaps_rollup) by connection, after 3 s of silence"
            .to_owned(),
    );
    notes.push("registered terminals are in memory before; the floor is one task per mutual TLS connection that waits with a buffer of 64 bytes".to_owned());
    Ok(Report { name: "idle", rows: vec![cost], notes })
}

fn growth(fleet: &mut Child, peer: Peer, server: &mut Child, terminals: usize) -> Result<f64, Failure> {
    std::thread::park_timeout(REST);
    let before = machine::resident_kib(server.id())?;
    fleet.connect(peer, server)?;
    std::thread::park_timeout(REST);
    let online = server.online()?;
    if online != terminals {
        return Err(Failure::new(format!("{online} of {terminals} terminals stayed connected")));
    }
    let after = machine::resident_kib(server.id())?;
    fleet.disconnect()?;
    Ok((after - before) / terminals as f64)
}
