//! What a terminal makes of its configuration: the keys that it honours, checked one by one. Keys that it does not
//! know are left alone, because the cloud may be newer; one that it knows and cannot apply is named.

use serde_json::{Map, Value};
use vinr_domain::{MAX_AMOUNT_MINOR, MAX_TIP_SUGGESTIONS, TipBasis, TipPrompt};

/// How long the idle message may be, in characters (terminals reference, `display.idleMessage`).
const IDLE_MESSAGE_CHARS: usize = 60;
/// How long payments may wait offline unless the configuration says so, in seconds (contract 1.10).
const DEFAULT_MAX_AGE_SECONDS: u32 = 4 * 3_600;
/// The longest that they may, in seconds.
const MAX_AGE_SECONDS: u64 = 24 * 3_600;

/// How a customer gets a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReceiptChannel {
    /// On paper.
    Print,
    /// By electronic mail.
    Email,
    /// By text message.
    Sms,
}

impl ReceiptChannel {
    /// As configurations write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Print => "print",
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Print, Self::Email, Self::Sms].into_iter().find(|channel| channel.as_str() == text)
    }
}

/// What a terminal does about receipts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptSettings {
    /// What is offered, in the order of the screen; none twice.
    pub channels: Vec<ReceiptChannel>,
    /// Whether the customer must choose: no receipt is made silently.
    pub require_consent: bool,
}

/// What a terminal may approve without the cloud.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfflineSettings {
    /// Whether it may at all.
    pub enabled: bool,
    /// The most that one payment may be, in minor units; `None`: nothing.
    pub max_amount_minor: Option<i64>,
    /// How many may wait; `None`: none.
    pub max_queue: Option<u32>,
    /// The most that may wait together, in minor units.
    pub max_total_minor: Option<i64>,
    /// How long one may wait, in seconds.
    pub max_age_seconds: u32,
}

/// A terminal's configuration as it honours it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceConfiguration {
    /// What customers are asked before the card; `None`: nothing.
    pub tip: Option<TipPrompt>,
    /// `None`: both copies are printed, as without a configuration.
    pub receipt: Option<ReceiptSettings>,
    /// For the idle screen; `None`: the terminal's own words.
    pub idle_message: Option<String>,
    /// Payments without the cloud.
    pub offline: OfflineSettings,
}

/// The terminal cannot apply the configuration; the cloud, or who configured it, is at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` {problem}")]
pub struct ConfigurationError {
    /// Which key, in bracket notation.
    pub key: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

fn wrong(key: &str, problem: &'static str) -> ConfigurationError {
    ConfigurationError { key: key.to_owned(), problem }
}

impl DeviceConfiguration {
    /// Reads the JSON of a [`super::Configure`] for a device with or without a printer.
    ///
    /// # Errors
    /// [`ConfigurationError`] names the first key that cannot be applied; nothing of the rest is then applied.
    pub fn parse(json: &[u8], has_printer: bool) -> Result<Self, ConfigurationError> {
        let root: Value =
            serde_json::from_slice(json).map_err(|_| wrong("config", "is not JSON in UTF-8"))?;
        let Value::Object(root) = root else { return Err(wrong("config", "is not an object")) };
        let display = section(&root, "display")?;
        let idle_message = match display.as_ref().and_then(|display| known(display, "idleMessage")) {
            None => None,
            Some(Value::String(text)) if text.chars().count() <= IDLE_MESSAGE_CHARS => {
                Some(text.clone()).filter(|text| !text.is_empty())
            }
            Some(_) => return Err(wrong("display[idleMessage]", "is not a text of at most 60 characters")),
        };
        Ok(Self {
            tip: section(&root, "tip")?.map(|tip| tip_of(&tip)).transpose()?,
            receipt: section(&root, "receipt")?
                .map(|receipt| receipt_of(&receipt, has_printer))
                .transpose()?,
            idle_message,
            offline: section(&root, "offlineMode")?.map_or_else(
                || Ok(OfflineSettings { max_age_seconds: DEFAULT_MAX_AGE_SECONDS, ..Default::default() }),
                |offline| offline_of(&offline),
            )?,
        })
    }
}

/// An object in the configuration; `null` is as good as nothing.
fn section(
    root: &Map<String, Value>,
    key: &'static str,
) -> Result<Option<Map<String, Value>>, ConfigurationError> {
    match known(root, key) {
        None => Ok(None),
        Some(Value::Object(section)) => Ok(Some(section.clone())),
        Some(_) => Err(wrong(key, "is not an object")),
    }
}

fn known<'a>(section: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    section.get(key).filter(|value| !value.is_null())
}

fn flag(section: &Map<String, Value>, name: &str, key: &'static str) -> Result<bool, ConfigurationError> {
    match known(section, name) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(wrong(key, "is neither true nor false")),
    }
}

fn tip_of(tip: &Map<String, Value>) -> Result<TipPrompt, ConfigurationError> {
    let basis = match known(tip, "mode") {
        None => TipBasis::Percentage,
        Some(mode) => mode
            .as_str()
            .and_then(TipBasis::parse)
            .ok_or_else(|| wrong("tip[mode]", "is neither `percentage` nor `fixed`"))?,
    };
    let list = match known(tip, "suggestions") {
        None => Vec::new(),
        Some(Value::Array(list)) if list.len() <= MAX_TIP_SUGGESTIONS => list.clone(),
        Some(_) => return Err(wrong("tip[suggestions]", "is not a list of at most four numbers")),
    };
    let mut suggestions = Vec::with_capacity(list.len());
    for (at, one) in list.iter().enumerate() {
        let number = one.as_u64().and_then(|number| u32::try_from(number).ok());
        let fits = number.filter(|number| basis.allows(*number));
        let key = || wrong(&format!("tip[suggestions][{at}]"), "is not a tip that can be suggested");
        suggestions.push(fits.ok_or_else(key)?);
    }
    let allow_custom = flag(tip, "allowCustom", "tip[allowCustom]")?;
    Ok(TipPrompt { basis, suggestions, allow_custom })
}

fn receipt_of(
    receipt: &Map<String, Value>,
    has_printer: bool,
) -> Result<ReceiptSettings, ConfigurationError> {
    let list = match known(receipt, "channels") {
        None => Vec::new(),
        Some(Value::Array(list)) => list.clone(),
        Some(_) => return Err(wrong("receipt[channels]", "is not a list")),
    };
    let mut channels = Vec::with_capacity(list.len());
    for (at, one) in list.iter().enumerate() {
        let key = format!("receipt[channels][{at}]");
        let channel = one.as_str().and_then(ReceiptChannel::parse);
        let channel = channel.ok_or_else(|| wrong(&key, "is not `print`, `email` or `sms`"))?;
        if channel == ReceiptChannel::Print && !has_printer {
            return Err(wrong(&key, "cannot be: this device has no printer"));
        }
        if !channels.contains(&channel) {
            channels.push(channel);
        }
    }
    Ok(ReceiptSettings {
        channels,
        require_consent: flag(receipt, "requireConsent", "receipt[requireConsent]")?,
    })
}

fn offline_of(offline: &Map<String, Value>) -> Result<OfflineSettings, ConfigurationError> {
    let amount = |name: &str, key: &'static str, most: u64| match known(offline, name) {
        None => Ok(None),
        Some(value) => match value.as_u64() {
            Some(number) if number <= most => Ok(Some(number)),
            _ => Err(wrong(key, "is not a number that it can be")),
        },
    };
    let minor = |number: Option<u64>| number.and_then(|number| i64::try_from(number).ok());
    let most_minor = MAX_AMOUNT_MINOR.unsigned_abs();
    let age = amount("maxAgeSeconds", "offlineMode[maxAgeSeconds]", MAX_AGE_SECONDS)?;
    Ok(OfflineSettings {
        enabled: flag(offline, "enabled", "offlineMode[enabled]")?,
        max_amount_minor: minor(amount("maxAmount", "offlineMode[maxAmount]", most_minor)?),
        max_queue: amount("maxQueue", "offlineMode[maxQueue]", u64::from(u32::MAX))?
            .and_then(|number| u32::try_from(number).ok()),
        max_total_minor: minor(amount("maxTotal", "offlineMode[maxTotal]", u64::from(u32::MAX) << 20)?),
        max_age_seconds: age
            .and_then(|seconds| u32::try_from(seconds).ok())
            .unwrap_or(DEFAULT_MAX_AGE_SECONDS),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_own_example_is_applied() {
        let json = br#"{"tip":{"mode":"percentage","suggestions":[10,15,20]},
            "receipt":{"channels":["print","sms"],"requireConsent":true},
            "display":{"idleMessage":"Welcome to Acme Coffee"},
            "offlineMode":{"enabled":true,"maxAmount":5000,"maxQueue":50},"localApi":{"enabled":1}}"#;
        let read = DeviceConfiguration::parse(json, true).unwrap();
        let tip =
            TipPrompt { basis: TipBasis::Percentage, suggestions: vec![10, 15, 20], allow_custom: false };
        assert_eq!(read.tip, Some(tip));
        let channels = vec![ReceiptChannel::Print, ReceiptChannel::Sms];
        assert_eq!(read.receipt, Some(ReceiptSettings { channels, require_consent: true }));
        assert_eq!(read.idle_message.as_deref(), Some("Welcome to Acme Coffee"));
        assert_eq!((read.offline.max_amount_minor, read.offline.max_queue), (Some(5_000), Some(50)));
        assert_eq!(read.offline.max_age_seconds, 14_400);
        let empty = DeviceConfiguration::parse(b"{\"tip\":null}", true).unwrap();
        assert_eq!((empty.tip, empty.receipt, empty.idle_message), (None, None, None));
    }

    #[test]
    fn what_cannot_be_applied_is_named() {
        for (json, key) in [
            ("[]", "config"),
            ("{", "config"),
            (r#"{"tip":1}"#, "tip"),
            (r#"{"tip":{"mode":"odd"}}"#, "tip[mode]"),
            (r#"{"tip":{"suggestions":[1,2,3,4,5]}}"#, "tip[suggestions]"),
            (r#"{"tip":{"suggestions":[5,101]}}"#, "tip[suggestions][1]"),
            (r#"{"tip":{"mode":"fixed","suggestions":[-1]}}"#, "tip[suggestions][0]"),
            (r#"{"tip":{"allowCustom":"yes"}}"#, "tip[allowCustom]"),
            (r#"{"receipt":{"channels":"print"}}"#, "receipt[channels]"),
            (r#"{"receipt":{"channels":["sms","fax"]}}"#, "receipt[channels][1]"),
            (r#"{"receipt":{"channels":["print"]}}"#, "receipt[channels][0]"),
            (r#"{"receipt":{"requireConsent":0}}"#, "receipt[requireConsent]"),
            (r#"{"display":{"idleMessage":7}}"#, "display[idleMessage]"),
            (r#"{"offlineMode":{"enabled":"on"}}"#, "offlineMode[enabled]"),
            (r#"{"offlineMode":{"maxAmount":-1}}"#, "offlineMode[maxAmount]"),
            (r#"{"offlineMode":{"maxQueue":1.5}}"#, "offlineMode[maxQueue]"),
            (r#"{"offlineMode":{"maxAgeSeconds":86401}}"#, "offlineMode[maxAgeSeconds]"),
        ] {
            let error = DeviceConfiguration::parse(json.as_bytes(), false).unwrap_err();
            assert_eq!(error.key, key, "{json}");
        }
        let long = format!(r#"{{"display":{{"idleMessage":"{}"}}}}"#, "é".repeat(61));
        assert!(DeviceConfiguration::parse(long.as_bytes(), true).is_err());
        assert!(DeviceConfiguration::parse(long.replacen('é', "", 1).as_bytes(), true).is_ok());
    }
}
