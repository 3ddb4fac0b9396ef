//! Fields of an update: left out, taken away, or given. JSON takes away with `null`; a form, which has no `null`,
//! with an empty value, and so the two mean the same in both.

use serde::{Deserialize, Deserializer};

/// What an update says about one field that can be unset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Given<T> {
    /// Nothing: it stays as it is.
    #[default]
    Not,
    /// It is unset from now on.
    Unset,
    /// This is its value from now on.
    Value(T),
}

impl<T> Given<T> {
    /// The value through a check that can refuse it.
    ///
    /// # Errors
    /// What the check says.
    pub fn try_map<U, E>(self, check: impl FnOnce(T) -> Result<U, E>) -> Result<Given<U>, E> {
        Ok(match self {
            Self::Not => Given::Not,
            Self::Unset => Given::Unset,
            Self::Value(value) => Given::Value(check(value)?),
        })
    }

    /// Makes the field what was said.
    pub fn apply(self, field: &mut Option<T>) {
        match self {
            Self::Not => {}
            Self::Unset => *field = None,
            Self::Value(value) => *field = Some(value),
        }
    }

    /// What a new object gets: there is nothing that could stay.
    #[must_use]
    pub fn or_unset(self) -> Option<T> {
        match self {
            Self::Not | Self::Unset => None,
            Self::Value(value) => Some(value),
        }
    }
}

/// Text, where an empty one takes it away. For `#[serde(default, deserialize_with = "given::text")]`.
///
/// # Errors
/// When it is neither text nor `null`.
pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Given<String>, D::Error> {
    Ok(match Option::<String>::deserialize(from)? {
        None => Given::Unset,
        Some(text) if text.is_empty() => Given::Unset,
        Some(text) => Given::Value(text),
    })
}

/// Anything else. For `#[serde(default, deserialize_with = "given::value")]`.
///
/// # Errors
/// When it is neither of the type nor `null`.
pub(super) fn value<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Given<T>, D::Error> {
    Ok(Option::<T>::deserialize(from)?.map_or(Given::Unset, Given::Value))
}
