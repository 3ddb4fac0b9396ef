//! Releases of the terminals' software on the operator's API: what may be said of one, and the object.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::Schema;
use vinr_domain::{Model, SoftwareVersion};

use super::body::FieldError;
use super::spelling::{spelled, words};
use super::terminal::{constant, list_schema};

/// How long a release may be installed unless the operator says otherwise, in days.
pub const DEFAULT_VALID_DAYS: u32 = 180;
const MAX_VALID_DAYS: i64 = 360;
const MAX_URL_CHARS: usize = 2_048;
/// The largest image, in bytes (16 GiB).
const MAX_SIZE_BYTES: i64 = 17_179_869_184;

/// A version of the software of one model of terminals.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Release)]
pub struct ReleaseView {
    /// Its name.
    pub id: String,
    /// `release`
    #[schema(schema_with = object_schema)]
    pub object: &'static str,
    /// For which model.
    pub model: String,
    /// Its version.
    #[schema(example = "3.15.0")]
    pub version: String,
    /// SHA-256 of the image, hexadecimal.
    pub sha256: String,
    /// Size of the image, in bytes.
    pub size: u64,
    /// Where terminals find the image; `null` when the maker delivers it another way.
    #[schema(required)]
    pub url: Option<String>,
    /// The oldest version that it may be installed over.
    #[schema(required)]
    pub min_version: Option<String>,
    /// Until when it may be installed, in Unix seconds.
    pub not_after: i64,
    /// How many of a hundred terminals may install it; which ones does not change while the figure rises.
    #[schema(minimum = 0, maximum = 100)]
    pub rollout_percent: u8,
    /// Whether it is installed by no more terminals.
    pub halted: bool,
    /// When it was registered, in Unix seconds.
    pub created_at: i64,
}

/// All releases, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleaseList {
    #[schema(schema_with = list_schema)]
    object: &'static str,
    data: Vec<ReleaseView>,
    /// Always `false`: there is one page.
    has_more: bool,
}

impl ReleaseList {
    /// All of them.
    #[must_use]
    pub fn new(data: Vec<ReleaseView>) -> Self {
        Self { object: "list", data, has_more: false }
    }
}

/// `POST /v1/operator/releases`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateRelease {
    /// For which model.
    #[serde(with = "spelled")]
    #[schema(schema_with = words::<Model>)]
    pub model: Model,
    /// Its version: up to four numbers with dots.
    #[schema(pattern = r"^(0|[1-9][0-9]{0,8})(\.(0|[1-9][0-9]{0,8})){0,3}$", example = "3.15.0")]
    pub version: String,
    /// SHA-256 of the image, 64 lower-case hexadecimal digits.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// Size of the image, in bytes.
    #[schema(minimum = 1, maximum = 17_179_869_184_i64)]
    pub size: i64,
    /// Where terminals find the image; `https` only.
    #[schema(max_length = 2048, pattern = "^https://[!-~]+$")]
    pub url: Option<String>,
    /// The oldest version that it may be installed over.
    #[schema(pattern = r"^(0|[1-9][0-9]{0,8})(\.(0|[1-9][0-9]{0,8})){0,3}$")]
    pub min_version: Option<String>,
    /// For how many days it may be installed; 180 when left out.
    #[schema(minimum = 1, maximum = 360)]
    pub valid_days: Option<i64>,
    /// How many of a hundred terminals may install it; all when left out.
    #[schema(minimum = 0, maximum = 100)]
    pub rollout_percent: Option<i64>,
}

/// A release whose every part is within its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRelease {
    /// For which model.
    pub model: Model,
    /// Its version.
    pub version: SoftwareVersion,
    /// SHA-256 of the image, hexadecimal.
    pub sha256: String,
    /// Size of the image, in bytes.
    pub size_bytes: u64,
    /// Where the image is.
    pub url: Option<String>,
    /// The oldest version that it may be installed over.
    pub min_version: Option<SoftwareVersion>,
    /// For how many days it may be installed.
    pub valid_days: u32,
    /// How many of a hundred terminals may install it.
    pub rollout_percent: u8,
}

impl CreateRelease {
    /// Checks every limit.
    ///
    /// # Errors
    /// [`FieldError`] naming the first field that is not acceptable.
    pub fn validate(self) -> Result<NewRelease, FieldError> {
        let version = |param: &str, text: &str| {
            SoftwareVersion::parse(text)
                .map_err(|_| FieldError::invalid(param, "must be a version, such as 3.15.0"))
        };
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if self.sha256.len() != 64 || !self.sha256.bytes().all(digit) {
            return Err(FieldError::invalid("sha256", "must be 64 lower-case hexadecimal digits"));
        }
        if let Some(url) = &self.url {
            let plain =
                url.starts_with("https://") && url.len() > 8 && url.bytes().all(|b| b.is_ascii_graphic());
            if !plain || url.len() > MAX_URL_CHARS {
                return Err(FieldError::invalid("url", "must be an https URL of at most 2048 characters"));
            }
        }
        Ok(NewRelease {
            model: self.model,
            version: version("version", &self.version)?,
            min_version: self.min_version.map(|text| version("minVersion", &text)).transpose()?,
            size_bytes: within("size", self.size, 1, MAX_SIZE_BYTES)?.unsigned_abs(),
            valid_days: within(
                "validDays",
                self.valid_days.unwrap_or(DEFAULT_VALID_DAYS.into()),
                1,
                MAX_VALID_DAYS,
            )?
            .try_into()
            .unwrap_or(DEFAULT_VALID_DAYS),
            rollout_percent: percent(self.rollout_percent.unwrap_or(100))?,
            sha256: self.sha256,
            url: self.url,
        })
    }
}

/// `POST /v1/operator/releases/{id}`: only what is included is changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateRelease {
    /// How many of a hundred terminals may install it.
    #[schema(minimum = 0, maximum = 100)]
    pub rollout_percent: Option<i64>,
    /// Whether it is installed by no more terminals.
    pub halted: Option<bool>,
}

impl UpdateRelease {
    /// The percentage and whether it is halted, where they change.
    ///
    /// # Errors
    /// [`FieldError`] naming the field.
    pub fn validate(self) -> Result<(Option<u8>, Option<bool>), FieldError> {
        Ok((self.rollout_percent.map(percent).transpose()?, self.halted))
    }
}

fn percent(value: i64) -> Result<u8, FieldError> {
    let value = within("rolloutPercent", value, 0, 100)?;
    Ok(u8::try_from(value).unwrap_or(100))
}

fn within(param: &str, value: i64, least: i64, most: i64) -> Result<i64, FieldError> {
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(FieldError::invalid(param, format!("must be {least} to {most}")))
}

fn object_schema() -> Schema {
    constant("release")
}
