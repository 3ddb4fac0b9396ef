//! Terminals on the API: the object, what may be asked for and changed, the models. Terminals are written alike in
//! every version: times are Unix seconds, and a field that is not set is `null` (contract 1.3).

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, ToSchema};
use vinr_domain::terminal::{Reason, Status};
use vinr_domain::{LocationId, Model, OFFLINE_DEFAULTS_CURRENCY, TerminalId};

use super::body::FieldError;
use super::given::{self, Given};
use super::payment::check_chars;
use super::spelling::{spelled_option, words, words_or_null};

/// The longest name that people may give to a thing.
pub(super) const MAX_DISPLAY_NAME_CHARS: usize = 100;

/// A terminal. A field that is not set is `null`.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Terminal)]
pub struct TerminalView {
    /// Its name.
    #[schema(value_type = String, example = "term_3Nx8")]
    pub id: Arc<str>,
    /// `terminal`
    #[schema(schema_with = object_schema)]
    pub object: &'static str,
    /// Live or test data.
    pub livemode: bool,
    /// Hardware model.
    #[schema(value_type = String, example = "nexgo_n92")]
    pub model: Arc<str>,
    /// The maker's number, printed on the device.
    #[schema(value_type = String, example = "SN-00482910")]
    pub serial_number: Arc<str>,
    /// Whether it is there.
    #[schema(schema_with = words::<Status>)]
    pub status: &'static str,
    /// The location that it is assigned to.
    #[schema(value_type = Option<String>, required, example = "loc_7Yz4")]
    pub location_id: Option<Arc<str>>,
    /// The software that it runs; `null` before it was first connected.
    #[schema(value_type = Option<String>, required, example = "3.14.2")]
    pub software_version: Option<Arc<str>>,
    /// The last sign of life, in Unix seconds; `null` before it was first connected.
    #[schema(required, example = 1_748_649_600)]
    pub last_seen: Option<i64>,
    /// Charge of the battery in percent; `null` when it does not run on a battery.
    #[schema(required, minimum = 0, maximum = 100)]
    pub battery_level: Option<u8>,
    /// When it was first activated, in Unix seconds.
    #[schema(example = 1_748_649_600)]
    pub created_at: i64,
    /// What people call it.
    #[schema(value_type = Option<String>, required, example = "Counter 3")]
    pub display_name: Option<Arc<str>>,
    /// Payments that it approved without a connection and that wait to be forwarded; `null` when none do.
    #[schema(required)]
    pub offline: Option<WaitingView>,
    /// Why somebody should look after it; empty when nothing is wrong.
    #[schema(schema_with = reasons_schema)]
    pub attention: Vec<&'static str>,
    /// Whether it refuses new payments until it is unlocked.
    pub locked: bool,
    /// How long a frame takes to it and back, in milliseconds; `null` while it is not connected.
    #[schema(required, minimum = 0)]
    pub round_trip_ms: Option<u32>,
    /// Counts its events, from 1 without a gap; 0 before the first.
    #[schema(minimum = 0)]
    pub sequence: u64,
}

/// What waits on a terminal to be forwarded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TerminalOffline)]
pub struct WaitingView {
    /// How many payments.
    #[schema(minimum = 1)]
    pub pending: u32,
    /// Together, in the smallest unit of the currency.
    #[schema(minimum = 0)]
    pub amount: i64,
    /// Three-letter ISO 4217 code.
    #[schema(value_type = Option<String>, required, example = "EUR")]
    pub currency: Option<Arc<str>>,
    /// Since when the oldest waits, in Unix seconds.
    #[schema(required)]
    pub oldest_at: Option<i64>,
}

/// The `data` of an event of a terminal: what the documentation shows of it, and the whole terminal.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TerminalEvent<'a> {
    id: &'a str,
    location_id: Option<&'a str>,
    last_seen: Option<i64>,
    object: &'a TerminalView,
}

impl<'a> From<&'a TerminalView> for TerminalEvent<'a> {
    fn from(object: &'a TerminalView) -> Self {
        let location_id = object.location_id.as_deref();
        Self { id: &object.id, location_id, last_seen: object.last_seen, object }
    }
}

/// A page of terminals, newest first (contract 2.3).
#[derive(Debug, Serialize, ToSchema)]
pub struct TerminalList {
    #[schema(schema_with = list_schema)]
    object: &'static str,
    data: Vec<TerminalView>,
    /// Whether another page follows in the same direction.
    has_more: bool,
}

impl TerminalList {
    /// A page.
    #[must_use]
    pub fn new(data: Vec<TerminalView>, has_more: bool) -> Self {
        Self { object: "list", data, has_more }
    }
}

/// `POST /v1/terminals/{id}`: only what is included is changed; `null` takes a value away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateTerminal {
    /// Where it stands from now on.
    #[serde(default, deserialize_with = "given::text")]
    #[schema(value_type = Option<String>, required = false, max_length = 52, example = "loc_2Qr9")]
    pub location_id: Given<String>,
    /// What people call it.
    #[serde(default, deserialize_with = "given::text")]
    #[schema(value_type = Option<String>, required = false, max_length = 100, example = "Counter 3")]
    pub display_name: Given<String>,
}

/// An update of a terminal whose every part is within its limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TerminalChanges {
    /// Where it stands.
    pub location: Given<LocationId>,
    /// What people call it.
    pub display_name: Given<Arc<str>>,
}

impl UpdateTerminal {
    /// Checks the limits.
    ///
    /// # Errors
    /// [`FieldError`] naming the first field that is not acceptable.
    pub fn validate(self) -> Result<TerminalChanges, FieldError> {
        Ok(TerminalChanges {
            location: self.location_id.try_map(|id| location_id(&id))?,
            display_name: self.display_name.try_map(|name| display_name(&name))?,
        })
    }
}

/// `POST /v1/test/terminals`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateTestTerminal {
    /// Which model it pretends to be; `simulator`, which can do everything, when left out.
    #[serde(default, with = "spelled_option")]
    #[schema(schema_with = words_or_null::<Model>, required = false)]
    pub model: Option<Model>,
    /// What people call it.
    #[serde(default, deserialize_with = "given::text")]
    #[schema(value_type = Option<String>, required = false, max_length = 100, example = "Counter 3")]
    pub display_name: Given<String>,
    /// Where it stands.
    #[serde(default, deserialize_with = "given::text")]
    #[schema(value_type = Option<String>, required = false, max_length = 52)]
    pub location_id: Given<String>,
}

/// A test terminal that can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTestTerminal {
    /// Which model it pretends to be.
    pub model: Model,
    /// What people call it.
    pub display_name: Option<Arc<str>>,
    /// Where it stands.
    pub location: Option<LocationId>,
}

impl CreateTestTerminal {
    /// Checks the limits.
    ///
    /// # Errors
    /// [`FieldError`] naming the first field that is not acceptable.
    pub fn validate(self) -> Result<NewTestTerminal, FieldError> {
        Ok(NewTestTerminal {
            model: self.model.unwrap_or(Model::Simulator),
            display_name: self.display_name.try_map(|name| display_name(&name))?.or_unset(),
            location: self.location_id.try_map(|id| location_id(&id))?.or_unset(),
        })
    }
}

/// The query of `GET /v1/terminals`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListTerminals {
    /// Only those assigned to this location.
    #[param(min_length = 1, max_length = 52, nullable = false)]
    pub location_id: Option<String>,
    /// Only those with this status.
    #[serde(default, with = "spelled_option")]
    #[param(schema_with = words::<Status>, required = false)]
    pub status: Option<Status>,
    /// Only of this model.
    #[serde(default, with = "spelled_option")]
    #[param(schema_with = words::<Model>, required = false)]
    pub model: Option<Model>,
    /// How many to return; 10 when left out.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older ones.
    #[serde(default, rename = "starting_after")]
    #[param(nullable = false, pattern = "^term_[0-9A-Za-z_-]{1,48}$")]
    pub starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer ones.
    #[serde(default, rename = "ending_before")]
    #[param(nullable = false, pattern = "^term_[0-9A-Za-z_-]{1,48}$")]
    pub ending_before: Option<String>,
}

/// Where a page of a list begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cursor<Id> {
    /// With the newest.
    Newest,
    /// With the next older than this one.
    After(Id),
    /// So that it ends with the next newer than this one.
    Before(Id),
}

/// A list request whose every part is within its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminalFilter {
    /// Only those assigned to this location, as the caller named it.
    pub location: Option<String>,
    /// Only those with this status.
    pub status: Option<Status>,
    /// Only of this model.
    pub model: Option<Model>,
    /// Only those with this in their name, id or serial number, in whatever case. Nobody asks for it by the API.
    pub text: Option<String>,
    /// How many at most, 1 to 100.
    pub limit: u8,
    /// Where the page begins.
    pub cursor: Cursor<TerminalId>,
}

impl ListTerminals {
    /// Checks the limits and the combination of cursors.
    ///
    /// # Errors
    /// [`FieldError`] naming the first parameter that is not acceptable.
    pub fn validate(self) -> Result<TerminalFilter, FieldError> {
        if let Some(id) = &self.location_id {
            check_chars("locationId", id, 1, 52)?;
        }
        Ok(TerminalFilter {
            location: self.location_id,
            status: self.status,
            model: self.model,
            text: None,
            limit: page_limit(self.limit)?,
            cursor: page_cursor(self.starting_after, self.ending_before, |text| {
                TerminalId::parse(text).map_err(|_| "is not the id of a terminal")
            })?,
        })
    }
}

/// How many objects a page may have (contract 2.3).
pub(super) fn page_limit(limit: Option<i64>) -> Result<u8, FieldError> {
    let fits = u8::try_from(limit.unwrap_or(10)).ok().filter(|limit| (1..=100).contains(limit));
    fits.ok_or_else(|| FieldError::invalid("limit", "must be 1 to 100"))
}

/// Where a page begins (contract 2.3).
pub(super) fn page_cursor<Id>(
    starting_after: Option<String>,
    ending_before: Option<String>,
    parse: impl Fn(&str) -> Result<Id, &'static str>,
) -> Result<Cursor<Id>, FieldError> {
    let parsed = |param, text: &str| parse(text).map_err(|message| FieldError::invalid(param, message));
    match (starting_after, ending_before) {
        (None, None) => Ok(Cursor::Newest),
        (Some(id), None) => Ok(Cursor::After(parsed("starting_after", &id)?)),
        (None, Some(id)) => Ok(Cursor::Before(parsed("ending_before", &id)?)),
        (Some(_), Some(_)) => {
            Err(FieldError::invalid("ending_before", "cannot be combined with starting_after"))
        }
    }
}

/// The location that a field names.
pub(super) fn location_id(text: &str) -> Result<LocationId, FieldError> {
    LocationId::parse(text).map_err(|_| FieldError::invalid("locationId", "is not the id of a location"))
}

/// What people call a thing.
pub(super) fn display_name(text: &str) -> Result<Arc<str>, FieldError> {
    check_chars("displayName", text, 1, MAX_DISPLAY_NAME_CHARS)?;
    if text.chars().any(char::is_control) {
        return Err(FieldError::invalid("displayName", "must not contain control characters"));
    }
    Ok(text.into())
}

/// A model and what it can do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TerminalModel {
    /// What terminals have as `model`.
    #[schema(schema_with = words::<Model>)]
    id: &'static str,
    #[schema(schema_with = model_schema)]
    object: &'static str,
    /// The maker's name for it.
    display_name: &'static str,
    /// Whether it has a printer of its own.
    printer: bool,
    /// Whether it runs on a battery.
    battery: bool,
    /// Characters in a line of its receipts.
    #[schema(minimum = 1)]
    columns: u8,
    /// The limits of payments without the cloud unless configured otherwise; `null`: it cannot do that.
    #[schema(required)]
    offline: Option<OfflineLimits>,
}

/// The limits of payments without the cloud that hold unless they are configured otherwise.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfflineLimits {
    /// The most that one payment may be, in the smallest unit of the currency.
    max_amount: i64,
    /// How many payments may wait for the cloud.
    max_queue: u32,
    /// A terminal that settles in another currency has no limits until they are configured.
    currency: &'static str,
}

/// Every model.
#[derive(Debug, Serialize, ToSchema)]
pub struct TerminalModelList {
    #[schema(schema_with = list_schema)]
    object: &'static str,
    data: Vec<TerminalModel>,
    /// Always `false`: there is one page.
    has_more: bool,
}

impl TerminalModelList {
    /// Every model that the platform knows.
    #[must_use]
    pub fn all() -> Self {
        let data = Model::ALL.into_iter().map(TerminalModel::from).collect();
        Self { object: "list", data, has_more: false }
    }
}

impl From<Model> for TerminalModel {
    fn from(model: Model) -> Self {
        let can = model.capabilities();
        let offline = can.offline.map(|limits| OfflineLimits {
            max_amount: limits.max_amount_minor,
            max_queue: limits.max_queue,
            currency: OFFLINE_DEFAULTS_CURRENCY,
        });
        Self {
            id: model.as_str(),
            object: "terminal_model",
            display_name: can.display_name,
            printer: can.printer,
            battery: can.battery,
            columns: can.columns,
            offline,
        }
    }
}

/// What is left of an object that was deleted.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deleted {
    /// Its name.
    id: String,
    /// What it was.
    object: &'static str,
    /// `true`
    deleted: bool,
}

impl Deleted {
    /// An object that is gone.
    #[must_use]
    pub fn new(id: impl Into<String>, object: &'static str) -> Self {
        Self { id: id.into(), object, deleted: true }
    }
}

/// A schema with one possible text.
pub(super) fn constant(word: &str) -> Schema {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some([word])).build().into()
}

fn object_schema() -> Schema {
    constant("terminal")
}

fn model_schema() -> Schema {
    constant("terminal_model")
}

/// The `object` of every list.
pub(super) fn list_schema() -> Schema {
    constant("list")
}

fn reasons_schema() -> Schema {
    let words: Vec<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
    let reason = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words));
    utoipa::openapi::schema::ArrayBuilder::new()
        .items(reason)
        .description(Some("Why somebody should look after it; empty when nothing is wrong."))
        .build()
        .into()
}
