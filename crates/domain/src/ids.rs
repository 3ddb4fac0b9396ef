//! Identifiers: opaque to clients, a prefix and a time-ordered suffix (contract 1.4). Making them needs a clock
//! and randomness, so they are made elsewhere; here they are only written and read.

use std::fmt;
use std::sync::Arc;

const BASE32: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The text is not an identifier of the expected kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind} id")]
pub struct IdError {
    /// What was expected, in words.
    pub kind: &'static str,
}

/// Writes 128 bits as 26 characters of Crockford's base 32; keeps the order of the numbers.
#[must_use]
pub fn encode_base32(value: u128) -> String {
    (0..26).rev().map(|i| char::from(BASE32[((value >> (5 * i)) & 31) as usize])).collect()
}

/// Reads what [`encode_base32`] wrote; `None` for anything else (lower case included).
#[must_use]
pub fn decode_base32(text: &str) -> Option<u128> {
    if text.len() != 26 || text.as_bytes()[0] > b'7' {
        return None;
    }
    text.bytes().try_fold(0_u128, |value, byte| {
        let digit = BASE32.iter().position(|b| *b == byte)?;
        Some((value << 5) | digit as u128)
    })
}

macro_rules! numbered_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u128);

        impl $name {
            /// What every id of this kind starts with.
            pub const PREFIX: &'static str = $prefix;

            /// Reads the written form.
            ///
            /// # Errors
            /// [`IdError`] when the prefix or the suffix is not of this kind.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                text.strip_prefix($prefix).and_then(decode_base32).map(Self).ok_or(IdError { kind: $kind })
            }

            /// The smallest id that can have been made at `unix_ms` (UUIDv7 layout).
            #[must_use]
            pub fn first_at(unix_ms: i64) -> Self {
                Self((u128::from(unix_ms.clamp(0, 0xFFFF_FFFF_FFFF) as u64)) << 80)
            }

            /// The time in it (UUIDv7 layout).
            #[must_use]
            pub fn time(self) -> crate::Timestamp {
                crate::Timestamp((self.0 >> 80) as i64)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", $prefix, encode_base32(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

numbered_id!(
    /// A terminal payment, `tpay_…`.
    PaymentId, "tpay_", "terminal payment"
);
numbered_id!(
    /// An event, `evt_…`.
    EventId, "evt_", "event"
);
numbered_id!(
    /// A terminal's action, `tact_…`.
    ActionId, "tact_", "terminal action"
);
numbered_id!(
    /// A webhook endpoint, `we_…`.
    WebhookEndpointId, "we_", "webhook endpoint"
);
numbered_id!(
    /// One event for one webhook endpoint, `del_…`; bears the number of the event.
    DeliveryId, "del_", "delivery"
);
numbered_id!(
    /// A device that offers itself to be paired, `pair_…`.
    PairingId, "pair_", "pairing"
);
numbered_id!(
    /// A refund, `re_…`.
    RefundId, "re_", "refund"
);
numbered_id!(
    /// A batch, `batch_…`.
    BatchId, "batch_", "batch"
);
numbered_id!(
    /// A certificate of a till that may speak to one terminal in the shop, `cert_…`.
    ClientCertificateId, "cert_", "client certificate"
);
numbered_id!(
    /// One request to the API, `req_…`.
    RequestId, "req_", "request"
);

/// The one identity of a payment on every path, named by whoever starts it (contract 3.1). A UUID; on the API it
/// is called `clientToken`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntentId(pub u128);

impl IntentId {
    /// Reads a hyphenated UUID (RFC 9562 section 4), either case.
    ///
    /// # Errors
    /// [`IdError`] when the text is not one.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let bad = IdError { kind: "client token (UUID)" };
        let hyphens_right = text.len() == 36 && [8, 13, 18, 23].iter().all(|i| text.as_bytes()[*i] == b'-');
        if !hyphens_right {
            return Err(bad);
        }
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        if digits.len() != 32 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(bad);
        }
        u128::from_str_radix(&digits, 16).map(Self).map_err(|_| bad)
    }
}

impl fmt::Display for IntentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let v = self.0;
        let (a, b, c) = ((v >> 96) as u32, (v >> 80) as u16, (v >> 64) as u16);
        write!(f, "{a:08x}-{b:04x}-{c:04x}-{:04x}-{:012x}", (v >> 48) as u16, v & 0xFFFF_FFFF_FFFF)
    }
}

impl fmt::Debug for IntentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

macro_rules! named_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Reads the written form: the prefix and 1 to 48 letters, digits, `_` or `-`.
            ///
            /// # Errors
            /// [`IdError`] when the text is not of this kind.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let rest = text.strip_prefix($prefix).ok_or(IdError { kind: $kind })?;
                let fits = (1..=48).contains(&rest.len())
                    && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
                if fits { Ok(Self(text.into())) } else { Err(IdError { kind: $kind }) }
            }

            /// The written form.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

named_id!(
    /// A merchant's account, `acct_…`.
    AccountId, "acct_", "account"
);
named_id!(
    /// A terminal, `term_…`.
    TerminalId, "term_", "terminal"
);
named_id!(
    /// A location, `loc_…`.
    LocationId, "loc_", "location"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_ids_read_back_and_keep_their_order() {
        for value in [0, 1, 31, 32, u128::MAX, 0x0190_0000_0000_7000_8000_0000_0000_0001] {
            assert_eq!(decode_base32(&encode_base32(value)), Some(value));
            assert_eq!(PaymentId::parse(&PaymentId(value).to_string()), Ok(PaymentId(value)));
            assert_eq!(IntentId::parse(&IntentId(value).to_string()), Ok(IntentId(value)));
        }
        assert!(encode_base32(31) < encode_base32(32));
        assert!(PaymentId::first_at(1).to_string() < PaymentId::first_at(2).to_string());
    }

    #[test]
    fn foreign_text_is_refused() {
        for text in [
            "",
            "tpay_",
            "tpay_1",
            "tpy_01HZ5QA7BK",
            "tpay_8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
            "evt_00000000000000000000000000",
        ] {
            assert!(PaymentId::parse(text).is_err(), "{text}");
        }
        for text in ["0190", "01900000000070008000000000000001", "01900000-0000-7000-8000-00000000000g"] {
            assert!(IntentId::parse(text).is_err(), "{text}");
        }
        for text in ["trm_1", "term_", "term_a b", "term_é", &format!("term_{}", "x".repeat(49))] {
            assert!(TerminalId::parse(text).is_err(), "{text}");
        }
        assert!(TerminalId::parse("term_test_simulator").is_ok());
    }
}
