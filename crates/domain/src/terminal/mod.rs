//! Whether a terminal is there, as the outside is told: the one place that decides its status and which changes are
//! announced. Knows no link and no clock; somebody else says that a terminal greeted or was not heard from in time.
//!
//! The checked-in table of every state × event is `transitions/terminal.md`.

mod reason;

pub use reason::{Reason, Reasons};

/// Where a terminal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not connected, and whoever listens has been told so.
    Absent {
        /// What is wrong with it.
        reasons: Reasons,
    },
    /// Connected.
    Connected {
        /// What is wrong with it.
        reasons: Reasons,
    },
    /// Was connected when the server ended, and may be back before anybody has to be told that it was gone.
    Awaited {
        /// What is wrong with it.
        reasons: Reasons,
    },
    /// Taken out of service.
    Deactivated,
}

/// The status of a terminal on the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Connected, and nothing is wrong.
    Online,
    /// Not connected.
    Offline,
    /// Connected, and somebody should look after it.
    NeedsAttention,
    /// Taken out of service.
    Deactivated,
}

impl Status {
    /// Every status, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Online, Self::Offline, Self::NeedsAttention, Self::Deactivated];

    /// As the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Offline => "offline",
            Self::NeedsAttention => "needs_attention",
            Self::Deactivated => "deactivated",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// Something that happened to a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It has a link, or a newer one.
    Greeted,
    /// Its newest link ended: it said goodbye, the connection broke, or it was not heard from in time.
    Parted,
    /// The server started, and with it every link is gone.
    ServerStarted,
    /// It has had time enough to come back after the server started.
    WaitOver,
    /// This is all that is wrong with it now.
    Wrong(Reasons),
    /// Something that the API shows of it has changed: its name, its location, its software, its lock.
    Changed,
    /// It was taken out of service.
    Deactivated,
    /// It was paired (again).
    Activated,
}

/// What the outside is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// `terminal.online`
    Online,
    /// `terminal.offline`
    Offline,
    /// `terminal.needs_attention`
    NeedsAttention,
    /// `terminal.updated`
    Updated,
}

impl Notice {
    /// The type of the event that says it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Online => "terminal.online",
            Self::Offline => "terminal.offline",
            Self::NeedsAttention => "terminal.needs_attention",
            Self::Updated => "terminal.updated",
        }
    }
}

/// A step taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where the terminal stands now.
    pub state: State,
    /// What the outside is told, if anything: an event in the transaction that makes the step durable.
    pub effect: Option<Notice>,
}

/// The event has no meaning where the terminal stands; nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} has no meaning in {state:?}")]
pub struct Illegal {
    /// Where the terminal stands.
    pub state: State,
    /// What was said to have happened.
    pub event: Event,
}

impl State {
    /// A terminal that has never been connected.
    pub const NEW: Self = Self::Absent { reasons: Reasons::NONE };

    /// As the API shows it. One that is awaited is not connected.
    #[must_use]
    pub fn status(self) -> Status {
        match self {
            Self::Absent { .. } | Self::Awaited { .. } => Status::Offline,
            Self::Connected { reasons } if reasons.is_empty() => Status::Online,
            Self::Connected { .. } => Status::NeedsAttention,
            Self::Deactivated => Status::Deactivated,
        }
    }

    /// What is wrong with it; nothing is wrong with one that is out of service.
    #[must_use]
    pub fn reasons(self) -> Reasons {
        match self {
            Self::Absent { reasons } | Self::Connected { reasons } | Self::Awaited { reasons } => reasons,
            Self::Deactivated => Reasons::NONE,
        }
    }
}

/// Takes one step.
///
/// # Errors
/// [`Illegal`] when the event has no meaning in this state.
pub fn step(state: State, event: Event) -> Result<Step, Illegal> {
    match state {
        State::Absent { reasons } => from_absent(state, reasons, event),
        State::Connected { reasons } => from_connected(state, reasons, event),
        State::Awaited { reasons } => from_awaited(state, reasons, event),
        State::Deactivated => from_deactivated(state, event),
    }
}

fn from_absent(state: State, reasons: Reasons, event: Event) -> Result<Step, Illegal> {
    match event {
        Event::Greeted => told(State::Connected { reasons: present(reasons) }, Notice::Online),
        Event::ServerStarted => silent(state),
        Event::Wrong(now) => Ok(wrong(State::Absent { reasons: now }, reasons, now)),
        Event::Changed | Event::Activated => told(state, Notice::Updated),
        Event::Deactivated => told(State::Deactivated, Notice::Updated),
        Event::Parted | Event::WaitOver => Err(Illegal { state, event }),
    }
}

fn from_connected(state: State, reasons: Reasons, event: Event) -> Result<Step, Illegal> {
    match event {
        // A newer link took over; the terminal was there all the time.
        Event::Greeted => silent(state),
        Event::Parted => told(State::Absent { reasons }, Notice::Offline),
        Event::ServerStarted => silent(State::Awaited { reasons }),
        Event::Wrong(now) => Ok(wrong(State::Connected { reasons: now }, reasons, now)),
        Event::Changed | Event::Activated => told(state, Notice::Updated),
        Event::Deactivated => told(State::Deactivated, Notice::Updated),
        Event::WaitOver => Err(Illegal { state, event }),
    }
}

fn from_awaited(state: State, reasons: Reasons, event: Event) -> Result<Step, Illegal> {
    match event {
        // Nobody was told that it was gone, so nobody is told that it is back.
        Event::Greeted => silent(State::Connected { reasons: present(reasons) }),
        Event::WaitOver => told(State::Absent { reasons }, Notice::Offline),
        Event::ServerStarted => silent(state),
        Event::Wrong(now) => Ok(wrong(State::Awaited { reasons: now }, reasons, now)),
        Event::Changed | Event::Activated => told(state, Notice::Updated),
        Event::Deactivated => told(State::Deactivated, Notice::Updated),
        Event::Parted => Err(Illegal { state, event }),
    }
}

fn from_deactivated(state: State, event: Event) -> Result<Step, Illegal> {
    match event {
        Event::Activated => told(State::NEW, Notice::Updated),
        Event::Changed => told(state, Notice::Updated),
        // Its link is cut, or said a last word, after it was taken out of service.
        Event::Parted | Event::Wrong(_) | Event::ServerStarted | Event::Deactivated => silent(state),
        Event::Greeted | Event::WaitOver => Err(Illegal { state, event }),
    }
}

/// What is still wrong with a terminal that is there.
fn present(reasons: Reasons) -> Reasons {
    reasons.with(Reason::OfflineForLong, false)
}

/// Attention is called to what is new. What is no longer wrong is a change like others.
fn wrong(state: State, before: Reasons, now: Reasons) -> Step {
    let effect = if !now.without(before).is_empty() {
        Some(Notice::NeedsAttention)
    } else if now == before {
        None
    } else {
        Some(Notice::Updated)
    };
    Step { state, effect }
}

fn told(state: State, notice: Notice) -> Result<Step, Illegal> {
    Ok(Step { state, effect: Some(notice) })
}

fn silent(state: State) -> Result<Step, Illegal> {
    Ok(Step { state, effect: None })
}
