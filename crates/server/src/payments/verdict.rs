//! What a terminal is told of a request it made, read from where the payment stands.

use vinr_domain::payment::{Payment, State, Verdict};

/// The verdict on request (generation, stan); `None` while the acquirer is being asked: the answer will come.
#[must_use]
pub fn verdict_for(payment: &Payment, generation: u32, stan: u32) -> Option<Verdict> {
    let made_it = payment.state.request().is_some_and(|r| r.generation == generation && r.stan == stan);
    if !made_it {
        // Never passed on; and what stands here now keeps it from being passed on later.
        return Some(Verdict::Refused);
    }
    match &payment.state {
        State::Authorizing { .. } => None,
        State::Uncertain { .. } | State::Reversing { .. } => Some(Verdict::Unknown),
        State::Authorized { approval, .. }
        | State::Completed { approval, .. }
        | State::Expired { approval, .. } => Some(Verdict::Approved(approval.clone())),
        State::Failed { code, .. } => Some(Verdict::Declined(*code)),
        State::Cancelled { voided, .. } => Some(
            voided.as_ref().map_or(Verdict::Refused, |(_, approval)| Verdict::Approved(approval.clone())),
        ),
        State::Queued | State::Pending | State::Cancelling => Some(Verdict::Refused),
    }
}
