//! What the cloud is told of a payment that began at this terminal, made of what the journal has.

use vinr_domain::payment::Origin;
use vinr_wire::journal::IntentRecord;

/// What goes with a request or an end; `None` for what the cloud commanded, and from the moment that a command of the
/// cloud has joined the payment: then the cloud knows it already.
pub(super) fn origin_of(record: &IntentRecord) -> Option<Origin> {
    let (origin, command) = (record.origin.as_ref()?, record.command.as_ref()?);
    let attempt_epoch = record.request.as_ref().map_or(record.attempt_epoch, |request| request.attempt_epoch);
    (attempt_epoch == 0).then(|| Origin {
        channel: origin.channel,
        payment: command.payment_id,
        asked: command.amount,
        capture_method: command.capture_method,
        reference: command.reference.clone(),
        description: origin.description.clone(),
        metadata: std::sync::Arc::clone(&origin.metadata),
        created_at: origin.created_at,
    })
}
