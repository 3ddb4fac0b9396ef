//! What somebody typed into the settings, as the API would be sent it. Finds out what is no number and no list, field by
//! field; what a configuration may say is decided by `vinr_wire::rest::config`.

use serde_json::{Map, Value, json};
use vinr_wire::rest::body::decode;
use vinr_wire::rest::config::{Key, MAX_IDLE_MESSAGE_CHARS, MAX_QUEUE, Patch, TerminalConfig};

use super::super::super::form::Fields;
use super::super::super::page::Trouble;
use super::super::super::typed::Typed;
use super::known::{Known, seconds};

/// Reads the form: every setting, a value or nothing where the wider level decides; and the fields it was read from.
///
/// # Errors
/// The form again, with what is wrong at its fields.
pub(in crate::dashboard) fn read(known: &Known, fields: Fields) -> Result<(Patch, Fields), Typed> {
    let mut sections = Map::new();
    let mut wrong = Vec::new();
    for key in Key::ALL {
        let value = match one(known, *key, &fields) {
            Ok(value) => value,
            Err(message) => {
                wrong.push((key.to_string(), message));
                continue;
            }
        };
        let section = sections.entry(key.section()).or_insert_with(|| json!({}));
        section[key.word()] = value;
    }
    if wrong.is_empty() {
        let body = Value::Object(sections).to_string();
        let config = decode::<TerminalConfig>(Some("application/json"), body.as_bytes());
        match config.ok().map(TerminalConfig::validate) {
            Some(Ok(patch)) => return Ok((patch, fields)),
            Some(Err(error)) => {
                let field = error.param.unwrap_or_default();
                let key =
                    Key::ALL.iter().map(ToString::to_string).find(|key| field.starts_with(key.as_str()));
                wrong.push((key.unwrap_or(field), error.message));
            }
            None => wrong.push((Key::TipMode.to_string(), known.words.say("cannot be understood"))),
        }
    }
    let mut typed = Typed::new(fields);
    wrong.into_iter().for_each(|(field, message)| typed.blame(field, message));
    Err(typed)
}

/// What the application said to the form: carried out, or the form again with what is wrong.
///
/// # Errors
/// Trouble that is with no field.
pub(in crate::dashboard) fn taken<T>(
    done: Result<T, Trouble>,
    fields: Fields,
) -> Result<Result<T, Typed>, Trouble> {
    let names: Vec<String> = Key::ALL.iter().map(ToString::to_string).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(trouble) => Typed::new(fields).blamed(trouble, &names).map(Err),
    }
}

/// One setting; null where it is left to the wider level.
fn one(known: &Known, key: Key, fields: &Fields) -> Result<Value, String> {
    let name = key.to_string();
    let say = |english: &str| Err(known.words.say(english));
    let typed = fields.get(&name);
    match key {
        Key::TipSuggestions | Key::ReceiptChannels | Key::DisplayIdleMessage => {
            if fields.get(&format!("own:{name}")) == Some("own") {
                return listed(known, key, fields);
            }
            // What was typed and not chosen is not thrown away without a word.
            if fields.all(&name) == known.as_typed().all(&name) || typed.is_none() {
                return Ok(Value::Null);
            }
            say("is filled in, but not chosen: choose “Set here”, or empty it")
        }
        Key::OfflineMaxAmount | Key::OfflineMaxTotal => match typed {
            None => Ok(Value::Null),
            Some(typed) => match known.words.typed_amount(typed, known.currency) {
                Some(minor) => Ok(json!(minor)),
                None => say("must be an amount, such as 50.00"),
            },
        },
        Key::OfflineMaxQueue => match typed.map(str::parse::<u32>) {
            None => Ok(Value::Null),
            Some(Ok(count)) if (1..=MAX_QUEUE).contains(&count) => Ok(json!(count)),
            Some(_) => say("must be a whole number from 1 to 10000"),
        },
        Key::OfflineMaxAge => match typed.map(seconds) {
            None => Ok(Value::Null),
            Some(Some(seconds)) if (1..=86_400).contains(&seconds) => Ok(json!(seconds)),
            Some(_) => say("must be minutes, up to 1440"),
        },
        Key::TipMode => Ok(typed.map_or(Value::Null, |word| json!(word))),
        Key::TipAllowCustom
        | Key::ReceiptRequireConsent
        | Key::OfflineEnabled
        | Key::LocalApiEnabled
        | Key::LocalApiPlainHttp
        | Key::CashlessApiEnabled => Ok(typed.map_or(Value::Null, |word| json!(word == "true"))),
    }
}

/// A setting that can be set to nothing, which is not the same as leaving it to the wider level.
fn listed(known: &Known, key: Key, fields: &Fields) -> Result<Value, String> {
    let name = key.to_string();
    let text = fields.text(&name);
    match key {
        Key::ReceiptChannels => Ok(json!(fields.all(&name))),
        Key::DisplayIdleMessage if text.chars().count() > MAX_IDLE_MESSAGE_CHARS => {
            Err(known.words.say("must have 60 characters at most"))
        }
        Key::DisplayIdleMessage => Ok(json!(text)),
        _ => tips(known, fields, &text),
    }
}

fn tips(known: &Known, fields: &Fields, text: &str) -> Result<Value, String> {
    let percentages = known.percentages(fields);
    let parts: Vec<&str> = match percentages {
        true => text.split([',', ';', ' ', '%']).filter(|part| !part.is_empty()).collect(),
        false => text.split(';').flat_map(|part| part.split(", ")).map(str::trim).collect(),
    };
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if parts.len() > 4 {
        return Err(known.words.say("must be four at most"));
    }
    let each: Option<Vec<i64>> = match percentages {
        true => parts.iter().map(|part| part.parse().ok().filter(|one| (1..=100).contains(one))).collect(),
        false => parts.iter().map(|part| known.words.typed_amount(part, known.currency)).collect(),
    };
    each.map(|each| json!(each)).ok_or_else(|| match percentages {
        true => known.words.say("must be percentages from 1 to 100, such as 10, 15, 20"),
        false => known.words.say("must be amounts, such as 1.00; 2.00; 5.00"),
    })
}
