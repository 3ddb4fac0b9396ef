//! What a terminal said of the payment that it is at, until that is written with the payment's next step. In memory alone: what
//! is lost with the process was never relied upon.

use std::sync::{Mutex, PoisonError};

use vinr_domain::{PaymentId, Timestamp};
use vinr_wire::link::ProgressStage;

use crate::store::{Passed, Stage};

/// The stages of one payment, each once.
#[derive(Debug, Default)]
pub(crate) struct Trail(Mutex<Option<(PaymentId, Vec<Passed>)>>);

impl Trail {
    /// The payment has come so far. What is known of another one is forgotten: a terminal is at one.
    pub(crate) fn note(&self, payment: PaymentId, stage: Stage, at: Timestamp) {
        let mut trail = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, passed) = match trail.take() {
            Some(known) if known.0 == payment => trail.insert(known),
            Some(_) | None => trail.insert((payment, Vec::with_capacity(Stage::ALL.len()))),
        };
        if passed.iter().all(|known| known.stage != stage) {
            passed.push(Passed { stage, at });
        }
    }

    /// The terminal says how far it is.
    pub(crate) fn progress(&self, payment: PaymentId, stage: ProgressStage, at: Timestamp) {
        let stage = match stage {
            ProgressStage::ChoosingTip => Stage::ChoosingTip,
            ProgressStage::AwaitingCard => Stage::AwaitingCard,
            ProgressStage::CardPresented => Stage::CardPresented,
            ProgressStage::PinEntry => Stage::PinEntry,
            // The change that comes with it bears its own time.
            ProgressStage::Authorizing => return,
        };
        self.note(payment, stage, at);
    }

    /// What is not written yet of the payment.
    pub(crate) fn of(&self, payment: PaymentId) -> Vec<Passed> {
        let trail = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        trail.as_ref().filter(|known| known.0 == payment).map(|known| known.1.clone()).unwrap_or_default()
    }

    /// As many of the payment's stages as were written need not be written again.
    pub(crate) fn written(&self, payment: PaymentId, count: usize) {
        let mut trail = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, passed)) = trail.as_mut().filter(|known| known.0 == payment) {
            passed.drain(..count.min(passed.len()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_noted_once_until_it_is_written_and_another_payment_begins_anew() {
        let (trail, one, two) = (Trail::default(), PaymentId(1), PaymentId(2));
        trail.note(one, Stage::Dispatched, Timestamp(5));
        trail.note(one, Stage::Dispatched, Timestamp(9));
        trail.progress(one, ProgressStage::AwaitingCard, Timestamp(7));
        trail.progress(one, ProgressStage::Authorizing, Timestamp(8));
        let waiting = Passed { stage: Stage::AwaitingCard, at: Timestamp(7) };
        assert_eq!(trail.of(one), [Passed { stage: Stage::Dispatched, at: Timestamp(5) }, waiting]);
        trail.written(one, 1);
        assert_eq!((trail.of(one), trail.of(two)), (vec![waiting], vec![]));
        trail.note(two, Stage::Acknowledged, Timestamp(10));
        assert_eq!((trail.of(one).len(), trail.of(two).len()), (0, 1));
    }
}
