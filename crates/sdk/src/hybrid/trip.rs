//! One payment on its way: what it was sent out with, and what has been heard of it. Owns the pauses between questions and
//! when it has been asked for long enough.

use std::time::Duration;

use tokio::time::Instant;

use super::decide::{Event, Phase};
use super::delegations::Delegation;
use crate::client::Pause;
use crate::error::{PaymentSnapshot, VinrError};
use crate::params::CreatePayment;
use crate::request::CallOptions;
use crate::response::Response;

const SILENCE: Duration = Duration::from_secs(10);
pub(super) const LOOK: Duration = Duration::from_secs(150);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// One payment to be brought to its end.
pub(super) struct Errand {
    pub record: Delegation,
    /// Whether the record was there before.
    pub resumed: bool,
    /// What is to be created; nothing when it is only asked for.
    pub charge: Option<CreatePayment>,
    pub options: CallOptions,
}

/// What an event brings beside itself.
pub(super) struct Heard<P> {
    pub event: Event,
    pub answer: Option<Response<P>>,
    pub error: Option<VinrError>,
}

impl<P> Heard<P> {
    pub(super) fn of(event: Event) -> Self {
        Self { event, answer: None, error: None }
    }

    pub(super) fn failed(event: Event, error: VinrError) -> Self {
        Self { event, answer: None, error: Some(error) }
    }
}

/// What is remembered while one payment is on its way.
pub(super) struct Trip {
    pub errand: Errand,
    /// The answer whose headers are there.
    pub begun: Option<reqwest::Response>,
    pub payment: Option<PaymentSnapshot>,
    pub local_failure: Option<(&'static str, String)>,
    began: Instant,
    answered: Instant,
    asked_since: Instant,
    questions: u32,
    /// Pauses count in full, however long they took.
    paused: Duration,
}

impl Trip {
    pub(super) fn new(errand: Errand) -> Self {
        let now = Instant::now();
        Self {
            errand,
            begun: None,
            payment: None,
            local_failure: None,
            began: now,
            answered: now,
            asked_since: now,
            questions: 0,
            paused: Duration::ZERO,
        }
    }

    fn now(&self) -> Instant {
        Instant::now().max(self.began + self.paused)
    }

    /// The terminal has said something.
    pub(super) fn answered(&mut self) {
        self.answered = self.now();
    }

    /// Pauses between questions; the event that it has been long enough.
    pub(super) async fn rest(&mut self, phase: Phase, pause: &Pause) -> Option<Event> {
        let now = self.now();
        if self.questions == 0 {
            (self.asked_since, self.answered) = (now, now);
        }
        let asking = phase == Phase::Asking;
        let since = if asking { self.asked_since } else { self.began };
        let limit = self.errand.options.timeout.unwrap_or(LOOK);
        if (asking && now - self.answered >= SILENCE) || now - since >= limit {
            return Some(Event::AskedLongEnough);
        }
        if self.questions > 0 {
            let time =
                FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(self.questions - 1)).min(LONGEST_PAUSE);
            pause.rest(time).await;
            self.paused += time;
        }
        self.questions += 1;
        None
    }
}
