//! Creating a payment for a group of terminals: the first that is free takes it, and while all are busy it waits.

use std::sync::Arc;

use tokio::sync::oneshot;
use vinr_domain::DeclineCode;
use vinr_domain::payment::{Order, Payment};
use vinr_wire::rest::error::ErrorCode;

use super::create::{OpenError, Wanted};
use super::service::Payments;
use crate::access::Principal;
use crate::groups::Slot;
use crate::refusal::Refusal;

impl Payments {
    /// A group of which no terminal exists, or none is there, fails at once, as a single terminal would.
    pub(super) async fn open_in_group(
        &self,
        who: &Principal,
        group: &Arc<[Arc<str>]>,
        wanted: Wanted,
    ) -> Result<Arc<Payment>, OpenError> {
        let order = Order { group: Some(Arc::clone(group)), ..wanted.order };
        let wanted = Wanted { order, ..wanted };
        let known: Vec<_> = group.iter().filter_map(|name| self.find_terminal(&who.scope, name)).collect();
        let fails = match known.iter().any(|terminal| terminal.is_online()) {
            true => None,
            false if known.is_empty() => Some(DeclineCode::TerminalNotFound),
            false => Some(DeclineCode::TerminalOffline),
        };
        if let Some(code) = fails {
            return self.refuse(wanted.order, code, wanted.alongside).await;
        }
        // A terminal that has become busy in the meantime is passed over; each is tried once.
        for _ in &known {
            let Some(reserved) = self.queue.reserve(&known) else { break };
            if let Some(payment) = self.submit(reserved.terminal(), wanted.clone(), true).await? {
                return Ok(payment);
            }
        }
        let slot = self.queue.slot(&who.scope).ok_or(OpenError::QueueFull)?;
        self.wait(slot, wanted).await
    }

    /// On a task of its own: whoever asked may be gone between the commit and the queue.
    async fn wait(&self, slot: Slot, wanted: Wanted) -> Result<Arc<Payment>, OpenError> {
        let this = self.clone();
        let (reply, answer) = oneshot::channel();
        self.tasks.spawn(async move {
            let Wanted { order, simulation, alongside } = wanted;
            let opened = this.books.enqueue(order, alongside).await.map(|opened| opened.payment);
            if let Ok(payment) = &opened {
                this.queue.enter(Arc::clone(payment), simulation);
            }
            drop(slot);
            let _ = reply.send(opened);
        });
        Ok(answer.await.map_err(|_ended| OpenError::Ended)??)
    }
}

pub(super) fn queue_full() -> Refusal {
    let message = "As many payments of this account wait for a terminal as may. Nothing was created; send it again \
                   when one of them has been served.";
    Refusal::stated(ErrorCode::QueueFull, message).retry_after_s(1)
}
