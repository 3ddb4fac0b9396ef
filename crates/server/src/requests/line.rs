//! One request in the log, and which of them a reader wants to see.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vinr_domain::Timestamp;

use crate::store::spelling;

/// A request that was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its name, `req_…`: what the answer carried in `X-Request-Id`.
    pub id: Arc<str>,
    /// When it came.
    #[serde(with = "spelling::moment")]
    pub at: Timestamp,
    /// The method.
    #[serde(rename = "m")]
    pub method: Arc<str>,
    /// The path with its query; parts that could be secret are left out.
    #[serde(rename = "p")]
    pub path: Arc<str>,
    /// The HTTP status of the answer.
    #[serde(rename = "s")]
    pub status: u16,
    /// How long the answer took, in microseconds.
    #[serde(rename = "us")]
    pub took_us: u32,
    /// The key as people are shown it, `sk_test_…6789`.
    #[serde(rename = "k")]
    pub key: Arc<str>,
    /// The version that it was answered in.
    #[serde(rename = "v", default)]
    pub version: Arc<str>,
    /// The code of the error that was answered.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Arc<str>>,
    /// The key under which the caller may repeat it.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<Arc<str>>,
    /// Whether it was answered as an earlier one was.
    #[serde(rename = "r", default, skip_serializing_if = "std::ops::Not::not")]
    pub replayed: bool,
    /// The program that asked, as it calls itself.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Arc<str>>,
}

/// Some statuses of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statuses {
    /// `4xx`: all that begin with this digit.
    Class(u16),
    /// This one.
    One(u16),
}

impl Statuses {
    /// Reads `4xx` or `409`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let class = text.strip_suffix("xx").or_else(|| text.strip_suffix("XX"));
        match class {
            Some(digit) => digit.parse().ok().filter(|digit| (1..=5).contains(digit)).map(Self::Class),
            None => text.parse().ok().filter(|status| (100..600).contains(status)).map(Self::One),
        }
    }

    fn holds(self, status: u16) -> bool {
        match self {
            Self::Class(digit) => status / 100 == digit,
            Self::One(one) => status == one,
        }
    }
}

/// Which requests somebody wants to see; every condition must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Answered so.
    pub statuses: Option<Statuses>,
    /// With this method.
    pub method: Option<String>,
    /// With this in their path, or named so.
    pub text: Option<String>,
    /// Of a key that is shown with this in it.
    pub key: Option<String>,
}

impl Filter {
    /// Whether the request is one of them.
    #[must_use]
    pub fn shows(&self, line: &Line) -> bool {
        let has = |wanted: &str| {
            line.path.contains(wanted)
                || line.id.as_ref() == wanted
                || line.code.as_deref() == Some(wanted)
                || line.idempotency_key.as_deref() == Some(wanted)
        };
        self.statuses.is_none_or(|statuses| statuses.holds(line.status))
            && self.method.as_ref().is_none_or(|method| line.method.eq_ignore_ascii_case(method))
            && self.text.as_deref().is_none_or(has)
            && self.key.as_ref().is_none_or(|key| line.key.contains(key.as_str()))
    }
}

#[cfg(test)]
pub(super) fn sample(id: u32, status: u16) -> Line {
    Line {
        id: format!("req_{id}").into(),
        at: Timestamp(i64::from(id) * 1_000),
        method: "POST".into(),
        path: "/v1/terminal/payments".into(),
        status,
        took_us: 900,
        key: "sk_test_…6789".into(),
        version: "2026-06-11".into(),
        code: (status >= 400).then(|| "parameter_invalid".into()),
        idempotency_key: Some("order-1".into()),
        replayed: false,
        agent: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_shows_what_it_says() {
        let line = sample(7, 400);
        let with = |text: &str| Filter { text: Some(text.to_owned()), ..Filter::default() }.shows(&line);
        assert!(with("payments") && with("req_7") && with("parameter_invalid") && with("order-1"));
        assert!(!with("req_") && !with("refunds"));
        for (text, shown) in [("4xx", true), ("400", true), ("401", false), ("2xx", false)] {
            let statuses = Statuses::parse(text);
            assert_eq!(Filter { statuses, ..Filter::default() }.shows(&line), shown, "{text}");
        }
        for text in ["", "xx", "0xx", "9xx", "99", "600", "four"] {
            assert_eq!(Statuses::parse(text), None, "{text}");
        }
        let of = |key: &str| Filter { key: Some(key.to_owned()), ..Filter::default() }.shows(&line);
        assert!(of("6789") && of("sk_test_") && !of("rk_"));
        let by = |method: &str| Filter { method: Some(method.to_owned()), ..Filter::default() }.shows(&line);
        assert!(by("post") && !by("GET"));
    }
}
