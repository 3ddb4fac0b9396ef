//! What the terminal remembers across power losses beside payments: its configuration, its lock, the software that
//! was installed, and the actions it has been given. Written whole or not at all; decides nothing.

mod access;
mod refund;

use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vinr_domain::device::action::{Order, State};
use vinr_domain::{ActionId, Timestamp};

pub(crate) use access::KeptAccess;
pub(crate) use refund::KeptRefund;

use crate::journal::Disk;

/// How many actions are remembered. One is forgotten when it has ended, the cloud knows, and its time is over.
pub(crate) const ACTIONS: usize = 128;

/// The terminal's memory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// The disk is at fault.
    #[error("the terminal's memory cannot be read or written: {0}")]
    Disk(#[from] io::Error),
    /// The mark of the approvals without the cloud holds something else. It too is written whole.
    #[error(
        "the mark of what was approved offline is damaged: {reason}. Settle what the journal has, then move it away"
    )]
    Mark {
        /// What is wrong with it.
        reason: String,
    },
    /// The file holds something else. It is written whole, so that a power loss is not to blame.
    #[error(
        "the terminal's memory is damaged: {reason}. Move the file away; the cloud sends the configuration again, \
         and a lock has to be repeated"
    )]
    Damaged {
        /// What is wrong with it.
        reason: String,
    },
}

/// All that is remembered. Fields that an older version did not write are empty.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Kept {
    /// Newest version of the configuration that is in force; 0: none.
    pub(crate) config_version: u64,
    /// It, as the cloud wrote it.
    pub(crate) config: Option<String>,
    /// The newest version that could not be applied, and why.
    pub(crate) refused: Option<Refused>,
    /// No new payments until unlocked.
    pub(crate) locked: bool,
    /// The version that was installed last; `None`: what the device came with.
    pub(crate) software: Option<String>,
    /// Oldest first.
    pub(crate) actions: Vec<KeptAction>,
    /// Who may speak to the terminal; `None`: nobody yet.
    pub(crate) access: Option<KeptAccess>,
    /// What was given back last, for its receipt; `None`: nothing yet.
    pub(crate) refund: Option<KeptRefund>,
}

/// A configuration that could not be applied.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Refused {
    pub(crate) version: u64,
    pub(crate) error: String,
}

/// An action and where it stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeptAction {
    id: String,
    state: KeptState,
    expires_at_ms: i64,
    /// For an update: the manifest, whose signature has been checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) manifest: Option<String>,
    /// The cloud has acknowledged how it ended.
    #[serde(default)]
    pub(crate) reported: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum KeptState {
    Waiting(KeptOrder),
    Installing,
    Restarting(KeptOrder),
    Forwarding,
    Completed,
    Failed(Arc<str>),
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum KeptOrder {
    Reboot,
    Update,
    Lock,
    Unlock,
    Flush,
}

impl KeptOrder {
    fn of(order: Order) -> Self {
        match order {
            Order::Reboot => Self::Reboot,
            Order::Update => Self::Update,
            Order::Lock => Self::Lock,
            Order::Unlock => Self::Unlock,
            Order::Flush => Self::Flush,
        }
    }

    fn order(self) -> Order {
        match self {
            Self::Reboot => Order::Reboot,
            Self::Update => Order::Update,
            Self::Lock => Order::Lock,
            Self::Unlock => Order::Unlock,
            Self::Flush => Order::Flush,
        }
    }
}

impl KeptAction {
    pub(crate) fn new(id: ActionId, state: &State, expires_at: Timestamp) -> Self {
        let mut action = Self {
            id: id.to_string(),
            state: KeptState::Completed,
            expires_at_ms: expires_at.0,
            manifest: None,
            reported: false,
        };
        action.set_state(state);
        action
    }

    /// Its name; `None` only when somebody has written into the file.
    pub(crate) fn id(&self) -> Option<ActionId> {
        ActionId::parse(&self.id).ok()
    }

    pub(crate) fn is(&self, id: ActionId) -> bool {
        self.id() == Some(id)
    }

    pub(crate) fn expires_at(&self) -> Timestamp {
        Timestamp(self.expires_at_ms)
    }

    pub(crate) fn state(&self) -> State {
        match &self.state {
            KeptState::Waiting(order) => State::Waiting(order.order()),
            KeptState::Installing => State::Installing,
            KeptState::Restarting(order) => State::Restarting(order.order()),
            KeptState::Forwarding => State::Forwarding,
            KeptState::Completed => State::Completed,
            KeptState::Failed(reason) => State::Failed { reason: Arc::clone(reason) },
        }
    }

    pub(crate) fn set_state(&mut self, state: &State) {
        self.state = match state {
            State::Waiting(order) => KeptState::Waiting(KeptOrder::of(*order)),
            State::Installing => KeptState::Installing,
            State::Restarting(order) => KeptState::Restarting(KeptOrder::of(*order)),
            State::Forwarding => KeptState::Forwarding,
            State::Completed => KeptState::Completed,
            State::Failed { reason } => KeptState::Failed(Arc::clone(reason)),
        };
        self.reported = false;
    }
}

impl Kept {
    pub(crate) fn action(&self, id: ActionId) -> Option<&KeptAction> {
        self.actions.iter().find(|action| action.is(id))
    }

    pub(crate) fn action_mut(&mut self, id: ActionId) -> Option<&mut KeptAction> {
        self.actions.iter_mut().find(|action| action.is(id))
    }

    /// Forgets what nobody can ask for any more, down to what leaves room for one. `now` is server time, in doubt an
    /// earlier one. Whether there is room then.
    pub(crate) fn make_room(&mut self, now: Timestamp) -> bool {
        let mut surplus = (self.actions.len() + 1).saturating_sub(ACTIONS);
        self.actions.retain(|action| {
            let forgotten =
                surplus > 0 && action.reported && action.state().has_ended() && action.expires_at() <= now;
            surplus -= usize::from(forgotten);
            !forgotten
        });
        self.actions.len() < ACTIONS
    }
}

/// The memory on its disk.
#[derive(Debug)]
pub(crate) struct Memory<D> {
    disk: D,
    kept: Kept,
}

impl<D: Disk> Memory<D> {
    /// Reads what is on the disk; nothing there is nothing remembered.
    pub(crate) fn open(mut disk: D) -> Result<Self, MemoryError> {
        let bytes = disk.load()?;
        let kept = if bytes.is_empty() {
            Kept::default()
        } else {
            serde_json::from_slice(&bytes)
                .map_err(|error| MemoryError::Damaged { reason: error.to_string() })?
        };
        Ok(Self { disk, kept })
    }

    pub(crate) fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Puts `kept` in the place of all; durable when this returns.
    pub(crate) async fn replace(&mut self, kept: Kept) -> Result<(), MemoryError> {
        let bytes = serde_json::to_vec(&kept).map_err(io::Error::other)?;
        self.disk.replace(bytes).await?;
        self.kept = kept;
        Ok(())
    }

    /// The cloud has acknowledged how an action ended. Goes to the disk with the next change: a report that is said
    /// twice does no harm.
    pub(crate) fn note_reported(&mut self, id: ActionId) {
        if let Some(action) = self.kept.action_mut(id).filter(|action| action.state().has_ended()) {
            action.reported = true;
        }
    }

    pub(crate) fn into_disk(self) -> D {
        self.disk
    }
}
