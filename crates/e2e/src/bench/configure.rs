//! How long one call for a location takes to reach all its terminals: from the request, until the last of them has been
//! told, has answered, and its answer is durable.

use super::child::{Child, Peer};
use super::cloud::scratch;
use super::report::{Goal, Report, Row, progress};
use super::storm::affordable;
use super::{Failure, Plan};

pub(super) fn run(plan: &Plan) -> Result<Report, Failure> {
    let wanted = plan.terminals.unwrap_or(if plan.quick { 2_000 } else { 10_000 });
    let (terminals, mut notes) = affordable(wanted)?;
    let dir = scratch(&plan.dir)?;
    progress(&format!("configure: making {terminals} identities"));
    let mut fleet = Child::fleet(dir.path(), terminals)?;
    let mut server = Child::server(Peer::Cloud, dir.path(), terminals)?;
    fleet.connect(Peer::Cloud, &server)?;
    let mut row = Row::new(format!("{terminals} terminals by one call"), "s", Goal::AtMost(5.0));
    // Turn 0 also waits for what the terminals are told at their first contact.
    for turn in 0..=plan.rounds {
        progress(&format!("configure: round {turn} of {}", plan.rounds));
        let seconds = server.configure(turn)?;
        if turn > 0 {
            row.ours.push(seconds);
        }
    }
    notes.push(
        "from the request to the moment at which the progress of the location says that all have applied it"
            .to_owned(),
    );
    notes.push("scripted terminals, which say at once that they have applied it; server and terminals are a process each".to_owned());
    Ok(Report { name: "configure", rows: vec![row], notes })
}
