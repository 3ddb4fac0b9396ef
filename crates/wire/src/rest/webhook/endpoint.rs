//! What may be said about a webhook endpoint: made, changed, given a new secret, tried. Which address a name stands for
//! is found out elsewhere.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;

use super::target::{Policy, Target};
use super::topic::Topics;
use crate::rest::body::FieldError;
use crate::rest::payment::{check_chars, check_metadata};
use crate::rest::schema::metadata_schema;
use crate::rest::version::ApiVersion;

type Metadata = BTreeMap<String, String>;

const MAX_DESCRIPTION_CHARS: usize = 500;
/// How long an old secret may go on signing beside the new one, in seconds: a week.
pub const MAX_ROLL_SECONDS: i64 = 604_800;
/// How long it does unless told otherwise.
const ROLL_SECONDS: i64 = 86_400;

/// `POST /v1/webhook-endpoints`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateWebhookEndpoint)]
pub struct CreateEndpoint {
    /// Where events are posted to; `https://`, on a public address.
    #[schema(min_length = 1, max_length = 2048, example = "https://shop.example/webhooks")]
    pub url: String,
    /// Which events: types (`terminal_payment.completed`), categories (`terminal.*`), or `*` for all.
    #[schema(min_items = 1, max_items = 50, example = json!(["terminal_payment.*"]))]
    pub enabled_events: Vec<String>,
    /// Free text.
    #[schema(max_length = 500)]
    pub description: Option<String>,
    /// How payments in the events are written; `2026-06-11` unless given.
    #[schema(pattern = "^(2026-06-11|2025-05-31)$")]
    pub api_version: Option<String>,
    /// Your own key-value pairs; never interpreted.
    #[schema(schema_with = metadata_schema, required = false)]
    pub metadata: Option<Metadata>,
}

/// A create request whose every part is within its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointCreation {
    /// Where to, as it was written.
    pub url: String,
    /// Which events.
    pub topics: Topics,
    /// Free text.
    pub description: Option<String>,
    /// How payments are written.
    pub version: ApiVersion,
    /// The caller's own pairs.
    pub metadata: Metadata,
}

impl CreateEndpoint {
    /// Checks every limit.
    ///
    /// # Errors
    /// [`FieldError`] naming the first field that is not acceptable.
    pub fn validate(self, policy: Policy) -> Result<EndpointCreation, FieldError> {
        check_url(&self.url, policy)?;
        let version = self.api_version.as_deref().map(version_of).transpose()?;
        let metadata = self.metadata.unwrap_or_default();
        check_metadata(&metadata)?;
        Ok(EndpointCreation {
            url: self.url,
            topics: Topics::parse("enabled_events", self.enabled_events)?,
            description: description_of(self.description)?,
            version: version.unwrap_or(ApiVersion::V2026_06_11),
            metadata,
        })
    }
}

/// `POST /v1/webhook-endpoints/{id}`. What is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateWebhookEndpoint)]
pub struct UpdateEndpoint {
    /// Where events are posted to from now on.
    #[schema(min_length = 1, max_length = 2048)]
    pub url: Option<String>,
    /// Which events from now on.
    #[schema(min_items = 1, max_items = 50)]
    pub enabled_events: Option<Vec<String>>,
    /// `disabled` holds everything back, `enabled` sends what was held back, in order.
    #[schema(pattern = "^(enabled|disabled)$")]
    pub status: Option<String>,
    /// Free text; empty takes it away.
    #[schema(max_length = 500)]
    pub description: Option<String>,
    /// How payments in the events are written.
    #[schema(pattern = "^(2026-06-11|2025-05-31)$")]
    pub api_version: Option<String>,
    /// Your own key-value pairs, in the place of all that were there.
    #[schema(schema_with = metadata_schema, required = false)]
    pub metadata: Option<Metadata>,
}

/// A change whose every part is within its limits. `None`: as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointChanges {
    /// Where to.
    pub url: Option<String>,
    /// Which events.
    pub topics: Option<Topics>,
    /// Whether anything is sent.
    pub enabled: Option<bool>,
    /// Free text; `Some(None)` for none.
    pub description: Option<Option<String>>,
    /// How payments are written.
    pub version: Option<ApiVersion>,
    /// The caller's own pairs.
    pub metadata: Option<Metadata>,
}

impl UpdateEndpoint {
    /// Checks every limit.
    ///
    /// # Errors
    /// [`FieldError`] naming the first field that is not acceptable.
    pub fn validate(self, policy: Policy) -> Result<EndpointChanges, FieldError> {
        self.url.as_deref().map(|url| check_url(url, policy)).transpose()?;
        self.metadata.as_ref().map(check_metadata).transpose()?;
        let enabled = match self.status.as_deref() {
            None => None,
            Some("enabled") => Some(true),
            Some("disabled") => Some(false),
            Some(_) => return Err(FieldError::invalid("status", "must be one of: enabled, disabled")),
        };
        Ok(EndpointChanges {
            url: self.url,
            topics: self.enabled_events.map(|wanted| Topics::parse("enabled_events", wanted)).transpose()?,
            enabled,
            description: match self.description {
                None => None,
                some => Some(description_of(some)?),
            },
            version: self.api_version.as_deref().map(version_of).transpose()?,
            metadata: self.metadata,
        })
    }
}

/// `POST /v1/webhook-endpoints/{id}/roll-secret`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RollWebhookSecret)]
pub struct RollSecret {
    /// How long the old secret signs beside the new one, in seconds: a day unless given, 0 for not at all.
    #[schema(minimum = 0, maximum = 604_800)]
    pub expires_in: Option<i64>,
}

impl RollSecret {
    /// How long the old secret goes on, in milliseconds.
    ///
    /// # Errors
    /// [`FieldError`] when that is out of bounds.
    pub fn validate(self) -> Result<i64, FieldError> {
        let seconds = self.expires_in.unwrap_or(ROLL_SECONDS);
        if (0..=MAX_ROLL_SECONDS).contains(&seconds) {
            return Ok(seconds * 1000);
        }
        Err(FieldError::invalid("expires_in", format!("must be 0 to {MAX_ROLL_SECONDS} seconds")))
    }
}

/// `POST /v1/webhook-endpoints/{id}/test`, and everything else that takes no words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TestWebhookEndpoint)]
pub struct TestEndpoint {}

fn check_url(url: &str, policy: Policy) -> Result<(), FieldError> {
    match Target::parse(url, policy) {
        Ok(_) => Ok(()),
        Err(error) => Err(FieldError::invalid("url", error.to_string())),
    }
}

fn version_of(text: &str) -> Result<ApiVersion, FieldError> {
    ApiVersion::parse(text)
        .ok_or_else(|| FieldError::invalid("api_version", "must be one of: 2026-06-11, 2025-05-31"))
}

fn description_of(text: Option<String>) -> Result<Option<String>, FieldError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    check_chars("description", &text, 1, MAX_DESCRIPTION_CHARS)?;
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::body::decode;

    const STRICT: Policy = Policy { plain_http: false, private_addresses: false };

    fn create(form: &str) -> Result<EndpointCreation, FieldError> {
        let form = decode::<CreateEndpoint>(Some("application/x-www-form-urlencoded"), form.as_bytes());
        form.unwrap().validate(STRICT)
    }

    #[test]
    fn a_form_says_what_json_says() {
        let made =
            create("url=https://shop.example/hooks&enabled_events[]=terminal.*&metadata[k]=v").unwrap();
        assert_eq!(made.version, ApiVersion::V2026_06_11);
        assert!(made.topics.want("terminal.online"));
        assert_eq!(made.metadata["k"], "v");
    }

    #[test]
    fn each_field_is_checked_and_named() {
        for (form, param) in [
            ("url=http://shop.example&enabled_events[]=*", "url"),
            ("url=https://127.0.0.1&enabled_events[]=*", "url"),
            ("url=https://a.b&enabled_events[]=*&enabled_events[]=x", "enabled_events[1]"),
            ("url=https://a.b&enabled_events[]=*&api_version=1", "api_version"),
        ] {
            assert_eq!(create(form).unwrap_err().param.as_deref(), Some(param), "{form}");
        }
        let update = UpdateEndpoint { status: Some("paused".into()), ..UpdateEndpoint::default() };
        assert_eq!(update.validate(STRICT).unwrap_err().param.as_deref(), Some("status"));
        let roll = |expires_in| RollSecret { expires_in }.validate();
        assert_eq!((roll(None), roll(Some(0))), (Ok(86_400_000), Ok(0)));
        assert!(roll(Some(-1)).is_err() && roll(Some(MAX_ROLL_SECONDS + 1)).is_err());
    }
}
