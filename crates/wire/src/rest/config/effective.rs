//! What holds for one terminal: the narrowest level that says something wins, key by key; what the model cannot do is
//! off, whoever asks for it; the operator's cap bounds what waits offline (contract 1.10).

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vinr_domain::{Capabilities, Currency, Model, OFFLINE_DEFAULTS_CURRENCY, OfflineDefaults};

use super::key::Key;
use super::level::nested;
use super::sources::{Levels, Source};
use super::{DEFAULT_MAX_AGE_SECONDS, MAX_TOTAL_MINOR};

/// The operator's limit for the terminals of an account; each part may be absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cap {
    /// The most that one offline payment may be, in minor units.
    pub max_amount_minor: Option<i64>,
    /// How many may wait.
    pub max_queue: Option<u32>,
    /// How much may wait, in minor units.
    pub max_total_minor: Option<i64>,
}

/// What is known of the terminal itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its model; `None`: one that is not in the table, which can do nothing beyond payments.
    pub model: Option<Model>,
    /// In what it settles; the default limits are for one currency only.
    pub currency: Option<Currency>,
}

/// What holds for one key, and who says so.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// The value; `null` where a limit has none.
    pub value: Value,
    /// Who says so.
    pub source: Source,
    /// Why a level that says otherwise is not followed.
    pub note: Option<&'static str>,
}

/// What holds for one terminal.
#[derive(Clone, Debug, PartialEq)]
pub struct Effective(pub(super) BTreeMap<Key, Resolved>);

impl Effective {
    /// What holds for the key.
    #[must_use]
    pub fn get(&self, key: Key) -> Option<&Resolved> {
        self.0.get(&key)
    }

    /// What the terminal is told: an object in sections, without limits that have no value.
    #[must_use]
    pub fn to_device_json(&self) -> Value {
        let values = self.0.iter().map(|(key, resolved)| (*key, resolved.value.clone()));
        nested(values.filter(|(_, value)| !value.is_null()))
    }
}

const NO_OFFLINE: &str = "This model cannot take payments offline.";
const NO_LIMIT: &str = "Without limits in the terminal's own currency, offline mode stays off.";
const NO_PRINTER: &str = "This model has no printer.";
const OTHER_MODE: &str = "The suggestions were set for the other tip mode.";

/// What holds for a terminal.
#[must_use]
pub fn resolve(levels: &Levels<'_>, cap: Cap, device: Device) -> Effective {
    let mut all = BTreeMap::new();
    for key in Key::ALL {
        let default = match key {
            Key::TipMode => json!("percentage"),
            Key::TipSuggestions | Key::ReceiptChannels => json!([]),
            Key::DisplayIdleMessage => json!(""),
            Key::OfflineMaxAge => json!(DEFAULT_MAX_AGE_SECONDS),
            Key::OfflineMaxAmount | Key::OfflineMaxQueue | Key::OfflineMaxTotal => Value::Null,
            Key::TipAllowCustom
            | Key::ReceiptRequireConsent
            | Key::OfflineEnabled
            | Key::LocalApiEnabled
            | Key::LocalApiPlainHttp
            | Key::CashlessApiEnabled => json!(false),
        };
        all.insert(*key, said(levels, *key).unwrap_or_else(|| by_default(default)));
    }
    tips(&mut all, levels);
    receipts(&mut all, levels, device.model);
    offline(&mut all, levels, cap, device);
    Effective(all)
}

fn said(levels: &Levels<'_>, key: Key) -> Option<Resolved> {
    let (value, source) = levels.find(key)?;
    Some(Resolved { value: value.clone(), source, note: None })
}

fn by_default(value: Value) -> Resolved {
    Resolved { value, source: Source::ModelDefault, note: None }
}

/// Suggestions that were meant as percentages are never shown as amounts, nor the other way round.
fn tips(all: &mut BTreeMap<Key, Resolved>, levels: &Levels<'_>) {
    let mode = all.get(&Key::TipMode).map(|mode| mode.value.clone()).unwrap_or_default();
    let Some(suggestions) = all.get_mut(&Key::TipSuggestions) else { return };
    let meant = levels.seen_from(suggestions.source, Key::TipMode);
    let same = meant.map_or(mode == json!("percentage"), |meant| *meant == mode);
    let fit = suggestions_fit(&mode, &suggestions.value);
    if suggestions.source != Source::ModelDefault && !(same && fit) {
        suggestions.value = json!([]);
        suggestions.note = Some(OTHER_MODE);
    }
}

/// Whether all suggestions can be shown in the mode.
pub(super) fn suggestions_fit(mode: &Value, suggestions: &Value) -> bool {
    let list = suggestions.as_array().map_or(&[][..], Vec::as_slice);
    *mode != json!("percentage") || list.iter().all(|one| one.as_i64().is_some_and(|one| one <= 100))
}

fn receipts(all: &mut BTreeMap<Key, Resolved>, levels: &Levels<'_>, model: Option<Model>) {
    let prints = capabilities(model).is_some_and(|can| can.printer);
    let Some(channels) = all.get_mut(&Key::ReceiptChannels) else { return };
    if levels.find(Key::ReceiptChannels).is_none() {
        channels.value = if prints { json!(["print"]) } else { json!([]) };
    } else if let (false, Value::Array(words)) = (prints, &mut channels.value) {
        let before = words.len();
        words.retain(|word| *word != json!("print"));
        if words.len() < before {
            channels.note = Some(NO_PRINTER);
        }
    }
}

fn capabilities(model: Option<Model>) -> Option<Capabilities> {
    model.map(Model::capabilities)
}

fn offline(all: &mut BTreeMap<Key, Resolved>, levels: &Levels<'_>, cap: Cap, device: Device) {
    let Some(defaults) = capabilities(device.model).and_then(|can| can.offline) else {
        let wanted = all.get(&Key::OfflineEnabled).is_some_and(|enabled| enabled.value == json!(true));
        let off = Resolved { note: wanted.then_some(NO_OFFLINE), ..by_default(json!(false)) };
        all.insert(Key::OfflineEnabled, off);
        for key in [Key::OfflineMaxAmount, Key::OfflineMaxQueue, Key::OfflineMaxTotal] {
            all.insert(key, by_default(Value::Null));
        }
        return;
    };
    let defaults =
        Some(defaults).filter(|_| device.currency.is_some_and(|own| own.code() == OFFLINE_DEFAULTS_CURRENCY));
    let amount = limit(levels, Key::OfflineMaxAmount, defaults.map(amount_of), cap.max_amount_minor);
    let queue = limit(levels, Key::OfflineMaxQueue, defaults.map(queue_of), cap.max_queue.map(i64::from));
    let most =
        |amount: Option<i64>, queue: Option<i64>| Some(amount?.saturating_mul(queue?).min(MAX_TOTAL_MINOR));
    let product = most(amount.value.as_i64(), queue.value.as_i64());
    let capped = most(cap.max_amount_minor, cap.max_queue.map(i64::from));
    let capped = cap.max_total_minor.into_iter().chain(capped).min();
    let total = limit(levels, Key::OfflineMaxTotal, product, capped);
    if product.is_none()
        && let Some(enabled) = all.get_mut(&Key::OfflineEnabled)
        && enabled.value == json!(true)
    {
        *enabled = Resolved { note: Some(NO_LIMIT), ..by_default(json!(false)) };
    }
    all.insert(Key::OfflineMaxAmount, amount);
    all.insert(Key::OfflineMaxQueue, queue);
    all.insert(Key::OfflineMaxTotal, total);
}

fn amount_of(defaults: OfflineDefaults) -> i64 {
    defaults.max_amount_minor
}

fn queue_of(defaults: OfflineDefaults) -> i64 {
    i64::from(defaults.max_queue)
}

/// A limit: what a level says, else the default, and never more than the cap.
fn limit(levels: &Levels<'_>, key: Key, default: Option<i64>, cap: Option<i64>) -> Resolved {
    let resolved = said(levels, key).unwrap_or_else(|| by_default(default.map_or(Value::Null, Value::from)));
    match (resolved.value.as_i64(), cap) {
        (Some(value), Some(cap)) if value > cap => {
            Resolved { value: json!(cap), source: Source::AccountCap, note: None }
        }
        _ => resolved,
    }
}
