//! A process that kills itself (SIGKILL) the first time that its terminal gets to a named moment. Only in the program that
//! tests build to see what outlives that.

use std::sync::OnceLock;

use vinr_terminal::{CrashPoint, Fate, Faults};

static POINT: OnceLock<CrashPoint> = OnceLock::new();

/// From now on that moment is the last.
pub fn wait_at(point: Option<CrashPoint>) {
    if let Some(point) = point {
        POINT.get_or_init(|| point);
    }
}

/// The moment of that name, as the terminal's software calls it.
pub fn point(name: &str) -> Result<CrashPoint, String> {
    let points = CrashPoint::ALL.into_iter().chain(CrashPoint::ORDERS).chain(CrashPoint::OFFLINE);
    let mut points = points.chain(CrashPoint::UPKEEP).chain([CrashPoint::ForwardNotSent]);
    points.find(|point| format!("{point:?}") == name).ok_or_else(|| "is no such moment".to_owned())
}

/// Asked at every moment.
pub struct Doom;

impl Faults for Doom {
    fn at(&self, point: CrashPoint) -> Fate {
        if POINT.get() == Some(&point) {
            // The kernel ends this process before the call returns; if it does not, the terminal ends by itself.
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
            return Fate::Die;
        }
        Fate::Live
    }
}
