//! Locations on the API: the object, and what may be said of one. Written alike in every version: times are Unix
//! seconds, and a field that is not set is `null` (contract 1.3).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, ToSchema};
use vinr_domain::LocationId;

use super::body::FieldError;
use super::given::{self, Given};
use super::payment::{Metadata, check_chars, check_metadata};
use super::schema::metadata_schema;
use super::terminal::{Cursor, constant, display_name, list_schema, page_cursor, page_limit};

const MAX_LINE_CHARS: usize = 200;
const MAX_CITY_CHARS: usize = 100;
const MAX_POSTAL_CODE_CHARS: usize = 20;

/// Where a shop is. Also how it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Address {
    /// Street and number.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub line1: Option<String>,
    /// Floor, building.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub line2: Option<String>,
    /// Town.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub city: Option<String>,
    /// Post code.
    #[serde(default)]
    #[schema(max_length = 20)]
    pub postal_code: Option<String>,
    /// Two letters (ISO 3166-1 alpha-2).
    #[serde(default)]
    #[schema(pattern = "^[A-Za-z]{2}$", example = "DE")]
    pub country: Option<String>,
}

impl Address {
    fn validate(mut self) -> Result<Self, FieldError> {
        let limits = [
            ("address[line1]", &self.line1, MAX_LINE_CHARS),
            ("address[line2]", &self.line2, MAX_LINE_CHARS),
            ("address[city]", &self.city, MAX_CITY_CHARS),
            ("address[postalCode]", &self.postal_code, MAX_POSTAL_CODE_CHARS),
        ];
        for (param, text, most) in limits {
            if let Some(text) = text {
                check_chars(param, text, 0, most)?;
                if text.chars().any(char::is_control) {
                    return Err(FieldError::invalid(param, "must not contain control characters"));
                }
            }
        }
        if let Some(country) = &mut self.country {
            if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_alphabetic()) {
                let message = "must be the two letters of a country, such as DE";
                return Err(FieldError::invalid("address[country]", message));
            }
            country.make_ascii_uppercase();
        }
        Ok(self)
    }
}

/// A location. A field that is not set is `null`.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Location)]
pub struct LocationView {
    /// Its name.
    #[schema(value_type = String, example = "loc_7Yz4")]
    pub id: Arc<str>,
    /// `location`
    #[schema(schema_with = object_schema)]
    pub object: &'static str,
    /// Live or test data.
    pub livemode: bool,
    /// What people call it.
    #[schema(value_type = String, example = "Acme Coffee, Main Street")]
    pub display_name: Arc<str>,
    /// Where it is.
    #[schema(required)]
    pub address: Option<Address>,
    /// Its time zone, a name of the IANA database; `null`: the account's.
    #[schema(value_type = Option<String>, required, example = "Europe/Berlin")]
    pub time_zone: Option<Arc<str>>,
    /// When its day ends and its batches are settled, `HH:MM` in its time zone; `null`: the default.
    #[schema(value_type = Option<String>, required, example = "23:30")]
    pub end_of_day: Option<Arc<str>>,
    /// Your own key-value pairs.
    #[schema(schema_with = metadata_schema)]
    pub metadata: BTreeMap<String, String>,
    /// What is configured for the terminals that stand there; `null`: nothing.
    #[schema(value_type = Option<Object>, required)]
    pub terminal_config: serde_json::Value,
    /// When it was made, in Unix seconds.
    pub created_at: i64,
}

/// A page of locations, newest first (contract 2.3).
#[derive(Debug, Serialize, ToSchema)]
pub struct LocationList {
    #[schema(schema_with = list_schema)]
    object: &'static str,
    data: Vec<LocationView>,
    /// Whether another page follows in the same direction.
    has_more: bool,
}

impl LocationList {
    /// A page.
    #[must_use]
    pub fn new(data: Vec<LocationView>, has_more: bool) -> Self {
        Self { object: "list", data, has_more }
    }
}

/// `POST /v1/locations`.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateLocation {
    /// What people call it.
    #[schema(min_length = 1, max_length = 100, example = "Acme Coffee, Main Street")]
    pub display_name: String,
    /// Where it is.
    pub address: Option<Address>,
    /// Its time zone, a name of the IANA database; the account's when left out.
    #[schema(max_length = 64, example = "Europe/Berlin")]
    pub time_zone: Option<String>,
    /// When its day ends and its batches are settled, `HH:MM` in its time zone.
    #[schema(pattern = "^(([01][0-9]|2[0-3]):[0-5][0-9])?$", example = "23:30")]
    pub end_of_day: Option<String>,
    /// Your own key-value pairs; never interpreted.
    #[schema(schema_with = metadata_schema, required = false)]
    pub metadata: Option<Metadata>,
}

/// A location that can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLocation {
    /// What people call it.
    pub display_name: Arc<str>,
    /// Where it is.
    pub address: Option<Address>,
    /// Its time zone, as the IANA database writes it.
    pub time_zone: Option<Arc<str>>,
    /// When its day ends, `HH:MM`.
    pub end_of_day: Option<Arc<str>>,
    /// The caller's own pairs.
    pub metadata: BTreeMap<String, String>,
}

impl CreateLocation {
    /// Checks every limit.
    ///
    /// # Errors
    /// [`FieldError`] naming the first field that is not acceptable.
    pub fn validate(self) -> Result<NewLocation, FieldError> {
        let metadata = self.metadata.unwrap_or_default();
        check_metadata(&metadata)?;
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        Ok(NewLocation {
            display_name: display_name(&self.display_name)?,
            address: self.address.map(Address::validate).transpose()?,
            time_zone: filled(self.time_zone).map(|zone| time_zone(&zone)).transpose()?,
            end_of_day: filled(self.end_of_day).map(|time| end_of_day(&time)).transpose()?,
            metadata,
        })
    }
}

/// `POST /v1/locations/{id}`: only what is included is changed; `null` takes a value away.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateLocation {
    /// What people call it.
    #[schema(min_length = 1, max_length = 100)]
    pub display_name: Option<String>,
    /// Where it is; replaces the whole address.
    #[serde(default, deserialize_with = "given::value")]
    #[schema(value_type = Option<Address>, required = false)]
    pub address: Given<Address>,
    /// Its time zone, a name of the IANA database.
    #[serde(default, deserialize_with = "given::text")]
    #[schema(value_type = Option<String>, required = false, max_length = 64, example = "Europe/Berlin")]
    pub time_zone: Given<String>,
    /// When its day ends and its batches are settled, `HH:MM` in its time zone.
    #[serde(default, deserialize_with = "given::text")]
    #[schema(
        value_type = Option<String>,
        required = false,
        pattern = "^(([01][0-9]|2[0-3]):[0-5][0-9])?$",
        example = "23:30"
    )]
    pub end_of_day: Given<String>,
    /// Your own key-value pairs; replaces all of them.
    #[serde(default, deserialize_with = "given::value")]
    #[schema(schema_with = metadata_schema, required = false)]
    pub metadata: Given<Metadata>,
}

/// An update of a location whose every part is within its limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocationChanges {
    /// What people call it.
    pub display_name: Option<Arc<str>>,
    /// Where it is.
    pub address: Given<Address>,
    /// Its time zone, as the IANA database writes it.
    pub time_zone: Given<Arc<str>>,
    /// When its day ends, `HH:MM`.
    pub end_of_day: Given<Arc<str>>,
    /// The caller's own pairs.
    pub metadata: Given<BTreeMap<String, String>>,
}

impl UpdateLocation {
    /// Checks every limit.
    ///
    /// # Errors
    /// [`FieldError`] naming the first field that is not acceptable.
    pub fn validate(self) -> Result<LocationChanges, FieldError> {
        Ok(LocationChanges {
            display_name: self.display_name.map(|name| display_name(&name)).transpose()?,
            address: self.address.try_map(Address::validate)?,
            time_zone: self.time_zone.try_map(|zone| time_zone(&zone))?,
            end_of_day: self.end_of_day.try_map(|time| end_of_day(&time))?,
            metadata: self.metadata.try_map(|metadata| check_metadata(&metadata).map(|()| metadata))?,
        })
    }
}

/// The query of `GET /v1/locations`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListLocations {
    /// How many to return; 10 when left out.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older ones.
    #[param(nullable = false, pattern = "^loc_[0-9A-Za-z_-]{1,48}$")]
    pub starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer ones.
    #[param(nullable = false, pattern = "^loc_[0-9A-Za-z_-]{1,48}$")]
    pub ending_before: Option<String>,
}

impl ListLocations {
    /// How many, and from where.
    ///
    /// # Errors
    /// [`FieldError`] naming the first parameter that is not acceptable.
    pub fn validate(self) -> Result<(u8, Cursor<LocationId>), FieldError> {
        let cursor = page_cursor(self.starting_after, self.ending_before, |text| {
            LocationId::parse(text).map_err(|_| "is not the id of a location")
        })?;
        Ok((page_limit(self.limit)?, cursor))
    }
}

/// A time zone by its name, as the IANA database writes it. The database is part of the program, so that every machine
/// knows the same zones.
pub(super) fn time_zone(name: &str) -> Result<Arc<str>, FieldError> {
    let zone = jiff::tz::TimeZoneDatabase::bundled().get(name).ok();
    let known = zone.as_ref().and_then(|zone| zone.iana_name()).map(Arc::from);
    known.ok_or_else(|| {
        let message = "must be a time zone of the IANA database, such as Europe/Berlin";
        FieldError::invalid("timeZone", message)
    })
}

/// `HH:MM`.
fn end_of_day(text: &str) -> Result<Arc<str>, FieldError> {
    let digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    let fits = text
        .split_once(':')
        .is_some_and(|(hour, minute)| digits(hour) && digits(minute) && hour < "24" && minute < "60");
    if fits {
        return Ok(text.into());
    }
    Err(FieldError::invalid("endOfDay", "must be a time of the day as HH:MM, from 00:00 to 23:59"))
}

fn object_schema() -> Schema {
    constant("location")
}
