//! API keys on the API: what people see of a key, and how one is asked for. Holds a key's text only in the one answer
//! that tells it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, ToSchema};

use super::body::FieldError;
use super::payment::check_chars;
use super::terminal::{Cursor, constant, list_schema, page_cursor, page_limit};

/// The longest overlap of an old key with a new one: 30 days.
const MAX_OVERLAP_SECONDS: u32 = 30 * 86_400;
/// The usual overlap: a day.
const OVERLAP_SECONDS: u32 = 86_400;
/// The longest name of a key.
const MAX_NAME_CHARS: usize = 100;
/// The most scopes that can be named: as many as there could ever be.
const MAX_SCOPES: usize = 64;

/// An API key, without its text.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ApiKey)]
pub struct ApiKeyView {
    /// Its name.
    #[schema(value_type = String, example = "key_06HGQ2W1R8Z3X5T7V9B0C1D2E3")]
    pub id: Arc<str>,
    /// `api_key`
    #[schema(schema_with = object_schema)]
    pub object: &'static str,
    /// Live or test data.
    pub livemode: bool,
    /// `secret` may do everything, `restricted` what its scopes say.
    #[serde(rename = "type")]
    #[schema(schema_with = kind_schema)]
    pub kind: &'static str,
    /// What people call it.
    #[schema(value_type = Option<String>, required, example = "Till server")]
    pub name: Option<Arc<str>>,
    /// What a restricted key may do; empty for a secret key.
    #[schema(value_type = Vec<String>)]
    pub scopes: Vec<Arc<str>>,
    /// Its first and last characters, to tell it from others.
    #[schema(value_type = String, example = "sk_test_…6789")]
    pub hint: Arc<str>,
    /// `active`; `expiring` once it has been rolled and still works; `revoked` for ever after.
    #[schema(schema_with = status_schema)]
    pub status: &'static str,
    /// When it was made, in Unix seconds.
    pub created_at: i64,
    /// When it was last used, in Unix seconds, to the minute; `null` when it never was.
    #[schema(required)]
    pub last_used_at: Option<i64>,
    /// When it will stop working, in Unix seconds.
    #[schema(required)]
    pub expires_at: Option<i64>,
    /// When it stopped working, in Unix seconds.
    #[schema(required)]
    pub revoked_at: Option<i64>,
    /// The key that took its place.
    #[schema(value_type = Option<String>, required)]
    pub replaced_by: Option<Arc<str>>,
    /// The key itself: only in the first answer to the request that made it, never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, nullable = false)]
    pub secret: Option<Arc<str>>,
}

/// A page of keys, newest first (contract 2.3).
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKeyList {
    #[schema(schema_with = list_schema)]
    object: &'static str,
    data: Vec<ApiKeyView>,
    /// Whether another page follows in the same direction.
    has_more: bool,
}

impl ApiKeyList {
    /// A page.
    #[must_use]
    pub fn new(data: Vec<ApiKeyView>, has_more: bool) -> Self {
        Self { object: "list", data, has_more }
    }
}

/// `POST /v1/api-keys`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiKey {
    /// `secret` may do everything, `restricted` what its scopes say.
    #[serde(rename = "type")]
    #[schema(schema_with = kind_schema)]
    pub kind: String,
    /// What people call it.
    #[schema(min_length = 1, max_length = 100, example = "Till server")]
    pub name: Option<String>,
    /// What a restricted key may do, such as `payments:read`; at least one. A secret key has none.
    #[schema(max_items = 64, example = json!(["payments:read", "terminals:read"]))]
    pub scopes: Option<Vec<String>>,
}

/// `POST /v1/operator/accounts/{id}/api-keys`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateAccountKey {
    /// Whether the key opens live data, or test data.
    pub livemode: bool,
    /// `secret` may do everything, `restricted` what its scopes say.
    #[serde(rename = "type")]
    #[schema(schema_with = kind_schema)]
    pub kind: String,
    /// What people call it.
    #[schema(min_length = 1, max_length = 100, example = "Till server")]
    pub name: Option<String>,
    /// What a restricted key may do, such as `payments:read`; at least one. A secret key has none.
    #[schema(max_items = 64)]
    pub scopes: Option<Vec<String>>,
}

/// A key that can be made. Whether the scopes exist is the server's to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// What people call it.
    pub name: Option<Arc<str>>,
    /// Empty for a secret key.
    pub scopes: Vec<Arc<str>>,
}

impl CreateApiKey {
    /// Checks every limit.
    ///
    /// # Errors
    /// [`FieldError`] naming the first field that is not acceptable.
    pub fn validate(self) -> Result<NewKey, FieldError> {
        new_key(&self.kind, self.name, self.scopes)
    }
}

impl CreateAccountKey {
    /// Checks every limit; says in which mode the key shall be.
    ///
    /// # Errors
    /// [`FieldError`] naming the first field that is not acceptable.
    pub fn validate(self) -> Result<(bool, NewKey), FieldError> {
        Ok((self.livemode, new_key(&self.kind, self.name, self.scopes)?))
    }
}

fn new_key(kind: &str, name: Option<String>, scopes: Option<Vec<String>>) -> Result<NewKey, FieldError> {
    let name = name.map(|name| key_name(&name)).transpose()?;
    let mut scopes: Vec<Arc<str>> = scopes.unwrap_or_default().into_iter().map(Arc::from).collect();
    scopes.sort();
    scopes.dedup();
    match (kind, scopes.len()) {
        ("secret", 0) | ("restricted", 1..=MAX_SCOPES) => Ok(NewKey { name, scopes }),
        ("secret", _) => {
            Err(FieldError::invalid("scopes", "must be left out: a secret key may do everything"))
        }
        ("restricted", 0) => Err(FieldError::invalid("scopes", "must name what the restricted key may do")),
        ("restricted", _) => Err(FieldError::invalid("scopes", "must name each scope once")),
        _ => Err(FieldError::invalid("type", "must be secret or restricted")),
    }
}

/// The name of a key, checked.
///
/// # Errors
/// [`FieldError`] when it is not acceptable.
pub(super) fn key_name(name: &str) -> Result<Arc<str>, FieldError> {
    check_chars("name", name, 1, MAX_NAME_CHARS)?;
    if name.chars().any(char::is_control) {
        return Err(FieldError::invalid("name", "must not contain control characters"));
    }
    Ok(name.into())
}

/// `POST /v1/api-keys/{id}/roll`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RollApiKey {
    /// For how many seconds the old key goes on working: 86400 (a day) when left out, 0 to end it at once.
    #[schema(minimum = 0, maximum = 2_592_000, example = 86_400)]
    pub expires_in: Option<u32>,
}

impl RollApiKey {
    /// The overlap in seconds.
    ///
    /// # Errors
    /// [`FieldError`] when it is out of bounds.
    pub fn validate(self) -> Result<u32, FieldError> {
        let overlap = self.expires_in.unwrap_or(OVERLAP_SECONDS);
        let message = format!("must be 0 to {MAX_OVERLAP_SECONDS} seconds");
        let fits = overlap <= MAX_OVERLAP_SECONDS;
        fits.then_some(overlap).ok_or_else(|| FieldError::invalid("expiresIn", message))
    }
}

/// The query of `GET /v1/api-keys`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListApiKeys {
    /// How many to return; 10 when left out.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// The last id of the page before: the page continues with older ones.
    #[param(nullable = false, pattern = "^key_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    pub starting_after: Option<String>,
    /// The first id of the page after: the page continues with newer ones.
    #[param(nullable = false, pattern = "^key_[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    pub ending_before: Option<String>,
}

impl ListApiKeys {
    /// The size of the page, 1 to 100, and where it begins.
    ///
    /// # Errors
    /// [`FieldError`] naming the first parameter that is not acceptable.
    pub fn validate(self) -> Result<(u8, Cursor<Arc<str>>), FieldError> {
        Ok((
            page_limit(self.limit)?,
            page_cursor(self.starting_after, self.ending_before, |text| numbered("key_", text))?,
        ))
    }
}

/// An id of this prefix and 26 digits.
pub(super) fn numbered(prefix: &str, text: &str) -> Result<Arc<str>, &'static str> {
    let digits = text.strip_prefix(prefix).and_then(vinr_domain::decode_base32);
    digits.map(|_| text.into()).ok_or("is not an id of what is listed here")
}

fn object_schema() -> Schema {
    constant("api_key")
}

fn kind_schema() -> Schema {
    words(["secret", "restricted"])
}

fn status_schema() -> Schema {
    words(["active", "expiring", "revoked"])
}

fn words<const N: usize>(words: [&'static str; N]) -> Schema {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).build().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create(kind: &str, scopes: &[&str]) -> Result<NewKey, FieldError> {
        let scopes = (!scopes.is_empty()).then(|| scopes.iter().map(|text| (*text).to_owned()).collect());
        CreateApiKey { kind: kind.to_owned(), name: None, scopes }.validate()
    }

    #[test]
    fn a_secret_key_has_no_scopes_and_a_restricted_one_has_some() {
        assert_eq!(create("secret", &[]).unwrap().scopes.len(), 0);
        assert_eq!(create("restricted", &["b", "a", "b"]).unwrap().scopes, ["a".into(), "b".into()]);
        for (kind, scopes, param) in
            [("secret", &["a"][..], "scopes"), ("restricted", &[], "scopes"), ("public", &[], "type")]
        {
            assert_eq!(create(kind, scopes).unwrap_err().param.as_deref(), Some(param));
        }
    }

    #[test]
    fn an_overlap_is_a_day_unless_said_otherwise() {
        assert_eq!(RollApiKey::default().validate(), Ok(86_400));
        assert_eq!(RollApiKey { expires_in: Some(0) }.validate(), Ok(0));
        assert!(RollApiKey { expires_in: Some(2_592_001) }.validate().is_err());
    }
}
