//! How long a command takes to reach one of many connected terminals: handed to the gateway, until the terminal has it;
//! beside bytes that a bare hub writes to one of as many connections.

use super::child::{Child, Peer};
use super::cloud::scratch;
use super::report::{Goal, Report, Row, progress};
use super::storm::{affordable, empty};
use super::{Failure, Plan};

/// Commands per second.
const RATE: u64 = 1_000;

pub(super) fn run(plan: &Plan) -> Result<Report, Failure> {
    let wanted = plan.terminals.unwrap_or(if plan.quick { 2_000 } else { 10_000 });
    let (terminals, mut notes) = affordable(wanted)?;
    let dir = scratch(&plan.dir)?;
    progress(&format!("push: making {terminals} identities"));
    let mut fleet = Child::fleet(dir.path(), terminals)?;
    let count = plan.measure.as_millis() as u64 * RATE / 1_000;
    let row = |quantile, goal| Row::new(format!("one of {terminals}, {RATE}/s, {quantile}"), "µs", goal);
    let mut rows = [row("p50", Goal::None), row("p99", Goal::AtMost(350.0))];
    for peer in [Peer::Hub, Peer::Cloud] {
        let mut server = Child::server(peer, dir.path(), terminals)?;
        fleet.connect(peer, &server)?;
        // What a greeting leaves to be done is not part of the figure.
        measure(&mut server, &mut fleet, count)?;
        for round in 1..=plan.rounds {
            progress(&format!("push: {}, round {round} of {}", peer.name(), plan.rounds));
            let quantiles = measure(&mut server, &mut fleet, count)?;
            for (row, ns) in rows.iter_mut().zip(quantiles) {
                let side = if peer == Peer::Hub { &mut row.floor } else { &mut row.ours };
                side.push(ns as f64 / 1_000.0);
            }
        }
        fleet.disconnect()?;
        empty(&mut server)?;
    }
    notes.push("from the call that sends it to its arrival at the terminal, sequence, acknowledgement and heartbeats included; no commit".to_owned());
    notes.push("server and terminals are a process each; both read the machine's monotonic clock".to_owned());
    Ok(Report { name: "push", rows: rows.into(), notes })
}

fn measure(server: &mut Child, fleet: &mut Child, count: u64) -> Result<[u64; 2], Failure> {
    let sent = server.push(count, RATE)?;
    for _ in 0..200 {
        let (arrived, p50, p99) = fleet.arrived(sent)?;
        if arrived == sent {
            return Ok([p50, p99]);
        }
        std::thread::park_timeout(std::time::Duration::from_millis(50));
    }
    Err(Failure::new(format!("not all of {sent} commands arrived")))
}
