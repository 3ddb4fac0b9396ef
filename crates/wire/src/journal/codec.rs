//! Records as protobuf and back, and the frame around one. Reads no more than one record at a time.

use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256};
use prost::Message as _;
use vinr_domain::device::State;
use vinr_domain::payment::{
    AuthorizationRequest, CaptureMethod, Channel, EndCause, OfflineApproval, Tip, TipMode,
};
use vinr_domain::{
    Brand, CardFacts, Currency, DeclineCode, EntryMode, IntentId, Last4, Money, PaymentId, Timestamp,
};

use super::record::{Command, IntentRecord, KeptOffline, LanOrigin, Opened, Record};
use super::scan::Damage;
use super::{CHAIN_BYTES, CHAIN_TAG, ChainHash, HEAD_BYTES};
use crate::generated::journal as proto;
use crate::link::ReceiptChannel;
use proto::record::Body;

/// The bytes to append for `record`, and what the next record is chained to. `index` counts from
/// [`super::FIRST_INDEX`]; `previous` is the hash of the record before, [`super::CHAIN_START`] for the first.
#[must_use]
pub fn encode(record: &Record, index: u64, previous: &ChainHash) -> (Vec<u8>, ChainHash) {
    let mut payload = proto::Record { index, chain: Vec::new(), body: Some(body_of(record)) }.encode_to_vec();
    let hash = chain(previous, &payload);
    payload.extend(CHAIN_TAG);
    payload.extend(hash);
    let length =
        u32::try_from(payload.len()).expect("a record is far shorter than 4 GiB: see MAX_RECORD_BYTES");
    let mut bytes = Vec::with_capacity(HEAD_BYTES + payload.len());
    bytes.extend(length.to_le_bytes());
    bytes.extend(crc32fast::hash(&payload).to_le_bytes());
    bytes.extend(payload);
    (bytes, hash)
}

/// Reads a payload whose checksum is right.
pub(super) fn decode(
    payload: &[u8],
    index: u64,
    previous: &ChainHash,
) -> Result<(Record, ChainHash), Damage> {
    let (chained, link) =
        payload.split_at_checked(payload.len().wrapping_sub(CHAIN_BYTES)).ok_or(Damage::Malformed)?;
    let hash = link.strip_prefix(&CHAIN_TAG).ok_or(Damage::Malformed)?;
    if hash != chain(previous, chained) {
        return Err(Damage::Chain);
    }
    let record = proto::Record::decode(chained).map_err(|_| Damage::Malformed)?;
    if record.index != index {
        return Err(Damage::Index { expected: index, found: record.index });
    }
    let hash = hash.try_into().map_err(|_| Damage::Malformed)?;
    Ok((record_of(record.body)?, hash))
}

fn chain(previous: &ChainHash, chained: &[u8]) -> ChainHash {
    let mut context = Context::new(&SHA256);
    context.update(previous);
    context.update(chained);
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

fn body_of(record: &Record) -> Body {
    match record {
        Record::Opened(opened) => Body::Opened(proto::Opened {
            generation: opened.generation,
            last_stan: opened.last_stan,
            terminal: opened.terminal.clone(),
        }),
        Record::Intent(intent) => Body::Intent(intent_to_proto(intent)),
        Record::Erased(intent) => Body::Erased(proto::Erased { intent: raw(*intent) }),
    }
}

fn record_of(body: Option<Body>) -> Result<Record, Damage> {
    match body.ok_or(field("record.body"))? {
        Body::Opened(opened) => Ok(Record::Opened(Opened {
            generation: opened.generation,
            last_stan: opened.last_stan,
            terminal: opened.terminal,
        })),
        Body::Intent(intent) => Ok(Record::Intent(Box::new(intent_from_proto(intent)?))),
        Body::Erased(erased) => Ok(Record::Erased(intent_id(&erased.intent, "erased.intent")?)),
    }
}

fn intent_to_proto(record: &IntentRecord) -> proto::Intent {
    proto::Intent {
        intent: raw(record.intent),
        attempt_epoch: record.attempt_epoch,
        command: record.command.as_ref().map(|command| proto::intent::Command {
            payment_id: command.payment_id.to_string(),
            amount_minor: command.amount.amount_minor,
            currency: command.amount.currency.code().to_owned(),
            capture_method: command.capture_method.as_str().to_owned(),
            reference: command.reference.as_deref().unwrap_or_default().to_owned(),
        }),
        request: record.request.as_ref().map(request_to_proto),
        auth_code: record.auth_code.as_deref().unwrap_or_default().to_owned(),
        reported: record.reported,
        written_at_ms: record.written_at.0,
        receipt_channel: record.receipt_channel.map_or("", ReceiptChannel::as_str).to_owned(),
        state: Some(state_to_proto(&record.state)),
        origin: record.origin.as_ref().map(origin_to_proto),
        offline: record.offline.as_ref().map(offline_to_proto),
    }
}

fn intent_from_proto(from: proto::Intent) -> Result<IntentRecord, Damage> {
    Ok(IntentRecord {
        intent: intent_id(&from.intent, "intent.intent")?,
        attempt_epoch: from.attempt_epoch,
        command: from.command.map(command_from_proto).transpose()?,
        request: from.request.map(request_from_proto).transpose()?,
        state: state_from_proto(from.state.ok_or(field("intent.state"))?)?,
        auth_code: optional_text(from.auth_code),
        reported: from.reported,
        written_at: Timestamp(from.written_at_ms),
        // A channel that this version does not know is no reason to doubt the entry.
        receipt_channel: ReceiptChannel::parse(&from.receipt_channel),
        origin: from.origin.map(origin_from_proto).transpose()?,
        offline: from.offline.map(offline_from_proto).transpose()?,
    })
}

fn origin_to_proto(origin: &LanOrigin) -> proto::intent::Origin {
    proto::intent::Origin {
        channel: origin.channel.as_str().to_owned(),
        description: origin.description.as_deref().unwrap_or_default().to_owned(),
        metadata: origin.metadata.as_ref().clone(),
        created_at_ms: origin.created_at.0,
        captured_minor: origin.captured_minor.unwrap_or_default(),
        prints: origin.prints.map_or("", |prints| if prints { "yes" } else { "no" }).to_owned(),
        completed_as: origin.completed_as.as_deref().unwrap_or_default().to_owned(),
    }
}

fn origin_from_proto(from: proto::intent::Origin) -> Result<LanOrigin, Damage> {
    Ok(LanOrigin {
        channel: Channel::parse(&from.channel).ok_or(field("intent.origin.channel"))?,
        description: optional_text(from.description),
        metadata: Arc::new(from.metadata),
        created_at: Timestamp(from.created_at_ms),
        captured_minor: Some(from.captured_minor).filter(|minor| *minor != 0),
        prints: match from.prints.as_str() {
            "" => None,
            "yes" => Some(true),
            "no" => Some(false),
            _ => return Err(field("intent.origin.prints")),
        },
        completed_as: optional_text(from.completed_as),
    })
}

fn offline_to_proto(offline: &KeptOffline) -> proto::intent::Offline {
    proto::intent::Offline {
        approved_at_ms: offline.approval.approved_at.0,
        number: offline.approval.number,
        previous: offline.approval.previous.to_vec(),
        hash: offline.approval.hash.to_vec(),
        kept_card: offline.kept_card.to_vec(),
    }
}

fn offline_from_proto(from: proto::intent::Offline) -> Result<KeptOffline, Damage> {
    let hash = |bytes: &[u8], name| bytes.try_into().map_err(|_| field(name));
    Ok(KeptOffline {
        approval: OfflineApproval {
            approved_at: Timestamp(from.approved_at_ms),
            number: from.number,
            previous: hash(&from.previous, "intent.offline.previous")?,
            hash: hash(&from.hash, "intent.offline.hash")?,
        },
        kept_card: from.kept_card.into(),
    })
}

fn command_from_proto(from: proto::intent::Command) -> Result<Command, Damage> {
    let currency = Currency::parse(&from.currency).map_err(|_| field("intent.command.currency"))?;
    let capture_method =
        CaptureMethod::parse(&from.capture_method).ok_or(field("intent.command.capture_method"))?;
    Ok(Command {
        payment_id: PaymentId::parse(&from.payment_id).map_err(|_| field("intent.command.payment_id"))?,
        amount: Money { amount_minor: from.amount_minor, currency },
        capture_method,
        reference: optional_text(from.reference),
    })
}

fn request_to_proto(request: &AuthorizationRequest) -> proto::intent::Request {
    proto::intent::Request {
        stan: request.stan,
        generation: request.generation,
        attempt_epoch: request.attempt_epoch,
        brand: request.card.brand.as_str().to_owned(),
        last4: request.card.last4.as_str().to_owned(),
        entry_mode: request.card.entry_mode.as_str().to_owned(),
        amount_minor: request.amount_minor,
        tip: request.tip.map(|tip| proto::intent::Tip {
            amount_minor: tip.amount_minor,
            mode: tip.mode.as_str().to_owned(),
        }),
    }
}

fn request_from_proto(from: proto::intent::Request) -> Result<AuthorizationRequest, Damage> {
    let tip = |tip: proto::intent::Tip| {
        let mode = TipMode::parse(&tip.mode).ok_or(field("intent.request.tip.mode"))?;
        Ok(Tip { amount_minor: tip.amount_minor, mode })
    };
    Ok(AuthorizationRequest {
        stan: from.stan,
        generation: from.generation,
        attempt_epoch: from.attempt_epoch,
        card: CardFacts {
            brand: Brand::parse(&from.brand).ok_or(field("intent.request.brand"))?,
            last4: Last4::parse(&from.last4).ok_or(field("intent.request.last4"))?,
            entry_mode: EntryMode::parse(&from.entry_mode).ok_or(field("intent.request.entry_mode"))?,
        },
        amount_minor: from.amount_minor,
        tip: from.tip.map(tip).transpose()?,
    })
}

fn state_to_proto(state: &State) -> proto::intent::State {
    use proto::intent as to;
    match *state {
        State::Waiting { attempt_epoch, deadline } => {
            to::State::Waiting(to::Waiting { attempt_epoch, deadline_ms: deadline.0 })
        }
        State::AuthSent { stan } => to::State::AuthSent(to::AuthSent { stan }),
        State::Unknown { stan } => to::State::Unknown(to::Unknown { stan }),
        State::Approved { stan, authorized_minor } => {
            to::State::Approved(to::Approved { stan, authorized_minor })
        }
        State::Declined { stan, code } => {
            to::State::Declined(to::Declined { stan, decline_code: code.as_str().to_owned() })
        }
        State::ApprovedAlone { stan, authorized_minor } => {
            to::State::ApprovedAlone(to::ApprovedAlone { stan, authorized_minor })
        }
        State::Voided { stan } => to::State::Voided(to::Voided { stan }),
        State::Ended { cause } => {
            let cause = match cause {
                EndCause::Cancelled => to::Cause::Cancelled,
                EndCause::PromptTimedOut => to::Cause::PromptTimedOut,
                EndCause::CustomerCancelled => to::Cause::CustomerCancelled,
                EndCause::LeaseOver => to::Cause::LeaseOver,
                EndCause::OfflineLimit => to::Cause::OfflineLimit,
                EndCause::NoConnection => to::Cause::NoConnection,
            };
            to::State::Ended(to::Ended { cause: cause.into() })
        }
    }
}

fn state_from_proto(from: proto::intent::State) -> Result<State, Damage> {
    use proto::intent as to;
    Ok(match from {
        to::State::Waiting(to::Waiting { attempt_epoch, deadline_ms }) => {
            State::Waiting { attempt_epoch, deadline: Timestamp(deadline_ms) }
        }
        to::State::AuthSent(to::AuthSent { stan }) => State::AuthSent { stan },
        to::State::Unknown(to::Unknown { stan }) => State::Unknown { stan },
        to::State::Approved(to::Approved { stan, authorized_minor }) => {
            State::Approved { stan, authorized_minor }
        }
        to::State::Declined(to::Declined { stan, decline_code }) => {
            let code = DeclineCode::parse(&decline_code).ok_or(field("intent.declined.decline_code"))?;
            State::Declined { stan, code }
        }
        to::State::ApprovedAlone(to::ApprovedAlone { stan, authorized_minor }) => {
            State::ApprovedAlone { stan, authorized_minor }
        }
        to::State::Voided(to::Voided { stan }) => State::Voided { stan },
        to::State::Ended(ended) => {
            let cause = match ended.cause() {
                to::Cause::Unspecified => return Err(field("intent.ended.cause")),
                to::Cause::Cancelled => EndCause::Cancelled,
                to::Cause::PromptTimedOut => EndCause::PromptTimedOut,
                to::Cause::CustomerCancelled => EndCause::CustomerCancelled,
                to::Cause::LeaseOver => EndCause::LeaseOver,
                to::Cause::OfflineLimit => EndCause::OfflineLimit,
                to::Cause::NoConnection => EndCause::NoConnection,
            };
            State::Ended { cause }
        }
    })
}

fn raw(intent: IntentId) -> Vec<u8> {
    intent.0.to_be_bytes().to_vec()
}

fn intent_id(bytes: &[u8], name: &'static str) -> Result<IntentId, Damage> {
    let bytes: [u8; 16] = bytes.try_into().map_err(|_| field(name))?;
    Ok(IntentId(u128::from_be_bytes(bytes)))
}

/// Proto3 has no absent text: empty stands for it.
fn optional_text(text: String) -> Option<Arc<str>> {
    Some(text).filter(|text| !text.is_empty()).map(Arc::from)
}

fn field(field: &'static str) -> Damage {
    Damage::Field { field }
}
