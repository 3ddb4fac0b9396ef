//! The life of one action on the terminal: what it must remember of an order beside payments, so that nothing runs
//! twice and nothing that was begun is forgotten. What the cloud makes of the reports is the cloud's machine.
//!
//! The checked-in table of every state × event is `transitions/device_action.md`.

use std::sync::Arc;

/// What a terminal can be told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// Start over.
    Reboot,
    /// Install other software, whose manifest has been checked.
    Update,
    /// No new payments until unlocked.
    Lock,
    /// Payments again.
    Unlock,
    /// Forward what was approved without the cloud.
    Flush,
}

/// Where an action stands on the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Until no payment is on the screen.
    Waiting(Order),
    /// The software is being installed.
    Installing,
    /// The terminal is about to start again, or has: it finds this in its memory then.
    Restarting(Order),
    /// What was approved without the cloud is being forwarded, until nothing waits any more.
    Forwarding,
    /// Done.
    Completed,
    /// Not done, and never will be.
    Failed {
        /// Why, for whoever asked for it.
        reason: Arc<str>,
    },
}

/// Something that happened to an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The cloud orders it again: it has not heard how it ended.
    OrderedAgain,
    /// No payment is on the screen.
    Free,
    /// Its time was over before it was begun.
    Expired,
    /// The software is in place; it runs from the next start on.
    Installed,
    /// Nothing waits to be forwarded any more: every payment has its verdict.
    Forwarded,
    /// It cannot be done.
    Refused {
        /// Why.
        reason: Arc<str>,
    },
    /// The terminal has started again; whether what runs is what was wanted.
    Started {
        /// For a reboot always true.
        as_wanted: bool,
    },
}

/// What must follow, once the terminal's memory is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Tell the cloud how it stands, until the cloud has acknowledged it.
    Report,
    /// Take payments no more, or again. Part of the same write as the state.
    SetLocked(bool),
    /// Install the software.
    Install,
    /// Say goodbye and start again.
    Restart,
    /// Forward what was approved without the cloud.
    Flush,
}

/// A step taken. The state is always durable before the first effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where the action stands now.
    pub state: State,
    /// What follows, in order.
    pub effects: Vec<Effect>,
}

/// The event has no meaning where the action stands; nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} has no meaning in {state:?}")]
pub struct Illegal {
    /// Where the action stands.
    pub state: State,
    /// What was said to have happened.
    pub event: Event,
}

impl State {
    /// Whether nothing more will happen to it.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        match self {
            Self::Completed | Self::Failed { .. } => true,
            Self::Waiting(_) | Self::Installing | Self::Restarting(_) | Self::Forwarding => false,
        }
    }
}

/// The first step of an order that the terminal has not seen.
#[must_use]
pub fn begin(order: Order) -> Step {
    match order {
        Order::Reboot | Order::Update => Step { state: State::Waiting(order), effects: vec![Effect::Report] },
        Order::Lock => locked(true),
        Order::Unlock => locked(false),
        Order::Flush => flushed(),
    }
}

/// The first and last step of an order that cannot be followed.
#[must_use]
pub fn refuse(reason: &str) -> Step {
    failed(Arc::from(reason))
}

/// The first and last step of an order that has been followed before it came.
#[must_use]
pub fn nothing_to_do() -> Step {
    Step { state: State::Completed, effects: vec![Effect::Report] }
}

/// Takes one step.
///
/// # Errors
/// [`Illegal`] when the event has no meaning in this state.
pub fn step(state: &State, event: &Event) -> Result<Step, Illegal> {
    match state {
        State::Waiting(order) => from_waiting(*order, event),
        State::Installing => from_installing(event),
        State::Restarting(order) => from_restarting(*order, event),
        State::Forwarding => from_forwarding(event),
        State::Completed | State::Failed { .. } => from_ended(state, event),
    }
}

fn from_waiting(order: Order, event: &Event) -> Result<Step, Illegal> {
    let waiting = State::Waiting(order);
    match event {
        Event::OrderedAgain => Ok(Step { state: waiting, effects: vec![Effect::Report] }),
        Event::Free => Ok(match order {
            Order::Reboot => {
                Step { state: State::Restarting(order), effects: vec![Effect::Report, Effect::Restart] }
            }
            Order::Update => {
                Step { state: State::Installing, effects: vec![Effect::Report, Effect::Install] }
            }
            Order::Lock => locked(true),
            Order::Unlock => locked(false),
            Order::Flush => flushed(),
        }),
        Event::Expired => Ok(refuse("it expired before the terminal could begin")),
        Event::Refused { reason } => Ok(failed(Arc::clone(reason))),
        // Starting again is no reason to do it, nor not to.
        Event::Started { .. } => Ok(Step { state: waiting, effects: vec![] }),
        Event::Installed | Event::Forwarded => illegal(&waiting, event),
    }
}

fn from_installing(event: &Event) -> Result<Step, Illegal> {
    match event {
        Event::OrderedAgain => Ok(Step { state: State::Installing, effects: vec![Effect::Report] }),
        Event::Installed => {
            Ok(Step { state: State::Restarting(Order::Update), effects: vec![Effect::Restart] })
        }
        Event::Refused { reason } => Ok(failed(Arc::clone(reason))),
        // Power was lost while installing: installing is repeatable, half an installation is not used.
        Event::Started { .. } => Ok(Step { state: State::Waiting(Order::Update), effects: vec![] }),
        Event::Free | Event::Expired | Event::Forwarded => illegal(&State::Installing, event),
    }
}

fn from_restarting(order: Order, event: &Event) -> Result<Step, Illegal> {
    let restarting = State::Restarting(order);
    match event {
        Event::OrderedAgain => Ok(Step { state: restarting, effects: vec![Effect::Report] }),
        Event::Started { as_wanted: true } => Ok(nothing_to_do()),
        Event::Started { as_wanted: false } => Ok(refuse("the terminal started again with other software")),
        Event::Free | Event::Expired | Event::Installed | Event::Forwarded | Event::Refused { .. } => {
            illegal(&restarting, event)
        }
    }
}

fn from_forwarding(event: &Event) -> Result<Step, Illegal> {
    match event {
        Event::OrderedAgain => Ok(Step { state: State::Forwarding, effects: vec![Effect::Report] }),
        Event::Forwarded => Ok(nothing_to_do()),
        Event::Refused { reason } => Ok(failed(Arc::clone(reason))),
        Event::Started { .. } => Ok(Step { state: State::Forwarding, effects: vec![Effect::Flush] }),
        Event::Free | Event::Expired | Event::Installed => illegal(&State::Forwarding, event),
    }
}

fn from_ended(state: &State, event: &Event) -> Result<Step, Illegal> {
    match event {
        Event::OrderedAgain => Ok(Step { state: state.clone(), effects: vec![Effect::Report] }),
        Event::Free
        | Event::Expired
        | Event::Installed
        | Event::Forwarded
        | Event::Refused { .. }
        | Event::Started { .. } => illegal(state, event),
    }
}

fn locked(locked: bool) -> Step {
    Step { state: State::Completed, effects: vec![Effect::SetLocked(locked), Effect::Report] }
}

/// Forwarding goes on by itself until every payment has its verdict; the action begins it now and tells when it is over.
fn flushed() -> Step {
    Step { state: State::Forwarding, effects: vec![Effect::Report, Effect::Flush] }
}

fn failed(reason: Arc<str>) -> Step {
    Step { state: State::Failed { reason }, effects: vec![Effect::Report] }
}

fn illegal(state: &State, event: &Event) -> Result<Step, Illegal> {
    Err(Illegal { state: state.clone(), event: event.clone() })
}
