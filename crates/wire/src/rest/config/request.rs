//! What may be sent for one level: every key optional, `null` takes a key away, what is unknown is refused by its path.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use vinr_domain::MAX_AMOUNT_MINOR;

use super::key::Key;
use super::level::Patch;
use super::{MAX_AGE_SECONDS, MAX_IDLE_MESSAGE_CHARS, MAX_QUEUE, MAX_TOTAL_MINOR};
use crate::rest::body::FieldError;
use crate::rest::given::{self, Given};

/// How many tips a screen shows.
const MAX_SUGGESTIONS: usize = 4;

/// What tip suggestions are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum TipMode {
    /// Percentages of the amount.
    Percentage,
    /// Amounts in the smallest unit of the currency.
    Fixed,
}

/// How a receipt can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Channel {
    /// On paper.
    Print,
    /// By e-mail.
    Email,
    /// As a text message.
    Sms,
}

/// The configuration of one level. Every key may be left out; `null` takes a key, or a whole section, away from this
/// level, so that the next wider one decides.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TerminalConfig {
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<TipSettings>, required = false, inline)]
    tip: Given<TipSettings>,
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<ReceiptSettings>, required = false, inline)]
    receipt: Given<ReceiptSettings>,
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<DisplaySettings>, required = false, inline)]
    display: Given<DisplaySettings>,
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<OfflineSettings>, required = false, inline)]
    offline_mode: Given<OfflineSettings>,
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<LocalApiSettings>, required = false, inline)]
    local_api: Given<LocalApiSettings>,
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<CashlessApiSettings>, required = false, inline)]
    cashless_api: Given<CashlessApiSettings>,
}

/// How the customer is asked for a tip. Without suggestions and without `allowCustom`, nobody is asked.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TipSettings {
    /// Whether suggestions are percentages of the amount, or amounts.
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<TipMode>, required = false, inline)]
    mode: Given<TipMode>,
    /// Up to four suggestions: percentages from 1 to 100, or amounts in the smallest unit. They belong to the `mode` that
    /// holds where they are set.
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<Vec<i64>>, required = false, max_items = 4)]
    suggestions: Given<Vec<i64>>,
    /// Whether the customer may enter a tip of their own.
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<bool>, required = false)]
    allow_custom: Given<bool>,
}

/// How receipts are given.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ReceiptSettings {
    /// What the terminal offers, and nothing else.
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<Vec<Channel>>, required = false, max_items = 3, inline)]
    channels: Given<Vec<Channel>>,
    /// Whether no receipt goes anywhere before the customer has chosen.
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<bool>, required = false)]
    require_consent: Given<bool>,
}

/// What the screen shows.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DisplaySettings {
    /// The text of the idle screen; no control characters.
    #[serde(default, deserialize_with = "given::text")]
    #[schema(
        value_type = Option<String>, required = false, max_length = 60, pattern = r"^[^\u0000-\u001F\u007F-\u009F]*$"
    )]
    idle_message: Given<String>,
}

/// What the terminal may do without the cloud.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OfflineSettings {
    /// Whether it may approve payments by itself.
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<bool>, required = false)]
    enabled: Given<bool>,
    /// The most that one of them may be, in the smallest unit.
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<i64>, required = false, minimum = 1, maximum = 99_999_999)]
    max_amount: Given<i64>,
    /// How many of them may wait for the cloud.
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<i64>, required = false, minimum = 1, maximum = 10_000)]
    max_queue: Given<i64>,
    /// How much may wait for the cloud, in the smallest unit.
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<i64>, required = false, minimum = 1, maximum = 9_999_999_999_i64)]
    max_total: Given<i64>,
    /// How long one may wait, in seconds; older ones are voided.
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<i64>, required = false, minimum = 1, maximum = 86_400)]
    max_age_seconds: Given<i64>,
}

/// How the merchant's network reaches the terminal.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LocalApiSettings {
    /// Whether it can ask for payments.
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<bool>, required = false)]
    enabled: Given<bool>,
    /// Whether it may do so without TLS: a bearer secret on an open wire.
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<bool>, required = false)]
    plain_http: Given<bool>,
}

/// How an existing ECR reaches the terminal.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CashlessApiSettings {
    /// Whether it can ask for payments.
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<bool>, required = false)]
    enabled: Given<bool>,
}

/// Checks one value of the right type and writes it as levels keep it; the error continues "`key` …".
type Check<T> = fn(Key, T) -> Result<Value, FieldError>;

impl TerminalConfig {
    /// Checks every key by itself. What a key means beside others is found out where the levels meet.
    ///
    /// # Errors
    /// [`FieldError`] naming the first key that is out of bounds.
    pub fn validate(self) -> Result<Patch, FieldError> {
        let mut patch = Patch::default();
        let tip = section(&mut patch, "tip", self.tip);
        put(&mut patch, Key::TipMode, tip.mode, |_, mode| Ok(json!(mode.as_str())))?;
        put(&mut patch, Key::TipSuggestions, tip.suggestions, suggestions)?;
        put(&mut patch, Key::TipAllowCustom, tip.allow_custom, any)?;
        let receipt = section(&mut patch, "receipt", self.receipt);
        put(&mut patch, Key::ReceiptChannels, receipt.channels, channels)?;
        put(&mut patch, Key::ReceiptRequireConsent, receipt.require_consent, any)?;
        let display = section(&mut patch, "display", self.display);
        put(&mut patch, Key::DisplayIdleMessage, display.idle_message, idle_message)?;
        let offline = section(&mut patch, "offlineMode", self.offline_mode);
        put(&mut patch, Key::OfflineEnabled, offline.enabled, any)?;
        put(&mut patch, Key::OfflineMaxAmount, offline.max_amount, |key, n| {
            within(key, n, MAX_AMOUNT_MINOR)
        })?;
        put(&mut patch, Key::OfflineMaxQueue, offline.max_queue, |key, n| within(key, n, MAX_QUEUE.into()))?;
        put(&mut patch, Key::OfflineMaxTotal, offline.max_total, |key, n| within(key, n, MAX_TOTAL_MINOR))?;
        put(&mut patch, Key::OfflineMaxAge, offline.max_age_seconds, |key, n| {
            within(key, n, MAX_AGE_SECONDS.into())
        })?;
        let local = section(&mut patch, "localApi", self.local_api);
        put(&mut patch, Key::LocalApiEnabled, local.enabled, any)?;
        put(&mut patch, Key::LocalApiPlainHttp, local.plain_http, any)?;
        let cashless = section(&mut patch, "cashlessApi", self.cashless_api);
        put(&mut patch, Key::CashlessApiEnabled, cashless.enabled, any)?;
        Ok(patch)
    }
}

impl TipMode {
    fn as_str(self) -> &'static str {
        match self {
            Self::Percentage => "percentage",
            Self::Fixed => "fixed",
        }
    }
}

impl Channel {
    fn as_str(self) -> &'static str {
        match self {
            Self::Print => "print",
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }
}

/// The fields of a section; `null` takes every key of it away.
fn section<T: Default>(patch: &mut Patch, name: &str, given: Given<T>) -> T {
    match given {
        Given::Not => T::default(),
        Given::Value(fields) => fields,
        Given::Unset => {
            let keys = Key::ALL.iter().filter(|key| key.section() == name);
            patch.0.extend(keys.map(|key| (*key, None)));
            T::default()
        }
    }
}

fn put<T>(patch: &mut Patch, key: Key, given: Given<T>, check: Check<T>) -> Result<(), FieldError> {
    let values: &mut BTreeMap<Key, Option<Value>> = &mut patch.0;
    match given {
        Given::Not => {}
        Given::Unset => {
            values.insert(key, None);
        }
        Given::Value(value) => {
            values.insert(key, Some(check(key, value)?));
        }
    }
    Ok(())
}

fn any(_: Key, value: bool) -> Result<Value, FieldError> {
    Ok(Value::Bool(value))
}

fn within(key: Key, value: i64, most: i64) -> Result<Value, FieldError> {
    if (1..=most).contains(&value) {
        return Ok(json!(value));
    }
    Err(FieldError::invalid(key.to_string(), format!("must be 1 to {most}")))
}

fn suggestions(key: Key, values: Vec<i64>) -> Result<Value, FieldError> {
    if values.len() > MAX_SUGGESTIONS {
        let message = format!("must have at most {MAX_SUGGESTIONS} suggestions");
        return Err(FieldError::invalid(key.to_string(), message));
    }
    for (at, value) in values.iter().enumerate() {
        if !(1..=MAX_AMOUNT_MINOR).contains(value) {
            let message = format!("must be 1 to {MAX_AMOUNT_MINOR}");
            return Err(FieldError::invalid(format!("{key}[{at}]"), message));
        }
    }
    Ok(Value::from(values))
}

fn channels(key: Key, values: Vec<Channel>) -> Result<Value, FieldError> {
    for (at, value) in values.iter().enumerate() {
        if values[..at].contains(value) {
            return Err(FieldError::invalid(format!("{key}[{at}]"), "is in the list already"));
        }
    }
    let words: Vec<_> = values.into_iter().map(Channel::as_str).collect();
    Ok(json!(words))
}

fn idle_message(key: Key, text: String) -> Result<Value, FieldError> {
    if text.chars().count() > MAX_IDLE_MESSAGE_CHARS {
        let message = format!("must have at most {MAX_IDLE_MESSAGE_CHARS} characters");
        return Err(FieldError::invalid(key.to_string(), message));
    }
    if text.chars().any(char::is_control) {
        return Err(FieldError::invalid(key.to_string(), "must not contain control characters"));
    }
    Ok(Value::String(text))
}
