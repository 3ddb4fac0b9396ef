//! How long a person waits for the first page of the dashboard among a year of payments, beside the smallest page of the same
//! server; and how long the figures on it take to be counted for the first time.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;
use vinr_server::people::Origin;
use vinr_server::store::{Change, Kind, Scope, Store as _, Transaction};
use vinr_server::{dashboard, listener};

use super::cloud::{self, Cloud, scope};
use super::http_load::{Compose, Load, Template, run as load};
use super::report::{Goal, Row, progress};
use super::{During, Failure, Plan};

/// How long counting may take before something is wrong.
const PATIENCE: Duration = Duration::from_secs(600);

/// Over the data that are there in `dir`, which no platform uses now.
pub(super) fn rows(dir: &Path, plan: &Plan) -> Result<Vec<Row>, Failure> {
    forget_figures(dir)?;
    progress("dashboard: counting the figures of the overview");
    let begun = Instant::now();
    let cloud = Cloud::start(dir, 0)?;
    cloud.block_on(counted(&cloud))?;
    let mut counting = Row::new("counting what is there for the overview, once", "s", Goal::None);
    counting.ours.push(begun.elapsed().as_secs_f64());
    let (address, token) = cloud.block_on(served(&cloud))?;
    let cookie = format!("Cookie: vinr_session={token}\r\n");
    let overview = Template::new("GET", "/dashboard", &cookie, "");
    let smallest = Template::new("GET", "/dashboard/sign-in", "", "");
    let mut all = vec![counting];
    for (people, goal) in [(1, Goal::AtMost(100.0)), (8, Goal::None)] {
        let mut row = Row::new(format!("the overview, {people} at a time, p95"), "ms", goal);
        for _ in 0..plan.rounds {
            progress(&format!("dashboard: the overview, {people} at a time"));
            let push = |text| Load {
                address,
                connections: people,
                duration: plan.measure,
                expected: ("HTTP/1.1 200", text),
            };
            let bare = load(push("<form"), |_| composed(&smallest))?;
            let ours = load(push("data-live=\"figures\""), |_| composed(&overview))?;
            row.floor.push(bare.latency_ms(0.95));
            row.ours.push(ours.latency_ms(0.95));
        }
        all.push(row);
    }
    Ok(all)
}

/// The payments were written past every event, so they have to be counted as those of an older version are.
fn forget_figures(dir: &Path) -> Result<(), Failure> {
    let cloud = Cloud::start(dir, 0)?;
    let place =
        Change::DeleteRecord { kind: Kind::CountingPlace, scope: Scope::platform(), id: "all".into() };
    cloud.platform.end();
    cloud
        .block_on(cloud.store.commit(Transaction { changes: vec![place] }))
        .during("forgetting what was counted")
}

async fn counted(cloud: &Cloud) -> Result<(), Failure> {
    let begun = Instant::now();
    while !cloud.platform.applications.figures.is_complete() {
        if begun.elapsed() > PATIENCE {
            return Err(Failure::new("the figures are not counted after ten minutes"));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// The dashboard on a port of its own, and the token of somebody who is signed in.
async fn served(cloud: &Cloud) -> Result<(SocketAddr, String), Failure> {
    let router = dashboard::router(cloud.platform.services(), false);
    let listener = cloud::listen()?;
    let address = listener.local_addr().during("listening on loopback")?;
    let limits = listener::Limits { drain: Duration::ZERO, ..listener::Limits::default() };
    tokio::spawn(listener::serve(listener, router, None, limits, std::future::pending()));
    let people = &cloud.platform.applications.people;
    let owner = people.provide_owner(("bench@localhost", "Bench"), &scope().account, false).await;
    let owner = owner.map_err(|refusal| Failure::new(format!("making a person: {refusal:?}")))?;
    let link = people.entry_token(&owner).await;
    let link = link.map_err(|refusal| Failure::new(format!("making a link: {refusal:?}")))?;
    let from = Origin { address: None, browser: "bench".into() };
    Ok((address, people.enter(&link, from).await.during("signing in")?))
}

fn composed(template: &Template) -> Compose {
    let template = template.clone();
    Box::new(move |out| {
        template.fill(0, 0, out);
        true
    })
}
