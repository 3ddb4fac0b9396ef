//! Reads request bodies and query strings: JSON and `application/x-www-form-urlencoded` become one small tree, and
//! the tree becomes the request (contract 1.2). Refuses whatever is unknown, doubled, too deep or too much, and names
//! the field. It never repeats a value, because a value may be a card number typed into the wrong field.

mod de;
mod form;
mod json;
mod tree;

use std::fmt;

use serde::de::DeserializeOwned;

use de::from_tree;
pub(in crate::rest) use tree::clip;
use tree::{Node, Path};

/// The largest request body, in bytes (contract 1.2). Whoever reads the socket enforces it.
pub const MAX_BODY_BYTES: usize = 256 * 1024;
/// How many objects and lists may stand inside each other, the body itself included.
pub const MAX_DEPTH: usize = 5;
/// How many values, lists and objects one body may hold.
pub const MAX_VALUES: usize = 512;

/// What kind of mistake a [`FieldError`] reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldErrorKind {
    /// The request has no such field.
    Unknown,
    /// A required field is absent.
    Missing,
    /// The field holds another type than it should.
    WrongType,
    /// The type is right, the value is not.
    Invalid,
    /// The field was sent more than once.
    Duplicate,
    /// More nesting or more values than a request may have.
    TooMuch,
    /// The text is not JSON, not a form, or not UTF-8.
    Malformed,
}

/// A mistake of the caller, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct FieldError {
    /// The field in bracket notation (`metadata[k]`, `terminalGroup[0]`); `None` when no single field is to blame.
    pub param: Option<String>,
    /// What is wrong, in words for the developer who sent it; never contains the value.
    pub message: String,
    /// What kind of mistake it is.
    pub kind: FieldErrorKind,
}

impl FieldError {
    /// The value of `param` is not acceptable; `message` continues the sentence "`param` …".
    pub fn invalid(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self { param: Some(param.into()), message: message.into(), kind: FieldErrorKind::Invalid }
    }

    /// `param` is not there; `message` continues the sentence "`param` …".
    pub fn missing(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self { param: Some(param.into()), message: message.into(), kind: FieldErrorKind::Missing }
    }

    fn malformed(message: impl Into<String>) -> Self {
        Self { param: None, message: message.into(), kind: FieldErrorKind::Malformed }
    }

    fn at(path: &Path<'_>, kind: FieldErrorKind, message: impl Into<String>) -> Self {
        Self { param: path.param(), message: message.into(), kind }
    }
}

impl fmt::Display for FieldError {
    /// One sentence: the field, then what is wrong with it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.param {
            Some(param) => write!(f, "`{param}` {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// Why a body could not be decoded; the caller is at fault in every case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Neither JSON nor a form, or text in another encoding than UTF-8 (HTTP 415).
    #[error("the body must be application/json or application/x-www-form-urlencoded, in UTF-8")]
    UnsupportedMediaType,
    /// The content is wrong (HTTP 400).
    #[error(transparent)]
    Field(#[from] FieldError),
}

/// Decodes a request body by its `Content-Type`. An empty body is an empty object, so that a bare `curl -X POST`
/// works where every field is optional.
///
/// # Errors
/// [`BodyError::UnsupportedMediaType`] for another media type or charset, and for a body without any;
/// [`BodyError::Field`] for everything else.
pub fn decode<T: DeserializeOwned>(content_type: Option<&str>, body: &[u8]) -> Result<T, BodyError> {
    let format = match content_type {
        Some(content_type) => Format::of(content_type).ok_or(BodyError::UnsupportedMediaType)?,
        None if body.is_empty() => Format::Json,
        None => return Err(BodyError::UnsupportedMediaType),
    };
    let tree = match format {
        _ if body.is_empty() => Node::Map(Vec::new()),
        Format::Json => json::parse(body)?,
        Format::Form => form::parse(body)?,
    };
    Ok(from_tree(tree, format)?)
}

/// Decodes a query string (the part after `?`) by the rules of forms.
///
/// # Errors
/// [`FieldError`] naming the parameter.
pub fn decode_query<T: DeserializeOwned>(query: &str) -> Result<T, FieldError> {
    let tree = form::parse(query.as_bytes())?;
    from_tree(tree, Format::Form)
}

/// How the text was written: in forms every leaf is text and the field's type decides what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Json,
    Form,
}

impl Format {
    /// Reads a `Content-Type` (RFC 9110 section 8.3); a `charset` other than UTF-8 counts as another media type.
    fn of(content_type: &str) -> Option<Self> {
        let mut parts = content_type.split(';').map(str::trim);
        let essence = parts.next()?;
        let format = if essence.eq_ignore_ascii_case("application/json") {
            Self::Json
        } else if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            Self::Form
        } else {
            return None;
        };
        let utf8 = parts.filter_map(|part| part.split_once('=')).all(|(name, value)| {
            !name.eq_ignore_ascii_case("charset")
                || ["utf-8", "utf8"].iter().any(|utf8| value.trim_matches('"').eq_ignore_ascii_case(utf8))
        });
        utf8.then_some(format)
    }
}

#[cfg(test)]
mod tests;
