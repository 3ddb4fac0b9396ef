//! How far payments at terminals are, for streams that ask for it: passed on as it is said, kept nowhere. Nothing depends
//! on it; a reader that was away is not told afterwards.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::broadcast;
use vinr_domain::{PaymentId, Timestamp};
use vinr_wire::link::{Progress, ProgressStage, ToCloud};
use vinr_wire::rest::webhook::PROGRESS_TYPE;

use super::Events;
use crate::gateway::{Hearer, Terminal};
use crate::store::Scope;

/// How many moments a slow reader may be behind before it misses some.
const BEHIND: usize = 256;

/// A moment of a payment.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) scope: Scope,
    terminal: String,
    payment: PaymentId,
    stage: ProgressStage,
    at: Timestamp,
}

/// Where moments are passed on.
pub(super) type Moments = broadcast::Sender<Arc<Moment>>;

pub(super) fn moments() -> Moments {
    broadcast::channel(BEHIND).0
}

impl Hearer for Events {
    fn heard(&self, terminal: &Arc<Terminal>, message: &ToCloud) {
        let ToCloud::Progress(Progress { payment: Some(payment), stage, .. }) = message else { return };
        if self.moments.receiver_count() == 0 {
            return;
        }
        let moment = Moment {
            scope: terminal.key.scope.clone(),
            terminal: terminal.key.id.to_string(),
            payment: *payment,
            stage: *stage,
            at: self.office.now(),
        };
        // Whoever followed may have gone since.
        let _ = self.moments.send(Arc::new(moment));
    }
}

impl Moment {
    /// As a server-sent event. Without an `id`: a reader resumes behind the last event that is kept.
    pub(super) fn written(&self) -> String {
        let data = json!({
            "object": "event", "type": PROGRESS_TYPE, "livemode": self.scope.livemode,
            "created": self.at.unix_seconds(),
            "data": {
                "object": {
                    "id": self.payment.to_string(), "object": "terminal_payment",
                    "livemode": self.scope.livemode, "terminalId": self.terminal,
                },
                "stage": self.stage.as_str(),
            },
        });
        format!("event: {PROGRESS_TYPE}\ndata: {data}\n\n")
    }
}
