//! Asking for remote actions, looking at them, and taking them back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;
use vinr_domain::action::{Action, Event, State};
use vinr_domain::{ActionId, TerminalId, Timestamp};
use vinr_wire::link::ActionProgress;
use vinr_wire::rest::action::{ActionEvent, ActionView};
use vinr_wire::rest::error::ErrorCode;
use vinr_wire::rest::terminal::Cursor;

use super::row::ActionRow;
use crate::access::Principal;
use crate::audit::{Act, By};
use crate::fleet::{Held, Register};
use crate::gateway::{Directory, Terminal, TerminalKey};
use crate::office::Office;
use crate::once::{IdempotencyKey, Said};
use crate::refusal::Refusal;
use crate::releases::Releases;
use crate::store::{Change, Kept, RecordCursor, RecordPage, Scope, StoreError};

/// How many actions of one terminal may be open.
const MOST_OPEN: usize = 32;

/// The remote actions of all terminals.
#[derive(Clone)]
pub struct Actions {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) office: Office,
    pub(super) directory: Arc<Directory>,
    pub(super) register: Register,
    pub(super) releases: Releases,
    /// Those that have not ended, in the order in which they were asked for.
    pub(super) open: Mutex<BTreeMap<TerminalKey, BTreeMap<ActionId, Open>>>,
    /// What has happened to open ones and is not written yet.
    pub(super) notes: Mutex<BTreeMap<(TerminalKey, ActionId), Note>>,
    pub(super) wake: Notify,
}

/// An action that has not ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    pub(super) action: Action,
    pub(super) lapses_at: Timestamp,
}

/// What has happened to an open action.
#[derive(Clone, Debug, Default)]
pub(super) struct Note {
    pub(super) reached: bool,
    pub(super) lapsed: bool,
    pub(super) report: Option<ActionProgress>,
}

/// A remote action that is asked for.
#[derive(Clone, Debug)]
pub struct NewAction {
    /// What is to be done.
    pub action: Action,
    /// How long it may wait for the terminal, in seconds.
    pub expires_in_s: u32,
}

impl Actions {
    /// The actions on the terminals in the directory; takes up those that have not ended.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn open(
        office: Office,
        directory: Arc<Directory>,
        register: Register,
        releases: Releases,
    ) -> Result<Self, StoreError> {
        let unfinished = office.store.due_across_accounts::<ActionRow>(Timestamp(i64::MAX), u32::MAX).await?;
        let shared = Shared {
            office,
            directory,
            register,
            releases,
            open: Mutex::default(),
            notes: Mutex::default(),
            wake: Notify::new(),
        };
        let actions = Self { shared: Arc::new(shared) };
        unfinished.iter().for_each(|kept| actions.keep_track(&kept.value));
        Ok(actions)
    }

    /// Asks for an action. It is sent at once when the terminal is connected, when it next is otherwise.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`], too many open actions, and what every change can meet.
    pub async fn create(
        &self,
        who: &Principal,
        terminal: &str,
        new: NewAction,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let office = &self.shared.office;
        if let Some(said) = office.once.replay(&who.scope, key.as_ref()).await? {
            return Ok(said);
        }
        let terminal = self.find_terminal(&who.scope, terminal)?;
        let mut held = self.shared.register.hold(&terminal).await;
        if held.row().deactivated {
            return Err(Refusal::NoSuchTerminal);
        }
        if self.open_on(&terminal.key) >= MOST_OPEN {
            let message =
                "32 actions of this terminal have not ended. Nothing was done; wait, or take some back.";
            return Err(Refusal::stated(ErrorCode::TooManyActions, message));
        }
        let now = office.now();
        let row = ActionRow {
            id: ActionId(office.name()),
            scope: who.scope.clone(),
            terminal: terminal.key.id.clone(),
            action: new.action,
            state: State::Queued,
            created_at: now,
            expires_at: now.plus_ms(i64::from(new.expires_in_s) * 1_000),
            completed_at: None,
            sequence: 1,
            update: None,
        };
        let view = row.view();
        if new.action == Action::Lock {
            self.lock_at_once(&mut held);
        }
        let act = Act::new("terminal_action.created", view.id.as_str()).after(&view);
        let changes = vec![Change::insert(&row), self.told(&row, &view)];
        let said = held.conclude(who, Some(act), key, changes, Said::new(200, &view)).await?;
        if !said.replayed {
            self.keep_track(&row);
            if terminal.is_online() {
                self.note(&terminal.key, row.id, |note| note.reached = true);
            }
        }
        Ok(said)
    }

    /// One action of the account; with `terminal`, only if it is on that one.
    ///
    /// # Errors
    /// [`Refusal::NoSuch`], or that the store cannot answer.
    pub async fn retrieve(
        &self,
        scope: &Scope,
        id: &str,
        terminal: Option<&str>,
    ) -> Result<ActionView, Refusal> {
        let kept = self.read(scope, id).await?;
        let here = terminal.is_none_or(|terminal| terminal == kept.value.terminal.as_str());
        here.then(|| kept.value.view()).ok_or(Refusal::NoSuch("terminal action"))
    }

    /// A page of the terminal's actions, newest first, and whether there is more.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`], or that the store cannot answer.
    pub async fn list(
        &self,
        scope: &Scope,
        terminal: &str,
        limit: u8,
        cursor: Cursor<ActionId>,
    ) -> Result<(Vec<ActionView>, bool), Refusal> {
        let terminal = self.find_terminal(scope, terminal)?;
        let cursor = match cursor {
            Cursor::Newest => RecordCursor::Start,
            Cursor::After(id) => RecordCursor::After(id.to_string().into()),
            Cursor::Before(id) => RecordCursor::Before(id.to_string().into()),
        };
        let page = RecordPage { limit: limit.into(), cursor };
        let having = Some(("terminal", terminal.key.id.as_str()));
        let (rows, more) = self.shared.office.store.list::<ActionRow>(scope, having, &page).await?;
        Ok((rows.iter().map(|kept| kept.value.view()).collect(), more))
    }

    /// Takes an action back that was never sent.
    ///
    /// # Errors
    /// [`Refusal::NoSuch`], that it has been sent or has ended, and what every change can meet.
    pub async fn cancel(
        &self,
        who: &Principal,
        id: &str,
        terminal: Option<&str>,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let office = &self.shared.office;
        if let Some(said) = office.once.replay(&who.scope, key.as_ref()).await? {
            return Ok(said);
        }
        self.retrieve(&who.scope, id, terminal).await?;
        let id = ActionId::parse(id).map_err(|_| Refusal::NoSuch("terminal action"))?;
        let by = By::from(who);
        let row = self.take_step(&who.scope, id, &Event::CancelRequested, Some((by, key))).await?;
        Ok(Said::new(200, &row.view()))
    }

    /// New payments are refused from now on, whether or not the terminal knows.
    fn lock_at_once(&self, held: &mut Held) {
        if held.row().lock_asked {
            return;
        }
        let shown = held.row().locked;
        held.edit().lock_asked = true;
        if !shown {
            super::follow::say_changed(held);
        }
    }

    pub(super) fn told(&self, row: &ActionRow, view: &ActionView) -> Change {
        let event = ActionEvent { object: view };
        self.shared.office.event(&row.scope, "terminal_action.updated", &view.id, row.sequence, &event)
    }

    pub(super) async fn read(&self, scope: &Scope, id: &str) -> Result<Kept<ActionRow>, Refusal> {
        let kept = self.shared.office.store.get::<ActionRow>(scope, id).await?;
        kept.ok_or(Refusal::NoSuch("terminal action"))
    }

    fn find_terminal(&self, scope: &Scope, id: &str) -> Result<Arc<Terminal>, Refusal> {
        let id = TerminalId::parse(id).map_err(|_| Refusal::NoSuchTerminal)?;
        let key = TerminalKey { scope: scope.clone(), id };
        self.shared.directory.find(&key).ok_or(Refusal::NoSuchTerminal)
    }

    fn open_on(&self, key: &TerminalKey) -> usize {
        let open = self.shared.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(key).map_or(0, BTreeMap::len)
    }

    /// Remembers the action while it has not ended.
    pub(super) fn keep_track(&self, row: &ActionRow) {
        let key = TerminalKey { scope: row.scope.clone(), id: row.terminal.clone() };
        let mut open = self.shared.open.lock().unwrap_or_else(PoisonError::into_inner);
        match row.state.lapses_at(row.expires_at) {
            Some(lapses_at) => {
                let entry = Open { action: row.action, lapses_at };
                open.entry(key).or_default().insert(row.id, entry);
            }
            None => {
                if let Some(of_terminal) = open.get_mut(&key) {
                    of_terminal.remove(&row.id);
                    if of_terminal.is_empty() {
                        open.remove(&key);
                    }
                }
            }
        }
        drop(open);
        self.shared.wake.notify_one();
    }

    pub(super) fn note(&self, key: &TerminalKey, id: ActionId, write: impl FnOnce(&mut Note)) {
        let mut notes = self.shared.notes.lock().unwrap_or_else(PoisonError::into_inner);
        write(notes.entry((key.clone(), id)).or_default());
        drop(notes);
        self.shared.wake.notify_one();
    }
}
