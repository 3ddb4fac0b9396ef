//! Terminals as the API asks for them: one, a page, a change. Read from memory; changes go through the register.

use std::collections::BTreeMap;
use std::sync::Arc;

use vinr_domain::TerminalId;
use vinr_domain::terminal::{Event, Status};
use vinr_wire::rest::body::FieldError;
use vinr_wire::rest::given::Given;
use vinr_wire::rest::terminal::{Cursor, TerminalChanges, TerminalFilter, TerminalView};

use super::locations::Locations;
use super::register::Register;
use super::view::{LinkFacts, link_facts, shown_status, view};
use crate::access::Principal;
use crate::audit::Act;
use crate::gateway::{Directory, Terminal, TerminalKey};
use crate::office::Office;
use crate::once::{IdempotencyKey, Said};
use crate::refusal::Refusal;
use crate::store::Scope;

/// The terminals of all accounts.
#[derive(Clone)]
pub struct Terminals {
    office: Office,
    directory: Arc<Directory>,
    register: Register,
    locations: Locations,
}

impl Terminals {
    /// Terminals over these parts.
    #[must_use]
    pub fn new(office: Office, directory: Arc<Directory>, register: Register, locations: Locations) -> Self {
        Self { office, directory, register, locations }
    }

    /// The terminal of that name, in service or not.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`].
    pub fn find(&self, scope: &Scope, id: &str) -> Result<Arc<Terminal>, Refusal> {
        let id = TerminalId::parse(id).map_err(|_| Refusal::NoSuchTerminal)?;
        let key = TerminalKey { scope: scope.clone(), id };
        self.directory.find(&key).ok_or(Refusal::NoSuchTerminal)
    }

    /// One terminal.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`].
    pub fn retrieve(&self, who: &Principal, id: &str) -> Result<TerminalView, Refusal> {
        self.find(&who.scope, id).map(|terminal| view(&terminal))
    }

    /// Where it is in the merchant's network, and how it is connected.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`].
    pub fn link_facts(&self, who: &Principal, id: &str) -> Result<LinkFacts, Refusal> {
        self.find(&who.scope, id).map(|terminal| link_facts(&terminal))
    }

    /// A page of terminals, newest first, and whether there is more.
    ///
    /// # Errors
    /// A [`FieldError`] when the cursor names no terminal.
    pub fn list(
        &self,
        who: &Principal,
        filter: &TerminalFilter,
    ) -> Result<(Vec<TerminalView>, bool), Refusal> {
        let limit = usize::from(filter.limit);
        let wanted = |terminal: &Terminal| is_wanted(terminal, filter);
        let named = |param, id: &TerminalId| {
            let unknown = || FieldError::invalid(param, "is no terminal of this account and mode");
            self.find(&who.scope, id.as_str()).map_err(|_| Refusal::Field(unknown()))
        };
        let mut found = match &filter.cursor {
            Cursor::Newest => self.directory.older(&who.scope, None, limit + 1, wanted),
            Cursor::After(id) => {
                let after = named("starting_after", id)?;
                self.directory.older(&who.scope, Some(&after), limit + 1, wanted)
            }
            Cursor::Before(id) => {
                let before = named("ending_before", id)?;
                self.directory.newer(&who.scope, &before, limit + 1, wanted)
            }
        };
        let has_more = found.len() > limit;
        found.truncate(limit);
        if matches!(filter.cursor, Cursor::Before(_)) {
            found.reverse();
        }
        Ok((found.iter().map(|terminal| view(terminal)).collect(), has_more))
    }

    /// Changes what is included and nothing else.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`], a [`FieldError`] for a location that the account and mode do not have, or what
    /// the store says.
    pub async fn update(
        &self,
        who: &Principal,
        id: &str,
        changes: TerminalChanges,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        if let Some(said) = self.office.once.replay(&who.scope, key.as_ref()).await? {
            return Ok(said);
        }
        let terminal = self.find(&who.scope, id)?;
        let assignable = match &changes.location {
            Given::Value(id) => Some(self.locations.assignable(&who.scope, id.clone()).await?),
            Given::Not | Given::Unset => None,
        };
        let mut held = self.register.hold(&terminal).await;
        let before = held.view();
        let row = held.edit();
        changes.location.apply(&mut row.location);
        changes.display_name.apply(&mut row.display_name);
        let changed = held.view() != before;
        if changed {
            // Legal wherever a terminal stands.
            let _ = held.happened(Event::Changed);
        }
        held.keep(assignable);
        let after = held.view();
        let act = Act::new("terminal.updated", id).before(&before).after(&after);
        held.conclude(who, changed.then_some(act), key, Vec::new(), Said::new(200, &after)).await
    }

    /// How many terminals of the scope stand at each location, those that are out of service not counted.
    #[must_use]
    pub fn count_by_location(&self, who: &Principal) -> BTreeMap<Arc<str>, usize> {
        let mut counts = BTreeMap::new();
        for terminal in self.directory.older(&who.scope, None, usize::MAX, |_| true) {
            let stands = |row: &crate::store::TerminalRow| {
                row.location.as_ref().filter(|_| !row.deactivated).map(|id| id.as_str().into())
            };
            if let Some(location) = terminal.read(stands) {
                *counts.entry(location).or_default() += 1;
            }
        }
        counts
    }

    /// How many terminals have each status; every status once, in the order of [`Status::ALL`].
    #[must_use]
    pub fn count(&self) -> [(Status, usize); 4] {
        let mut counts = Status::ALL.map(|status| (status, 0));
        for terminal in self.directory.all() {
            let status = shown_status(&terminal);
            for (_, count) in counts.iter_mut().filter(|(one, _)| *one == status) {
                *count += 1;
            }
        }
        counts
    }
}

fn is_wanted(terminal: &Terminal, filter: &TerminalFilter) -> bool {
    let at = |id: &String| {
        terminal.read(|row| row.location.as_ref().is_some_and(|location| location.as_str() == *id))
    };
    let model = |model: vinr_domain::Model| terminal.read(|row| *row.model == *model.as_str());
    let named = |text: &String| {
        let text = text.to_lowercase();
        let is_in = |name: &str| name.to_lowercase().contains(&text);
        terminal.read(|row| {
            row.display_name.as_deref().is_some_and(is_in)
                || is_in(row.id.as_str())
                || is_in(&row.serial_number)
        })
    };
    filter.text.as_ref().is_none_or(named)
        && filter.location.as_ref().is_none_or(at)
        && filter.model.is_none_or(model)
        && filter.status.is_none_or(|status| shown_status(terminal) == status)
}
