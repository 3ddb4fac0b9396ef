//! What tills want of the cloud through this terminal: asked over the link, answered by number, given up after a while.
//! Nothing here is kept over a restart; a till asks again under the same key.

use std::collections::BTreeMap;

use tokio::sync::oneshot;
use vinr_wire::link::{OfficeAnswer, OfficeRequest, ToCloud};

use super::outbox::Outbox;
use crate::settings::Settings;
use crate::till::{OfficeAsk, OfficeFault, OfficeReply};

/// How many questions may be under way at a time.
const UNDER_WAY: usize = 32;

/// The questions under way.
#[derive(Debug, Default)]
pub(super) struct Office {
    last: u64,
    asked: BTreeMap<u64, Asked>,
}

#[derive(Debug)]
struct Asked {
    answer: oneshot::Sender<Result<OfficeReply, OfficeFault>>,
    /// On the monotonic clock.
    until_ms: i64,
}

impl Office {
    /// Asks, if anybody can be asked.
    pub(super) fn ask(
        &mut self,
        ask: OfficeAsk,
        online: bool,
        now_ms: i64,
        settings: &Settings,
        outbox: &mut Outbox,
    ) {
        let OfficeAsk { operation, key, body, answer } = ask;
        let request = self.last + 1;
        let message = ToCloud::OfficeRequest(OfficeRequest { request, operation, key, body });
        // Nothing was asked: whoever wanted it may try again without harm.
        if !online || self.asked.len() >= UNDER_WAY || !outbox.send(message) {
            let _ = answer.send(Err(OfficeFault::Offline));
            return;
        }
        self.last = request;
        self.asked.insert(request, Asked { answer, until_ms: now_ms + settings.office_patience_ms });
    }

    /// The cloud has answered; an answer that nobody waits for any more is dropped.
    pub(super) fn answered(&mut self, answer: &OfficeAnswer) {
        let Some(asked) = self.asked.remove(&answer.request) else {
            tracing::debug!(request = answer.request, "an answer of the cloud that nobody waits for");
            return;
        };
        let reply = serde_json::from_slice(&answer.body).map(|body| OfficeReply {
            status: answer.status,
            body,
            replayed: answer.replayed,
        });
        let reply = reply.map_err(|error| {
            tracing::error!(%error, "the cloud's answer is not JSON");
            OfficeFault::NoAnswer
        });
        let _ = asked.answer.send(reply);
    }

    /// When the next question is given up, on the monotonic clock.
    pub(super) fn next_ms(&self) -> Option<i64> {
        self.asked.values().map(|asked| asked.until_ms).min()
    }

    /// Gives up what has waited too long.
    pub(super) fn give_up(&mut self, now_ms: i64) {
        let late = |(request, asked): (&u64, &Asked)| (asked.until_ms <= now_ms).then_some(*request);
        let late: Vec<u64> = self.asked.iter().filter_map(late).collect();
        for request in late {
            if let Some(asked) = self.asked.remove(&request) {
                let _ = asked.answer.send(Err(OfficeFault::NoAnswer));
            }
        }
    }

    /// The terminal ends or starts again: it will not hear the answers.
    pub(super) fn close(&mut self) {
        self.give_up(i64::MAX);
    }
}
