//! The payment as the Local API shows it: made of what the journal has, written as the cloud writes it (contract 1.3).
//! Where the cloud knows more, the cloud's word is passed on.

use serde_json::{Map, Value, json};
use vinr_domain::device::State;
use vinr_domain::payment::{CaptureMethod, Channel, ResponseMode, Status};
use vinr_domain::{DeclineCode, Money, Timestamp};
use vinr_wire::journal::{Command, IntentRecord};
use vinr_wire::rest::version::ApiVersion;
use vinr_wire::rest::view::{PaymentView, TipView};

use super::counter::Counter;
use super::names;
use crate::till::{Sale, TillOrder};

/// How long a hold lasts (contract 1.5: 7 days).
pub(super) const HOLD_MS: i64 = 7 * 24 * 3_600_000;

/// What a payment comes to at this terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) status: Status,
    pub(super) outcome_unknown: bool,
    /// Approved by the terminal alone; the cloud decides.
    pub(super) offline: bool,
    pub(super) decline: Option<DeclineCode>,
    /// What was approved, in minor units.
    pub(super) authorized_minor: Option<i64>,
}

/// Reads the journal's state as the API's.
pub(super) fn reading(record: &IntentRecord) -> Reading {
    let of = |status| Reading {
        status,
        outcome_unknown: false,
        offline: false,
        decline: None,
        authorized_minor: None,
    };
    match &record.state {
        State::Waiting { .. } => of(Status::Pending),
        State::AuthSent { .. } => of(Status::Processing),
        State::Unknown { .. } => Reading { outcome_unknown: true, ..of(Status::Processing) },
        State::Approved { authorized_minor, .. } => {
            let status = match captured(record) {
                // What nothing was taken of, and nothing will be, has been voided.
                Some(0) => Status::Cancelled,
                None if is_hold(record) => Status::Authorized,
                Some(_) | None => Status::Completed,
            };
            Reading { authorized_minor: Some(*authorized_minor), ..of(status) }
        }
        // Not final: the issuer has still to be asked, and what is final stays so for ever (contract 1.5).
        State::ApprovedAlone { authorized_minor, .. } => {
            Reading { offline: true, authorized_minor: Some(*authorized_minor), ..of(Status::Processing) }
        }
        State::Declined { code, .. } => Reading { decline: Some(*code), ..of(Status::Failed) },
        State::Ended { cause } => match cause.decline_code() {
            Some(code) => Reading { decline: Some(code), ..of(Status::Failed) },
            None => of(Status::Cancelled),
        },
        State::Voided { .. } => of(Status::Cancelled),
    }
}

/// Whether an approval only holds the amount.
fn is_hold(record: &IntentRecord) -> bool {
    record.command.as_ref().is_some_and(|command| command.capture_method == CaptureMethod::Manual)
}

fn captured(record: &IntentRecord) -> Option<i64> {
    record.origin.as_ref().and_then(|origin| origin.captured_minor)
}

/// What is to be collected, with the tip that has been chosen.
pub(super) fn total(record: &IntentRecord, command: &Command) -> Money {
    let chosen = record.request.as_ref().map(|request| request.amount_minor);
    Money { amount_minor: chosen.unwrap_or(command.amount.amount_minor), ..command.amount }
}

/// When it was asked for: as the terminal kept it, or as its name tells.
pub(super) fn created_at(record: &IntentRecord, command: &Command) -> Timestamp {
    let kept = record.origin.as_ref().map(|origin| origin.created_at);
    kept.unwrap_or_else(|| names::made_at(command.payment_id.0))
}

/// The payment; `None` for a tombstone of something that never was a payment here.
pub(super) fn of_sale(counter: &Counter, sale: &Sale) -> Option<PaymentView> {
    let record = &sale.record;
    let command = record.command.as_ref()?;
    let read = reading(record);
    let origin = record.origin.as_ref();
    let request = record.request.as_ref();
    let is_final = read.status.is_final();
    let authorized = read.authorized_minor.unwrap_or(0);
    let mut view = blank(counter, command, record.intent);
    view.amount_minor = total(record, command).amount_minor;
    view.status = read.status;
    view.captured_minor = match read.status {
        Status::Completed => captured(record).unwrap_or(authorized),
        _ => 0,
    };
    view.description = origin.and_then(|origin| origin.description.as_deref()).map(str::to_owned);
    view.metadata = origin.map(|origin| (*origin.metadata).clone()).unwrap_or_default();
    view.card = request.map(|request| request.card.into());
    view.tip = request.and_then(|request| request.tip).map(TipView::from);
    view.auth_code = record.auth_code.as_deref().map(str::to_owned);
    view.decline_code = read.decline;
    view.outcome_unknown = read.outcome_unknown;
    view.offline = record.offline.is_some();
    view.created_ms = created_at(record, command).0;
    view.ended_ms = is_final.then_some(record.written_at.0);
    if read.status == Status::Authorized {
        view.capturable_minor = authorized;
        view.expires_ms = Some(record.written_at.plus_ms(HOLD_MS).0);
    }
    view.response_mode = if origin.is_some_and(|origin| origin.channel != Channel::Cloud) {
        ResponseMode::Sync
    } else {
        ResponseMode::Async
    };
    view.sequence = match read.status {
        Status::Pending => 1,
        Status::Processing => 2,
        _ => 3,
    };
    Some(view)
}

/// A payment that could not begin, because of the terminal.
pub(super) fn turned_away(counter: &Counter, order: &TillOrder, code: DeclineCode) -> PaymentView {
    let command = Command {
        payment_id: order.payment,
        amount: order.amount,
        capture_method: order.capture_method,
        reference: order.reference.clone(),
    };
    let now = counter.now();
    let mut view = blank(counter, &command, order.intent);
    view.status = Status::Failed;
    view.decline_code = Some(code);
    view.description = order.description.as_deref().map(str::to_owned);
    view.metadata = (*order.metadata).clone();
    view.created_ms = now.0;
    view.ended_ms = Some(now.0);
    view
}

fn blank(counter: &Counter, command: &Command, intent: vinr_domain::IntentId) -> PaymentView {
    PaymentView {
        id: command.payment_id,
        client_token: intent,
        livemode: counter.livemode(),
        terminal: Some(counter.who().terminal.clone()),
        group: Vec::new(),
        queue_position: None,
        amount_minor: command.amount.amount_minor,
        currency: command.amount.currency,
        status: Status::Pending,
        capture_method: command.capture_method,
        response_mode: ResponseMode::Sync,
        captured_minor: 0,
        capturable_minor: 0,
        refunded_minor: 0,
        reference: command.reference.as_deref().map(str::to_owned),
        description: None,
        metadata: std::collections::BTreeMap::new(),
        card: None,
        tip: None,
        auth_code: None,
        decline_code: None,
        outcome_unknown: false,
        offline: false,
        created_ms: 0,
        ended_ms: None,
        expires_ms: None,
        sequence: 1,
    }
}

/// The payment as JSON.
pub(super) fn render(view: &PaymentView, version: ApiVersion) -> Vec<u8> {
    let mut body = Vec::with_capacity(1024);
    view.render(version, &mut body);
    body
}

/// A payment of the journal as JSON; an empty object for a tombstone, which no caller is led to.
pub(super) fn render_sale(counter: &Counter, sale: &Sale, version: ApiVersion) -> Vec<u8> {
    match of_sale(counter, sale) {
        Some(view) => render(&view, version),
        None => b"{}".to_vec(),
    }
}

/// The cloud's object, which is written in the newest version, in the version that was asked for.
pub(super) fn in_version(object: &Value, version: ApiVersion) -> Value {
    match (version, object) {
        (ApiVersion::V2025_05_31, Value::Object(fields)) => Value::Object(in_older_words(fields)),
        _ => object.clone(),
    }
}

const TIMES: [&str; 5] = ["createdAt", "completedAt", "failedAt", "cancelledAt", "expiresAt"];

/// Times as Unix seconds, unset fields as `null`, and `completedAt` as the moment of any final status.
fn in_older_words(fields: &Map<String, Value>) -> Map<String, Value> {
    let seconds = |key: &str| {
        let text = fields.get(key).and_then(Value::as_str)?;
        text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
    };
    let mut older = fields.clone();
    for key in TIMES {
        older.insert(key.to_owned(), json!(seconds(key)));
    }
    let ended = ["completedAt", "failedAt", "cancelledAt"].into_iter().find_map(seconds);
    older.insert("completedAt".to_owned(), json!(ended));
    for key in ["amountCaptured", "amountCapturable", "amountRefunded"] {
        older.entry(key).or_insert(json!(0));
    }
    older.entry("outcomeUnknown").or_insert(json!(false));
    older.entry("metadata").or_insert(json!({}));
    let unset = [
        "reference",
        "description",
        "paymentMethod",
        "entryMethod",
        "last4",
        "brand",
        "authCode",
        "tip",
        "tipAmount",
        "declineCode",
    ];
    for key in unset {
        older.entry(key).or_insert(Value::Null);
    }
    older
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cloud_s_words_become_those_of_the_older_version() {
        let newer = json!({
            "id": "tpay_1", "status": "failed", "createdAt": "2026-06-11T09:01:00Z",
            "failedAt": "2026-06-11T09:01:09Z", "declineCode": "card_declined"
        });
        let older = in_version(&newer, ApiVersion::V2025_05_31);
        assert_eq!(older["createdAt"], 1_781_168_460);
        assert_eq!(older["completedAt"], 1_781_168_469);
        assert_eq!(older["failedAt"], 1_781_168_469);
        assert_eq!(older["cancelledAt"], Value::Null);
        assert_eq!(older["amountCaptured"], 0);
        assert_eq!(older["metadata"], json!({}));
        assert_eq!(in_version(&newer, ApiVersion::V2026_06_11), newer);
    }
}
