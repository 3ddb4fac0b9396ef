//! Pairing on the API (architecture 6): what a device without identity sends and is answered, and what an account
//! sends to make it its own. A device speaks no version of the payment API; times are Unix seconds. Looks nothing up.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vinr_domain::pairing::{ActivationCode, StateKind};
use vinr_domain::{LocationId, Model, PairingId};

use super::body::FieldError;
use super::payment::check_chars;
use super::terminal::{display_name, location_id};

/// A P-256 request takes about 200 bytes; RFC 2986 allows attributes, which are ignored.
const MAX_CSR_BYTES: usize = 2048;
const MAX_CSR_CHARS: usize = 2736;
const MAX_MODEL_CHARS: usize = 32;
const MAX_SERIAL_CHARS: usize = 64;
const MAX_VERSION_CHARS: usize = 32;
const MAX_CODE_CHARS: usize = 64;

/// `POST /v1/device/pairings`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OfferPairing {
    /// A certificate signing request (RFC 2986) for an ECDSA P-256 key that the device made and keeps: DER in base64.
    #[schema(min_length = 4, max_length = 2736, pattern = "^[A-Za-z0-9+/]+={0,2}$")]
    pub csr: String,
    /// Hardware model, one of `GET /v1/terminal-models`.
    #[schema(min_length = 1, max_length = 32, example = "nexgo_n92")]
    pub model: String,
    /// The maker's number, printed on the device.
    #[schema(min_length = 1, max_length = 64, pattern = "^[!-~]+$", example = "SN-00482910")]
    pub serial_number: String,
    /// Of the software that the device runs.
    #[schema(min_length = 1, max_length = 32, pattern = "^[!-~]+$", example = "3.14.2")]
    pub software_version: String,
}

/// An offer whose every part is within its limits. Whether the request proves its key is not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOffer {
    /// The signing request, DER.
    pub csr_der: Vec<u8>,
    /// The hardware.
    pub model: Model,
    /// The maker's number.
    pub serial_number: Arc<str>,
    /// Of the software.
    pub software_version: Arc<str>,
}

impl OfferPairing {
    /// Checks every limit.
    ///
    /// # Errors
    /// [`FieldError`] naming the first field that is not acceptable.
    pub fn validate(self) -> Result<NewOffer, FieldError> {
        check_chars("csr", &self.csr, 4, MAX_CSR_CHARS)?;
        let csr_der = STANDARD.decode(&self.csr).ok().filter(|der| der.len() <= MAX_CSR_BYTES);
        let csr_der = csr_der.ok_or_else(|| FieldError::invalid("csr", "must be DER in base64"))?;
        check_chars("model", &self.model, 1, MAX_MODEL_CHARS)?;
        let model = Model::parse(&self.model)
            .ok_or_else(|| FieldError::invalid("model", "must be one of GET /v1/terminal-models"))?;
        check_visible("serialNumber", &self.serial_number, MAX_SERIAL_CHARS)?;
        check_visible("softwareVersion", &self.software_version, MAX_VERSION_CHARS)?;
        Ok(NewOffer {
            csr_der,
            model,
            serial_number: self.serial_number.into(),
            software_version: self.software_version.into(),
        })
    }
}

fn check_visible(param: &'static str, text: &str, most: usize) -> Result<(), FieldError> {
    check_chars(param, text, 1, most)?;
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(FieldError::invalid(param, "must consist of printable ASCII characters without spaces"))
}

/// `POST /v1/terminals/activate`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ActivateTerminal {
    /// The code that the device shows. Case, spaces and dashes do not matter.
    #[schema(min_length = 8, max_length = 64, example = "ACT-7X9K-2M4P")]
    pub activation_code: String,
    /// Where the terminal stands.
    #[schema(max_length = 52, example = "loc_7Yz4", nullable = false)]
    pub location_id: Option<String>,
    /// What people call it.
    #[schema(min_length = 1, max_length = 100, example = "Counter 3", nullable = false)]
    pub display_name: Option<String>,
}

/// An activation whose every part is within its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activation {
    /// The code.
    pub code: ActivationCode,
    /// Where the terminal stands.
    pub location: Option<LocationId>,
    /// What people call it.
    pub display_name: Option<Arc<str>>,
}

impl ActivateTerminal {
    /// Checks every limit.
    ///
    /// # Errors
    /// [`FieldError`] naming the first field that is not acceptable.
    pub fn validate(self) -> Result<Activation, FieldError> {
        check_chars("activationCode", &self.activation_code, 1, MAX_CODE_CHARS)?;
        let code = ActivationCode::parse(&self.activation_code)
            .map_err(|error| FieldError::invalid("activationCode", error.to_string()))?;
        Ok(Activation {
            code,
            location: self.location_id.map(|id| location_id(&id)).transpose()?,
            display_name: self.display_name.map(|name| display_name(&name)).transpose()?,
        })
    }
}

/// What a device that offers itself is answered, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PairingOffered {
    /// The pairing.
    #[schema(example = "pair_01HZ5QA7BK0000000000000000")]
    pub id: String,
    /// `pairing`
    pub object: String,
    /// Opens this pairing and nothing else: send it as `Authorization: Bearer …`. Shown once.
    pub secret: String,
    /// What a person has to enter.
    #[schema(example = "ACT-7X9K-2M4P")]
    pub activation_code: String,
    /// When the code ends, in Unix seconds.
    pub expires_at: i64,
    /// How long to wait between two questions, in milliseconds, when an answer came at once.
    pub poll_after_ms: u32,
}

/// How a pairing stands, for its device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PairingView {
    /// The pairing.
    pub id: String,
    /// `pairing`
    pub object: String,
    /// `offered`, `issued`, `confirmed`, `expired` or `abandoned`.
    #[schema(schema_with = status_schema)]
    pub status: String,
    /// When the code, or what was issued, ends, in Unix seconds; left out when nothing is waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub expires_at: Option<i64>,
    /// How long to wait between two questions, in milliseconds, when an answer came at once.
    pub poll_after_ms: u32,
    /// Who the device is; while `issued`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub identity: Option<IssuedIdentity>,
}

/// Who a device is from now on, and where its cloud is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssuedIdentity {
    /// The terminal that the device is.
    #[schema(example = "term_01HZ5QA7BK0000000000000000")]
    pub terminal_id: String,
    /// The name in its certificate.
    pub link_id: String,
    /// The certificate for its key and the authority that issued it, PEM, leaf first.
    pub certificate_chain: String,
    /// The authorities that the gateway's certificate must come from, PEM. The device trusts no others.
    pub roots: String,
    /// Where the device link is.
    pub gateway: GatewayPlace,
    /// What a simulated reader seals card data with, hexadecimal: in test mode with the sandbox's issuer only. Readers
    /// of cards that are worth something bring a key that was put into them where they were made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub sandbox_reader_key: Option<String>,
}

/// Where the device link is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GatewayPlace {
    /// Where to connect, `host:port`.
    #[schema(example = "link.vinr.example:443")]
    pub address: String,
    /// The name that its certificate must have.
    #[schema(example = "link.vinr.example")]
    pub server_name: String,
}

impl PairingView {
    /// A pairing in this state.
    #[must_use]
    pub fn new(id: PairingId, status: StateKind, poll_after_ms: u32) -> Self {
        Self {
            id: id.to_string(),
            object: "pairing".to_owned(),
            status: status.as_str().to_owned(),
            expires_at: None,
            poll_after_ms,
            identity: None,
        }
    }
}

fn status_schema() -> utoipa::openapi::Schema {
    let words = ["offered", "claimed", "issued", "confirmed", "expired", "abandoned"];
    utoipa::openapi::schema::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .enum_values(Some(words))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer() -> OfferPairing {
        OfferPairing {
            csr: STANDARD.encode([0x30, 0x03, 1, 2, 3]),
            model: "simulator".to_owned(),
            serial_number: "SN-1".to_owned(),
            software_version: "3.14.2".to_owned(),
        }
    }

    #[test]
    fn an_offer_within_its_limits_is_taken_and_each_fault_is_named() {
        let taken = offer().validate().unwrap();
        assert_eq!((taken.csr_der.len(), taken.model), (5, Model::Simulator));
        let param = |change: &dyn Fn(&mut OfferPairing)| {
            let mut offer = offer();
            change(&mut offer);
            offer.validate().unwrap_err().param.unwrap()
        };
        assert_eq!(param(&|offer| offer.csr = "not base64!".into()), "csr");
        assert_eq!(param(&|offer| offer.csr = STANDARD.encode(vec![0; 2049])), "csr");
        assert_eq!(param(&|offer| offer.model = "toaster".into()), "model");
        assert_eq!(param(&|offer| offer.serial_number = "a b".into()), "serialNumber");
        assert_eq!(param(&|offer| offer.serial_number = "1".repeat(65)), "serialNumber");
        assert_eq!(param(&|offer| offer.software_version = String::new()), "softwareVersion");
    }

    #[test]
    fn an_activation_reads_its_code_as_people_type_it() {
        let activate = |code: &str| ActivateTerminal {
            activation_code: code.to_owned(),
            location_id: Some("loc_1".to_owned()),
            display_name: Some("Counter 3".to_owned()),
        };
        let taken = activate("act 7x9k 2m4p").validate().unwrap();
        assert_eq!(taken.code.to_string(), "ACT-7X9K-2M4P");
        for code in ["", "ACT-7X9K", "ACT-7X9K-2M4U", &"7".repeat(65)] {
            assert_eq!(activate(code).validate().unwrap_err().param.as_deref(), Some("activationCode"));
        }
        let elsewhere = ActivateTerminal { location_id: Some("shop".into()), ..activate("7x9k2m4p") };
        assert_eq!(elsewhere.validate().unwrap_err().param.as_deref(), Some("locationId"));
        let unnamed = ActivateTerminal { display_name: Some("a\nb".into()), ..activate("7x9k2m4p") };
        assert_eq!(unnamed.validate().unwrap_err().param.as_deref(), Some("displayName"));
    }
}
