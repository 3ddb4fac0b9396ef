//! Domain values as text inside serde structs. The domain knows no serde, so the spelling is attached here, per field,
//! with `#[serde(with = …)]`; the words themselves stay the domain's.

use std::borrow::Cow;
use std::fmt::Display;

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::Serializer;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use vinr_domain::payment::{CaptureMethod, ResponseMode, Status, TipMode};
use vinr_domain::terminal::Status as TerminalStatus;
use vinr_domain::{
    BatchId, Brand, Currency, DeclineCode, EntryMode, IntentId, Last4, LocationId, Model, PaymentId,
    RefundId, TerminalId, batch, refund,
};

/// A value with one spelling.
pub(super) trait Spelled: Sized {
    /// Every word, when it is one of a few; empty otherwise.
    const WORDS: &'static [&'static str];
    /// What it is, for the documentation and for whoever sent something else.
    const ABOUT: &'static str;
    fn spell(&self) -> impl Display;
    fn read(text: &str) -> Option<Self>;
}

macro_rules! words {
    ($($name:ty, $about:literal: $($word:literal)*;)*) => {$(
        impl Spelled for $name {
            const WORDS: &'static [&'static str] = &[$($word),*];
            const ABOUT: &'static str = $about;

            fn spell(&self) -> impl Display {
                self.as_str()
            }

            fn read(text: &str) -> Option<Self> {
                Self::parse(text)
            }
        }
    )*};
}

words! {
    CaptureMethod, "`automatic` (default) authorizes and captures in one step, `manual` waits for a capture.":
        "automatic" "manual";
    ResponseMode, "`async` (default) answers while pending, `sync` once the outcome is known.":
        "async" "sync";
    Status, "Where the payment stands; `completed`, `failed`, `cancelled` and `expired` are final.":
        "pending" "processing" "authorized" "completed" "failed" "cancelled" "expired";
    refund::Status, "Where the refund stands; `succeeded` and `failed` are final.":
        "pending" "succeeded" "failed";
    refund::Reason, "Why the money is given back.":
        "duplicate" "fraudulent" "requested_by_customer";
    refund::FailureReason,
        "Why the refund failed: `declined` by the card's issuer, or `rejected` by the acquirer.":
        "declined" "rejected";
    batch::Status, "Where the batch stands.":
        "open" "closing" "closed";
    Brand, "The card's network.":
        "visa" "mastercard" "amex" "other";
    EntryMode, "How the card is read.":
        "contactless" "chip" "swipe" "manual_key";
    TipMode, "How the tip was chosen.":
        "preset" "custom" "none";
    DeclineCode, "Why the payment failed.":
        "terminal_not_found" "terminal_offline" "terminal_busy" "terminal_locked" "card_declined"
        "insufficient_funds" "expired_card" "lost_or_stolen" "incorrect_pin" "pin_try_exceeded"
        "communication_error" "offline_auth_declined" "offline_limit_exceeded"
        "account_suspended";
    TerminalStatus, "Whether the terminal is there.":
        "online" "offline" "needs_attention" "deactivated";
    Model, "The hardware model.":
        "nexgo_ct20" "nexgo_ct20p" "nexgo_n92" "nexgo_n86pro" "ciontek_cm30" "simulator";
}

macro_rules! names {
    ($($name:ty, $about:literal: |$value:ident| $spell:expr;)*) => {$(
        impl Spelled for $name {
            const WORDS: &'static [&'static str] = &[];
            const ABOUT: &'static str = $about;

            fn spell(&self) -> impl Display {
                let $value = self;
                $spell
            }

            fn read(text: &str) -> Option<Self> {
                Self::parse(text).into_iter().next()
            }
        }
    )*};
}

names! {
    Currency, "the code of an active ISO 4217 currency": |currency| currency;
    IntentId, "a UUID": |id| id;
    PaymentId, "the id of a terminal payment": |id| id;
    TerminalId, "the id of a terminal": |id| id;
    RefundId, "the id of a refund": |id| id;
    BatchId, "the id of a batch": |id| id;
    LocationId, "the id of a location": |id| id;
    Last4, "four digits": |digits| digits.as_str();
}

/// For `#[serde(with = "spelled")]`.
pub(super) mod spelled {
    use super::{Cow, Deserialize, Deserializer, Error, Serializer, Spelled};

    pub(in crate::rest) fn serialize<T: Spelled, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&value.spell())
    }

    pub(in crate::rest) fn deserialize<'de, T: Spelled, D: Deserializer<'de>>(
        from: D,
    ) -> Result<T, D::Error> {
        let text = Cow::<str>::deserialize(from)?;
        T::read(&text).ok_or_else(|| match T::WORDS {
            [] => D::Error::custom(format_args!("must be {}", T::ABOUT)),
            words => D::Error::unknown_variant(&text, words),
        })
    }
}

/// For `#[serde(default, with = "spelled_option")]`.
pub(super) mod spelled_option {
    use super::{Deserialize, Deserializer, Serializer, Spelled, spelled};

    pub(in crate::rest) fn serialize<T: Spelled, S: Serializer>(
        value: &Option<T>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => spelled::serialize(value, to),
            None => to.serialize_none(),
        }
    }

    pub(in crate::rest) fn deserialize<'de, T: Spelled, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<T>, D::Error> {
        struct Value<T>(T);

        impl<'de, T: Spelled> Deserialize<'de> for Value<T> {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                spelled::deserialize(from).map(Self)
            }
        }

        Ok(Option::<Value<T>>::deserialize(from)?.map(|value| value.0))
    }
}

/// The schema of one of a few words.
pub(super) fn words<T: Spelled>() -> Schema {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(T::WORDS.iter().copied()))
        .description(Some(T::ABOUT))
        .build()
        .into()
}

/// The same, or `null`.
pub(super) fn words_or_null<T: Spelled>() -> Schema {
    let words = T::WORDS.iter().copied().map(Some).chain([None]);
    ObjectBuilder::new()
        .schema_type(SchemaType::Array(vec![Type::String, Type::Null]))
        .enum_values(Some(words.collect::<Vec<_>>()))
        .description(Some(T::ABOUT))
        .build()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_word_reads_back<T: Spelled>() {
        for word in T::WORDS {
            let read = T::read(word).map(|value| value.spell().to_string());
            assert_eq!(read.as_deref(), Some(*word));
        }
    }

    #[test]
    fn the_words_are_the_domain_s() {
        every_word_reads_back::<CaptureMethod>();
        every_word_reads_back::<ResponseMode>();
        every_word_reads_back::<Status>();
        every_word_reads_back::<refund::Status>();
        every_word_reads_back::<refund::Reason>();
        every_word_reads_back::<refund::FailureReason>();
        every_word_reads_back::<batch::Status>();
        every_word_reads_back::<Brand>();
        every_word_reads_back::<EntryMode>();
        every_word_reads_back::<TipMode>();
        every_word_reads_back::<DeclineCode>();
        every_word_reads_back::<TerminalStatus>();
        every_word_reads_back::<Model>();
        assert_eq!(Status::WORDS, Status::ALL.map(Status::as_str));
        assert_eq!(refund::Status::WORDS, refund::Status::ALL.map(refund::Status::as_str));
        assert_eq!(refund::Reason::WORDS, refund::Reason::ALL.map(refund::Reason::as_str));
        assert_eq!(
            refund::FailureReason::WORDS,
            refund::FailureReason::ALL.map(refund::FailureReason::as_str)
        );
        assert_eq!(batch::Status::WORDS, batch::Status::ALL.map(batch::Status::as_str));
        assert_eq!(DeclineCode::WORDS, DeclineCode::ALL.map(DeclineCode::as_str));
        assert_eq!(TerminalStatus::WORDS, TerminalStatus::ALL.map(TerminalStatus::as_str));
        assert_eq!(Model::WORDS, Model::ALL.map(Model::as_str));
    }
}
