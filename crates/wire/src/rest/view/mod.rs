//! The terminal payment as clients see it (contract 1.3): a snapshot that knows no version, and its two renderings.
//! The snapshot is also what events and idempotency records keep, so its stored form must stay readable for ever.

mod refund;
mod writer;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vinr_domain::payment::{CaptureMethod, Payment, ResponseMode, State, Status, Tip, TipMode};
use vinr_domain::{
    Brand, CardFacts, Currency, DeclineCode, EntryMode, IntentId, Last4, PaymentId, Timestamp,
};

use super::spelling::{spelled, spelled_option};
use super::version::ApiVersion;
pub use refund::RefundView;
use writer::Object;

/// Everything the outside can see of a payment at one moment. Times are in milliseconds, amounts in minor units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is documented in the schema `TerminalPayment`")]
pub struct PaymentView {
    #[serde(with = "spelled")]
    pub id: PaymentId,
    #[serde(rename = "intent", with = "spelled")]
    pub client_token: IntentId,
    #[serde(rename = "live")]
    pub livemode: bool,
    #[serde(rename = "term", default, skip_serializing_if = "is_default")]
    pub terminal: Option<String>,
    #[serde(rename = "grp", default, skip_serializing_if = "is_default")]
    pub group: Vec<String>,
    /// A reading of the moment, so it is not part of the snapshot.
    #[serde(skip)]
    pub queue_position: Option<usize>,
    #[serde(rename = "amt")]
    pub amount_minor: i64,
    #[serde(rename = "cur", with = "spelled")]
    pub currency: Currency,
    #[serde(rename = "st", with = "spelled")]
    pub status: Status,
    #[serde(rename = "cm", with = "spelled")]
    pub capture_method: CaptureMethod,
    #[serde(rename = "rm", with = "spelled")]
    pub response_mode: ResponseMode,
    #[serde(rename = "cap", default, skip_serializing_if = "is_default")]
    pub captured_minor: i64,
    #[serde(rename = "open", default, skip_serializing_if = "is_default")]
    pub capturable_minor: i64,
    #[serde(rename = "back", default, skip_serializing_if = "is_default")]
    pub refunded_minor: i64,
    #[serde(rename = "ref", default, skip_serializing_if = "is_default")]
    pub reference: Option<String>,
    #[serde(rename = "desc", default, skip_serializing_if = "is_default")]
    pub description: Option<String>,
    #[serde(rename = "meta", default, skip_serializing_if = "is_default")]
    pub metadata: BTreeMap<String, String>,
    #[serde(rename = "card", default, skip_serializing_if = "is_default")]
    pub card: Option<CardView>,
    #[serde(rename = "tip", default, skip_serializing_if = "is_default")]
    pub tip: Option<TipView>,
    #[serde(rename = "auth", default, skip_serializing_if = "is_default")]
    pub auth_code: Option<String>,
    #[serde(rename = "decl", default, skip_serializing_if = "is_default", with = "spelled_option")]
    pub decline_code: Option<DeclineCode>,
    #[serde(rename = "unk", default, skip_serializing_if = "is_default")]
    pub outcome_unknown: bool,
    /// Approved by its terminal alone.
    #[serde(rename = "off", default, skip_serializing_if = "is_default")]
    pub offline: bool,
    #[serde(rename = "at")]
    pub created_ms: i64,
    /// When it reached its final status.
    #[serde(rename = "end", default, skip_serializing_if = "is_default")]
    pub ended_ms: Option<i64>,
    #[serde(rename = "exp", default, skip_serializing_if = "is_default")]
    pub expires_ms: Option<i64>,
    #[serde(rename = "seq")]
    pub sequence: u64,
}

/// What may be known of the card that was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardView {
    /// The network.
    #[serde(rename = "b", with = "spelled")]
    pub brand: Brand,
    /// The last four digits.
    #[serde(rename = "n", with = "spelled")]
    pub last4: Last4,
    /// How it was read.
    #[serde(rename = "m", with = "spelled")]
    pub entry_mode: EntryMode,
}

/// The tip in the amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TipView {
    /// In minor units.
    #[serde(rename = "a")]
    pub amount_minor: i64,
    /// How it was chosen.
    #[serde(rename = "m", with = "spelled")]
    pub mode: TipMode,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl From<CardFacts> for CardView {
    fn from(card: CardFacts) -> Self {
        Self { brand: card.brand, last4: card.last4, entry_mode: card.entry_mode }
    }
}

impl From<Tip> for TipView {
    fn from(tip: Tip) -> Self {
        Self { amount_minor: tip.amount_minor, mode: tip.mode }
    }
}

impl From<&Payment> for PaymentView {
    fn from(payment: &Payment) -> Self {
        let request = payment.state.request();
        let mut view = Self {
            id: payment.id,
            client_token: payment.intent,
            livemode: payment.livemode,
            terminal: payment.terminal.as_deref().map(str::to_owned),
            group: payment.group.iter().flat_map(|group| group.iter()).map(ToString::to_string).collect(),
            queue_position: None,
            amount_minor: payment.amount_minor(),
            currency: payment.asked.currency,
            status: payment.status(),
            capture_method: payment.capture_method,
            response_mode: payment.response_mode,
            captured_minor: payment.captured_minor(),
            capturable_minor: 0,
            refunded_minor: payment.refunded_minor,
            reference: payment.reference.as_deref().map(str::to_owned),
            description: payment.description.as_deref().map(str::to_owned),
            metadata: (*payment.metadata).clone(),
            card: request.map(|request| request.card.into()),
            tip: request.and_then(|request| request.tip).map(TipView::from),
            auth_code: payment.state.approval().map(|approval| approval.auth_code.to_string()),
            decline_code: None,
            outcome_unknown: payment.outcome_unknown(),
            offline: payment.offline.is_some(),
            created_ms: payment.created_at.0,
            ended_ms: None,
            expires_ms: None,
            sequence: payment.sequence,
        };
        match &payment.state {
            State::Queued => view.expires_ms = Some(payment.deadline.0),
            State::Pending
            | State::Cancelling
            | State::Authorizing { .. }
            | State::Uncertain { .. }
            | State::Reversing { .. } => {}
            State::Authorized { approval, expires_at, .. } => {
                view.capturable_minor = approval.authorized_minor;
                view.expires_ms = Some(expires_at.0);
            }
            State::Completed { at, .. } | State::Cancelled { at, .. } => view.ended_ms = Some(at.0),
            State::Failed { code, at, .. } => {
                view.decline_code = Some(*code);
                view.ended_ms = Some(at.0);
            }
            State::Expired { at, .. } => {
                view.ended_ms = Some(at.0);
                view.expires_ms = Some(at.0);
            }
        }
        view
    }
}

impl PaymentView {
    /// Appends the payment to `out` as the JSON object of `version`.
    pub fn render(&self, version: ApiVersion, out: &mut Vec<u8>) {
        let mut object = Object::begin(version, out);
        object.text("id", &self.id.to_string());
        object.word("object", "terminal_payment");
        object.flag("livemode", self.livemode);
        self.render_place(&mut object);
        object.number("amount", self.amount_minor);
        object.word("currency", self.currency.code());
        object.word("status", self.status.as_str());
        object.word("captureMethod", self.capture_method.as_str());
        self.render_amounts(&mut object);
        object.text_or_unset("reference", self.reference.as_deref());
        object.text_or_unset("description", self.description.as_deref());
        object.word("responseMode", self.response_mode.as_str());
        self.render_card(&mut object);
        object.text_or_unset("authCode", self.auth_code.as_deref());
        self.render_tip(&mut object);
        object.word_or_unset("declineCode", self.decline_code.map(DeclineCode::as_str));
        if self.outcome_unknown || object.shows_unset() {
            object.flag("outcomeUnknown", self.outcome_unknown);
        }
        if self.offline {
            object.flag("offline", true);
        }
        if !self.metadata.is_empty() || object.shows_unset() {
            object.pairs("metadata", &self.metadata);
        }
        self.render_times(&mut object);
        object.number("sequence", i64::try_from(self.sequence).unwrap_or(i64::MAX));
        object.text("clientToken", &self.client_token.to_string());
        object.end();
    }

    /// Only a payment that was asked for a group says anything of groups, in every version.
    fn render_place(&self, object: &mut Object<'_>) {
        object.text_or_unset("terminalId", self.terminal.as_deref());
        if self.group.is_empty() {
            return;
        }
        object.texts("terminalGroup", &self.group);
        match self.queue_position.and_then(|position| i64::try_from(position).ok()) {
            Some(position) => object.number("queuePosition", position),
            None => object.unset("queuePosition"),
        }
    }

    /// `2026-06-11` counts an amount of nothing as unset, except what a completed payment captured.
    fn render_amounts(&self, object: &mut Object<'_>) {
        let always = object.shows_unset();
        if always || self.captured_minor != 0 || self.status == Status::Completed {
            object.number("amountCaptured", self.captured_minor);
        }
        if always || self.capturable_minor != 0 {
            object.number("amountCapturable", self.capturable_minor);
        }
        if always || self.refunded_minor != 0 {
            object.number("amountRefunded", self.refunded_minor);
        }
    }

    fn render_card(&self, object: &mut Object<'_>) {
        match &self.card {
            Some(card) => {
                let mut method = object.object("paymentMethod");
                method.word("type", "card");
                let mut facts = method.object("card");
                facts.word("brand", card.brand.as_str());
                facts.word("last4", card.last4.as_str());
                facts.end();
                method.word("entryMode", card.entry_mode.as_str());
                method.end();
            }
            None => object.unset("paymentMethod"),
        }
        let card = self.card.as_ref();
        object.word_or_unset("entryMethod", card.map(|card| card.entry_mode.as_str()));
        object.word_or_unset("last4", card.map(|card| card.last4.as_str()));
        object.word_or_unset("brand", card.map(|card| card.brand.as_str()));
    }

    /// Where nobody was asked for a tip, `2025-05-31` says "none, nothing" once a card was presented, and
    /// `2026-06-11` says nothing.
    fn render_tip(&self, object: &mut Object<'_>) {
        let not_asked = TipView { amount_minor: 0, mode: TipMode::None };
        let presented = self.card.is_some() && object.shows_unset();
        match self.tip.or_else(|| presented.then_some(not_asked)) {
            Some(tip) => {
                let mut inner = object.object("tip");
                inner.number("amount", tip.amount_minor);
                inner.word("mode", tip.mode.as_str());
                inner.end();
                object.number("tipAmount", tip.amount_minor);
            }
            None => {
                object.unset("tip");
                object.unset("tipAmount");
            }
        }
    }

    /// In `2025-05-31` `completedAt` is the moment of any final status; in `2026-06-11` each status has its own.
    fn render_times(&self, object: &mut Object<'_>) {
        let when = |at: Option<i64>, shown: bool| at.filter(|_| shown).map(Timestamp);
        let completed = self.status == Status::Completed || object.shows_unset();
        object.time("createdAt", Timestamp(self.created_ms));
        object.time_or_unset("completedAt", when(self.ended_ms, completed));
        object.time_or_unset("failedAt", when(self.ended_ms, self.status == Status::Failed));
        object.time_or_unset("cancelledAt", when(self.ended_ms, self.status == Status::Cancelled));
        object.time_or_unset("expiresAt", self.expires_ms.map(Timestamp));
    }
}

/// Appends a page of payments to `out` in the list envelope of contract 2.3.
pub fn render_list<'v>(
    payments: impl IntoIterator<Item = &'v PaymentView>,
    has_more: bool,
    version: ApiVersion,
    out: &mut Vec<u8>,
) {
    envelope(payments, has_more, out, |payment, out| payment.render(version, out));
}

fn envelope<V>(
    views: impl IntoIterator<Item = V>,
    has_more: bool,
    out: &mut Vec<u8>,
    render: impl Fn(V, &mut Vec<u8>),
) {
    out.extend_from_slice(br#"{"object":"list","data":["#);
    for (index, view) in views.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        render(view, out);
    }
    out.extend_from_slice(if has_more { br#"],"has_more":true}"# } else { br#"],"has_more":false}"# });
}

#[cfg(test)]
mod tests;
