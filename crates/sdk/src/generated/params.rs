//! What calls take.

// Made by `cargo xtask gen rust-sdk` from docs/openapi.json and sdks/conformance/operations.json.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[allow(clippy::wildcard_imports, reason = "the words are all over this file")]
use super::models::*;
use crate::hybrid::Connectivity;

/// `POST /v1/terminals/activate`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActivateTerminal {
    /// The code that the device shows.
    #[serde(rename = "activationCode")]
    pub activation_code: String,
    /// What people call it.
    #[serde(rename = "displayName", default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Where the terminal stands.
    #[serde(rename = "locationId", default, skip_serializing_if = "Option::is_none")]
    pub location_id: Option<String>,
}

impl ActivateTerminal {
    /// With what has to be there.
    #[must_use]
    pub fn new(activation_code: impl Into<String>) -> Self {
        Self { activation_code: activation_code.into(), display_name: None, location_id: None }
    }

    /// What people call it.
    #[must_use]
    pub fn display_name(mut self, display_name: impl Into<String>) -> Self {
        self.display_name = Some(display_name.into());
        self
    }

    /// Where the terminal stands.
    #[must_use]
    pub fn location_id(mut self, location_id: impl Into<String>) -> Self {
        self.location_id = Some(location_id.into());
        self
    }
}

/// Where a shop is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AddressParams {
    /// Town.
    #[serde(rename = "city", default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Two letters (ISO 3166-1 alpha-2).
    #[serde(rename = "country", default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Street and number.
    #[serde(rename = "line1", default, skip_serializing_if = "Option::is_none")]
    pub line1: Option<String>,
    /// Floor, building.
    #[serde(rename = "line2", default, skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// Post code.
    #[serde(rename = "postalCode", default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
}

impl AddressParams {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Town.
    #[must_use]
    pub fn city(mut self, city: impl Into<String>) -> Self {
        self.city = Some(city.into());
        self
    }

    /// Two letters (ISO 3166-1 alpha-2).
    #[must_use]
    pub fn country(mut self, country: impl Into<String>) -> Self {
        self.country = Some(country.into());
        self
    }

    /// Street and number.
    #[must_use]
    pub fn line1(mut self, line1: impl Into<String>) -> Self {
        self.line1 = Some(line1.into());
        self
    }

    /// Floor, building.
    #[must_use]
    pub fn line2(mut self, line2: impl Into<String>) -> Self {
        self.line2 = Some(line2.into());
        self
    }

    /// Post code.
    #[must_use]
    pub fn postal_code(mut self, postal_code: impl Into<String>) -> Self {
        self.postal_code = Some(postal_code.into());
        self
    }
}

/// `POST /v1/terminal/payments/{id}/capture`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CapturePayment {
    /// How much to capture, in the smallest unit; all of it when left out.
    #[serde(rename = "amount", default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
}

impl CapturePayment {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How much to capture, in the smallest unit; all of it when left out.
    #[must_use]
    pub fn amount(mut self, amount: i64) -> Self {
        self.amount = Some(amount);
        self
    }
}

/// `POST /v1/batches/close`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CloseBatch {
    /// Your own name for it: the same one again returns the same batches; no control characters.
    #[serde(rename = "reference", default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The terminal whose batches to close.
    #[serde(rename = "terminalId")]
    pub terminal_id: String,
}

impl CloseBatch {
    /// With what has to be there.
    #[must_use]
    pub fn new(terminal_id: impl Into<String>) -> Self {
        Self { reference: None, terminal_id: terminal_id.into() }
    }

    /// Your own name for it: the same one again returns the same batches; no control characters.
    #[must_use]
    pub fn reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = Some(reference.into());
        self
    }
}

/// `POST /v1/operator/accounts`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateAccount {
    /// What people call it.
    #[serde(rename = "displayName")]
    pub display_name: String,
}

impl CreateAccount {
    /// With what has to be there.
    #[must_use]
    pub fn new(display_name: impl Into<String>) -> Self {
        Self { display_name: display_name.into() }
    }
}

/// `POST /v1/operator/accounts/{id}/api-keys`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateAccountKey {
    /// Whether the key opens live data, or test data.
    #[serde(rename = "livemode")]
    pub livemode: bool,
    /// What people call it.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What a restricted key may do, such as `payments:read`; at least one.
    #[serde(rename = "scopes", default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// `type`.
    #[serde(rename = "type")]
    pub type_: ApiKeyType,
}

impl CreateAccountKey {
    /// With what has to be there.
    #[must_use]
    pub fn new(livemode: bool, type_: impl Into<ApiKeyType>) -> Self {
        Self { livemode, name: None, scopes: None, type_: type_.into() }
    }

    /// What people call it.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// What a restricted key may do, such as `payments:read`; at least one.
    #[must_use]
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scopes = Some(scopes.into_iter().map(Into::into).collect());
        self
    }
}

/// `POST /v1/terminals/{id}/actions`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateAction {
    /// `reboot` starts the terminal over, `update` installs newer software if there is any, `lock` refuses new payments from now on, `unlock` takes them again, `flush` forwards what was approved without a connection.
    #[serde(rename = "action")]
    pub action: TerminalActionAction,
    /// For how many seconds it may wait for the terminal; a day when left out.
    #[serde(rename = "expiresIn", default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<i64>,
}

impl CreateAction {
    /// With what has to be there.
    #[must_use]
    pub fn new(action: impl Into<TerminalActionAction>) -> Self {
        Self { action: action.into(), expires_in: None }
    }

    /// For how many seconds it may wait for the terminal; a day when left out.
    #[must_use]
    pub fn expires_in(mut self, expires_in: i64) -> Self {
        self.expires_in = Some(expires_in);
        self
    }
}

/// `POST /v1/api-keys`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateApiKey {
    /// What people call it.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What a restricted key may do, such as `payments:read`; at least one.
    #[serde(rename = "scopes", default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// `type`.
    #[serde(rename = "type")]
    pub type_: ApiKeyType,
}

impl CreateApiKey {
    /// With what has to be there.
    #[must_use]
    pub fn new(type_: impl Into<ApiKeyType>) -> Self {
        Self { name: None, scopes: None, type_: type_.into() }
    }

    /// What people call it.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// What a restricted key may do, such as `payments:read`; at least one.
    #[must_use]
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scopes = Some(scopes.into_iter().map(Into::into).collect());
        self
    }
}

/// `POST /v1/terminals/{id}/client-certificates`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateClientCertificate {
    /// A signing request (PKCS #10) for an ECDSA P-256 key that the till made itself: PEM, or DER in base64.
    #[serde(rename = "csr", default, skip_serializing_if = "Option::is_none")]
    pub csr: Option<String>,
    /// What people call it.
    #[serde(rename = "name", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl CreateClientCertificate {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A signing request (PKCS #10) for an ECDSA P-256 key that the till made itself: PEM, or DER in base64.
    #[must_use]
    pub fn csr(mut self, csr: impl Into<String>) -> Self {
        self.csr = Some(csr.into());
        self
    }

    /// What people call it.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

/// `POST /v1/locations`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateLocation {
    /// `address`.
    #[serde(rename = "address", default, skip_serializing_if = "Option::is_none")]
    pub address: Option<AddressParams>,
    /// What people call it.
    #[serde(rename = "displayName")]
    pub display_name: String,
    /// When its day ends and its batches are settled, `HH:MM` in its time zone.
    #[serde(rename = "endOfDay", default, skip_serializing_if = "Option::is_none")]
    pub end_of_day: Option<String>,
    /// Your own key-value pairs; never interpreted.
    #[serde(rename = "metadata", default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<BTreeMap<String, String>>,
    /// Its time zone, a name of the IANA database; the account's when left out.
    #[serde(rename = "timeZone", default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

impl CreateLocation {
    /// With what has to be there.
    #[must_use]
    pub fn new(display_name: impl Into<String>) -> Self {
        Self {
            address: None,
            display_name: display_name.into(),
            end_of_day: None,
            metadata: None,
            time_zone: None,
        }
    }

    /// `address`.
    #[must_use]
    pub fn address(mut self, address: impl Into<AddressParams>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// When its day ends and its batches are settled, `HH:MM` in its time zone.
    #[must_use]
    pub fn end_of_day(mut self, end_of_day: impl Into<String>) -> Self {
        self.end_of_day = Some(end_of_day.into());
        self
    }

    /// Your own key-value pairs; never interpreted.
    #[must_use]
    pub fn metadata(
        mut self,
        metadata: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        self.metadata = Some(metadata.into_iter().map(|(key, value)| (key.into(), value.into())).collect());
        self
    }

    /// Its time zone, a name of the IANA database; the account's when left out.
    #[must_use]
    pub fn time_zone(mut self, time_zone: impl Into<String>) -> Self {
        self.time_zone = Some(time_zone.into());
        self
    }
}

/// `POST /v1/terminal/payments`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreatePayment {
    /// What to collect, in the smallest unit of the currency.
    #[serde(rename = "amount")]
    pub amount: i64,
    /// `automatic` (default) authorizes and captures in one step, `manual` waits for a capture.
    #[serde(rename = "captureMethod", default, skip_serializing_if = "Option::is_none")]
    pub capture_method: Option<CaptureMethod>,
    /// A UUID that names this payment on every path, so that it can be sent twice and charged once.
    #[serde(rename = "clientToken", default, skip_serializing_if = "Option::is_none")]
    pub client_token: Option<String>,
    /// Three-letter ISO 4217 code.
    #[serde(rename = "currency")]
    pub currency: String,
    /// Free text.
    #[serde(rename = "description", default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Your own key-value pairs; never interpreted.
    #[serde(rename = "metadata", default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<BTreeMap<String, String>>,
    /// Your own name for the order; no control characters.
    #[serde(rename = "reference", default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// `async` (default) answers while pending, `sync` once the outcome is known.
    #[serde(rename = "responseMode", default, skip_serializing_if = "Option::is_none")]
    pub response_mode: Option<ResponseMode>,
    /// Terminals of which the first that is free collects the payment; while all are busy it waits.
    #[serde(rename = "terminalGroup", default, skip_serializing_if = "Option::is_none")]
    pub terminal_group: Option<Vec<String>>,
    /// The terminal that collects the payment.
    #[serde(rename = "terminalId", default, skip_serializing_if = "Option::is_none")]
    pub terminal_id: Option<String>,
    /// `simulate card`.
    #[serde(rename = "simulateCard", default, skip_serializing)]
    pub simulate_card: Option<SimulateCard>,
    /// Test mode only.
    #[serde(rename = "simulateDelay", default, skip_serializing)]
    pub simulate_delay: Option<i64>,
    /// How the payment reaches its terminal; through the platform when left out.
    #[serde(rename = "connectivity", default, skip_serializing)]
    pub connectivity: Option<Connectivity>,
}

impl CreatePayment {
    /// With what has to be there.
    #[must_use]
    pub fn new(amount: i64, currency: impl Into<String>) -> Self {
        Self {
            amount,
            capture_method: None,
            client_token: None,
            currency: currency.into(),
            description: None,
            metadata: None,
            reference: None,
            response_mode: None,
            terminal_group: None,
            terminal_id: None,
            simulate_card: None,
            simulate_delay: None,
            connectivity: None,
        }
    }

    /// `automatic` (default) authorizes and captures in one step, `manual` waits for a capture.
    #[must_use]
    pub fn capture_method(mut self, capture_method: impl Into<CaptureMethod>) -> Self {
        self.capture_method = Some(capture_method.into());
        self
    }

    /// A UUID that names this payment on every path, so that it can be sent twice and charged once.
    #[must_use]
    pub fn client_token(mut self, client_token: impl Into<String>) -> Self {
        self.client_token = Some(client_token.into());
        self
    }

    /// Free text.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Your own key-value pairs; never interpreted.
    #[must_use]
    pub fn metadata(
        mut self,
        metadata: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        self.metadata = Some(metadata.into_iter().map(|(key, value)| (key.into(), value.into())).collect());
        self
    }

    /// Your own name for the order; no control characters.
    #[must_use]
    pub fn reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = Some(reference.into());
        self
    }

    /// `async` (default) answers while pending, `sync` once the outcome is known.
    #[must_use]
    pub fn response_mode(mut self, response_mode: impl Into<ResponseMode>) -> Self {
        self.response_mode = Some(response_mode.into());
        self
    }

    /// Terminals of which the first that is free collects the payment; while all are busy it waits.
    #[must_use]
    pub fn terminal_group(mut self, terminal_group: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.terminal_group = Some(terminal_group.into_iter().map(Into::into).collect());
        self
    }

    /// The terminal that collects the payment.
    #[must_use]
    pub fn terminal_id(mut self, terminal_id: impl Into<String>) -> Self {
        self.terminal_id = Some(terminal_id.into());
        self
    }

    /// `simulate card`.
    #[must_use]
    pub fn simulate_card(mut self, simulate_card: impl Into<SimulateCard>) -> Self {
        self.simulate_card = Some(simulate_card.into());
        self
    }

    /// Test mode only.
    #[must_use]
    pub fn simulate_delay(mut self, simulate_delay: i64) -> Self {
        self.simulate_delay = Some(simulate_delay);
        self
    }

    /// How the payment reaches its terminal; through the platform when left out.
    #[must_use]
    pub fn connectivity(mut self, connectivity: impl Into<Connectivity>) -> Self {
        self.connectivity = Some(connectivity.into());
        self
    }
}

/// `POST /v1/refunds`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateRefund {
    /// How much, in the smallest unit of the payment's currency; all that is left when left out.
    #[serde(rename = "amount", default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// Your own key-value pairs; never interpreted.
    #[serde(rename = "metadata", default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<BTreeMap<String, String>>,
    /// The terminal payment to give back of.
    #[serde(rename = "payment")]
    pub payment: String,
    /// Why the money is given back.
    #[serde(rename = "reason", default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<RefundReason>,
}

impl CreateRefund {
    /// With what has to be there.
    #[must_use]
    pub fn new(payment: impl Into<String>) -> Self {
        Self { amount: None, metadata: None, payment: payment.into(), reason: None }
    }

    /// How much, in the smallest unit of the payment's currency; all that is left when left out.
    #[must_use]
    pub fn amount(mut self, amount: i64) -> Self {
        self.amount = Some(amount);
        self
    }

    /// Your own key-value pairs; never interpreted.
    #[must_use]
    pub fn metadata(
        mut self,
        metadata: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        self.metadata = Some(metadata.into_iter().map(|(key, value)| (key.into(), value.into())).collect());
        self
    }

    /// Why the money is given back.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<RefundReason>) -> Self {
        self.reason = Some(reason.into());
        self
    }
}

/// `POST /v1/operator/releases`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateRelease {
    /// The oldest version that it may be installed over.
    #[serde(rename = "minVersion", default, skip_serializing_if = "Option::is_none")]
    pub min_version: Option<String>,
    /// The hardware model.
    #[serde(rename = "model")]
    pub model: Model,
    /// How many of a hundred terminals may install it; all when left out.
    #[serde(rename = "rolloutPercent", default, skip_serializing_if = "Option::is_none")]
    pub rollout_percent: Option<i64>,
    /// SHA-256 of the image, 64 lower-case hexadecimal digits.
    #[serde(rename = "sha256")]
    pub sha256: String,
    /// Size of the image, in bytes.
    #[serde(rename = "size")]
    pub size: i64,
    /// Where terminals find the image; `https` only.
    #[serde(rename = "url", default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// For how many days it may be installed; 180 when left out.
    #[serde(rename = "validDays", default, skip_serializing_if = "Option::is_none")]
    pub valid_days: Option<i64>,
    /// Its version: up to four numbers with dots.
    #[serde(rename = "version")]
    pub version: String,
}

impl CreateRelease {
    /// With what has to be there.
    #[must_use]
    pub fn new(
        model: impl Into<Model>,
        sha256: impl Into<String>,
        size: i64,
        version: impl Into<String>,
    ) -> Self {
        Self {
            min_version: None,
            model: model.into(),
            rollout_percent: None,
            sha256: sha256.into(),
            size,
            url: None,
            valid_days: None,
            version: version.into(),
        }
    }

    /// The oldest version that it may be installed over.
    #[must_use]
    pub fn min_version(mut self, min_version: impl Into<String>) -> Self {
        self.min_version = Some(min_version.into());
        self
    }

    /// How many of a hundred terminals may install it; all when left out.
    #[must_use]
    pub fn rollout_percent(mut self, rollout_percent: i64) -> Self {
        self.rollout_percent = Some(rollout_percent);
        self
    }

    /// Where terminals find the image; `https` only.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// For how many days it may be installed; 180 when left out.
    #[must_use]
    pub fn valid_days(mut self, valid_days: i64) -> Self {
        self.valid_days = Some(valid_days);
        self
    }
}

/// `POST /v1/test/terminals`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateTestTerminal {
    /// What people call it.
    #[serde(rename = "displayName", default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Where it stands.
    #[serde(rename = "locationId", default, skip_serializing_if = "Option::is_none")]
    pub location_id: Option<String>,
    /// The hardware model.
    #[serde(rename = "model", default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Model>,
}

impl CreateTestTerminal {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What people call it.
    #[must_use]
    pub fn display_name(mut self, display_name: impl Into<String>) -> Self {
        self.display_name = Some(display_name.into());
        self
    }

    /// Where it stands.
    #[must_use]
    pub fn location_id(mut self, location_id: impl Into<String>) -> Self {
        self.location_id = Some(location_id.into());
        self
    }

    /// The hardware model.
    #[must_use]
    pub fn model(mut self, model: impl Into<Model>) -> Self {
        self.model = Some(model.into());
        self
    }
}

/// `POST /v1/webhook-endpoints`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreateWebhookEndpoint {
    /// How payments in the events are written; `2026-06-11` unless given.
    #[serde(rename = "api_version", default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// Free text.
    #[serde(rename = "description", default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Which events: types (`terminal_payment.completed`), categories (`terminal.*`), or `*` for all.
    #[serde(rename = "enabled_events")]
    pub enabled_events: Vec<String>,
    /// Your own key-value pairs; never interpreted.
    #[serde(rename = "metadata", default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<BTreeMap<String, String>>,
    /// Where events are posted to; `https://`, on a public address.
    #[serde(rename = "url")]
    pub url: String,
}

impl CreateWebhookEndpoint {
    /// With what has to be there.
    #[must_use]
    pub fn new(enabled_events: impl IntoIterator<Item = impl Into<String>>, url: impl Into<String>) -> Self {
        Self {
            api_version: None,
            description: None,
            enabled_events: enabled_events.into_iter().map(Into::into).collect(),
            metadata: None,
            url: url.into(),
        }
    }

    /// How payments in the events are written; `2026-06-11` unless given.
    #[must_use]
    pub fn api_version(mut self, api_version: impl Into<String>) -> Self {
        self.api_version = Some(api_version.into());
        self
    }

    /// Free text.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Your own key-value pairs; never interpreted.
    #[must_use]
    pub fn metadata(
        mut self,
        metadata: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        self.metadata = Some(metadata.into_iter().map(|(key, value)| (key.into(), value.into())).collect());
        self
    }
}

/// What `api keys list` takes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListApiKeys {
    /// How many to return; 10 when left out.
    #[serde(rename = "limit", default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older ones.
    #[serde(
        rename = "starting_after",
        alias = "startingAfter",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer ones.
    #[serde(
        rename = "ending_before",
        alias = "endingBefore",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub ending_before: Option<String>,
}

impl ListApiKeys {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many to return; 10 when left out.
    #[must_use]
    pub fn limit(mut self, limit: i64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The last id of the page before: the page continues with older ones.
    #[must_use]
    pub fn starting_after(mut self, starting_after: impl Into<String>) -> Self {
        self.starting_after = Some(starting_after.into());
        self
    }

    /// The first id of the page after: the page continues with newer ones.
    #[must_use]
    pub fn ending_before(mut self, ending_before: impl Into<String>) -> Self {
        self.ending_before = Some(ending_before.into());
        self
    }
}

/// What `audit log list` takes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListAuditLog {
    /// Only what was done to this object.
    #[serde(rename = "objectId", default, skip_serializing_if = "Option::is_none")]
    pub object_id: Option<String>,
    /// How many to return; 10 when left out.
    #[serde(rename = "limit", default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older ones.
    #[serde(
        rename = "starting_after",
        alias = "startingAfter",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer ones.
    #[serde(
        rename = "ending_before",
        alias = "endingBefore",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub ending_before: Option<String>,
}

impl ListAuditLog {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only what was done to this object.
    #[must_use]
    pub fn object_id(mut self, object_id: impl Into<String>) -> Self {
        self.object_id = Some(object_id.into());
        self
    }

    /// How many to return; 10 when left out.
    #[must_use]
    pub fn limit(mut self, limit: i64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The last id of the page before: the page continues with older ones.
    #[must_use]
    pub fn starting_after(mut self, starting_after: impl Into<String>) -> Self {
        self.starting_after = Some(starting_after.into());
        self
    }

    /// The first id of the page after: the page continues with newer ones.
    #[must_use]
    pub fn ending_before(mut self, ending_before: impl Into<String>) -> Self {
        self.ending_before = Some(ending_before.into());
        self
    }
}

/// What `batches list` takes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListBatches {
    /// Only of this terminal.
    #[serde(rename = "terminalId", default, skip_serializing_if = "Option::is_none")]
    pub terminal_id: Option<String>,
    /// Where the batch stands.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<BatchStatus>,
    /// Three-letter ISO 4217 code.
    #[serde(rename = "currency", default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// How many to return; 10 when left out.
    #[serde(rename = "limit", default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older batches.
    #[serde(
        rename = "starting_after",
        alias = "startingAfter",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer batches.
    #[serde(
        rename = "ending_before",
        alias = "endingBefore",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub ending_before: Option<String>,
}

impl ListBatches {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only of this terminal.
    #[must_use]
    pub fn terminal_id(mut self, terminal_id: impl Into<String>) -> Self {
        self.terminal_id = Some(terminal_id.into());
        self
    }

    /// Where the batch stands.
    #[must_use]
    pub fn status(mut self, status: impl Into<BatchStatus>) -> Self {
        self.status = Some(status.into());
        self
    }

    /// Three-letter ISO 4217 code.
    #[must_use]
    pub fn currency(mut self, currency: impl Into<String>) -> Self {
        self.currency = Some(currency.into());
        self
    }

    /// How many to return; 10 when left out.
    #[must_use]
    pub fn limit(mut self, limit: i64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The last id of the page before: the page continues with older batches.
    #[must_use]
    pub fn starting_after(mut self, starting_after: impl Into<String>) -> Self {
        self.starting_after = Some(starting_after.into());
        self
    }

    /// The first id of the page after: the page continues with newer batches.
    #[must_use]
    pub fn ending_before(mut self, ending_before: impl Into<String>) -> Self {
        self.ending_before = Some(ending_before.into());
        self
    }
}

/// What `terminals list client certificates` takes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListClientCertificates {
    /// How many to return; 10 when left out.
    #[serde(rename = "limit", default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older ones.
    #[serde(
        rename = "starting_after",
        alias = "startingAfter",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer ones.
    #[serde(
        rename = "ending_before",
        alias = "endingBefore",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub ending_before: Option<String>,
}

impl ListClientCertificates {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many to return; 10 when left out.
    #[must_use]
    pub fn limit(mut self, limit: i64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The last id of the page before: the page continues with older ones.
    #[must_use]
    pub fn starting_after(mut self, starting_after: impl Into<String>) -> Self {
        self.starting_after = Some(starting_after.into());
        self
    }

    /// The first id of the page after: the page continues with newer ones.
    #[must_use]
    pub fn ending_before(mut self, ending_before: impl Into<String>) -> Self {
        self.ending_before = Some(ending_before.into());
        self
    }
}

/// What `events list` takes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListEvents {
    /// Only of this type, or of a category (`terminal.*`).
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub type_: Option<String>,
    /// Only about this object.
    #[serde(rename = "object", default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Bounds of a time.
    #[serde(rename = "created", default, skip_serializing_if = "Option::is_none")]
    pub created: Option<ListEventsCreated>,
    /// How many to return; 10 when left out.
    #[serde(rename = "limit", default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older events.
    #[serde(
        rename = "starting_after",
        alias = "startingAfter",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer events.
    #[serde(
        rename = "ending_before",
        alias = "endingBefore",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub ending_before: Option<String>,
}

impl ListEvents {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only of this type, or of a category (`terminal.*`).
    #[must_use]
    pub fn type_(mut self, type_: impl Into<String>) -> Self {
        self.type_ = Some(type_.into());
        self
    }

    /// Only about this object.
    #[must_use]
    pub fn object(mut self, object: impl Into<String>) -> Self {
        self.object = Some(object.into());
        self
    }

    /// Bounds of a time.
    #[must_use]
    pub fn created(mut self, created: impl Into<ListEventsCreated>) -> Self {
        self.created = Some(created.into());
        self
    }

    /// How many to return; 10 when left out.
    #[must_use]
    pub fn limit(mut self, limit: i64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The last id of the page before: the page continues with older events.
    #[must_use]
    pub fn starting_after(mut self, starting_after: impl Into<String>) -> Self {
        self.starting_after = Some(starting_after.into());
        self
    }

    /// The first id of the page after: the page continues with newer events.
    #[must_use]
    pub fn ending_before(mut self, ending_before: impl Into<String>) -> Self {
        self.ending_before = Some(ending_before.into());
        self
    }
}

/// Bounds of a time.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListEventsCreated {
    /// At this Unix second or later.
    #[serde(rename = "gte", default, skip_serializing_if = "Option::is_none")]
    pub gte: Option<i64>,
    /// At this Unix second or earlier.
    #[serde(rename = "lte", default, skip_serializing_if = "Option::is_none")]
    pub lte: Option<i64>,
}

impl ListEventsCreated {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// At this Unix second or later.
    #[must_use]
    pub fn gte(mut self, gte: i64) -> Self {
        self.gte = Some(gte);
        self
    }

    /// At this Unix second or earlier.
    #[must_use]
    pub fn lte(mut self, lte: i64) -> Self {
        self.lte = Some(lte);
        self
    }
}

/// What `locations list` takes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListLocations {
    /// How many to return; 10 when left out.
    #[serde(rename = "limit", default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older ones.
    #[serde(
        rename = "starting_after",
        alias = "startingAfter",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer ones.
    #[serde(
        rename = "ending_before",
        alias = "endingBefore",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub ending_before: Option<String>,
}

impl ListLocations {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many to return; 10 when left out.
    #[must_use]
    pub fn limit(mut self, limit: i64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The last id of the page before: the page continues with older ones.
    #[must_use]
    pub fn starting_after(mut self, starting_after: impl Into<String>) -> Self {
        self.starting_after = Some(starting_after.into());
        self
    }

    /// The first id of the page after: the page continues with newer ones.
    #[must_use]
    pub fn ending_before(mut self, ending_before: impl Into<String>) -> Self {
        self.ending_before = Some(ending_before.into());
        self
    }
}

/// What `refunds list` takes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListRefunds {
    /// Only of this payment.
    #[serde(rename = "payment", default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<String>,
    /// How many to return; 10 when left out.
    #[serde(rename = "limit", default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older refunds.
    #[serde(
        rename = "starting_after",
        alias = "startingAfter",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer refunds.
    #[serde(
        rename = "ending_before",
        alias = "endingBefore",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub ending_before: Option<String>,
}

impl ListRefunds {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only of this payment.
    #[must_use]
    pub fn payment(mut self, payment: impl Into<String>) -> Self {
        self.payment = Some(payment.into());
        self
    }

    /// How many to return; 10 when left out.
    #[must_use]
    pub fn limit(mut self, limit: i64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The last id of the page before: the page continues with older refunds.
    #[must_use]
    pub fn starting_after(mut self, starting_after: impl Into<String>) -> Self {
        self.starting_after = Some(starting_after.into());
        self
    }

    /// The first id of the page after: the page continues with newer refunds.
    #[must_use]
    pub fn ending_before(mut self, ending_before: impl Into<String>) -> Self {
        self.ending_before = Some(ending_before.into());
        self
    }
}

/// What `terminals list actions` takes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListTerminalActions {
    /// How many to return; 10 when left out.
    #[serde(rename = "limit", default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older ones.
    #[serde(
        rename = "starting_after",
        alias = "startingAfter",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer ones.
    #[serde(
        rename = "ending_before",
        alias = "endingBefore",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub ending_before: Option<String>,
}

impl ListTerminalActions {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many to return; 10 when left out.
    #[must_use]
    pub fn limit(mut self, limit: i64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The last id of the page before: the page continues with older ones.
    #[must_use]
    pub fn starting_after(mut self, starting_after: impl Into<String>) -> Self {
        self.starting_after = Some(starting_after.into());
        self
    }

    /// The first id of the page after: the page continues with newer ones.
    #[must_use]
    pub fn ending_before(mut self, ending_before: impl Into<String>) -> Self {
        self.ending_before = Some(ending_before.into());
        self
    }
}

/// What `terminal payments retrieve by reference` takes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListTerminalPayments {
    /// Only of this terminal.
    #[serde(rename = "terminalId", default, skip_serializing_if = "Option::is_none")]
    pub terminal_id: Option<String>,
    /// Only of terminals at this location.
    #[serde(rename = "locationId", default, skip_serializing_if = "Option::is_none")]
    pub location_id: Option<String>,
    /// Where the payment stands; `completed`, `failed`, `cancelled` and `expired` are final.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<TerminalPaymentStatus>,
    /// Created at this Unix second or later.
    #[serde(rename = "fromDate", default, skip_serializing_if = "Option::is_none")]
    pub from_date: Option<i64>,
    /// Created at this Unix second or earlier.
    #[serde(rename = "toDate", default, skip_serializing_if = "Option::is_none")]
    pub to_date: Option<i64>,
    /// How many to return; 10 when left out.
    #[serde(rename = "limit", default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older payments.
    #[serde(
        rename = "starting_after",
        alias = "startingAfter",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer payments.
    #[serde(
        rename = "ending_before",
        alias = "endingBefore",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub ending_before: Option<String>,
    /// Only with this reference.
    #[serde(rename = "reference", default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

impl ListTerminalPayments {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only of this terminal.
    #[must_use]
    pub fn terminal_id(mut self, terminal_id: impl Into<String>) -> Self {
        self.terminal_id = Some(terminal_id.into());
        self
    }

    /// Only of terminals at this location.
    #[must_use]
    pub fn location_id(mut self, location_id: impl Into<String>) -> Self {
        self.location_id = Some(location_id.into());
        self
    }

    /// Where the payment stands; `completed`, `failed`, `cancelled` and `expired` are final.
    #[must_use]
    pub fn status(mut self, status: impl Into<TerminalPaymentStatus>) -> Self {
        self.status = Some(status.into());
        self
    }

    /// Created at this Unix second or later.
    #[must_use]
    pub fn from_date(mut self, from_date: i64) -> Self {
        self.from_date = Some(from_date);
        self
    }

    /// Created at this Unix second or earlier.
    #[must_use]
    pub fn to_date(mut self, to_date: i64) -> Self {
        self.to_date = Some(to_date);
        self
    }

    /// How many to return; 10 when left out.
    #[must_use]
    pub fn limit(mut self, limit: i64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The last id of the page before: the page continues with older payments.
    #[must_use]
    pub fn starting_after(mut self, starting_after: impl Into<String>) -> Self {
        self.starting_after = Some(starting_after.into());
        self
    }

    /// The first id of the page after: the page continues with newer payments.
    #[must_use]
    pub fn ending_before(mut self, ending_before: impl Into<String>) -> Self {
        self.ending_before = Some(ending_before.into());
        self
    }

    /// Only with this reference.
    #[must_use]
    pub fn reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = Some(reference.into());
        self
    }
}

/// What `terminals list` takes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListTerminals {
    /// Only those assigned to this location.
    #[serde(rename = "locationId", default, skip_serializing_if = "Option::is_none")]
    pub location_id: Option<String>,
    /// Whether the terminal is there.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<TerminalStatus>,
    /// The hardware model.
    #[serde(rename = "model", default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Model>,
    /// How many to return; 10 when left out.
    #[serde(rename = "limit", default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older ones.
    #[serde(
        rename = "starting_after",
        alias = "startingAfter",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer ones.
    #[serde(
        rename = "ending_before",
        alias = "endingBefore",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub ending_before: Option<String>,
}

impl ListTerminals {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only those assigned to this location.
    #[must_use]
    pub fn location_id(mut self, location_id: impl Into<String>) -> Self {
        self.location_id = Some(location_id.into());
        self
    }

    /// Whether the terminal is there.
    #[must_use]
    pub fn status(mut self, status: impl Into<TerminalStatus>) -> Self {
        self.status = Some(status.into());
        self
    }

    /// The hardware model.
    #[must_use]
    pub fn model(mut self, model: impl Into<Model>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// How many to return; 10 when left out.
    #[must_use]
    pub fn limit(mut self, limit: i64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The last id of the page before: the page continues with older ones.
    #[must_use]
    pub fn starting_after(mut self, starting_after: impl Into<String>) -> Self {
        self.starting_after = Some(starting_after.into());
        self
    }

    /// The first id of the page after: the page continues with newer ones.
    #[must_use]
    pub fn ending_before(mut self, ending_before: impl Into<String>) -> Self {
        self.ending_before = Some(ending_before.into());
        self
    }
}

/// What `webhook endpoints list deliveries` takes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListWebhookDeliveries {
    /// Only with this status.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// How many to return; 10 when left out.
    #[serde(rename = "limit", default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older events.
    #[serde(
        rename = "starting_after",
        alias = "startingAfter",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer events.
    #[serde(
        rename = "ending_before",
        alias = "endingBefore",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub ending_before: Option<String>,
}

impl ListWebhookDeliveries {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only with this status.
    #[must_use]
    pub fn status(mut self, status: impl Into<String>) -> Self {
        self.status = Some(status.into());
        self
    }

    /// How many to return; 10 when left out.
    #[must_use]
    pub fn limit(mut self, limit: i64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The last id of the page before: the page continues with older events.
    #[must_use]
    pub fn starting_after(mut self, starting_after: impl Into<String>) -> Self {
        self.starting_after = Some(starting_after.into());
        self
    }

    /// The first id of the page after: the page continues with newer events.
    #[must_use]
    pub fn ending_before(mut self, ending_before: impl Into<String>) -> Self {
        self.ending_before = Some(ending_before.into());
        self
    }
}

/// What `webhook endpoints list` takes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListWebhookEndpoints {
    /// How many to return; 10 when left out.
    #[serde(rename = "limit", default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older ones.
    #[serde(
        rename = "starting_after",
        alias = "startingAfter",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer ones.
    #[serde(
        rename = "ending_before",
        alias = "endingBefore",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub ending_before: Option<String>,
}

impl ListWebhookEndpoints {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many to return; 10 when left out.
    #[must_use]
    pub fn limit(mut self, limit: i64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The last id of the page before: the page continues with older ones.
    #[must_use]
    pub fn starting_after(mut self, starting_after: impl Into<String>) -> Self {
        self.starting_after = Some(starting_after.into());
        self
    }

    /// The first id of the page after: the page continues with newer ones.
    #[must_use]
    pub fn ending_before(mut self, ending_before: impl Into<String>) -> Self {
        self.ending_before = Some(ending_before.into());
        self
    }
}

/// What `operator accounts list` takes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OperatorListAccounts {
    /// How many to return; 10 when left out.
    #[serde(rename = "limit", default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older ones.
    #[serde(
        rename = "starting_after",
        alias = "startingAfter",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer ones.
    #[serde(
        rename = "ending_before",
        alias = "endingBefore",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub ending_before: Option<String>,
}

impl OperatorListAccounts {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many to return; 10 when left out.
    #[must_use]
    pub fn limit(mut self, limit: i64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The last id of the page before: the page continues with older ones.
    #[must_use]
    pub fn starting_after(mut self, starting_after: impl Into<String>) -> Self {
        self.starting_after = Some(starting_after.into());
        self
    }

    /// The first id of the page after: the page continues with newer ones.
    #[must_use]
    pub fn ending_before(mut self, ending_before: impl Into<String>) -> Self {
        self.ending_before = Some(ending_before.into());
        self
    }
}

/// What `operator audit log list` takes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OperatorListAuditLog {
    /// The log of this account; the platform's own when left out.
    #[serde(rename = "account", default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The account's live log, or with `false` its test log; live when left out.
    #[serde(rename = "livemode", default, skip_serializing_if = "Option::is_none")]
    pub livemode: Option<bool>,
    /// Only what was done to this object.
    #[serde(rename = "objectId", default, skip_serializing_if = "Option::is_none")]
    pub object_id: Option<String>,
    /// How many to return; 10 when left out.
    #[serde(rename = "limit", default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older ones.
    #[serde(
        rename = "starting_after",
        alias = "startingAfter",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer ones.
    #[serde(
        rename = "ending_before",
        alias = "endingBefore",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub ending_before: Option<String>,
}

impl OperatorListAuditLog {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The log of this account; the platform's own when left out.
    #[must_use]
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.account = Some(account.into());
        self
    }

    /// The account's live log, or with `false` its test log; live when left out.
    #[must_use]
    pub fn livemode(mut self, livemode: bool) -> Self {
        self.livemode = Some(livemode);
        self
    }

    /// Only what was done to this object.
    #[must_use]
    pub fn object_id(mut self, object_id: impl Into<String>) -> Self {
        self.object_id = Some(object_id.into());
        self
    }

    /// How many to return; 10 when left out.
    #[must_use]
    pub fn limit(mut self, limit: i64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The last id of the page before: the page continues with older ones.
    #[must_use]
    pub fn starting_after(mut self, starting_after: impl Into<String>) -> Self {
        self.starting_after = Some(starting_after.into());
        self
    }

    /// The first id of the page after: the page continues with newer ones.
    #[must_use]
    pub fn ending_before(mut self, ending_before: impl Into<String>) -> Self {
        self.ending_before = Some(ending_before.into());
        self
    }
}

/// What `operator audit log verify` takes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OperatorVerifyAuditLog {
    /// The log of this account; the platform's own when left out.
    #[serde(rename = "account", default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The account's live log, or with `false` its test log; live when left out.
    #[serde(rename = "livemode", default, skip_serializing_if = "Option::is_none")]
    pub livemode: Option<bool>,
}

impl OperatorVerifyAuditLog {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The log of this account; the platform's own when left out.
    #[must_use]
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.account = Some(account.into());
        self
    }

    /// The account's live log, or with `false` its test log; live when left out.
    #[must_use]
    pub fn livemode(mut self, livemode: bool) -> Self {
        self.livemode = Some(livemode);
        self
    }
}

/// What is presented.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PresentTestCard {
    /// `card`.
    #[serde(rename = "card", default, skip_serializing_if = "Option::is_none")]
    pub card: Option<TestCard>,
    /// How it is presented; the card's usual way when left out.
    #[serde(rename = "entryMode", default, skip_serializing_if = "Option::is_none")]
    pub entry_mode: Option<String>,
}

impl PresentTestCard {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `card`.
    #[must_use]
    pub fn card(mut self, card: impl Into<TestCard>) -> Self {
        self.card = Some(card.into());
        self
    }

    /// How it is presented; the card's usual way when left out.
    #[must_use]
    pub fn entry_mode(mut self, entry_mode: impl Into<String>) -> Self {
        self.entry_mode = Some(entry_mode.into());
        self
    }
}

/// The Cashless API of a terminal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PutCashless {
    /// Whether it is to be served.
    #[serde(rename = "enabled")]
    pub enabled: bool,
}

impl PutCashless {
    /// With what has to be there.
    #[must_use]
    pub fn new(enabled: bool) -> Self {
        Self { enabled }
    }
}

/// `PUT /v1/terminals/{id}/lan`: what is left out is off.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PutLan {
    /// For cash registers with the shared key; off when left out.
    #[serde(rename = "cashless", default, skip_serializing_if = "Option::is_none")]
    pub cashless: Option<PutCashless>,
    /// For tills with a client certificate; off when left out.
    #[serde(rename = "localApi", default, skip_serializing_if = "Option::is_none")]
    pub local_api: Option<PutLocalApi>,
}

impl PutLan {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// For cash registers with the shared key; off when left out.
    #[must_use]
    pub fn cashless(mut self, cashless: impl Into<PutCashless>) -> Self {
        self.cashless = Some(cashless.into());
        self
    }

    /// For tills with a client certificate; off when left out.
    #[must_use]
    pub fn local_api(mut self, local_api: impl Into<PutLocalApi>) -> Self {
        self.local_api = Some(local_api.into());
        self
    }
}

/// The Local API of a terminal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PutLocalApi {
    /// Whether it is to be served.
    #[serde(rename = "enabled")]
    pub enabled: bool,
    /// Whether it is also to be served without TLS; only together with `enabled`.
    #[serde(rename = "openWire", default, skip_serializing_if = "Option::is_none")]
    pub open_wire: Option<bool>,
}

impl PutLocalApi {
    /// With what has to be there.
    #[must_use]
    pub fn new(enabled: bool) -> Self {
        Self { enabled, open_wire: None }
    }

    /// Whether it is also to be served without TLS; only together with `enabled`.
    #[must_use]
    pub fn open_wire(mut self, open_wire: bool) -> Self {
        self.open_wire = Some(open_wire);
        self
    }
}

/// What `locations retrieve terminal config status` takes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RetrieveLocationTerminalConfigStatus {
    /// How many terminals to name; 10 when left out.
    #[serde(rename = "limit", default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// The last terminal of the page before.
    #[serde(
        rename = "starting_after",
        alias = "startingAfter",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub starting_after: Option<String>,
}

impl RetrieveLocationTerminalConfigStatus {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many terminals to name; 10 when left out.
    #[must_use]
    pub fn limit(mut self, limit: i64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The last terminal of the page before.
    #[must_use]
    pub fn starting_after(mut self, starting_after: impl Into<String>) -> Self {
        self.starting_after = Some(starting_after.into());
        self
    }
}

/// `POST /v1/api-keys/{id}/roll`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RollApiKey {
    /// For how many seconds the old key goes on working: 86400 (a day) when left out, 0 to end it at once.
    #[serde(rename = "expiresIn", default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<i64>,
}

impl RollApiKey {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// For how many seconds the old key goes on working: 86400 (a day) when left out, 0 to end it at once.
    #[must_use]
    pub fn expires_in(mut self, expires_in: i64) -> Self {
        self.expires_in = Some(expires_in);
        self
    }
}

/// `POST /v1/webhook-endpoints/{id}/roll-secret`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RollWebhookSecret {
    /// How long the old secret signs beside the new one, in seconds: a day unless given, 0 for not at all.
    #[serde(rename = "expires_in", default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<i64>,
}

impl RollWebhookSecret {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How long the old secret signs beside the new one, in seconds: a day unless given, 0 for not at all.
    #[must_use]
    pub fn expires_in(mut self, expires_in: i64) -> Self {
        self.expires_in = Some(expires_in);
        self
    }
}

/// What `events stream` takes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StreamEvents {
    /// The last event that was seen; the header `Last-Event-ID` says the same and goes first.
    #[serde(rename = "after", default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Only these types or categories; all when left out.
    #[serde(rename = "enabled_events", default, skip_serializing_if = "Option::is_none")]
    pub enabled_events: Option<Vec<String>>,
}

impl StreamEvents {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The last event that was seen; the header `Last-Event-ID` says the same and goes first.
    #[must_use]
    pub fn after(mut self, after: impl Into<String>) -> Self {
        self.after = Some(after.into());
        self
    }

    /// Only these types or categories; all when left out.
    #[must_use]
    pub fn enabled_events(mut self, enabled_events: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.enabled_events = Some(enabled_events.into_iter().map(Into::into).collect());
        self
    }
}

/// How an existing ECR reaches the terminal.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalConfigCashlessApiParams {
    /// Whether it can ask for payments.
    #[serde(
        rename = "enabled",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub enabled: Option<Option<bool>>,
}

impl TerminalConfigCashlessApiParams {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether it can ask for payments.
    #[must_use]
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = Some(Some(enabled));
        self
    }

    /// Takes `enabled` away.
    #[must_use]
    pub fn without_enabled(mut self) -> Self {
        self.enabled = Some(None);
        self
    }
}

/// What the screen shows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalConfigDisplayParams {
    /// The text of the idle screen; no control characters.
    #[serde(
        rename = "idleMessage",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub idle_message: Option<Option<String>>,
}

impl TerminalConfigDisplayParams {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The text of the idle screen; no control characters.
    #[must_use]
    pub fn idle_message(mut self, idle_message: impl Into<String>) -> Self {
        self.idle_message = Some(Some(idle_message.into()));
        self
    }

    /// Takes `idle_message` away.
    #[must_use]
    pub fn without_idle_message(mut self) -> Self {
        self.idle_message = Some(None);
        self
    }
}

/// How the merchant's network reaches the terminal.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalConfigLocalApiParams {
    /// Whether it can ask for payments.
    #[serde(
        rename = "enabled",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub enabled: Option<Option<bool>>,
    /// Whether it may do so without TLS: a bearer secret on an open wire.
    #[serde(
        rename = "plainHttp",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub plain_http: Option<Option<bool>>,
}

impl TerminalConfigLocalApiParams {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether it can ask for payments.
    #[must_use]
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = Some(Some(enabled));
        self
    }

    /// Takes `enabled` away.
    #[must_use]
    pub fn without_enabled(mut self) -> Self {
        self.enabled = Some(None);
        self
    }

    /// Whether it may do so without TLS: a bearer secret on an open wire.
    #[must_use]
    pub fn plain_http(mut self, plain_http: bool) -> Self {
        self.plain_http = Some(Some(plain_http));
        self
    }

    /// Takes `plain_http` away.
    #[must_use]
    pub fn without_plain_http(mut self) -> Self {
        self.plain_http = Some(None);
        self
    }
}

/// What the terminal may do without the cloud.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalConfigOfflineModeParams {
    /// Whether it may approve payments by itself.
    #[serde(
        rename = "enabled",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub enabled: Option<Option<bool>>,
    /// How long one may wait, in seconds; older ones are voided.
    #[serde(
        rename = "maxAgeSeconds",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub max_age_seconds: Option<Option<i64>>,
    /// The most that one of them may be, in the smallest unit.
    #[serde(
        rename = "maxAmount",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub max_amount: Option<Option<i64>>,
    /// How many of them may wait for the cloud.
    #[serde(
        rename = "maxQueue",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub max_queue: Option<Option<i64>>,
    /// How much may wait for the cloud, in the smallest unit.
    #[serde(
        rename = "maxTotal",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub max_total: Option<Option<i64>>,
}

impl TerminalConfigOfflineModeParams {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether it may approve payments by itself.
    #[must_use]
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = Some(Some(enabled));
        self
    }

    /// Takes `enabled` away.
    #[must_use]
    pub fn without_enabled(mut self) -> Self {
        self.enabled = Some(None);
        self
    }

    /// How long one may wait, in seconds; older ones are voided.
    #[must_use]
    pub fn max_age_seconds(mut self, max_age_seconds: i64) -> Self {
        self.max_age_seconds = Some(Some(max_age_seconds));
        self
    }

    /// Takes `max_age_seconds` away.
    #[must_use]
    pub fn without_max_age_seconds(mut self) -> Self {
        self.max_age_seconds = Some(None);
        self
    }

    /// The most that one of them may be, in the smallest unit.
    #[must_use]
    pub fn max_amount(mut self, max_amount: i64) -> Self {
        self.max_amount = Some(Some(max_amount));
        self
    }

    /// Takes `max_amount` away.
    #[must_use]
    pub fn without_max_amount(mut self) -> Self {
        self.max_amount = Some(None);
        self
    }

    /// How many of them may wait for the cloud.
    #[must_use]
    pub fn max_queue(mut self, max_queue: i64) -> Self {
        self.max_queue = Some(Some(max_queue));
        self
    }

    /// Takes `max_queue` away.
    #[must_use]
    pub fn without_max_queue(mut self) -> Self {
        self.max_queue = Some(None);
        self
    }

    /// How much may wait for the cloud, in the smallest unit.
    #[must_use]
    pub fn max_total(mut self, max_total: i64) -> Self {
        self.max_total = Some(Some(max_total));
        self
    }

    /// Takes `max_total` away.
    #[must_use]
    pub fn without_max_total(mut self) -> Self {
        self.max_total = Some(None);
        self
    }
}

/// The configuration of one level.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalConfigParams {
    /// `cashless api`.
    #[serde(
        rename = "cashlessApi",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub cashless_api: Option<Option<TerminalConfigCashlessApiParams>>,
    /// `display`.
    #[serde(
        rename = "display",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub display: Option<Option<TerminalConfigDisplayParams>>,
    /// `local api`.
    #[serde(
        rename = "localApi",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub local_api: Option<Option<TerminalConfigLocalApiParams>>,
    /// `offline mode`.
    #[serde(
        rename = "offlineMode",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub offline_mode: Option<Option<TerminalConfigOfflineModeParams>>,
    /// `receipt`.
    #[serde(
        rename = "receipt",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub receipt: Option<Option<TerminalConfigReceiptParams>>,
    /// `tip`.
    #[serde(
        rename = "tip",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub tip: Option<Option<TerminalConfigTipParams>>,
}

impl TerminalConfigParams {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `cashless api`.
    #[must_use]
    pub fn cashless_api(mut self, cashless_api: impl Into<TerminalConfigCashlessApiParams>) -> Self {
        self.cashless_api = Some(Some(cashless_api.into()));
        self
    }

    /// Takes `cashless_api` away.
    #[must_use]
    pub fn without_cashless_api(mut self) -> Self {
        self.cashless_api = Some(None);
        self
    }

    /// `display`.
    #[must_use]
    pub fn display(mut self, display: impl Into<TerminalConfigDisplayParams>) -> Self {
        self.display = Some(Some(display.into()));
        self
    }

    /// Takes `display` away.
    #[must_use]
    pub fn without_display(mut self) -> Self {
        self.display = Some(None);
        self
    }

    /// `local api`.
    #[must_use]
    pub fn local_api(mut self, local_api: impl Into<TerminalConfigLocalApiParams>) -> Self {
        self.local_api = Some(Some(local_api.into()));
        self
    }

    /// Takes `local_api` away.
    #[must_use]
    pub fn without_local_api(mut self) -> Self {
        self.local_api = Some(None);
        self
    }

    /// `offline mode`.
    #[must_use]
    pub fn offline_mode(mut self, offline_mode: impl Into<TerminalConfigOfflineModeParams>) -> Self {
        self.offline_mode = Some(Some(offline_mode.into()));
        self
    }

    /// Takes `offline_mode` away.
    #[must_use]
    pub fn without_offline_mode(mut self) -> Self {
        self.offline_mode = Some(None);
        self
    }

    /// `receipt`.
    #[must_use]
    pub fn receipt(mut self, receipt: impl Into<TerminalConfigReceiptParams>) -> Self {
        self.receipt = Some(Some(receipt.into()));
        self
    }

    /// Takes `receipt` away.
    #[must_use]
    pub fn without_receipt(mut self) -> Self {
        self.receipt = Some(None);
        self
    }

    /// `tip`.
    #[must_use]
    pub fn tip(mut self, tip: impl Into<TerminalConfigTipParams>) -> Self {
        self.tip = Some(Some(tip.into()));
        self
    }

    /// Takes `tip` away.
    #[must_use]
    pub fn without_tip(mut self) -> Self {
        self.tip = Some(None);
        self
    }
}

/// How receipts are given.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalConfigReceiptParams {
    /// What the terminal offers, and nothing else.
    #[serde(
        rename = "channels",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub channels: Option<Option<Vec<Channels>>>,
    /// Whether no receipt goes anywhere before the customer has chosen.
    #[serde(
        rename = "requireConsent",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub require_consent: Option<Option<bool>>,
}

impl TerminalConfigReceiptParams {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What the terminal offers, and nothing else.
    #[must_use]
    pub fn channels(mut self, channels: impl IntoIterator<Item = impl Into<Channels>>) -> Self {
        self.channels = Some(Some(channels.into_iter().map(Into::into).collect()));
        self
    }

    /// Takes `channels` away.
    #[must_use]
    pub fn without_channels(mut self) -> Self {
        self.channels = Some(None);
        self
    }

    /// Whether no receipt goes anywhere before the customer has chosen.
    #[must_use]
    pub fn require_consent(mut self, require_consent: bool) -> Self {
        self.require_consent = Some(Some(require_consent));
        self
    }

    /// Takes `require_consent` away.
    #[must_use]
    pub fn without_require_consent(mut self) -> Self {
        self.require_consent = Some(None);
        self
    }
}

/// How the customer is asked for a tip.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TerminalConfigTipParams {
    /// Whether the customer may enter a tip of their own.
    #[serde(
        rename = "allowCustom",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub allow_custom: Option<Option<bool>>,
    /// Whether suggestions are percentages of the amount, or amounts.
    #[serde(
        rename = "mode",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub mode: Option<Option<TerminalConfigTipMode>>,
    /// Up to four suggestions: percentages from 1 to 100, or amounts in the smallest unit.
    #[serde(
        rename = "suggestions",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub suggestions: Option<Option<Vec<i64>>>,
}

impl TerminalConfigTipParams {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the customer may enter a tip of their own.
    #[must_use]
    pub fn allow_custom(mut self, allow_custom: bool) -> Self {
        self.allow_custom = Some(Some(allow_custom));
        self
    }

    /// Takes `allow_custom` away.
    #[must_use]
    pub fn without_allow_custom(mut self) -> Self {
        self.allow_custom = Some(None);
        self
    }

    /// Whether suggestions are percentages of the amount, or amounts.
    #[must_use]
    pub fn mode(mut self, mode: impl Into<TerminalConfigTipMode>) -> Self {
        self.mode = Some(Some(mode.into()));
        self
    }

    /// Takes `mode` away.
    #[must_use]
    pub fn without_mode(mut self) -> Self {
        self.mode = Some(None);
        self
    }

    /// Up to four suggestions: percentages from 1 to 100, or amounts in the smallest unit.
    #[must_use]
    pub fn suggestions(mut self, suggestions: impl IntoIterator<Item = i64>) -> Self {
        self.suggestions = Some(Some(suggestions.into_iter().collect()));
        self
    }

    /// Takes `suggestions` away.
    #[must_use]
    pub fn without_suggestions(mut self) -> Self {
        self.suggestions = Some(None);
        self
    }
}

/// `POST /v1/account`: only what is included is changed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpdateAccount {
    /// Three-letter ISO 4217 code.
    #[serde(
        rename = "defaultCurrency",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub default_currency: Option<Option<String>>,
    /// What people call it.
    #[serde(
        rename = "displayName",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub display_name: Option<Option<String>>,
    /// How far a capture may exceed its authorization, in percent.
    #[serde(
        rename = "overCapturePercent",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub over_capture_percent: Option<Option<i64>>,
    /// The time zone of locations that have none of their own, a name of the IANA database.
    #[serde(
        rename = "timeZone",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub time_zone: Option<Option<String>>,
    /// `webhook policy`.
    #[serde(
        rename = "webhookPolicy",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub webhook_policy: Option<Option<UpdateWebhookPolicy>>,
}

impl UpdateAccount {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Three-letter ISO 4217 code.
    #[must_use]
    pub fn default_currency(mut self, default_currency: impl Into<String>) -> Self {
        self.default_currency = Some(Some(default_currency.into()));
        self
    }

    /// Takes `default_currency` away.
    #[must_use]
    pub fn without_default_currency(mut self) -> Self {
        self.default_currency = Some(None);
        self
    }

    /// What people call it.
    #[must_use]
    pub fn display_name(mut self, display_name: impl Into<String>) -> Self {
        self.display_name = Some(Some(display_name.into()));
        self
    }

    /// Takes `display_name` away.
    #[must_use]
    pub fn without_display_name(mut self) -> Self {
        self.display_name = Some(None);
        self
    }

    /// How far a capture may exceed its authorization, in percent.
    #[must_use]
    pub fn over_capture_percent(mut self, over_capture_percent: i64) -> Self {
        self.over_capture_percent = Some(Some(over_capture_percent));
        self
    }

    /// Takes `over_capture_percent` away.
    #[must_use]
    pub fn without_over_capture_percent(mut self) -> Self {
        self.over_capture_percent = Some(None);
        self
    }

    /// The time zone of locations that have none of their own, a name of the IANA database.
    #[must_use]
    pub fn time_zone(mut self, time_zone: impl Into<String>) -> Self {
        self.time_zone = Some(Some(time_zone.into()));
        self
    }

    /// Takes `time_zone` away.
    #[must_use]
    pub fn without_time_zone(mut self) -> Self {
        self.time_zone = Some(None);
        self
    }

    /// `webhook policy`.
    #[must_use]
    pub fn webhook_policy(mut self, webhook_policy: impl Into<UpdateWebhookPolicy>) -> Self {
        self.webhook_policy = Some(Some(webhook_policy.into()));
        self
    }

    /// Takes `webhook_policy` away.
    #[must_use]
    pub fn without_webhook_policy(mut self) -> Self {
        self.webhook_policy = Some(None);
        self
    }
}

/// `POST /v1/locations/{id}`: only what is included is changed; `null` takes a value away.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpdateLocation {
    /// `address`.
    #[serde(
        rename = "address",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub address: Option<Option<AddressParams>>,
    /// What people call it.
    #[serde(
        rename = "displayName",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub display_name: Option<Option<String>>,
    /// When its day ends and its batches are settled, `HH:MM` in its time zone.
    #[serde(
        rename = "endOfDay",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub end_of_day: Option<Option<String>>,
    /// Your own key-value pairs; never interpreted.
    #[serde(
        rename = "metadata",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub metadata: Option<Option<BTreeMap<String, String>>>,
    /// Its time zone, a name of the IANA database.
    #[serde(
        rename = "timeZone",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub time_zone: Option<Option<String>>,
}

impl UpdateLocation {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `address`.
    #[must_use]
    pub fn address(mut self, address: impl Into<AddressParams>) -> Self {
        self.address = Some(Some(address.into()));
        self
    }

    /// Takes `address` away.
    #[must_use]
    pub fn without_address(mut self) -> Self {
        self.address = Some(None);
        self
    }

    /// What people call it.
    #[must_use]
    pub fn display_name(mut self, display_name: impl Into<String>) -> Self {
        self.display_name = Some(Some(display_name.into()));
        self
    }

    /// Takes `display_name` away.
    #[must_use]
    pub fn without_display_name(mut self) -> Self {
        self.display_name = Some(None);
        self
    }

    /// When its day ends and its batches are settled, `HH:MM` in its time zone.
    #[must_use]
    pub fn end_of_day(mut self, end_of_day: impl Into<String>) -> Self {
        self.end_of_day = Some(Some(end_of_day.into()));
        self
    }

    /// Takes `end_of_day` away.
    #[must_use]
    pub fn without_end_of_day(mut self) -> Self {
        self.end_of_day = Some(None);
        self
    }

    /// Your own key-value pairs; never interpreted.
    #[must_use]
    pub fn metadata(
        mut self,
        metadata: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        self.metadata =
            Some(Some(metadata.into_iter().map(|(key, value)| (key.into(), value.into())).collect()));
        self
    }

    /// Takes `metadata` away.
    #[must_use]
    pub fn without_metadata(mut self) -> Self {
        self.metadata = Some(None);
        self
    }

    /// Its time zone, a name of the IANA database.
    #[must_use]
    pub fn time_zone(mut self, time_zone: impl Into<String>) -> Self {
        self.time_zone = Some(Some(time_zone.into()));
        self
    }

    /// Takes `time_zone` away.
    #[must_use]
    pub fn without_time_zone(mut self) -> Self {
        self.time_zone = Some(None);
        self
    }
}

/// Changes to what terminals may take offline; `null` takes a cap away.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpdateOfflineCap {
    /// The most that one payment may take, in the smallest unit of the terminal's currency.
    #[serde(
        rename = "maxAmount",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub max_amount: Option<Option<i64>>,
    /// The most payments that a terminal may keep.
    #[serde(
        rename = "maxQueue",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub max_queue: Option<Option<i64>>,
    /// The most that a terminal may keep in all, in the smallest unit of its currency.
    #[serde(
        rename = "maxTotal",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub max_total: Option<Option<i64>>,
}

impl UpdateOfflineCap {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The most that one payment may take, in the smallest unit of the terminal's currency.
    #[must_use]
    pub fn max_amount(mut self, max_amount: i64) -> Self {
        self.max_amount = Some(Some(max_amount));
        self
    }

    /// Takes `max_amount` away.
    #[must_use]
    pub fn without_max_amount(mut self) -> Self {
        self.max_amount = Some(None);
        self
    }

    /// The most payments that a terminal may keep.
    #[must_use]
    pub fn max_queue(mut self, max_queue: i64) -> Self {
        self.max_queue = Some(Some(max_queue));
        self
    }

    /// Takes `max_queue` away.
    #[must_use]
    pub fn without_max_queue(mut self) -> Self {
        self.max_queue = Some(None);
        self
    }

    /// The most that a terminal may keep in all, in the smallest unit of its currency.
    #[must_use]
    pub fn max_total(mut self, max_total: i64) -> Self {
        self.max_total = Some(Some(max_total));
        self
    }

    /// Takes `max_total` away.
    #[must_use]
    pub fn without_max_total(mut self) -> Self {
        self.max_total = Some(None);
        self
    }
}

/// `POST /v1/operator/accounts/{id}`: only what is included is changed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpdateOperatedAccount {
    /// What people call it.
    #[serde(
        rename = "displayName",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub display_name: Option<Option<String>>,
    /// `offline cap`.
    #[serde(
        rename = "offlineCap",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub offline_cap: Option<Option<UpdateOfflineCap>>,
    /// Stops it, or lets it go on.
    #[serde(
        rename = "suspended",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub suspended: Option<Option<bool>>,
}

impl UpdateOperatedAccount {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What people call it.
    #[must_use]
    pub fn display_name(mut self, display_name: impl Into<String>) -> Self {
        self.display_name = Some(Some(display_name.into()));
        self
    }

    /// Takes `display_name` away.
    #[must_use]
    pub fn without_display_name(mut self) -> Self {
        self.display_name = Some(None);
        self
    }

    /// `offline cap`.
    #[must_use]
    pub fn offline_cap(mut self, offline_cap: impl Into<UpdateOfflineCap>) -> Self {
        self.offline_cap = Some(Some(offline_cap.into()));
        self
    }

    /// Takes `offline_cap` away.
    #[must_use]
    pub fn without_offline_cap(mut self) -> Self {
        self.offline_cap = Some(None);
        self
    }

    /// Stops it, or lets it go on.
    #[must_use]
    pub fn suspended(mut self, suspended: bool) -> Self {
        self.suspended = Some(Some(suspended));
        self
    }

    /// Takes `suspended` away.
    #[must_use]
    pub fn without_suspended(mut self) -> Self {
        self.suspended = Some(None);
        self
    }
}

/// `POST /v1/refunds/{id}`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpdateRefund {
    /// Your own key-value pairs; never interpreted.
    #[serde(
        rename = "metadata",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub metadata: Option<Option<BTreeMap<String, String>>>,
}

impl UpdateRefund {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Your own key-value pairs; never interpreted.
    #[must_use]
    pub fn metadata(
        mut self,
        metadata: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        self.metadata =
            Some(Some(metadata.into_iter().map(|(key, value)| (key.into(), value.into())).collect()));
        self
    }

    /// Takes `metadata` away.
    #[must_use]
    pub fn without_metadata(mut self) -> Self {
        self.metadata = Some(None);
        self
    }
}

/// `POST /v1/operator/releases/{id}`: only what is included is changed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpdateRelease {
    /// Whether it is installed by no more terminals.
    #[serde(
        rename = "halted",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub halted: Option<Option<bool>>,
    /// How many of a hundred terminals may install it.
    #[serde(
        rename = "rolloutPercent",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub rollout_percent: Option<Option<i64>>,
}

impl UpdateRelease {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether it is installed by no more terminals.
    #[must_use]
    pub fn halted(mut self, halted: bool) -> Self {
        self.halted = Some(Some(halted));
        self
    }

    /// Takes `halted` away.
    #[must_use]
    pub fn without_halted(mut self) -> Self {
        self.halted = Some(None);
        self
    }

    /// How many of a hundred terminals may install it.
    #[must_use]
    pub fn rollout_percent(mut self, rollout_percent: i64) -> Self {
        self.rollout_percent = Some(Some(rollout_percent));
        self
    }

    /// Takes `rollout_percent` away.
    #[must_use]
    pub fn without_rollout_percent(mut self) -> Self {
        self.rollout_percent = Some(None);
        self
    }
}

/// `POST /v1/terminals/{id}`: only what is included is changed; `null` takes a value away.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpdateTerminal {
    /// What people call it.
    #[serde(
        rename = "displayName",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub display_name: Option<Option<String>>,
    /// Where it stands from now on.
    #[serde(
        rename = "locationId",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub location_id: Option<Option<String>>,
}

impl UpdateTerminal {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What people call it.
    #[must_use]
    pub fn display_name(mut self, display_name: impl Into<String>) -> Self {
        self.display_name = Some(Some(display_name.into()));
        self
    }

    /// Takes `display_name` away.
    #[must_use]
    pub fn without_display_name(mut self) -> Self {
        self.display_name = Some(None);
        self
    }

    /// Where it stands from now on.
    #[must_use]
    pub fn location_id(mut self, location_id: impl Into<String>) -> Self {
        self.location_id = Some(Some(location_id.into()));
        self
    }

    /// Takes `location_id` away.
    #[must_use]
    pub fn without_location_id(mut self) -> Self {
        self.location_id = Some(None);
        self
    }
}

/// `POST /v1/webhook-endpoints/{id}`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpdateWebhookEndpoint {
    /// How payments in the events are written.
    #[serde(
        rename = "api_version",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub api_version: Option<Option<String>>,
    /// Free text; empty takes it away.
    #[serde(
        rename = "description",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub description: Option<Option<String>>,
    /// Which events from now on.
    #[serde(
        rename = "enabled_events",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub enabled_events: Option<Option<Vec<String>>>,
    /// Your own key-value pairs; never interpreted.
    #[serde(
        rename = "metadata",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub metadata: Option<Option<BTreeMap<String, String>>>,
    /// `disabled` holds everything back, `enabled` sends what was held back, in order.
    #[serde(
        rename = "status",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub status: Option<Option<String>>,
    /// Where events are posted to from now on.
    #[serde(
        rename = "url",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub url: Option<Option<String>>,
}

impl UpdateWebhookEndpoint {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How payments in the events are written.
    #[must_use]
    pub fn api_version(mut self, api_version: impl Into<String>) -> Self {
        self.api_version = Some(Some(api_version.into()));
        self
    }

    /// Takes `api_version` away.
    #[must_use]
    pub fn without_api_version(mut self) -> Self {
        self.api_version = Some(None);
        self
    }

    /// Free text; empty takes it away.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(Some(description.into()));
        self
    }

    /// Takes `description` away.
    #[must_use]
    pub fn without_description(mut self) -> Self {
        self.description = Some(None);
        self
    }

    /// Which events from now on.
    #[must_use]
    pub fn enabled_events(mut self, enabled_events: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.enabled_events = Some(Some(enabled_events.into_iter().map(Into::into).collect()));
        self
    }

    /// Takes `enabled_events` away.
    #[must_use]
    pub fn without_enabled_events(mut self) -> Self {
        self.enabled_events = Some(None);
        self
    }

    /// Your own key-value pairs; never interpreted.
    #[must_use]
    pub fn metadata(
        mut self,
        metadata: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        self.metadata =
            Some(Some(metadata.into_iter().map(|(key, value)| (key.into(), value.into())).collect()));
        self
    }

    /// Takes `metadata` away.
    #[must_use]
    pub fn without_metadata(mut self) -> Self {
        self.metadata = Some(None);
        self
    }

    /// `disabled` holds everything back, `enabled` sends what was held back, in order.
    #[must_use]
    pub fn status(mut self, status: impl Into<String>) -> Self {
        self.status = Some(Some(status.into()));
        self
    }

    /// Takes `status` away.
    #[must_use]
    pub fn without_status(mut self) -> Self {
        self.status = Some(None);
        self
    }

    /// Where events are posted to from now on.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(Some(url.into()));
        self
    }

    /// Takes `url` away.
    #[must_use]
    pub fn without_url(mut self) -> Self {
        self.url = Some(None);
        self
    }
}

/// Changes to how webhooks are delivered.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpdateWebhookPolicy {
    /// After how many days of nothing but failures an endpoint is disabled.
    #[serde(
        rename = "disableAfterDays",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub disable_after_days: Option<Option<i64>>,
    /// Seconds from each failed attempt to the next, 1 to 604800 each.
    #[serde(
        rename = "retryAfterSeconds",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::words::given"
    )]
    pub retry_after_seconds: Option<Option<Vec<i64>>>,
}

impl UpdateWebhookPolicy {
    /// Says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// After how many days of nothing but failures an endpoint is disabled.
    #[must_use]
    pub fn disable_after_days(mut self, disable_after_days: i64) -> Self {
        self.disable_after_days = Some(Some(disable_after_days));
        self
    }

    /// Takes `disable_after_days` away.
    #[must_use]
    pub fn without_disable_after_days(mut self) -> Self {
        self.disable_after_days = Some(None);
        self
    }

    /// Seconds from each failed attempt to the next, 1 to 604800 each.
    #[must_use]
    pub fn retry_after_seconds(mut self, retry_after_seconds: impl IntoIterator<Item = i64>) -> Self {
        self.retry_after_seconds = Some(Some(retry_after_seconds.into_iter().collect()));
        self
    }

    /// Takes `retry_after_seconds` away.
    #[must_use]
    pub fn without_retry_after_seconds(mut self) -> Self {
        self.retry_after_seconds = Some(None);
        self
    }
}
