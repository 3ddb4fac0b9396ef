//! A webhook endpoint as it is kept and as it is shown. Its secrets are kept sealed and shown by nobody.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vinr_domain::{Timestamp, WebhookEndpointId};
use vinr_wire::rest::version::ApiVersion;
use vinr_wire::rest::webhook::{SigningSecret, Topics};

use super::vault::SealKey;
use crate::store::{Kind, Scope, Stored};

/// Whether anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointStatus {
    /// Events are sent.
    Enabled,
    /// Events are held back, by the account's wish.
    Disabled,
    /// Events are held back, because nothing but failures came back for too long.
    GivenUp,
}

/// A secret under seal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Sealed {
    bytes: Vec<u8>,
    /// When it stops signing, in milliseconds.
    until_ms: Option<i64>,
}

/// A webhook endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndpointRow {
    id: String,
    scope: Scope,
    /// Where events are posted to.
    pub url: String,
    /// Which events.
    pub topics: Topics,
    /// Free text.
    pub description: Option<String>,
    version: String,
    /// The account's own pairs.
    pub metadata: BTreeMap<String, String>,
    /// Whether anything is sent.
    pub status: EndpointStatus,
    /// The newest first.
    secrets: Vec<Sealed>,
    created_ms: i64,
    /// Since when nothing but failures came back.
    pub(super) failing_since_ms: Option<i64>,
    /// Counts its own events.
    pub(super) sequence: u64,
}

impl Stored for EndpointRow {
    const KIND: Kind = Kind::WebhookEndpoint;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn id(&self) -> Arc<str> {
        self.id.as_str().into()
    }

    fn created_at(&self) -> Timestamp {
        Timestamp(self.created_ms)
    }
}

impl EndpointRow {
    pub(super) fn new(
        id: WebhookEndpointId,
        scope: Scope,
        url: String,
        topics: Topics,
        now: Timestamp,
    ) -> Self {
        Self {
            id: id.to_string(),
            scope,
            url,
            topics,
            description: None,
            version: ApiVersion::V2026_06_11.as_str().to_owned(),
            metadata: BTreeMap::new(),
            status: EndpointStatus::Enabled,
            secrets: Vec::new(),
            created_ms: now.0,
            failing_since_ms: None,
            sequence: 0,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.id
    }

    /// How payments are written for it.
    #[must_use]
    pub fn version(&self) -> ApiVersion {
        ApiVersion::parse(&self.version).unwrap_or(ApiVersion::V2026_06_11)
    }

    pub(super) fn set_version(&mut self, version: ApiVersion) {
        version.as_str().clone_into(&mut self.version);
    }

    /// Puts a new secret first; those before it sign until `until` at the latest.
    pub(super) fn add_secret(
        &mut self,
        key: &SealKey,
        secret: &SigningSecret,
        now: Timestamp,
        until: Timestamp,
    ) {
        self.secrets.retain(|sealed| sealed.until_ms.is_none_or(|until| until > now.0));
        for sealed in &mut self.secrets {
            sealed.until_ms = Some(sealed.until_ms.unwrap_or(until.0).min(until.0));
        }
        self.secrets.retain(|sealed| sealed.until_ms.is_some_and(|until| until > now.0));
        // Whoever rolls again and again keeps the newest few.
        self.secrets.truncate(4);
        self.secrets.insert(0, Sealed { bytes: key.seal(&self.id, secret), until_ms: None });
    }

    /// Those that sign now, the newest first.
    pub(super) fn secrets(&self, key: &SealKey, now: Timestamp) -> Vec<SigningSecret> {
        let signing = |sealed: &&Sealed| sealed.until_ms.is_none_or(|until| until > now.0);
        self.secrets.iter().filter(signing).filter_map(|sealed| key.unseal(&self.id, &sealed.bytes)).collect()
    }

    /// As it is shown.
    #[must_use]
    pub fn view(&self) -> EndpointView {
        EndpointView {
            id: self.id.clone(),
            object: "webhook_endpoint",
            livemode: self.scope.livemode,
            url: self.url.clone(),
            enabled_events: self.topics.as_slice().to_vec(),
            description: self.description.clone(),
            api_version: self.version.clone(),
            metadata: self.metadata.clone(),
            status: if self.status == EndpointStatus::Enabled { "enabled" } else { "disabled" },
            disabled_reason: (self.status == EndpointStatus::GivenUp).then_some("failing"),
            failing_since: self.failing_since_ms.map(|ms| ms.div_euclid(1000)),
            created: self.created_ms.div_euclid(1000),
            secret: None,
        }
    }
}

/// A webhook endpoint.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WebhookEndpoint)]
pub struct EndpointView {
    /// Its name.
    #[schema(example = "we_01JXF3V0M07PVT9X3W7YB2K4QD")]
    pub id: String,
    /// `webhook_endpoint`.
    #[schema(value_type = String)]
    pub object: &'static str,
    /// Live or test events.
    pub livemode: bool,
    /// Where events are posted to.
    pub url: String,
    /// Which events: types, categories (`terminal.*`), or `*`.
    pub enabled_events: Vec<String>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub description: Option<String>,
    /// How payments in the events are written.
    pub api_version: String,
    /// Your own key-value pairs.
    pub metadata: BTreeMap<String, String>,
    /// `enabled` or `disabled`.
    #[schema(value_type = String, pattern = "^(enabled|disabled)$")]
    pub status: &'static str,
    /// `failing` when it was disabled because nothing but failures came back for a week.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false)]
    pub disabled_reason: Option<&'static str>,
    /// Since when nothing but failures came back, in Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub failing_since: Option<i64>,
    /// When it was made, in Unix seconds.
    pub created: i64,
    /// What its messages are signed with. Only in the answers that make it: to the create and to the roll.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub secret: Option<String>,
}

impl EndpointView {
    /// With the newest secret under seal, for the one answer that shows it: answers are kept, secrets are not.
    #[must_use]
    pub(super) fn with_sealed(mut self, row: &EndpointRow) -> Self {
        self.secret = row.secrets.first().map(|sealed| SealKey::text_of(&sealed.bytes));
        self
    }
}
