//! Which test card a caller means. A number is used to find a card and goes no further.

use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use vinr_wire::rest::body::FieldError;

/// Stands for nobody who presents a card.
pub(in crate::api) const NOBODY: &str = "none";

/// The name of the card with this name or number.
///
/// # Errors
/// [`FieldError`] for `param`, listing the cards, when there is no such card.
pub(in crate::api) fn name_of(param: &str, text: &str) -> Result<&'static str, FieldError> {
    vinr_sandbox::deck::find(text).map(|card| card.name()).ok_or_else(|| {
        let names: Vec<&str> = vinr_sandbox::deck::documented().map(|card| card.name()).collect();
        let message = format!("must be the number or the name of a test card: {}", names.join(", "));
        FieldError::invalid(param, message)
    })
}

/// The schema of a card: every name. Numbers are accepted too, but are not repeated outside the sandbox.
pub(in crate::api) fn card_schema() -> Schema {
    words(vinr_sandbox::deck::documented().map(|card| card.name()).collect())
}

/// The same, or nobody.
pub(in crate::api) fn card_or_nobody_schema() -> Schema {
    words(vinr_sandbox::deck::documented().map(|card| card.name()).chain([NOBODY]).collect())
}

fn words(words: Vec<&'static str>) -> Schema {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
}
