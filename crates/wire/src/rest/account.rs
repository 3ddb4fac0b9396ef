//! Accounts and their settings on the API, as the merchant sees them and as the operator does. Written alike in every
//! version: times are Unix seconds, and a field that is not set is `null`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, ToSchema};
use vinr_domain::{AccountId, Currency, MAX_AMOUNT_MINOR};

use super::body::FieldError;
use super::config::MAX_TOTAL_MINOR;
use super::given::{self, Given};
use super::location::time_zone;
use super::schema::currency_schema;
use super::terminal::{Cursor, constant, display_name, list_schema, page_cursor, page_limit};

/// How far a capture may exceed its authorization at most, in percent.
pub const MAX_OVER_CAPTURE_PERCENT: u16 = 100;
/// How often a delivery may be tried again at most.
const MAX_RETRIES: usize = 10;
/// The longest pause before a delivery is tried again: a week.
const MAX_PAUSE_SECONDS: u32 = 7 * 86_400;
/// The longest patience with an endpoint that only fails.
const MAX_DISABLE_AFTER_DAYS: u32 = 30;
/// The most payments that an operator can let a terminal keep.
const MAX_QUEUE: u32 = 10_000;

/// How webhooks of the account are delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookPolicy {
    /// Seconds from each failed attempt to the next; after the last one the delivery has failed.
    #[schema(max_items = 10, example = json!([60, 300, 1800, 7200, 86400]))]
    pub retry_after_seconds: Vec<u32>,
    /// After how many days of nothing but failures an endpoint is disabled.
    #[schema(minimum = 1, maximum = 30)]
    pub disable_after_days: u32,
}

/// What an operator allows terminals to take while they are offline, whatever is configured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfflineCap {
    /// The most that one payment may take, in the smallest unit of the terminal's currency; `null`: no cap.
    #[schema(required)]
    pub max_amount: Option<i64>,
    /// The most payments that a terminal may keep; `null`: no cap.
    #[schema(required)]
    pub max_queue: Option<u32>,
    /// The most that a terminal may keep in all, in the smallest unit of its currency; `null`: no cap.
    #[schema(required)]
    pub max_total: Option<i64>,
}

/// An account with its settings in one of the two modes. Test and live settings are apart.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Account)]
pub struct AccountView {
    /// Its name.
    #[schema(value_type = String, example = "acct_dev")]
    pub id: Arc<str>,
    /// `account`
    #[schema(schema_with = object_schema)]
    pub object: &'static str,
    /// Which settings these are: those for live data, or those for test data.
    pub livemode: bool,
    /// What people call it.
    #[schema(value_type = String)]
    pub display_name: Arc<str>,
    /// How far a capture may exceed its authorization, in percent.
    #[schema(minimum = 0, maximum = 100)]
    pub over_capture_percent: u16,
    /// The currency of whatever names none.
    #[schema(value_type = Option<String>, required, example = "EUR")]
    pub default_currency: Option<Arc<str>>,
    /// The time zone of locations that have none of their own, a name of the IANA database.
    #[schema(value_type = String, example = "Europe/Berlin")]
    pub time_zone: Arc<str>,
    /// How its webhooks are delivered.
    pub webhook_policy: WebhookPolicy,
    /// What its terminals may take offline at most; set by the operator of this server.
    pub offline_cap: OfflineCap,
    /// Whether the operator has stopped it: its keys may look, and change nothing.
    pub suspended: bool,
    /// When it was opened, in Unix seconds.
    pub created_at: i64,
}

/// `POST /v1/account`: only what is included is changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateAccount {
    /// What people call it.
    #[schema(min_length = 1, max_length = 100)]
    pub display_name: Option<String>,
    /// How far a capture may exceed its authorization, in percent. Holds for captures from now on.
    #[schema(minimum = 0, maximum = 100)]
    pub over_capture_percent: Option<u16>,
    /// The currency of whatever names none; `null` takes it away.
    #[serde(default, deserialize_with = "given::text")]
    #[schema(schema_with = currency_or_null_schema, required = false)]
    pub default_currency: Given<String>,
    /// The time zone of locations that have none of their own, a name of the IANA database.
    #[schema(max_length = 64, example = "Europe/Berlin")]
    pub time_zone: Option<String>,
    /// How its webhooks are delivered.
    pub webhook_policy: Option<UpdateWebhookPolicy>,
}

/// Changes to how webhooks are delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateWebhookPolicy {
    /// Seconds from each failed attempt to the next, 1 to 604800 each.
    #[schema(min_items = 1, max_items = 10)]
    pub retry_after_seconds: Option<Vec<u32>>,
    /// After how many days of nothing but failures an endpoint is disabled.
    #[schema(minimum = 1, maximum = 30)]
    pub disable_after_days: Option<u32>,
}

/// Changes to the settings of an account; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountChanges {
    /// What people call it.
    pub display_name: Option<Arc<str>>,
    /// In percent.
    pub over_capture_percent: Option<u16>,
    /// The code of an ISO 4217 currency.
    pub default_currency: Given<Arc<str>>,
    /// As the IANA database writes it.
    pub time_zone: Option<Arc<str>>,
    /// Seconds.
    pub retry_after_seconds: Option<Vec<u32>>,
    /// Days.
    pub disable_after_days: Option<u32>,
}

impl UpdateAccount {
    /// Checks every limit.
    ///
    /// # Errors
    /// [`FieldError`] naming the first field that is not acceptable.
    pub fn validate(self) -> Result<AccountChanges, FieldError> {
        let policy = self.webhook_policy.unwrap_or_default();
        if self.over_capture_percent.is_some_and(|percent| percent > MAX_OVER_CAPTURE_PERCENT) {
            return Err(FieldError::invalid("overCapturePercent", "must be 0 to 100"));
        }
        if let Some(pauses) = &policy.retry_after_seconds {
            let fit = pauses.iter().all(|pause| (1..=MAX_PAUSE_SECONDS).contains(pause));
            if !fit || pauses.is_empty() || pauses.len() > MAX_RETRIES {
                let message = "must be 1 to 10 pauses of 1 to 604800 seconds";
                return Err(FieldError::invalid("webhookPolicy[retryAfterSeconds]", message));
            }
        }
        if policy.disable_after_days.is_some_and(|days| !(1..=MAX_DISABLE_AFTER_DAYS).contains(&days)) {
            return Err(FieldError::invalid("webhookPolicy[disableAfterDays]", "must be 1 to 30"));
        }
        Ok(AccountChanges {
            display_name: self.display_name.map(|name| display_name(&name)).transpose()?,
            over_capture_percent: self.over_capture_percent,
            default_currency: self.default_currency.try_map(|code| currency(&code))?,
            time_zone: self.time_zone.map(|zone| time_zone(&zone)).transpose()?,
            retry_after_seconds: policy.retry_after_seconds,
            disable_after_days: policy.disable_after_days,
        })
    }
}

fn currency(code: &str) -> Result<Arc<str>, FieldError> {
    let message = "must be an active ISO 4217 code, such as EUR";
    let currency = Currency::parse(code).map_err(|_| FieldError::invalid("defaultCurrency", message))?;
    Ok(currency.code().into())
}

/// An account as its operator sees it: what holds for both modes.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OperatedAccount)]
pub struct OperatedAccountView {
    /// Its name.
    #[schema(value_type = String, example = "acct_dev")]
    pub id: Arc<str>,
    /// `operated_account`
    #[schema(schema_with = operated_schema)]
    pub object: &'static str,
    /// What the operator calls it, and the merchant until it says otherwise.
    #[schema(value_type = String)]
    pub display_name: Arc<str>,
    /// What its terminals may take offline at most.
    pub offline_cap: OfflineCap,
    /// Whether it is stopped: its keys may look, and change nothing.
    pub suspended: bool,
    /// When it was opened, in Unix seconds.
    pub created_at: i64,
}

/// A page of accounts, newest first (contract 2.3).
#[derive(Debug, Serialize, ToSchema)]
pub struct OperatedAccountList {
    #[schema(schema_with = list_schema)]
    object: &'static str,
    data: Vec<OperatedAccountView>,
    /// Whether another page follows in the same direction.
    has_more: bool,
}

impl OperatedAccountList {
    /// A page.
    #[must_use]
    pub fn new(data: Vec<OperatedAccountView>, has_more: bool) -> Self {
        Self { object: "list", data, has_more }
    }
}

/// `POST /v1/operator/accounts`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateAccount {
    /// What people call it.
    #[schema(min_length = 1, max_length = 100, example = "Acme Coffee")]
    pub display_name: String,
}

impl CreateAccount {
    /// The name.
    ///
    /// # Errors
    /// [`FieldError`] when it is not acceptable.
    pub fn validate(self) -> Result<Arc<str>, FieldError> {
        display_name(&self.display_name)
    }
}

/// `POST /v1/operator/accounts/{id}`: only what is included is changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateOperatedAccount {
    /// What people call it.
    #[schema(min_length = 1, max_length = 100)]
    pub display_name: Option<String>,
    /// What its terminals may take offline at most.
    pub offline_cap: Option<UpdateOfflineCap>,
    /// Stops it, or lets it go on.
    pub suspended: Option<bool>,
}

/// Changes to what terminals may take offline; `null` takes a cap away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateOfflineCap {
    /// The most that one payment may take, in the smallest unit of the terminal's currency.
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<i64>, required = false, minimum = 0, maximum = 99_999_999)]
    pub max_amount: Given<i64>,
    /// The most payments that a terminal may keep.
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<u32>, required = false, minimum = 0, maximum = 10_000)]
    pub max_queue: Given<u32>,
    /// The most that a terminal may keep in all, in the smallest unit of its currency.
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<i64>, required = false, minimum = 0, maximum = 9_999_999_999_i64)]
    pub max_total: Given<i64>,
}

/// Changes to an account that only its operator can make; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OperatedChanges {
    /// What people call it.
    pub display_name: Option<Arc<str>>,
    /// In minor units.
    pub max_amount_minor: Given<i64>,
    /// How many payments.
    pub max_queue: Given<u32>,
    /// In minor units.
    pub max_total_minor: Given<i64>,
    /// Whether it is stopped.
    pub suspended: Option<bool>,
}

impl UpdateOperatedAccount {
    /// Checks every limit.
    ///
    /// # Errors
    /// [`FieldError`] naming the first field that is not acceptable.
    pub fn validate(self) -> Result<OperatedChanges, FieldError> {
        let cap = self.offline_cap.unwrap_or_default();
        Ok(OperatedChanges {
            display_name: self.display_name.map(|name| display_name(&name)).transpose()?,
            max_amount_minor: cap.max_amount.try_map(|amount| {
                let fits = (0..=MAX_AMOUNT_MINOR).contains(&amount);
                let message = format!("must be 0 to {MAX_AMOUNT_MINOR} of the currency's smallest unit");
                fits.then_some(amount).ok_or_else(|| FieldError::invalid("offlineCap[maxAmount]", message))
            })?,
            max_queue: cap.max_queue.try_map(|queue| {
                let message = format!("must be 0 to {MAX_QUEUE}");
                let fits = queue <= MAX_QUEUE;
                fits.then_some(queue).ok_or_else(|| FieldError::invalid("offlineCap[maxQueue]", message))
            })?,
            max_total_minor: cap.max_total.try_map(|total| {
                let fits = (0..=MAX_TOTAL_MINOR).contains(&total);
                let message = format!("must be 0 to {MAX_TOTAL_MINOR} of the currency's smallest unit");
                fits.then_some(total).ok_or_else(|| FieldError::invalid("offlineCap[maxTotal]", message))
            })?,
            suspended: self.suspended,
        })
    }
}

/// The query of `GET /v1/operator/accounts`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAccounts {
    /// How many to return; 10 when left out.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older ones.
    #[param(nullable = false, pattern = "^acct_[0-9A-Za-z_-]{1,48}$")]
    pub starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer ones.
    #[param(nullable = false, pattern = "^acct_[0-9A-Za-z_-]{1,48}$")]
    pub ending_before: Option<String>,
}

impl ListAccounts {
    /// The size of the page, 1 to 100, and where it begins.
    ///
    /// # Errors
    /// [`FieldError`] naming the first parameter that is not acceptable.
    pub fn validate(self) -> Result<(u8, Cursor<AccountId>), FieldError> {
        let parse = |text: &str| AccountId::parse(text).map_err(|_| "is not the id of an account");
        Ok((page_limit(self.limit)?, page_cursor(self.starting_after, self.ending_before, parse)?))
    }
}

fn object_schema() -> Schema {
    constant("account")
}

fn operated_schema() -> Schema {
    constant("operated_account")
}

fn currency_or_null_schema() -> Schema {
    let mut schema = serde_json::to_value(currency_schema()).unwrap_or_default();
    schema["type"] = serde_json::json!(["string", "null"]);
    if let Some(codes) = schema["enum"].as_array_mut() {
        codes.push(serde_json::Value::Null);
    }
    serde_json::from_value(schema).unwrap_or_else(|_| currency_schema())
}
