//! What of an account somebody should look after: its terminals and its webhooks, and what there is to be done.

use vinr_domain::Timestamp;
use vinr_wire::rest::terminal::{ListTerminals, TerminalView};

use super::super::super::Dashboard;
use super::super::super::page::Trouble;
use super::super::super::visit::Visit;
use super::super::terminal::attention::{Need, need};
use crate::access::Principal;

/// How many terminals are named.
const NAMED: usize = 10;

/// The terminals.
pub(super) struct Fleet {
    pub(super) online: String,
    pub(super) wanting: Vec<Wanting>,
    /// How many more want something than are named.
    pub(super) others: Option<String>,
    /// What waits on terminals to be forwarded.
    pub(super) offline: Option<String>,
    pub(super) none: bool,
}

/// A terminal that somebody should look after.
pub(super) struct Wanting {
    pub(super) id: String,
    pub(super) name: String,
    /// What is wrong, and what helps.
    pub(super) needs: Vec<Need>,
}

impl Fleet {
    pub(super) fn of(dashboard: &Dashboard, visit: &Visit, who: &Principal) -> Result<Self, Trouble> {
        let words = &visit.words;
        let (mut all, mut online, mut waiting) = (0_u64, 0_u64, 0_u64);
        let (mut wanting, mut others) = (Vec::new(), 0_u64);
        let mut after = None;
        loop {
            let query =
                ListTerminals { limit: Some(100), starting_after: after.take(), ..ListTerminals::default() };
            let (page, more) =
                dashboard.services.applications.fleet.terminals.list(who, &query.validate()?)?;
            for view in page.iter().filter(|view| view.status != "deactivated") {
                all += 1;
                online += u64::from(matches!(view.status, "online" | "busy"));
                waiting += view.offline.as_ref().map_or(0, |offline| u64::from(offline.pending));
                if !view.attention.is_empty() {
                    if wanting.len() < NAMED {
                        wanting.push(wants(view, visit));
                    } else {
                        others += 1;
                    }
                }
            }
            after = page.last().filter(|_| more).map(|view| view.id.to_string());
            if after.is_none() {
                break;
            }
        }
        let (reached, whole) = (words.whole(online), words.whole(all));
        let said =
            |count: u64, text: &str| (count > 0).then(|| words.tell(text, &[("count", &words.whole(count))]));
        Ok(Self {
            online: words
                .tell("{online} of {all} terminals are online", &[("online", &reached), ("all", &whole)]),
            wanting,
            others: said(others, "and {count} more"),
            offline: said(waiting, "{count} payments that terminals approved alone wait to be forwarded"),
            none: all == 0,
        })
    }
}

fn wants(view: &TerminalView, visit: &Visit) -> Wanting {
    Wanting {
        id: view.id.to_string(),
        name: view.display_name.as_deref().unwrap_or(&view.id).to_owned(),
        needs: view.attention.iter().map(|reason| need(&visit.words, reason)).collect(),
    }
}

/// The webhooks.
pub(super) struct Hooks {
    pub(super) endpoints: Vec<Hook>,
}

/// An endpoint.
pub(super) struct Hook {
    pub(super) id: String,
    pub(super) url: String,
    pub(super) status: &'static str,
    /// What of the last day it has taken.
    pub(super) rate: String,
    /// Since when the oldest waits.
    pub(super) waiting: Option<String>,
}

impl Hooks {
    /// `None` without endpoints.
    pub(super) async fn of(
        dashboard: &Dashboard,
        visit: &Visit,
        who: &Principal,
    ) -> Result<Option<Self>, Trouble> {
        let words = &visit.words;
        let now = dashboard.services.clock.wall();
        let all = dashboard.services.webhooks.health(&who.scope).await?;
        let endpoints: Vec<Hook> = all
            .into_iter()
            .map(|health| {
                let tried = health.delivered + health.undelivered;
                let rate = match health.delivered.saturating_mul(1_000).checked_div(tried) {
                    None => words.say("nothing was sent in the last day"),
                    Some(permille) => {
                        let permille = i64::try_from(permille).unwrap_or(i64::MAX);
                        let rate = format!("{}\u{a0}%", words.figure(permille, 1));
                        let count = words.whole(tried);
                        let parts = [("rate", &*rate), ("count", &*count)];
                        let text = match health.more {
                            false => "{rate} of {count} in the last day delivered",
                            true => "{rate} of the newest {count} in the last day delivered",
                        };
                        words.tell(text, &parts)
                    }
                };
                let since = |at: Timestamp| {
                    words.tell("the oldest that waits happened {ago}", &[("ago", &words.ago(at, now))])
                };
                Hook {
                    status: match (health.enabled, health.failing) {
                        (true, false) => "enabled",
                        (true, true) => "failing",
                        (false, _) => "disabled",
                    },
                    id: health.id,
                    url: health.url,
                    rate,
                    waiting: health.waiting_since.map(since),
                }
            })
            .collect();
        Ok((!endpoints.is_empty()).then_some(Self { endpoints }))
    }
}
