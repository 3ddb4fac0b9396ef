//! The requests of the terminal payment endpoints (contract 1.3, 1.7, 2.3, 2.7): what may be sent, and how it
//! becomes domain values. Looks nothing up: a terminal that does not exist is a well-formed request (contract 1.6).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use vinr_domain::payment::{CaptureMethod, ResponseMode, Status};
use vinr_domain::{Currency, IntentId, MAX_AMOUNT_MINOR, Money, PaymentId, Timestamp};

use super::body::FieldError;
use super::schema::{currency_schema, group_or_null_schema, metadata_schema};
use super::spelling::{spelled_option, words, words_or_null};

/// Metadata as sent.
pub(super) type Metadata = BTreeMap<String, String>;

pub(super) const MAX_TERMINAL_CHARS: usize = 64;
/// How many terminals a group may name.
pub(super) const MAX_GROUP: usize = 16;
const MAX_REFERENCE_CHARS: usize = 255;
const MAX_DESCRIPTION_CHARS: usize = 500;
pub(super) const MAX_METADATA_KEYS: usize = 50;
pub(super) const MAX_METADATA_KEY_CHARS: usize = 40;
pub(super) const MAX_METADATA_VALUE_CHARS: usize = 500;
/// The end of the year 9999, the last moment RFC 3339 can write.
pub(super) const MAX_UNIX_SECONDS: i64 = 253_402_300_799;

/// `POST /v1/terminal/payments`.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreatePayment {
    /// The terminal that collects the payment. Either this or `terminalGroup`.
    #[schema(min_length = 1, max_length = 64, example = "term_test_simulator")]
    pub terminal_id: Option<String>,
    /// Terminals of which the first that is free collects the payment; while all are busy it waits. They are tried in
    /// this order, each is named once. Either this or `terminalId`.
    #[schema(schema_with = group_or_null_schema, required = false)]
    pub terminal_group: Option<Vec<String>>,
    /// What to collect, in the smallest unit of the currency.
    #[schema(minimum = 1, maximum = 99_999_999, example = 4200)]
    pub amount: i64,
    /// Three-letter ISO 4217 code.
    #[schema(schema_with = currency_schema)]
    pub currency: String,
    /// Your own name for the order; no control characters.
    #[schema(
        min_length = 1,
        max_length = 255,
        pattern = r"^[^\u0000-\u001F\u007F-\u009F]+$",
        example = "order_1099"
    )]
    pub reference: Option<String>,
    /// Free text.
    #[schema(max_length = 500)]
    pub description: Option<String>,
    /// `automatic` (default) captures at once, `manual` waits for a capture.
    #[serde(default, with = "spelled_option")]
    #[schema(schema_with = words_or_null::<CaptureMethod>, required = false)]
    pub capture_method: Option<CaptureMethod>,
    /// `async` (default) answers while pending, `sync` when the outcome is known.
    #[serde(default, with = "spelled_option")]
    #[schema(schema_with = words_or_null::<ResponseMode>, required = false)]
    pub response_mode: Option<ResponseMode>,
    /// Your own key-value pairs; never interpreted.
    #[schema(schema_with = metadata_schema, required = false)]
    pub metadata: Option<Metadata>,
    /// A UUID that names this payment on every path, so that it can be sent twice and charged once.
    #[serde(default, with = "spelled_option")]
    #[schema(
        value_type = Option<String>,
        required = false,
        format = "uuid",
        pattern = "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$"
    )]
    pub client_token: Option<IntentId>,
}

/// Where a payment may be collected, as the caller named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// On this terminal.
    Terminal(Arc<str>),
    /// On the first of these that is free.
    Group(Arc<[Arc<str>]>),
}

impl Place {
    /// Reads the two fields, of which one must be there.
    fn of(terminal: Option<String>, group: Option<Vec<String>>) -> Result<Self, FieldError> {
        match (terminal, group) {
            (Some(_), Some(_)) => {
                Err(FieldError::invalid("terminalGroup", "cannot be combined with terminalId"))
            }
            (None, None) => Err(FieldError::missing("terminalId", "is required, or terminalGroup instead")),
            (Some(terminal), None) => {
                check_chars("terminalId", &terminal, 1, MAX_TERMINAL_CHARS)?;
                Ok(Self::Terminal(terminal.into()))
            }
            (None, Some(group)) => {
                check_group(&group)?;
                Ok(Self::Group(group.into_iter().map(Arc::from).collect()))
            }
        }
    }
}

/// A create request whose every part is within its limits.
#[derive(Clone, Debug, PartialEq)]
pub struct NewPayment {
    /// Where it may be collected.
    pub place: Place,
    /// What to collect.
    pub asked: Money,
    /// When the money moves.
    pub capture_method: CaptureMethod,
    /// How the caller wants to be answered.
    pub response_mode: ResponseMode,
    /// The caller's own name for the order.
    pub reference: Option<Arc<str>>,
    /// Free text.
    pub description: Option<Arc<str>>,
    /// The caller's own pairs.
    pub metadata: Arc<BTreeMap<String, String>>,
    /// The payment's identity, when the caller chose it.
    pub intent: Option<IntentId>,
}

impl CreatePayment {
    /// Checks every limit and turns the request into domain values.
    ///
    /// # Errors
    /// [`FieldError`] naming the first field that is out of bounds.
    pub fn validate(self) -> Result<NewPayment, FieldError> {
        let place = Place::of(self.terminal_id, self.terminal_group)?;
        check_amount(self.amount)?;
        let currency = Currency::parse(&self.currency)
            .map_err(|_| FieldError::invalid("currency", "must be an active ISO 4217 code, such as EUR"))?;
        if let Some(reference) = &self.reference {
            check_reference(reference)?;
        }
        if let Some(description) = &self.description {
            check_chars("description", description, 0, MAX_DESCRIPTION_CHARS)?;
        }
        let metadata = self.metadata.unwrap_or_default();
        check_metadata(&metadata)?;
        Ok(NewPayment {
            place,
            asked: Money { amount_minor: self.amount, currency },
            capture_method: self.capture_method.unwrap_or(CaptureMethod::Automatic),
            response_mode: self.response_mode.unwrap_or(ResponseMode::Async),
            reference: self.reference.map(Arc::from),
            description: self.description.map(Arc::from),
            metadata: Arc::new(metadata),
            intent: self.client_token,
        })
    }
}

/// `POST /v1/terminal/payments/{id}/capture`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CapturePayment {
    /// How much to capture, in the smallest unit; all of it when left out.
    #[schema(minimum = 1, maximum = 99_999_999)]
    pub amount: Option<i64>,
}

impl CapturePayment {
    /// The amount to capture in minor units; `None` for all that is held.
    ///
    /// # Errors
    /// [`FieldError`] when the amount is out of bounds.
    pub fn validate(self) -> Result<Option<i64>, FieldError> {
        self.amount.map_or(Ok(()), check_amount)?;
        Ok(self.amount)
    }
}

/// `POST /v1/terminal/payments/{id}/cancel`: nothing can be said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelPayment {}

/// The query of `GET /v1/terminal/payments`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPayments {
    /// Only of this terminal.
    #[param(min_length = 1, max_length = 64, nullable = false)]
    pub terminal_id: Option<String>,
    /// Only of terminals at this location.
    #[param(min_length = 1, max_length = 64, nullable = false)]
    pub location_id: Option<String>,
    /// Only with this status.
    #[serde(default, with = "spelled_option")]
    #[param(schema_with = words::<Status>, required = false)]
    pub status: Option<Status>,
    /// Created at this Unix second or later.
    #[param(minimum = 0, maximum = 253_402_300_799_i64, nullable = false)]
    pub from_date: Option<i64>,
    /// Created at this Unix second or earlier.
    #[param(minimum = 0, maximum = 253_402_300_799_i64, nullable = false)]
    pub to_date: Option<i64>,
    /// How many to return; 10 when left out.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older payments.
    #[serde(default, rename = "starting_after", with = "spelled_option")]
    #[param(value_type = Option<String>, required = false, nullable = false, pattern = "^tpay_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    pub starting_after: Option<PaymentId>,
    /// The first id of the page after: the page continues with newer payments.
    #[serde(default, rename = "ending_before", with = "spelled_option")]
    #[param(value_type = Option<String>, required = false, nullable = false, pattern = "^tpay_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    pub ending_before: Option<PaymentId>,
    /// Only with this reference.
    #[param(
        min_length = 1,
        max_length = 255,
        pattern = r"^[^\u0000-\u001F\u007F-\u009F]+$",
        nullable = false
    )]
    pub reference: Option<String>,
}

/// Where a page of a list begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// With the newest.
    Newest,
    /// With the next older than this one.
    After(PaymentId),
    /// So that it ends with the next newer than this one.
    Before(PaymentId),
}

/// A list request whose every part is within its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentFilter {
    /// Only of this terminal.
    pub terminal: Option<Arc<str>>,
    /// Only of terminals at this location.
    pub location: Option<Arc<str>>,
    /// Only with this status.
    pub status: Option<Status>,
    /// Created at this moment or later.
    pub created_from: Option<Timestamp>,
    /// Created at this moment or earlier: the last millisecond of the second that was named.
    pub created_to: Option<Timestamp>,
    /// Only with this reference.
    pub reference: Option<Arc<str>>,
    /// How many at most, 1 to 100.
    pub limit: u8,
    /// Where the page begins.
    pub cursor: Cursor,
}

impl ListPayments {
    /// Checks the limits and the combination of filters.
    ///
    /// # Errors
    /// [`FieldError`] naming the first parameter that is not acceptable.
    pub fn validate(self) -> Result<PaymentFilter, FieldError> {
        for (param, id) in [("terminalId", &self.terminal_id), ("locationId", &self.location_id)] {
            if let Some(id) = id {
                check_chars(param, id, 1, MAX_TERMINAL_CHARS)?;
            }
        }
        if let Some(reference) = &self.reference {
            check_reference(reference)?;
        }
        for (param, date) in [("fromDate", self.from_date), ("toDate", self.to_date)] {
            if date.is_some_and(|date| !(0..=MAX_UNIX_SECONDS).contains(&date)) {
                return Err(FieldError::invalid(param, "must be a time in Unix seconds"));
            }
        }
        if self.from_date.zip(self.to_date).is_some_and(|(from, to)| from > to) {
            return Err(FieldError::invalid("fromDate", "must not be later than toDate"));
        }
        let limit = check_limit(self.limit, self.starting_after.is_some() && self.ending_before.is_some())?;
        let cursor = match (self.starting_after, self.ending_before) {
            (None, None) => Cursor::Newest,
            (Some(id), None) => Cursor::After(id),
            (_, Some(id)) => Cursor::Before(id),
        };
        Ok(PaymentFilter {
            terminal: self.terminal_id.map(Arc::from),
            location: self.location_id.map(Arc::from),
            status: self.status,
            created_from: self.from_date.map(|s| Timestamp(s * 1000)),
            created_to: self.to_date.map(|s| Timestamp(s * 1000 + 999)),
            reference: self.reference.map(Arc::from),
            limit,
            cursor,
        })
    }
}

/// How many a page may hold; `both` says that it would have to go in both directions.
pub(super) fn check_limit(limit: Option<i64>, both: bool) -> Result<u8, FieldError> {
    if both {
        return Err(FieldError::invalid("ending_before", "cannot be combined with starting_after"));
    }
    let limit = u8::try_from(limit.unwrap_or(10)).ok().filter(|limit| (1..=100).contains(limit));
    limit.ok_or_else(|| FieldError::invalid("limit", "must be 1 to 100"))
}

pub(crate) fn check_amount(amount: i64) -> Result<(), FieldError> {
    if (1..=MAX_AMOUNT_MINOR).contains(&amount) {
        return Ok(());
    }
    Err(FieldError::invalid(
        "amount",
        format!("must be 1 to {MAX_AMOUNT_MINOR} of the currency's smallest unit"),
    ))
}

pub(super) fn check_chars(param: &str, text: &str, least: usize, most: usize) -> Result<(), FieldError> {
    if (least..=most).contains(&text.chars().count()) {
        return Ok(());
    }
    Err(FieldError::invalid(param, format!("must have {least} to {most} characters")))
}

fn check_group(group: &[String]) -> Result<(), FieldError> {
    if !(1..=MAX_GROUP).contains(&group.len()) {
        return Err(FieldError::invalid("terminalGroup", format!("must name 1 to {MAX_GROUP} terminals")));
    }
    for (index, terminal) in group.iter().enumerate() {
        let param = format!("terminalGroup[{index}]");
        check_chars(&param, terminal, 1, MAX_TERMINAL_CHARS)?;
        if group[..index].contains(terminal) {
            return Err(FieldError::invalid(param, "names a terminal that stands there already"));
        }
    }
    Ok(())
}

/// Whether the text can be a caller's own name for an order.
///
/// # Errors
/// [`FieldError`] for `reference`.
pub fn check_reference(reference: &str) -> Result<(), FieldError> {
    check_chars("reference", reference, 1, MAX_REFERENCE_CHARS)?;
    if reference.chars().any(char::is_control) {
        return Err(FieldError::invalid("reference", "must not contain control characters"));
    }
    Ok(())
}

/// Checks the limits of contract 2.7.
pub(super) fn check_metadata(metadata: &Metadata) -> Result<(), FieldError> {
    if metadata.len() > MAX_METADATA_KEYS {
        return Err(FieldError::invalid("metadata", format!("must have at most {MAX_METADATA_KEYS} keys")));
    }
    for (key, value) in metadata {
        let param = || format!("metadata[{}]", super::body::clip(key));
        if !(1..=MAX_METADATA_KEY_CHARS).contains(&key.chars().count()) {
            let message = format!("must have a key of 1 to {MAX_METADATA_KEY_CHARS} characters");
            return Err(FieldError::invalid(param(), message));
        }
        if value.chars().count() > MAX_METADATA_VALUE_CHARS {
            let message = format!("must have at most {MAX_METADATA_VALUE_CHARS} characters");
            return Err(FieldError::invalid(param(), message));
        }
    }
    Ok(())
}
