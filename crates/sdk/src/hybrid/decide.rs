//! What hybrid mode does next (sdks/conformance/vectors/hybrid.json). Pure: it decides, the courier acts. A payment has one
//! name on every path, so what has to be decided is only whom to ask next, and when an answer may be believed.

use super::delegations::DelegationState as Written;

/// Where a payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    New,
    Local,
    Acknowledged,
    Asking,
    Cloud,
    LookingLocal,
    LookingCloud,
    Done,
}

/// Where a payment is, and what is known about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State {
    pub phase: Phase,
    /// The terminal may have heard of it.
    pub sent: bool,
    /// The other path has said that it does not know it.
    pub absent: bool,
    /// It was over before.
    pub ended: bool,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    Create(Option<Written>),
    Resolve(Option<Written>),
    Head,
    BodyLost,
    LocalAbsent,
    CloudAbsent,
    AskedLongEnough,
    LocalPayment(String),
    CloudPayment(String),
    LocalFailed {
        layer: &'static str,
        sent: bool,
    },
    LocalRefused {
        code: String,
    },
    CloudRefused,
    CloudFailed {
        sent: bool,
    },
    /// A dropped future tells nobody; said by the vectors, for callers who can.
    #[cfg_attr(not(test), expect(dead_code, reason = "a call that is dropped in Rust ends without a word"))]
    Aborted {
        sent: bool,
    },
    LateLocalAnswer,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    SendLocal,
    WaitBody,
    AskLocal,
    SendCloud,
    AskCloud,
    Return,
    Throw,
    Ignore,
}

/// What is written down before the action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Save {
    As(Written),
    Erased,
}

/// Which error it ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thrown {
    Given { outcome_unknown: bool },
    OutcomeUnknown,
    PaymentNotFound,
}

/// What comes after an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub next: State,
    pub action: Action,
    pub save: Option<Save>,
    /// The layer that the caller hears of.
    pub told: Option<&'static str>,
    /// `local` or `cloud`.
    pub mode: Option<&'static str>,
    pub thrown: Option<Thrown>,
}

/// Whether a payment's status is an outcome.
pub(super) fn is_outcome(status: &str) -> bool {
    status != "pending" && status != "processing"
}

/// What comes after this event in this state; nothing when it cannot happen there.
pub(super) fn decide(state: State, event: &Event) -> Option<Step> {
    if *event == Event::LateLocalAnswer {
        return Some(step(state, Action::Ignore));
    }
    match state.phase {
        Phase::New => begin(event),
        Phase::Local | Phase::Acknowledged => local(state, event),
        Phase::Asking => asking(event),
        Phase::Cloud => cloud(state, event),
        Phase::LookingLocal | Phase::LookingCloud => looking(state, event),
        Phase::Done => None,
    }
}

fn at(phase: Phase, sent: bool) -> State {
    State { phase, sent, absent: false, ended: false }
}

fn step(next: State, action: Action) -> Step {
    Step { next, action, save: None, told: None, mode: None, thrown: None }
}

fn thrown(outcome_unknown: bool, sent: bool, erased: bool) -> Step {
    let save = erased.then_some(Save::Erased);
    let thrown = Some(Thrown::Given { outcome_unknown });
    Step { save, thrown, ..step(at(Phase::Done, sent), Action::Throw) }
}

/// What is thrown when nothing but this attempt could have been heard: the record goes when it was not.
fn unheard(sent: bool) -> Step {
    thrown(sent, sent, !sent)
}

fn returned(status: &str, save: Written, mode: &'static str) -> Step {
    let save = is_outcome(status).then_some(Save::As(save));
    Step { save, mode: Some(mode), ..step(at(Phase::Done, true), Action::Return) }
}

fn begin(event: &Event) -> Option<Step> {
    let (record, creates) = match event {
        Event::Create(record) => (record, true),
        Event::Resolve(record) => (record, false),
        _ => return None,
    };
    Some(match (record, creates) {
        (None, true) => {
            Step { save: Some(Save::As(Written::Local)), ..step(at(Phase::Local, false), Action::SendLocal) }
        }
        // What is not written down was told to no terminal.
        (None, false) => step(State { absent: true, ..at(Phase::LookingCloud, true) }, Action::AskCloud),
        (Some(Written::Local), true) => step(at(Phase::Local, true), Action::SendLocal),
        (Some(Written::Local), false) => step(at(Phase::LookingLocal, true), Action::AskLocal),
        (Some(Written::Delegated), true) => step(at(Phase::Cloud, true), Action::SendCloud),
        (Some(Written::Delegated), false) => step(at(Phase::LookingCloud, true), Action::AskCloud),
        (Some(Written::FinalLocal), _) => {
            step(State { ended: true, ..at(Phase::LookingLocal, true) }, Action::AskLocal)
        }
        (Some(Written::FinalCloud), _) => {
            step(State { ended: true, ..at(Phase::LookingCloud, true) }, Action::AskCloud)
        }
    })
}

/// To the cloud: written down first, so that nobody believes the terminal any more.
fn delegated(layer: &'static str, sent: bool) -> Step {
    let save = Some(Save::As(Written::Delegated));
    Step { save, told: Some(layer), ..step(at(Phase::Cloud, sent), Action::SendCloud) }
}

fn local(state: State, event: &Event) -> Option<Step> {
    let before = state.sent;
    Some(match event {
        Event::Head => step(at(Phase::Acknowledged, before), Action::WaitBody),
        Event::LocalPayment(status) if status == "pending" => step(at(Phase::Asking, true), Action::AskLocal),
        Event::LocalPayment(status) => returned(status, Written::FinalLocal, "local"),
        Event::BodyLost => step(at(Phase::Asking, true), Action::AskLocal),
        Event::LocalFailed { layer, sent } => delegated(layer, before || *sent),
        // A name that names another payment is not forgotten; every other refusal holds for the first time it was sent, too.
        Event::LocalRefused { code } => thrown(false, before, code != "client_token_reused"),
        Event::Aborted { sent } => unheard(before || *sent),
        _ => return None,
    })
}

fn asking(event: &Event) -> Option<Step> {
    let again = step(at(Phase::Asking, true), Action::AskLocal);
    Some(match event {
        Event::LocalPayment(status) if is_outcome(status) => returned(status, Written::FinalLocal, "local"),
        Event::LocalPayment(_) | Event::LocalFailed { .. } => again,
        Event::LocalAbsent | Event::AskedLongEnough => delegated("http", true),
        Event::Aborted { .. } => thrown(true, true, false),
        _ => return None,
    })
}

fn cloud(state: State, event: &Event) -> Option<Step> {
    let before = state.sent;
    Some(match event {
        Event::CloudPayment(status) => returned(status, Written::FinalCloud, "cloud"),
        Event::CloudRefused => unheard(before),
        Event::CloudFailed { sent } | Event::Aborted { sent } => unheard(before || *sent),
        _ => return None,
    })
}

fn looking(state: State, event: &Event) -> Option<Step> {
    let here = state.phase == Phase::LookingLocal;
    let (other, ask, ask_other) = if here {
        (Phase::LookingCloud, Action::AskLocal, Action::AskCloud)
    } else {
        (Phase::LookingLocal, Action::AskCloud, Action::AskLocal)
    };
    let elsewhere = |absent| step(State { absent, ended: state.ended, ..at(other, true) }, ask_other);
    let over = step(at(Phase::Done, true), Action::Throw);
    let unknown = Step { thrown: Some(Thrown::OutcomeUnknown), ..over };
    Some(match event {
        Event::LocalPayment(status) | Event::CloudPayment(status) if is_outcome(status) => {
            let written = if here { Written::FinalLocal } else { Written::FinalCloud };
            let save = (!state.ended).then_some(Save::As(written));
            Step { save, ..step(at(Phase::Done, true), Action::Return) }
        }
        Event::LocalPayment(_) | Event::CloudPayment(_) => {
            step(State { ended: state.ended, ..at(state.phase, true) }, ask)
        }
        Event::LocalFailed { .. } | Event::CloudFailed { .. } => elsewhere(false),
        Event::LocalAbsent | Event::CloudAbsent if !state.absent => elsewhere(true),
        Event::LocalAbsent | Event::CloudAbsent if state.ended => unknown,
        Event::LocalAbsent | Event::CloudAbsent => {
            Step { save: Some(Save::Erased), thrown: Some(Thrown::PaymentNotFound), ..over }
        }
        Event::CloudRefused | Event::LocalRefused { .. } | Event::Aborted { .. } => thrown(true, true, false),
        Event::AskedLongEnough => unknown,
        _ => return None,
    })
}

#[cfg(test)]
#[path = "decide_vectors.rs"]
mod vectors;
