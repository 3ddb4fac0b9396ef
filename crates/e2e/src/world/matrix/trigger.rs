//! Strikes once, at the moment of the case: whoever is to die dies exactly there.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use vinr_terminal::CrashPoint;

use super::case::{Case, Dies, Point};
use crate::world::cloud::Cloud;
use crate::world::flag::Flag;
use crate::world::line::{Line, Noticed};
use crate::world::log::Log;
use crate::world::station::{Order, Station};

/// The terminal that the till asks first.
const FIRST: u64 = 0;

/// What there is to strike.
pub(super) struct Wires {
    pub(super) cloud: Arc<Cloud>,
    pub(super) lines: Vec<Arc<Line>>,
    pub(super) stations: Vec<Weak<Station>>,
    pub(super) till: Arc<Flag>,
}

/// The trigger of one case.
pub(in crate::world) struct Trigger {
    case: Case,
    /// The card is read while the first terminal cannot ask anybody.
    alone: bool,
    /// A power loss takes every terminal of the shop.
    all_dark: bool,
    armed: AtomicBool,
    struck: AtomicBool,
    /// Which terminals have read an answer.
    answered: [AtomicBool; 2],
    wires: OnceLock<Wires>,
    log: Log,
}

impl Trigger {
    pub(super) fn new(case: Case, alone: bool, all_dark: bool, log: Log) -> Self {
        Self {
            case,
            alone,
            all_dark,
            armed: AtomicBool::new(false),
            struck: AtomicBool::new(false),
            answered: Default::default(),
            wires: OnceLock::new(),
            log,
        }
    }

    /// Says what there is to strike, once.
    pub(super) fn wire(&self, wires: Wires) {
        let _ = self.wires.set(wires);
    }

    /// From now on the moment counts, or no longer.
    pub(super) fn arm(&self, armed: bool) {
        self.armed.store(armed, Ordering::Relaxed);
    }

    /// Whether the moment has been.
    pub(super) fn has_struck(&self) -> bool {
        self.struck.load(Ordering::Relaxed)
    }

    /// A terminal has come to this point; whether it loses power there.
    pub(in crate::world) fn strikes(&self, station: u64, point: CrashPoint) -> bool {
        let place = usize::from(station != FIRST);
        if point == CrashPoint::AnswerReceived && self.armed.load(Ordering::Relaxed) {
            self.answered[place].store(true, Ordering::Relaxed);
        }
        let here = self.armed.load(Ordering::Relaxed) && self.is_here(station, point);
        let Some(wires) = self.wires.get().filter(|_| here && !self.struck.swap(true, Ordering::Relaxed))
        else {
            return false;
        };
        let dies = self.case.dies;
        self.log.say("matrix", format_args!("strikes {dies:?} at {point:?} of terminal {}", station + 1));
        if self.case.point == Point::P4 {
            wires.lines[place].cut(Noticed::Cloud);
        }
        if matches!(dies, Dies::Cloud | Dies::Both) {
            wires.cloud.crash();
        }
        if dies == Dies::Till {
            wires.till.raise();
        }
        let terminal_dies = matches!(dies, Dies::Terminal | Dies::Both);
        if terminal_dies && self.all_dark {
            let other = wires.stations.get(1 - place).and_then(Weak::upgrade);
            other.iter().for_each(|other| other.order(Order::PullPlug));
        }
        terminal_dies
    }

    fn is_here(&self, station: u64, point: CrashPoint) -> bool {
        use CrashPoint as C;
        if self.alone && station != FIRST {
            return false;
        }
        let answered = self.answered[usize::from(station != FIRST)].load(Ordering::Relaxed);
        match self.case.point {
            Point::P1 => point == C::OrderNotSynced,
            Point::P2 => matches!(point, C::RequestNotSynced | C::OfflineNotSynced),
            Point::P3 => matches!(point, C::RequestSynced | C::OfflineSynced),
            Point::P4 | Point::P5 | Point::P10 => point == C::RequestSent,
            Point::P6 | Point::P11 => point == C::AnswerReceived,
            // A refusal is an end, and not an outcome.
            Point::P7 => {
                matches!(point, C::OutcomeNotShown | C::OfflineMarked)
                    || (answered && point == C::EndNotReported)
            }
            Point::P8 => matches!(point, C::OutcomeNotConfirmed | C::OfflineNotAnswered),
            Point::P9 => point == C::ForwardNotSent,
            Point::P12 => point == C::EraseNotSynced,
        }
    }
}
