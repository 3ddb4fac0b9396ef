//! Platform → Operation: terminals of all accounts, links, what waits where, and how fast the server answers.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::tz::TimeZone;

use super::Operating;
use super::speed::{Route, routes, told};
use crate::dashboard::Dashboard;
use crate::dashboard::page::{Shell, Trouble, render};
use crate::dashboard::words::Words;
use crate::oversight::{FleetHealth, Queue, Queues, Waiting};

/// A name with a number.
struct Count {
    name: String,
    count: String,
    /// As what it is coloured, if it is a status.
    status: &'static str,
}

struct Ending {
    account: String,
    terminal: String,
    when: String,
}

#[derive(Template)]
#[template(path = "dashboard/operator/health.html")]
struct HealthPage {
    shell: Shell,
    figures: Vec<Count>,
    statuses: Vec<Count>,
    versions: Vec<Count>,
    reasons: Vec<Count>,
    ending: Vec<Ending>,
    queues: Vec<Count>,
    payments: Vec<Count>,
    routes: Option<Vec<Route>>,
}

pub(super) async fn show(
    State(dashboard): State<Arc<Dashboard>>,
    at: Operating,
) -> Result<Response, Trouble> {
    let words = &at.visit.words;
    let oversight = &dashboard.services.applications.oversight;
    let fleet = oversight.fleet().await?;
    let queues = oversight.queues().await?;
    let (accounts, suspended) = dashboard.services.book.count();
    let count = |name: String, count: u64| Count { name, count: words.whole(count), status: "" };
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let metrics = dashboard.services.metrics.as_ref();
    Ok(render(&HealthPage {
        shell: at.visit.shell(&dashboard, "Operation"),
        figures: vec![
            count(words.say("accounts"), number(accounts)),
            count(words.say("of them stopped"), number(suspended)),
            count(words.say("links are up"), fleet.links),
            count(since(words, &fleet, &dashboard), fleet.links_since),
            timed(words.say("a read of the store"), queues.store.read, words),
            timed(words.say("until the store’s writer has its turn"), queues.store.turn, words),
        ],
        statuses: fleet
            .statuses
            .iter()
            .map(|(status, many)| Count {
                status: status.as_str(),
                ..count(words.say(&status.as_str().replace('_', " ")), *many)
            })
            .collect(),
        versions: fleet.versions.iter().map(|(version, many)| count(version.to_string(), *many)).collect(),
        reasons: fleet
            .reasons
            .iter()
            .map(|(reason, many)| count(words.say(&reason.as_str().replace('_', " ")), *many))
            .collect(),
        ending: fleet
            .ending
            .iter()
            .map(|one| Ending {
                account: one.scope.account.to_string(),
                terminal: one.terminal.clone(),
                when: words.moment(one.not_after, &TimeZone::UTC),
            })
            .collect(),
        payments: payments(&queues, words),
        queues: queues.queues.iter().map(|queue| waiting(queue, words)).collect(),
        routes: metrics.map(|handle| routes(&handle.render(), words)),
    }))
}

fn timed(name: String, took: std::time::Duration, words: &Words) -> Count {
    Count { name, count: told(words, took.as_secs_f64()), status: "" }
}

fn since(words: &Words, fleet: &FleetHealth, dashboard: &Dashboard) -> String {
    let ago = words.ago(fleet.since, dashboard.services.clock.wall());
    words.tell("links granted since the start {ago}", &[("ago", &ago)])
}

fn payments(queues: &Queues, words: &Words) -> Vec<Count> {
    let shown = |(status, many): &(vinr_domain::payment::Status, u64)| Count {
        name: words.say(status.as_str()),
        count: words.whole(*many),
        status: status.as_str(),
    };
    queues.payments.iter().map(shown).collect()
}

fn waiting(queue: &Queue, words: &Words) -> Count {
    let name = words.say(match queue.what {
        Waiting::Commits => "transactions that wait for the store’s writer",
        Waiting::Figures => "events that wait to be counted",
        Waiting::Webhooks => "events that the slowest webhook endpoint is behind",
        Waiting::Payments => "payments that are not decided",
        Waiting::Groups => "payments that wait for a free terminal",
        Waiting::Ready => "tasks that could run now",
        Waiting::Tasks => "tasks at all",
    });
    let depth = words.whole(queue.depth);
    let count = match queue.most {
        Some(most) => words.tell("{depth} of {most}", &[("depth", &depth), ("most", &words.whole(most))]),
        None => depth,
    };
    Count { name, count, status: "" }
}
