//! The documented shape of the terminal payment and of the parts that requests share, for the OpenAPI document.
//! One schema covers both renderings (contract 1.3); nothing is read or written through it.

use utoipa::ToSchema;
use utoipa::openapi::KnownFormat;
use utoipa::openapi::schema::{
    ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, SchemaType, Type,
};
use vinr_domain::payment::{CaptureMethod, ResponseMode, Status, TipMode};
use vinr_domain::{Currency, DeclineCode, EntryMode};

use super::payment::{
    MAX_GROUP, MAX_METADATA_KEY_CHARS, MAX_METADATA_KEYS, MAX_METADATA_VALUE_CHARS, MAX_TERMINAL_CHARS,
};
use super::spelling::{words, words_or_null};

/// A terminal payment. Version `2026-06-11` writes times as RFC 3339 strings and leaves unset fields out;
/// `2025-05-31` writes times as Unix seconds and unset fields as `null`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "a description for the OpenAPI document; the view writes the JSON")]
pub struct TerminalPayment {
    #[schema(example = "tpay_01JXF3V0M07PVT9X3W7YB2K4QD")]
    id: String,
    #[schema(schema_with = object_schema)]
    object: String,
    /// Live or test data.
    livemode: bool,
    /// The terminal that collects the payment. Not there while the payment waits for one of its group.
    terminal_id: Option<String>,
    /// The terminals of which the first that is free collects the payment. Only there when it was asked for a group.
    #[schema(required = false)]
    terminal_group: Vec<String>,
    /// How many payments that wait for one of the same terminals are to be served before, and this one: 1 is next.
    /// Only there while the payment waits, and only where it is read: events and answers to a create do not say it.
    #[schema(minimum = 1)]
    queue_position: Option<i32>,
    /// What is to be collected, in the smallest unit; includes the tip once it is chosen.
    amount: i64,
    /// Three-letter ISO 4217 code.
    currency: String,
    /// Where the payment stands.
    #[schema(schema_with = words::<Status>)]
    status: String,
    /// When the money moves.
    #[schema(schema_with = words::<CaptureMethod>)]
    capture_method: String,
    /// Captured so far.
    #[schema(minimum = 0, required = false)]
    amount_captured: i64,
    /// Held and still to be captured.
    #[schema(minimum = 0, required = false)]
    amount_capturable: i64,
    /// Given back so far, or on its way back: a refund counts from its creation until it has failed.
    #[schema(minimum = 0, required = false)]
    amount_refunded: i64,
    /// Your own name for the order.
    reference: Option<String>,
    /// Free text.
    description: Option<String>,
    /// How the create was answered.
    #[schema(schema_with = words::<ResponseMode>)]
    response_mode: String,
    /// The card, once one was presented.
    payment_method: Option<PaymentMethod>,
    /// How the card was read.
    #[schema(schema_with = words_or_null::<EntryMode>, required = false)]
    entry_method: Option<String>,
    /// The card's last four digits.
    #[schema(pattern = "^[0-9]{4}$")]
    last4: Option<String>,
    /// The card's network.
    brand: Option<String>,
    /// The issuer's approval code.
    auth_code: Option<String>,
    /// The tip chosen at the terminal.
    tip: Option<Tip>,
    /// The tip's amount.
    tip_amount: Option<i64>,
    /// Why the payment failed.
    #[schema(schema_with = words_or_null::<DeclineCode>, required = false)]
    decline_code: Option<String>,
    /// Whether money may have moved without an answer from the acquirer.
    #[schema(required = false)]
    outcome_unknown: bool,
    /// Its terminal approved it without asking the issuer, because it had no connection. Only there when it did.
    #[schema(required = false)]
    offline: bool,
    /// Your own key-value pairs.
    #[schema(schema_with = metadata_schema, required = false)]
    metadata: Option<String>,
    #[schema(schema_with = time_schema)]
    created_at: String,
    #[schema(schema_with = completed_at_schema, required = false)]
    completed_at: Option<String>,
    #[schema(schema_with = time_or_null_schema, required = false)]
    failed_at: Option<String>,
    #[schema(schema_with = time_or_null_schema, required = false)]
    cancelled_at: Option<String>,
    #[schema(schema_with = time_or_null_schema, required = false)]
    expires_at: Option<String>,
    /// Counts the changes of this payment, from 1 without a gap.
    #[schema(minimum = 1)]
    sequence: i64,
    /// The payment's identity on every path.
    #[schema(format = "uuid")]
    client_token: String,
}

/// The instrument that was presented.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "a description for the OpenAPI document; the view writes the JSON")]
pub struct PaymentMethod {
    #[schema(schema_with = card_word_schema)]
    r#type: String,
    card: Card,
    #[schema(schema_with = words::<EntryMode>)]
    entry_mode: String,
}

/// What may be known of a card.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description for the OpenAPI document; the view writes the JSON")]
pub struct Card {
    /// The network.
    brand: String,
    /// The last four digits.
    #[schema(pattern = "^[0-9]{4}$")]
    last4: String,
}

/// A tip chosen at the terminal.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description for the OpenAPI document; the view writes the JSON")]
pub struct Tip {
    /// In the smallest unit; included in the payment's `amount`.
    #[schema(minimum = 0)]
    amount: i64,
    /// How it was chosen.
    #[schema(schema_with = words::<TipMode>)]
    mode: String,
}

/// A page of terminal payments, newest first (contract 2.3).
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description for the OpenAPI document; the view writes the JSON")]
pub struct TerminalPaymentList {
    #[schema(schema_with = list_word_schema)]
    object: String,
    data: Vec<TerminalPayment>,
    /// Whether another page follows in the same direction.
    #[schema(rename = "has_more")]
    has_more: bool,
}

pub(super) fn constant(word: &str) -> Schema {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some([word])).build().into()
}

fn object_schema() -> Schema {
    constant("terminal_payment")
}

fn card_word_schema() -> Schema {
    constant("card")
}

pub(super) fn list_word_schema() -> Schema {
    constant("list")
}

fn time(of: OneOfBuilder) -> OneOfBuilder {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .description(Some("RFC 3339, UTC (2026-06-11)"));
    let seconds = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .description(Some("Unix seconds (2025-05-31)"));
    of.item(text).item(seconds)
}

pub(super) fn time_schema() -> Schema {
    time(OneOfBuilder::new()).build().into()
}

pub(super) fn time_or_null_schema() -> Schema {
    time(OneOfBuilder::new()).item(ObjectBuilder::new().schema_type(Type::Null)).build().into()
}

fn completed_at_schema() -> Schema {
    let about = "2025-05-31: when it reached any final status. 2026-06-11: when it completed.";
    let time = time(OneOfBuilder::new()).description(Some(about));
    time.item(ObjectBuilder::new().schema_type(Type::Null)).build().into()
}

/// Active ISO 4217 codes.
pub(super) fn currency_schema() -> Schema {
    let codes: Vec<String> = Currency::all().map(|currency| currency.code().to_owned()).collect();
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(codes))
        .description(Some("Three-letter ISO 4217 code."))
        .build()
        .into()
}

/// The terminals of a group, or `null`.
pub(super) fn group_or_null_schema() -> Schema {
    let terminal = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(MAX_TERMINAL_CHARS));
    ArrayBuilder::new()
        .schema_type(SchemaType::Array(vec![Type::Array, Type::Null]))
        .description(Some(
            "Terminals of which the first that is free collects the payment; while all are busy it waits. They are \
             tried in this order, each is named once. Either this or `terminalId`.",
        ))
        .items(terminal)
        .min_items(Some(1))
        .max_items(Some(MAX_GROUP))
        .unique_items(true)
        .build()
        .into()
}

/// Key-value pairs within the limits of contract 2.7, or `null`.
pub(super) fn metadata_schema() -> Schema {
    let key = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(MAX_METADATA_KEY_CHARS))
        .build();
    let value =
        ObjectBuilder::new().schema_type(Type::String).max_length(Some(MAX_METADATA_VALUE_CHARS)).build();
    ObjectBuilder::new()
        .schema_type(SchemaType::Array(vec![Type::Object, Type::Null]))
        .description(Some("Your own key-value pairs; never interpreted."))
        .property_names(Some(key))
        .additional_properties(Some(Schema::from(value)))
        .max_properties(Some(MAX_METADATA_KEYS))
        .build()
        .into()
}

#[cfg(test)]
mod tests;
