//! Domain values as text in the JSON of records. The domain knows no serde, so the spelling is attached per field with
//! `#[serde(with = …)]`; the words stay the domain's.

use std::borrow::Cow;
use std::fmt::Display;

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::Serializer;
use vinr_domain::{AccountId, ClientCertificateId, EventId, IntentId, LocationId, PaymentId, TerminalId};

/// A value with one spelling.
pub trait Spelled: Sized {
    /// As text.
    fn spell(&self) -> impl Display;
    /// The text's value; `None` when it has none.
    fn read(text: &str) -> Option<Self>;
}

/// Gives types with `Display` and `parse` their spelling.
#[macro_export]
macro_rules! spelled_by_parse {
    ($($name:ty),* $(,)?) => {$(
        impl $crate::store::spelling::Spelled for $name {
            fn spell(&self) -> impl std::fmt::Display {
                self
            }

            fn read(text: &str) -> Option<Self> {
                Self::parse(text).ok()
            }
        }
    )*};
}

spelled_by_parse!(AccountId, ClientCertificateId, EventId, IntentId, LocationId, PaymentId, TerminalId);

/// For `#[serde(with = "spelling::text")]`.
pub mod text {
    use super::{Cow, Deserialize, Deserializer, Error, Serializer, Spelled};

    /// Writes the value as its text.
    ///
    /// # Errors
    /// What the serializer says.
    pub fn serialize<T: Spelled, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&value.spell())
    }

    /// Reads the value back.
    ///
    /// # Errors
    /// When the text has no such value.
    pub fn deserialize<'de, T: Spelled, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
        let text = Cow::<str>::deserialize(from)?;
        T::read(&text).ok_or_else(|| D::Error::custom(format_args!("{text:?} is not what belongs here")))
    }
}

/// For `#[serde(default, with = "spelling::text_option")]`.
pub mod text_option {
    use super::{Cow, Deserialize, Deserializer, Error, Serializer, Spelled};

    /// Writes the value as its text, or `null`.
    ///
    /// # Errors
    /// What the serializer says.
    pub fn serialize<T: Spelled, S: Serializer>(value: &Option<T>, to: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => to.collect_str(&value.spell()),
            None => to.serialize_none(),
        }
    }

    /// Reads the value back.
    ///
    /// # Errors
    /// When the text has no such value.
    pub fn deserialize<'de, T: Spelled, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
        let Some(text) = Option::<Cow<str>>::deserialize(from)? else { return Ok(None) };
        let bad = || D::Error::custom(format_args!("{text:?} is not what belongs here"));
        T::read(&text).map(Some).ok_or_else(bad)
    }
}

/// For `#[serde(with = "spelling::moment")]`: milliseconds since 1970.
pub mod moment {
    use serde::de::{Deserialize, Deserializer};
    use serde::ser::Serializer;
    use vinr_domain::Timestamp;

    /// Writes milliseconds.
    ///
    /// # Errors
    /// What the serializer says.
    pub fn serialize<S: Serializer>(value: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(value.0)
    }

    /// Reads milliseconds.
    ///
    /// # Errors
    /// When there is no integer.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(from).map(Timestamp)
    }
}

/// For `#[serde(default, with = "spelling::moment_option")]`.
pub mod moment_option {
    use serde::de::{Deserialize, Deserializer};
    use serde::ser::Serializer;
    use vinr_domain::Timestamp;

    /// Writes milliseconds, or `null`.
    ///
    /// # Errors
    /// What the serializer says.
    pub fn serialize<S: Serializer>(value: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(moment) => to.serialize_some(&moment.0),
            None => to.serialize_none(),
        }
    }

    /// Reads milliseconds, or `null`.
    ///
    /// # Errors
    /// When there is something else.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<i64>::deserialize(from)?.map(Timestamp))
    }
}

/// For `#[serde(default, with = "spelling::reasons")]`: a list of words. A word that this version does not know, written
/// by a later one, is left out.
pub mod reasons {
    use std::borrow::Cow;

    use serde::de::{Deserialize, Deserializer};
    use serde::ser::Serializer;
    use vinr_domain::terminal::{Reason, Reasons};

    /// Writes the words.
    ///
    /// # Errors
    /// What the serializer says.
    pub fn serialize<S: Serializer>(value: &Reasons, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(value.iter().map(Reason::as_str))
    }

    /// Reads the words.
    ///
    /// # Errors
    /// When there is no list of words.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Reasons, D::Error> {
        let words = Vec::<Cow<str>>::deserialize(from)?;
        Ok(words.iter().filter_map(|word| Reason::parse(word)).collect())
    }
}
