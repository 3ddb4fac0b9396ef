//! How far terminals have come with what is configured for them: one of them, or all of a location or an account.

use std::collections::BTreeMap;

use vinr_domain::Timestamp;
use vinr_wire::rest::config::{ConfigState, ConfigStatus};

use super::super::super::Dashboard;
use super::super::super::page::Trouble;
use super::super::super::visit::Visit;
use crate::access::Grant;

/// How many terminals are named.
const NAMED: usize = 50;

/// How far one terminal has come.
pub(in crate::dashboard) struct Standing {
    /// Which.
    pub(in crate::dashboard) id: String,
    /// What people call it.
    pub(in crate::dashboard) name: String,
    /// `in_sync`, `pending`, `failed`.
    pub(in crate::dashboard) status: &'static str,
    /// The same in words.
    pub(in crate::dashboard) word: String,
    /// Since when, why not, or what is awaited.
    pub(in crate::dashboard) more: String,
}

/// How far all terminals of a place have come.
pub(in crate::dashboard) struct Fleet {
    /// Terminals that have what holds for them.
    pub(in crate::dashboard) applied: usize,
    /// Terminals that have not said so yet.
    pub(in crate::dashboard) pending: usize,
    /// Terminals that could not.
    pub(in crate::dashboard) refused: usize,
    /// All of them.
    pub(in crate::dashboard) all: usize,
    /// Those that could not first, then those that are awaited; a first part of them.
    pub(in crate::dashboard) rows: Vec<Standing>,
    /// How many are not named.
    pub(in crate::dashboard) unnamed: usize,
}

/// How far the terminal has come.
pub(in crate::dashboard) fn standing(
    dashboard: &Dashboard,
    visit: &Visit,
    state: &ConfigState,
) -> Result<Standing, Trouble> {
    let who = visit.may(Grant::TerminalsRead)?;
    let fleet = &dashboard.services.applications.fleet.terminals;
    let terminal = fleet.retrieve(who, &state.terminal_id)?;
    let connected = fleet.link_facts(who, &state.terminal_id)?.connected_since.is_some();
    let say = |english: &str| visit.words.say(english);
    let now = dashboard.services.clock.wall();
    let (status, word, more) = match state.status {
        ConfigStatus::InSync => {
            let when = state.applied_at.map(|s| visit.words.ago(Timestamp(s * 1_000), now));
            ("in_sync", say("applied"), when.unwrap_or_default())
        }
        ConfigStatus::Failed => {
            ("failed", say("refused"), state.error.as_deref().unwrap_or_default().to_owned())
        }
        ConfigStatus::Pending if !connected => {
            ("pending", say("waiting"), say("It is told as soon as it is connected again."))
        }
        ConfigStatus::Pending => ("pending", say("on its way"), String::new()),
    };
    Ok(Standing {
        id: state.terminal_id.to_string(),
        name: terminal.display_name.as_deref().unwrap_or(&terminal.id).to_owned(),
        status,
        word,
        more,
    })
}

impl Fleet {
    /// How far these terminals have come.
    pub(in crate::dashboard) fn of(dashboard: &Dashboard, visit: &Visit, states: Vec<ConfigState>) -> Self {
        let count = |status| states.iter().filter(|state| state.status == status).count();
        let (applied, pending) = (count(ConfigStatus::InSync), count(ConfigStatus::Pending));
        let all = states.len();
        let mut ordered = BTreeMap::new();
        for state in states {
            let rank = match state.status {
                ConfigStatus::Failed => 0,
                ConfigStatus::Pending => 1,
                ConfigStatus::InSync => 2,
            };
            ordered.insert((rank, state.terminal_id.to_string()), state);
        }
        let named = ordered.values().take(NAMED);
        // One that was deleted a moment ago is none any more.
        let rows: Vec<_> = named.filter_map(|state| standing(dashboard, visit, state).ok()).collect();
        Self { applied, pending, refused: all - applied - pending, all, unnamed: all - rows.len(), rows }
    }
}
