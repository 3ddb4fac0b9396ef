//! A door of a terminal in the merchant's network, the Local API or the Cashless API: whether it is to be open, who says
//! so, how far the device is, and opening it. What goes through it is the terminal's part.

use vinr_domain::Timestamp;
use vinr_wire::rest::config::{Key, Level, TerminalConfig};
use vinr_wire::rest::lan::LanView;

use super::super::super::Dashboard;
use super::super::super::page::Trouble;
use super::super::super::visit::Visit;
use super::super::configuration::source;
use crate::access::Principal;
use crate::configuration::Write;
use crate::once::IdempotencyKey;

/// A door as a panel shows it.
pub(super) struct Door {
    /// Whether it is to be open.
    pub(super) open: bool,
    /// Who says so.
    pub(super) source: String,
    /// Whether it is this terminal's own configuration that says so.
    pub(super) own: bool,
    /// How far the device is: `in_sync`, `pending`, `failed`.
    pub(super) status: &'static str,
    /// The same in words.
    pub(super) standing: String,
    /// What is to be expected.
    pub(super) outlook: String,
}

impl Door {
    /// What holds for the door that this key opens.
    pub(super) async fn find(
        dashboard: &Dashboard,
        visit: &Visit,
        (who, id): (&Principal, &str),
        key: Key,
        lan: &LanView,
        online: bool,
    ) -> Result<Self, Trouble> {
        let configurations = &dashboard.services.applications.configurations;
        let effective = configurations.effective(&who.scope, id).await?;
        let holds = &effective.config[key.section()][key.word()];
        let level: Level = configurations.terminal_level(&who.scope, id)?;
        let say = |english: &str| visit.words.say(english);
        let now = dashboard.services.clock.wall();
        let since = lan.applied_at.map(|s| visit.words.ago(Timestamp(s * 1_000), now)).unwrap_or_default();
        let (standing, outlook) = match (lan.status, online) {
            ("failed", _) => (say("refused"), lan.error.as_deref().unwrap_or_default().to_owned()),
            ("pending", true) => (
                say("on its way"),
                say("The terminal is told now. It restarts when no payment is on its screen."),
            ),
            ("pending", false) => {
                (say("waiting"), say("The terminal is told as soon as it is connected again."))
            }
            _ if since.is_empty() => (say("in force"), say("The terminal serves nothing and never did.")),
            _ => {
                (say("in force"), visit.words.tell("The terminal confirmed it {when}.", &[("when", &since)]))
            }
        };
        Ok(Self {
            open: holds["value"].as_bool().unwrap_or(false),
            source: source(&visit.words, holds["source"].as_str().unwrap_or_default()),
            own: level.get(key).is_some(),
            status: lan.status,
            standing,
            outlook,
        })
    }
}

/// Opens or closes the door at this terminal; `None` leaves it to its location and account.
pub(super) async fn set(
    dashboard: &Dashboard,
    (who, id): (&Principal, &str),
    key: Key,
    open: Option<bool>,
    once: Option<IdempotencyKey>,
) -> Result<(), Trouble> {
    let said = serde_json::json!({ key.section(): { key.word(): open } });
    let config: TerminalConfig = serde_json::from_value(said)
        .map_err(|_| Trouble::Field("open", "cannot be understood".to_owned()))?;
    let write = Write { patch: config.validate()?, dry_run: false, key: once };
    dashboard.services.applications.configurations.configure(who, id, write).await?;
    Ok(())
}

/// What a form with the buttons on, off and inherit says.
pub(super) fn asked(word: Option<&str>) -> Result<Option<bool>, Trouble> {
    match word {
        Some("on") => Ok(Some(true)),
        Some("off") => Ok(Some(false)),
        Some("inherit") => Ok(None),
        _ => Err(Trouble::Field("open", "must be on, off or inherit".to_owned())),
    }
}
