//! The settings as a form shows them, in groups: what each is about, what stands in its field, what holds and who says so.

use serde_json::Value;
use vinr_wire::rest::config::Key;

use super::super::super::form::Fields;
use super::super::super::typed::Typed;
use super::known::{Known, source};

/// Settings that belong together.
pub(in crate::dashboard) struct Group {
    pub(in crate::dashboard) name: String,
    pub(in crate::dashboard) about: String,
    pub(in crate::dashboard) settings: Vec<Setting>,
}

/// One setting.
pub(in crate::dashboard) struct Setting {
    /// The name of its field.
    pub(in crate::dashboard) name: String,
    pub(in crate::dashboard) label: String,
    pub(in crate::dashboard) input: Input,
    /// What the wider level makes of it when it is left to that.
    pub(in crate::dashboard) inherited: String,
    /// What holds at the terminal, who says so, and why another level is not followed.
    pub(in crate::dashboard) holds: Option<Holds>,
    /// What is wrong with what was typed.
    pub(in crate::dashboard) wrong: Option<String>,
}

/// What holds for a setting.
pub(in crate::dashboard) struct Holds {
    pub(in crate::dashboard) value: String,
    pub(in crate::dashboard) source: String,
    pub(in crate::dashboard) note: Option<String>,
}

/// How it is typed.
pub(in crate::dashboard) enum Input {
    /// One of a few, or left to the wider level.
    Choice(Vec<(&'static str, String, bool)>),
    /// A figure with its unit; empty, it is left to the wider level.
    Figure { value: String, unit: String },
    /// A text.
    Text { own: bool, value: String, most: usize },
    /// Several of a few.
    Ticks { own: bool, boxes: Vec<(&'static str, String, bool)> },
}

/// Every setting, with this in the fields.
pub(in crate::dashboard) fn groups(known: &Known, typed: &Typed) -> Vec<Group> {
    let say = |english: &str| known.words.say(english);
    let group = |section: &str, name: String, about: String| Group {
        name,
        about,
        settings: Key::ALL
            .iter()
            .filter(|key| key.section() == section)
            .map(|key| setting(known, *key, typed))
            .collect(),
    };
    vec![
        group(
            "tip",
            say("Tips"),
            say("Without suggestions and without an own amount, nobody is asked for a tip."),
        ),
        group("receipt", say("Receipts"), say("What the customer is offered after the payment.")),
        group("display", say("Screen"), say("What is on the screen while nobody pays.")),
        group(
            "offlineMode",
            say("Offline payments"),
            say(
                "What the terminal may approve by itself while it cannot reach the cloud. Such a payment can still be declined later.",
            ),
        ),
        group(
            "localApi",
            say("Local API"),
            say("Whether software in the shop's network drives the terminal."),
        ),
        group(
            "cashlessApi",
            say("Cashless API"),
            say("Whether a cash register drives it with a shared key."),
        ),
    ]
}

fn label(known: &Known, key: Key) -> String {
    let say = |english: &str| known.words.say(english);
    match key {
        Key::TipMode => say("Suggestions are"),
        Key::TipSuggestions => say("Suggestions, up to four"),
        Key::TipAllowCustom => say("Customers may enter a tip of their own"),
        Key::ReceiptChannels => say("Receipts can be had"),
        Key::ReceiptRequireConsent => say("Ask before any receipt goes out"),
        Key::DisplayIdleMessage => say("Text on the idle screen"),
        Key::OfflineEnabled => say("Take payments offline"),
        Key::OfflineMaxAmount => say("Most for one payment"),
        Key::OfflineMaxQueue => say("How many may wait"),
        Key::OfflineMaxTotal => say("Most that may wait together"),
        Key::OfflineMaxAge => say("How long one may wait"),
        Key::LocalApiEnabled => say("Local mode"),
        Key::LocalApiPlainHttp => say("Also without TLS (a bearer secret on an open wire)"),
        Key::CashlessApiEnabled => say("Serve the Cashless API"),
    }
}

fn setting(known: &Known, key: Key, typed: &Typed) -> Setting {
    let name = key.to_string();
    let percentages = known.percentages(typed.fields());
    let inherited = match known.inherited(key) {
        Some((level, value)) => {
            let value = known.written(key, value, percentages);
            let level = source(&known.words, level);
            known.words.tell("{value} ({whose})", &[("value", &value), ("whose", &level)])
        }
        None => default(known, key),
    };
    Setting {
        label: label(known, key),
        input: input(known, key, typed.fields()),
        inherited,
        holds: holds(known, key),
        wrong: typed.wrong(&name).map(str::to_owned),
        name,
    }
}

/// What holds when nobody says anything.
fn default(known: &Known, key: Key) -> String {
    let say = |english: &str| known.words.say(english);
    match key {
        Key::TipMode => say("Percentages (default)"),
        Key::ReceiptChannels => say("On paper, where there is a printer"),
        Key::TipSuggestions => say("none"),
        Key::DisplayIdleMessage => say("nothing"),
        Key::OfflineMaxAmount | Key::OfflineMaxQueue => say("as the model allows"),
        Key::OfflineMaxTotal => say("one payment's limit times how many may wait"),
        Key::OfflineMaxAge => known.words.tell("{count} minutes", &[("count", "240")]),
        _ => say("Off (default)"),
    }
}

fn input(known: &Known, key: Key, fields: &Fields) -> Input {
    let say = |english: &str| known.words.say(english);
    let name = key.to_string();
    let own = fields.get(&format!("own:{name}")) == Some("own");
    let typed = fields.get(&name);
    let choice = |value: &'static str, text: String| (value, text, typed == Some(value));
    let figure = |unit: String| Input::Figure { value: fields.text(&name), unit };
    match key {
        Key::TipMode => {
            Input::Choice(vec![choice("percentage", say("Percentages")), choice("fixed", say("Amounts"))])
        }
        Key::TipSuggestions => Input::Text { own, value: fields.text(&name), most: 80 },
        Key::DisplayIdleMessage => Input::Text { own, value: fields.text(&name), most: 60 },
        Key::ReceiptChannels => {
            let all = fields.all(&name);
            let boxes = ["print", "email", "sms"]
                .map(|word| (word, known.channel(word), all.iter().any(|one| one == word)));
            Input::Ticks { own, boxes: boxes.into() }
        }
        Key::OfflineMaxAmount | Key::OfflineMaxTotal => figure(known.currency.code().to_owned()),
        Key::OfflineMaxQueue => figure(say("payments")),
        Key::OfflineMaxAge => figure(say("minutes")),
        _ => Input::Choice(vec![choice("true", say("On")), choice("false", say("Off"))]),
    }
}

fn holds(known: &Known, key: Key) -> Option<Holds> {
    let resolved = known.holds.get(key.section())?.get(key.word())?;
    let mode = known.holds.get("tip").and_then(|tip| tip.get("mode")).and_then(|mode| mode.get("value"));
    let percentages = mode.is_none_or(|mode| mode == "percentage");
    Some(Holds {
        value: known.written(key, resolved.get("value").unwrap_or(&Value::Null), percentages),
        source: source(&known.words, resolved.get("source").and_then(Value::as_str).unwrap_or_default()),
        note: resolved.get("note").and_then(Value::as_str).map(|note| known.words.say(note)),
    })
}
