//! What the merchant's network may have of a terminal, on the API: the Local API, the Cashless API and its shared key,
//! and the certificates of tills. Holds a key's text only in the one answer that tells it.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{IntoParams, ToSchema};

use super::api_key::numbered;
use super::body::FieldError;
use super::payment::check_chars;
use super::terminal::{Cursor, constant, list_schema, page_cursor, page_limit};

/// The longest name of a certificate.
const MAX_NAME_CHARS: usize = 100;
/// The longest signing request, as it is written.
const MAX_CSR_CHARS: usize = 4096;
/// The longest signing request in DER.
const MAX_CSR_BYTES: usize = 2048;

/// What a terminal serves in the merchant's network, and whether it does so yet.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TerminalLan)]
pub struct LanView {
    /// `terminal_lan`
    #[schema(schema_with = lan_schema)]
    pub object: &'static str,
    /// Which terminal.
    #[schema(value_type = String, example = "term_CT20_0042")]
    pub terminal_id: Arc<str>,
    /// Live or test data.
    pub livemode: bool,
    /// For tills with a client certificate.
    pub local_api: LocalApiView,
    /// For cash registers with the shared key.
    pub cashless: CashlessView,
    /// Rises whenever the terminal has to be told something new; 0 before the first time.
    #[schema(minimum = 0)]
    pub version: u64,
    /// The newest version that the terminal has confirmed.
    #[schema(required, minimum = 1)]
    pub applied_version: Option<u64>,
    /// When it was confirmed, in Unix seconds.
    #[schema(required)]
    pub applied_at: Option<i64>,
    /// `in_sync` when the terminal has what was asked for, `pending` until it has said so, `failed` when it could not.
    #[schema(schema_with = status_schema)]
    pub status: &'static str,
    /// Why the terminal could not.
    #[schema(value_type = Option<String>, required)]
    pub error: Option<Arc<str>>,
    /// What the terminal presents itself with; `null` until it has asked for it.
    #[schema(required)]
    pub listener: Option<ListenerView>,
}

/// The Local API of a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TerminalLocalApi)]
pub struct LocalApiView {
    /// Whether it is served.
    pub enabled: bool,
    /// Whether it is also served without TLS, under `X-Device-Certificate`. Whoever listens on the wire can then use
    /// what a till may.
    pub open_wire: bool,
}

/// The Cashless API of a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TerminalCashless)]
pub struct CashlessView {
    /// Whether it is served.
    pub enabled: bool,
    /// First and last characters of the shared key; `null`: there is none, and every request is refused.
    #[schema(value_type = Option<String>, required, example = "ck_live_…6789")]
    pub key_hint: Option<Arc<str>>,
}

/// The certificate of a terminal's listener in the merchant's network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TerminalListener)]
pub struct ListenerView {
    /// Its serial number, hexadecimal.
    #[schema(value_type = String)]
    pub serial_number: Arc<str>,
    /// When it ends, in Unix seconds; the terminal asks for another long before.
    pub expires_at: i64,
    /// The addresses that the terminal had in the merchant's network when it asked.
    #[schema(value_type = Vec<String>)]
    pub addresses: Vec<Arc<str>>,
}

/// `PUT /v1/terminals/{id}/lan`: what is left out is off. Writes `localApi` and `cashlessApi` of the terminal's own
/// configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutLan {
    /// For tills with a client certificate; off when left out.
    #[schema(nullable = false)]
    pub local_api: Option<PutLocalApi>,
    /// For cash registers with the shared key; off when left out.
    #[schema(nullable = false)]
    pub cashless: Option<PutCashless>,
}

/// The Local API of a terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutLocalApi {
    /// Whether it is to be served.
    pub enabled: bool,
    /// Whether it is also to be served without TLS; only together with `enabled`.
    #[schema(nullable = false)]
    pub open_wire: Option<bool>,
}

/// The Cashless API of a terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutCashless {
    /// Whether it is to be served.
    pub enabled: bool,
}

/// What is to be served in the merchant's network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LanModes {
    /// The Local API.
    pub local_api: bool,
    /// The Local API without TLS as well.
    pub open_wire: bool,
    /// The Cashless API.
    pub cashless: bool,
}

impl LanModes {
    /// Whether anything is.
    #[must_use]
    pub fn any(self) -> bool {
        self.local_api || self.cashless
    }
}

impl PutLan {
    /// Checks what goes together.
    ///
    /// # Errors
    /// [`FieldError`] naming the field that is not acceptable.
    pub fn validate(self) -> Result<LanModes, FieldError> {
        let local = self.local_api.unwrap_or_default();
        let open_wire = local.open_wire.unwrap_or(false);
        if open_wire && !local.enabled {
            let message = "is only possible while localApi[enabled] is true";
            return Err(FieldError::invalid("localApi[openWire]", message));
        }
        let cashless = self.cashless.is_some_and(|cashless| cashless.enabled);
        Ok(LanModes { local_api: local.enabled, open_wire, cashless })
    }
}

/// The shared key of a terminal's Cashless API, without its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CashlessKey)]
pub struct CashlessKeyView {
    /// `cashless_key`
    #[schema(schema_with = cashless_key_schema)]
    pub object: &'static str,
    /// Which terminal.
    #[schema(value_type = String, example = "term_CT20_0042")]
    pub terminal_id: Arc<str>,
    /// Live or test data.
    pub livemode: bool,
    /// First and last characters; `null`: there is no key.
    #[schema(value_type = Option<String>, required, example = "ck_live_…6789")]
    pub hint: Option<Arc<str>>,
    /// When it was made, in Unix seconds.
    #[schema(required)]
    pub created_at: Option<i64>,
    /// The key before, while it was ended and there is no other.
    #[schema(required)]
    pub revoked: Option<RevokedKeyView>,
    /// The key itself: only in the first answer to the request that made it, never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, nullable = false)]
    pub secret: Option<Arc<str>>,
}

/// A shared key that opens nothing any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RevokedCashlessKey)]
pub struct RevokedKeyView {
    /// First and last characters.
    #[schema(value_type = String, example = "ck_live_…6789")]
    pub hint: Arc<str>,
    /// Since when, in Unix seconds.
    pub revoked_at: i64,
    /// `requested`, or `terminal_deactivated`.
    #[schema(schema_with = reason_schema)]
    pub reason: &'static str,
}

/// A certificate with which a till may speak to one terminal.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ClientCertificate)]
pub struct ClientCertificateView {
    /// Its name.
    #[schema(value_type = String, example = "cert_06HGQ2W1R8Z3X5T7V9B0C1D2E3")]
    pub id: Arc<str>,
    /// `client_certificate`
    #[schema(schema_with = client_certificate_schema)]
    pub object: &'static str,
    /// Live or test data.
    pub livemode: bool,
    /// The one terminal that may be spoken to.
    #[schema(value_type = String, example = "term_CT20_0042")]
    pub terminal_id: Arc<str>,
    /// What people call it.
    #[schema(value_type = Option<String>, required, example = "Till 3")]
    pub name: Option<Arc<str>>,
    /// `active`; `expiring` in the last third of its life; `expired`; `revoked` for ever after.
    #[schema(schema_with = certificate_status_schema)]
    pub status: &'static str,
    /// Hexadecimal.
    #[schema(value_type = String)]
    pub serial_number: Arc<str>,
    /// SHA-256 of the certificate, hexadecimal.
    #[schema(value_type = String)]
    pub fingerprint: Arc<str>,
    /// The certificate and its issuer, PEM.
    #[schema(value_type = String)]
    pub certificate: Arc<str>,
    /// When it was made, in Unix seconds.
    pub created_at: i64,
    /// When it ends, in Unix seconds.
    pub expires_at: i64,
    /// When it was revoked, in Unix seconds.
    #[schema(required)]
    pub revoked_at: Option<i64>,
    /// Why it was revoked: `requested`, or `terminal_deactivated`.
    #[schema(schema_with = reason_or_null_schema)]
    pub revoked_reason: Option<&'static str>,
    /// The private key, PEM: only in the first answer to the request that made it, and only when the platform made the
    /// key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, nullable = false)]
    pub private_key: Option<Arc<str>>,
    /// Key and certificate as a PKCS #12 file in base64, under `passphrase`: as `privateKey`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, nullable = false)]
    pub pkcs12: Option<Arc<str>>,
    /// The passphrase of `pkcs12`: as `privateKey`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, nullable = false)]
    pub passphrase: Option<Arc<str>>,
}

/// A page of client certificates, newest first (contract 2.3).
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientCertificateList {
    #[schema(schema_with = list_schema)]
    object: &'static str,
    data: Vec<ClientCertificateView>,
    /// Whether another page follows in the same direction.
    has_more: bool,
}

impl ClientCertificateList {
    /// A page.
    #[must_use]
    pub fn new(data: Vec<ClientCertificateView>, has_more: bool) -> Self {
        Self { object: "list", data, has_more }
    }
}

/// `POST /v1/terminals/{id}/client-certificates`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateClientCertificate {
    /// What people call it.
    #[schema(min_length = 1, max_length = 100, nullable = false, example = "Till 3")]
    pub name: Option<String>,
    /// A signing request (PKCS #10) for an ECDSA P-256 key that the till made itself: PEM, or DER in base64. Without it
    /// the platform makes the key.
    #[schema(min_length = 4, max_length = 4096, nullable = false)]
    pub csr: Option<String>,
}

/// A client certificate that can be made. Whether the request proves its key is not checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewClientCertificate {
    /// What people call it.
    pub name: Option<Arc<str>>,
    /// The till's own request, DER.
    pub csr_der: Option<Vec<u8>>,
}

impl CreateClientCertificate {
    /// Checks every limit.
    ///
    /// # Errors
    /// [`FieldError`] naming the first field that is not acceptable.
    pub fn validate(self) -> Result<NewClientCertificate, FieldError> {
        if let Some(name) = &self.name {
            check_chars("name", name, 1, MAX_NAME_CHARS)?;
            if name.chars().any(char::is_control) {
                return Err(FieldError::invalid("name", "must not contain control characters"));
            }
        }
        let csr_der = self.csr.map(|text| request_of(&text)).transpose()?;
        Ok(NewClientCertificate { name: self.name.map(Into::into), csr_der })
    }
}

/// The DER of a signing request that is written in PEM or in base64.
fn request_of(text: &str) -> Result<Vec<u8>, FieldError> {
    check_chars("csr", text, 4, MAX_CSR_CHARS)?;
    let body: String = text.lines().map(str::trim).filter(|line| !line.starts_with("-----")).collect();
    let der = STANDARD.decode(body).ok().filter(|der| der.len() <= MAX_CSR_BYTES);
    der.ok_or_else(|| FieldError::invalid("csr", "must be PEM, or DER in base64"))
}

/// The query of `GET /v1/terminals/{id}/client-certificates`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListClientCertificates {
    /// How many to return; 10 when left out.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older ones.
    #[param(nullable = false, pattern = "^cert_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    pub starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer ones.
    #[param(nullable = false, pattern = "^cert_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    pub ending_before: Option<String>,
}

impl ListClientCertificates {
    /// The size of the page, 1 to 100, and where it begins.
    ///
    /// # Errors
    /// [`FieldError`] naming the first parameter that is not acceptable.
    pub fn validate(self) -> Result<(u8, Cursor<Arc<str>>), FieldError> {
        Ok((
            page_limit(self.limit)?,
            page_cursor(self.starting_after, self.ending_before, |text| numbered("cert_", text))?,
        ))
    }
}

fn lan_schema() -> Schema {
    constant("terminal_lan")
}

fn cashless_key_schema() -> Schema {
    constant("cashless_key")
}

fn client_certificate_schema() -> Schema {
    constant("client_certificate")
}

fn reason_schema() -> Schema {
    words(["requested", "terminal_deactivated"])
}

fn reason_or_null_schema() -> Schema {
    let all = [json!("requested"), json!("terminal_deactivated"), Value::Null];
    let types = SchemaType::from_iter([Type::String, Type::Null]);
    ObjectBuilder::new().schema_type(types).enum_values(Some(all)).build().into()
}

fn status_schema() -> Schema {
    words(["in_sync", "pending", "failed"])
}

fn certificate_status_schema() -> Schema {
    words(["active", "expiring", "expired", "revoked"])
}

fn words<const N: usize>(words: [&'static str; N]) -> Schema {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).build().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_off_and_an_open_wire_needs_the_local_api() {
        let put = |json: &str| serde_json::from_str::<PutLan>(json).unwrap().validate();
        assert_eq!(put("{}").unwrap(), LanModes::default());
        let modes = put(r#"{"localApi": {"enabled": true, "openWire": true}}"#).unwrap();
        assert_eq!(modes, LanModes { local_api: true, open_wire: true, cashless: false });
        let refused = put(r#"{"localApi": {"enabled": false, "openWire": true}}"#).unwrap_err();
        assert_eq!(refused.param.as_deref(), Some("localApi[openWire]"));
    }

    #[test]
    fn a_request_is_read_as_pem_and_as_base64() {
        let csr = |text: &str| {
            let create = CreateClientCertificate { name: None, csr: Some(text.to_owned()) };
            create.validate().map(|new| new.csr_der.unwrap())
        };
        let der = STANDARD.encode([0x30, 0x03, 1, 2, 3]);
        assert_eq!(csr(&der).unwrap(), [0x30, 0x03, 1, 2, 3]);
        let pem =
            format!("-----BEGIN CERTIFICATE REQUEST-----\r\n{der}\r\n-----END CERTIFICATE REQUEST-----\n");
        assert_eq!(csr(&pem).unwrap(), [0x30, 0x03, 1, 2, 3]);
        for text in ["not base64!", "", &STANDARD.encode(vec![0; 2049])] {
            assert_eq!(csr(text).unwrap_err().param.as_deref(), Some("csr"), "{text}");
        }
    }

    #[test]
    fn a_name_is_for_people() {
        for name in ["", "a\nb", &"x".repeat(101)] {
            let create = CreateClientCertificate { name: Some(name.to_owned()), csr: None };
            assert_eq!(create.validate().unwrap_err().param.as_deref(), Some("name"), "{name}");
        }
    }
}
