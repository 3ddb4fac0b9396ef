//! Writes the types of what the API answers, and the words that fields choose from. A word that this version does not
//! know, a field that is not there and a field that is new are all read.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value;

use super::document::{Document, EARLIER, Field, Operation, name_of, nullable, without_null};
use super::names::{field, pascal, sentence};

/// More words than these are written as text.
const MANY: usize = 30;
/// Shown once and never printed.
const SECRETS: [&str; 4] = ["secret", "passphrase", "privateKey", "pkcs12"];
/// Names that say little without the object they belong to.
const BARE: [&str; 8] = ["status", "type", "mode", "action", "source", "reason", "failureReason", "id"];

/// The types of answers, each once, and all words.
pub(super) struct Shapes<'a> {
    document: &'a Document,
    pub written: BTreeMap<String, String>,
    /// The words of a choice, and what its type is called.
    words: Vec<(Vec<String>, String, String)>,
    cursors: Vec<(String, &'static str)>,
}

impl<'a> Shapes<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        Self { document, written: BTreeMap::new(), words: Vec::new(), cursors: Vec::new() }
    }

    /// Writes what an operation answers.
    pub(super) fn answer(&mut self, operation: &Operation) {
        let Some(answer) = &operation.answer else { return };
        let document = self.document;
        if let Some(item) = document.item_of(answer) {
            let name = self.reference(&item, &operation.version);
            let own = document.fields(&item).iter().any(|one| one.wire == "id");
            let cursor = if own { "id" } else { "terminal_id" };
            if !self.cursors.iter().any(|(known, _)| *known == name) {
                self.cursors.push((name, cursor));
            }
            if name_of(answer).is_some_and(|name| !name.ends_with("List")) {
                self.object(&pascal(name_of(answer).unwrap_or_default()), answer, &operation.version);
            }
            return;
        }
        let either = document.resolved(answer)["oneOf"].as_array().cloned();
        for one in either.unwrap_or_else(|| vec![answer.clone()]) {
            self.reference(&one, &operation.version);
        }
    }

    fn reference(&mut self, schema: &Value, version: &str) -> String {
        let name = name_of(schema).unwrap_or_default();
        let written = answer_name(name, version);
        self.object(&written, &self.document.schemas[name].clone(), version);
        written
    }

    fn object(&mut self, name: &str, schema: &Value, version: &str) {
        // What is in an event depends on its kind: it is written by hand.
        if self.written.contains_key(name) || name == "Event" {
            return;
        }
        self.written.insert(name.to_owned(), String::new());
        let legacy = name.starts_with("Legacy");
        let page = self.document.resolved(schema)["properties"]["has_more"].is_object()
            && name_of(schema).is_some_and(|one| one == "TerminalConfigProgress");
        let mut lines = String::new();
        let fields = self.document.fields(schema);
        // What every page has stands on the page.
        let own = |one: &&Field| !page || !["object", "data", "has_more"].contains(&one.wire.as_str());
        for one in fields.iter().filter(own) {
            let kind = self.kind(one, name, version);
            let metadata = one.wire == "metadata";
            let always = metadata || (one.required && !nullable(&one.schema));
            let kept = always || one.required || legacy;
            let about = sentence(one.schema["description"].as_str().unwrap_or_default(), &plain(&one.wire));
            let mut facts = vec![format!("rename = \"{}\"", one.wire)];
            if !(one.wire == "id" && one.required) {
                facts.push("default".to_owned());
            }
            if !kept {
                facts.push("skip_serializing_if = \"Option::is_none\"".to_owned());
            }
            let kind = if always { kind } else { format!("Option<{kind}>") };
            let _ = write!(
                lines,
                "/// {about}\n#[serde({})]\npub {}: {kind},\n",
                facts.join(", "),
                field(&one.wire)
            );
        }
        let described = self.document.resolved(schema)["description"].as_str().unwrap_or_default().to_owned();
        let about = if legacy {
            format!("The same as version {EARLIER} writes it: times in Unix seconds.")
        } else {
            sentence(&described, &format!("Part of an answer: {}", plain(name)))
        };
        let text = format!(
            "/// {about}\n#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]\n#[non_exhaustive]\npub struct {name} {{\n{lines}}}\n"
        );
        self.written.insert(name.to_owned(), text);
    }

    fn kind(&mut self, one: &Field, parent: &str, version: &str) -> String {
        if SECRETS.contains(&one.wire.as_str()) {
            return "Secret".to_owned();
        }
        if one.wire == "id" {
            return "String".to_owned();
        }
        let parent = parent.trim_start_matches("Legacy");
        self.type_of(&one.schema, parent, &one.wire, version)
    }

    fn type_of(&mut self, schema: &Value, parent: &str, wire: &str, version: &str) -> String {
        let schema = without_null(schema);
        if let Some(name) = name_of(&schema) {
            let target = self.document.schemas[name].clone();
            return match self.scalar(&target, parent, wire) {
                Some(simple) => simple,
                None => self.reference(&schema, version),
            };
        }
        if let Some(simple) = self.scalar(&schema, parent, wire) {
            return simple;
        }
        if schema["oneOf"].is_array() {
            return (if version == EARLIER { "i64" } else { "String" }).to_owned();
        }
        if schema["type"] == "array" {
            return format!("Vec<{}>", self.type_of(&schema["items"], parent, wire, version));
        }
        if schema["properties"].is_object() {
            let name = format!("{parent}{}", pascal(wire));
            self.object(&name, &schema, version);
            return name;
        }
        if schema["additionalProperties"]["type"].is_string() || wire == "metadata" {
            let inner = self.type_of(&schema["additionalProperties"], parent, wire, version);
            return format!("BTreeMap<String, {inner}>");
        }
        (if schema["type"] == "object" { "Map<String, Value>" } else { "Value" }).to_owned()
    }

    /// The type of a value without parts; nothing when it has some.
    pub(super) fn scalar(&mut self, schema: &Value, parent: &str, wire: &str) -> Option<String> {
        if let Some(values) = schema["enum"].as_array() {
            let words: Vec<String> = values.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            let text = words.len() > MANY || words.len() < 2;
            return Some(if text { "String".to_owned() } else { self.choice(words, parent, wire) });
        }
        let simple = match schema["type"].as_str()? {
            "string" => "String",
            "integer" => "i64",
            "number" => "f64",
            "boolean" => "bool",
            _ => return None,
        };
        Some(simple.to_owned())
    }

    fn choice(&mut self, words: Vec<String>, parent: &str, wire: &str) -> String {
        if let Some((_, name, _)) = self.words.iter().find(|(known, _, _)| *known == words) {
            return name.clone();
        }
        let wire = if wire == "card" { "testCard" } else { wire };
        let own = if BARE.contains(&wire) { format!("{parent}{}", pascal(wire)) } else { pascal(wire) };
        let taken = |name: &str| self.words.iter().any(|(_, known, _)| known == name);
        let name = if taken(&own) { format!("{parent}{}", pascal(wire)) } else { own };
        let about =
            format!("A word of `{wire}`; {}", "one that this version does not know is kept as it is.");
        self.words.push((words, name.clone(), about));
        name
    }

    /// The file.
    pub(super) fn file(&self) -> String {
        let mut text = String::from(
            "//! What the API answers.\n\nuse std::collections::BTreeMap;\n\nuse serde::{Deserialize, Serialize};\nuse serde_json::{Map, Value};\n\nuse crate::events::Event;\nuse crate::page::Listed;\nuse crate::secret::Secret;\nuse crate::words::words;\n\n",
        );
        for one in self.written.values() {
            text.push_str(one);
            text.push('\n');
        }
        for (name, cursor) in &self.cursors {
            let _ = write!(
                text,
                "impl Listed for {name} {{ fn cursor(&self) -> &str {{ &self.{cursor} }} }}\n\n"
            );
        }
        for (words, name, about) in &self.words {
            let _ = write!(text, "words! {{\n/// {about}\n{name} {{\n");
            for word in words {
                let _ = writeln!(text, "/// `{word}`\n{} = \"{word}\",", variant(word));
            }
            text.push_str("}\n}\n\n");
        }
        text
    }
}

/// What an answer's type is called under a version.
pub(super) fn answer_name(name: &str, version: &str) -> String {
    if version == EARLIER && name == "TerminalPayment" { format!("Legacy{name}") } else { name.to_owned() }
}

/// What a field is in plain words, when nobody described it.
pub(super) fn plain(name: &str) -> String {
    let words = super::names::snake(name).replace('_', " ");
    format!("`{words}`")
}

fn variant(word: &str) -> String {
    let name = pascal(word);
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("V{name}") } else { name }
}
