//! What is known while a configuration is shown: what each level says, what holds, and how values are written. Reads no
//! form.

use serde_json::Value;
use vinr_domain::{Currency, OFFLINE_DEFAULTS_CURRENCY};
use vinr_wire::rest::config::{Key, Level};

use super::super::super::Dashboard;
use super::super::super::form::Fields;
use super::super::super::page::Trouble;
use super::super::super::visit::Visit;
use super::super::super::words::Words;
use crate::access::Principal;
use crate::refusal::Refusal;

/// Whoever says something, in words.
pub(in crate::dashboard) fn source(words: &Words, word: &str) -> String {
    match word {
        "terminal" => words.say("set for this terminal"),
        "location" => words.say("from its location"),
        "account" => words.say("from the account"),
        "account_cap" => words.say("limited by the operator"),
        _ => words.say("the model's default"),
    }
}

/// What is known beside what the level itself says.
pub(in crate::dashboard) struct Known {
    pub(super) words: Words,
    pub(super) currency: Currency,
    /// The level that is edited.
    pub(super) own: Level,
    /// The wider levels, the narrowest first, each with its name.
    pub(super) wider: Vec<(&'static str, Level)>,
    /// What holds, in sections, when one terminal is looked at; null otherwise.
    pub(super) holds: Value,
}

impl Known {
    /// What is known where this level stands.
    pub(in crate::dashboard) fn new(
        dashboard: &Dashboard,
        visit: &Visit,
        who: &Principal,
        own: Level,
        wider: Vec<(&'static str, Level)>,
        holds: Value,
    ) -> Result<Self, Trouble> {
        let figures = dashboard.services.book.figures(&who.scope);
        let code = figures.default_currency.as_deref().unwrap_or(OFFLINE_DEFAULTS_CURRENCY);
        let currency =
            Currency::parse(code).map_err(|_| Refusal::Unavailable { money_may_have_moved: false })?;
        Ok(Self { words: visit.words.clone(), currency, own, wider, holds })
    }

    /// What the narrowest of the wider levels says, and which that is.
    pub(super) fn inherited(&self, key: Key) -> Option<(&'static str, &Value)> {
        self.wider.iter().find_map(|(name, level)| Some((*name, level.get(key)?)))
    }

    /// Whether tips are percentages where these fields are typed.
    pub(super) fn percentages(&self, fields: &Fields) -> bool {
        let inherited = self.inherited(Key::TipMode).and_then(|(_, mode)| mode.as_str());
        fields.get(&Key::TipMode.to_string()).or(inherited).unwrap_or("percentage") == "percentage"
    }

    /// Whether they are where the level is kept.
    fn kept_percentages(&self) -> bool {
        let own = self.own.get(Key::TipMode);
        let mode = own.or_else(|| self.inherited(Key::TipMode).map(|(_, mode)| mode));
        mode.and_then(Value::as_str).unwrap_or("percentage") == "percentage"
    }

    /// The value as people read it.
    pub(super) fn written(&self, key: Key, value: &Value, percentages: bool) -> String {
        let say = |english: &str| self.words.say(english);
        let number = value.as_i64().unwrap_or_default();
        let list = value.as_array().map_or(&[][..], Vec::as_slice);
        match (key, value) {
            (_, Value::Null) => say("no limit of its own"),
            (_, Value::Bool(true)) => say("On"),
            (_, Value::Bool(false)) => say("Off"),
            (Key::TipMode, _) if value == "fixed" => say("Amounts"),
            (Key::TipMode, _) => say("Percentages"),
            (Key::TipSuggestions, _) if percentages && !list.is_empty() => {
                let each = list.iter().filter_map(Value::as_i64).map(|one| format!("{one} %"));
                each.collect::<Vec<_>>().join(", ")
            }
            (Key::TipSuggestions, _) if !list.is_empty() => {
                let each =
                    list.iter().filter_map(Value::as_i64).map(|one| self.words.amount(one, self.currency));
                each.collect::<Vec<_>>().join(", ")
            }
            (Key::ReceiptChannels, _) if !list.is_empty() => {
                let each = list.iter().filter_map(Value::as_str).map(|word| self.channel(word));
                each.collect::<Vec<_>>().join(", ")
            }
            (Key::TipSuggestions | Key::ReceiptChannels, _) => say("none"),
            (Key::DisplayIdleMessage, _) => match value.as_str().filter(|text| !text.is_empty()) {
                Some(text) => format!("“{text}”"),
                None => say("nothing"),
            },
            (Key::OfflineMaxAmount | Key::OfflineMaxTotal, _) => self.words.amount(number, self.currency),
            (Key::OfflineMaxAge, _) => self.words.tell("{count} minutes", &[("count", &minutes(number))]),
            _ => self.words.whole(number.unsigned_abs()),
        }
    }

    pub(super) fn channel(&self, word: &str) -> String {
        match word {
            "print" => self.words.say("On paper"),
            "email" => self.words.say("By e-mail"),
            _ => self.words.say("By text message"),
        }
    }

    /// What the level says, as somebody could have typed it into the form.
    pub(in crate::dashboard) fn as_typed(&self) -> Fields {
        let names: Vec<(Key, String, String)> =
            Key::ALL.iter().map(|key| (*key, key.to_string(), format!("own:{key}"))).collect();
        let mut pairs = Vec::new();
        for (key, name, own) in &names {
            let Some(value) = self.own.get(*key) else { continue };
            pairs.push((own.as_str(), "own".to_owned()));
            pairs.extend(self.typed(*key, value).into_iter().map(|text| (name.as_str(), text)));
        }
        Fields::of(pairs)
    }

    fn typed(&self, key: Key, value: &Value) -> Vec<String> {
        let number = value.as_i64().unwrap_or_default();
        let plain = |minor: i64| self.words.figure(minor, self.currency.exponent());
        match (key, value) {
            (Key::ReceiptChannels, Value::Array(list)) => {
                list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            (Key::TipSuggestions, Value::Array(list)) => {
                let whole = self.kept_percentages();
                let one = |one: i64| if whole { one.to_string() } else { plain(one) };
                let each = list.iter().filter_map(Value::as_i64).map(one).collect::<Vec<_>>();
                // Amounts may have commas in them.
                vec![each.join(if whole { ", " } else { "; " })]
            }
            (Key::OfflineMaxAmount | Key::OfflineMaxTotal, _) => vec![plain(number)],
            (Key::OfflineMaxAge, _) => vec![minutes(number)],
            (_, Value::String(text)) => vec![text.clone()],
            (_, other) => vec![other.to_string()],
        }
    }
}

/// Seconds as minutes, with what is left of one in hundredths.
fn minutes(seconds: i64) -> String {
    match seconds % 60 {
        0 => (seconds / 60).to_string(),
        rest => format!("{}.{:02}", seconds / 60, rest * 100 / 60),
    }
}

/// The seconds of minutes that somebody typed, `1.5`.
pub(super) fn seconds(typed: &str) -> Option<i64> {
    let (whole, rest) = typed.split_once(['.', ',']).unwrap_or((typed, ""));
    let digits = |text: &str| text.len() <= 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(rest) {
        return None;
    }
    let hundredths: i64 = format!("{rest:0<2}").get(..2)?.parse().ok()?;
    // Up to the next second, so that what was written is read as it was.
    Some(whole.parse::<i64>().ok()? * 60 + (hundredths * 60 + 99) / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_read_as_they_are_written() {
        for s in [1, 59, 60, 90, 100, 3_601, 14_400, 86_400] {
            assert_eq!(seconds(&minutes(s)), Some(s), "{}", minutes(s));
        }
        assert_eq!(seconds("1,5"), Some(90));
        for wrong in ["", ".5", "-1", "1e3", "1.2.3", "ten"] {
            assert_eq!(seconds(wrong), None, "{wrong:?}");
        }
    }
}
