//! Writes the types of what calls take: bodies and queries. What has to be there is said when one is made, everything
//! else is added by name.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value;

use super::document::{Document, Field, Operation, name_of, nullable, without_null};
use super::names::{field, pascal, sentence, snake};
use super::shapes::{Shapes, plain};

/// The types of parameters, each once.
#[derive(Default)]
pub(super) struct Params {
    written: BTreeMap<String, String>,
}

/// What the type of a parameter is called: not like what is answered.
pub(super) fn params_name(shapes: &Shapes<'_>, name: &str) -> String {
    if shapes.written.contains_key(name) { format!("{name}Params") } else { name.to_owned() }
}

/// Bodies in which `null` takes a value away, so that it is not the same as saying nothing.
fn merges(name: &str) -> bool {
    name.starts_with("Update") || name.starts_with("TerminalConfig")
}

impl Params {
    /// Writes what an operation takes.
    pub(super) fn of_operation(
        &mut self,
        document: &Document,
        shapes: &mut Shapes<'_>,
        operation: &Operation,
    ) {
        let dry = |one: &&Field| one.wire != "dryRun";
        if let Some(body) = &operation.body {
            let name = name_of(body).unwrap_or_default().to_owned();
            let about = document.resolved(body)["description"].as_str().unwrap_or_default().to_owned();
            let beside: Vec<Field> = operation.query.iter().filter(dry).cloned().collect();
            self.object(document, shapes, &name, &about, &document.fields(body), &beside);
        } else if operation.takes_query() {
            let about = format!("What {} takes.", plain(&operation.name.replace('.', " ")));
            let name = operation.query_type();
            self.object(document, shapes, &name, &about, &operation.query, &[]);
        }
    }

    fn object(
        &mut self,
        document: &Document,
        shapes: &mut Shapes<'_>,
        name: &str,
        about: &str,
        fields: &[Field],
        beside: &[Field],
    ) -> String {
        let called = params_name(shapes, name);
        if self.written.contains_key(&called) {
            return called;
        }
        self.written.insert(called.clone(), String::new());
        let (mut lines, mut setters, mut given, mut set) = Default::default();
        for (one, in_query) in
            fields.iter().map(|one| (one, false)).chain(beside.iter().map(|one| (one, true)))
        {
            let kind = self.type_of(document, shapes, &one.schema, name, &one.wire);
            let about = sentence(one.schema["description"].as_str().unwrap_or_default(), &plain(&one.wire));
            let said = Said { one, kind, about, null: nullable(&one.schema) && merges(name), in_query };
            said.line(&mut lines);
            said.setters(&mut setters);
            said.maker(&mut given, &mut set);
        }
        if name == "CreatePayment" {
            connectivity(&mut lines, &mut setters, &mut given, &mut set);
        }
        let text = written(&called, &sentence(about, "Part of a body"), &lines, &setters, (&given, &set));
        self.written.insert(called.clone(), text);
        called
    }

    fn type_of(
        &mut self,
        document: &Document,
        shapes: &mut Shapes<'_>,
        schema: &Value,
        parent: &str,
        wire: &str,
    ) -> String {
        let schema = without_null(schema);
        let target = document.resolved(&schema).clone();
        if let Some(simple) = shapes.scalar(&target, parent, wire) {
            return simple;
        }
        if target["type"] == "array" {
            return format!("Vec<{}>", self.type_of(document, shapes, &target["items"], parent, wire));
        }
        if target["properties"].is_object() {
            let inline = format!("{parent}{}", pascal(wire));
            let name = name_of(&schema).unwrap_or(&inline).to_owned();
            let about = target["description"].as_str().unwrap_or_default().to_owned();
            return self.object(document, shapes, &name, &about, &document.fields(&target), &[]);
        }
        let values = &target["additionalProperties"];
        let kind = if values.is_object() && nullable(values) { "Option<String>" } else { "String" };
        format!("BTreeMap<String, {kind}>")
    }

    /// The file.
    pub(super) fn file(&self) -> String {
        let mut text = String::from(
            "//! What calls take.\n\nuse std::collections::BTreeMap;\n\nuse serde::{Deserialize, Serialize};\n\nuse crate::hybrid::Connectivity;\nuse super::models::*;\n\n",
        );
        for one in self.written.values() {
            text.push_str(one);
            text.push('\n');
        }
        text.replace(
            "use super::models::*;",
            "#[allow(clippy::wildcard_imports, reason = \"the words are all over this file\")]\nuse super::models::*;",
        )
    }
}

/// The way that a payment takes is no business of the API.
fn connectivity(lines: &mut String, setters: &mut String, given: &mut Vec<String>, set: &mut Vec<String>) {
    let one = Field { wire: "connectivity".to_owned(), schema: Value::Null, required: false };
    let about = "How the payment reaches its terminal; through the platform when left out.".to_owned();
    let said = Said { one: &one, kind: "Connectivity".to_owned(), about, null: false, in_query: true };
    said.line(lines);
    said.setters(setters);
    said.maker(given, set);
}

/// One field of a parameter.
struct Said<'a> {
    one: &'a Field,
    kind: String,
    about: String,
    /// Whether `null` is something else than nothing.
    null: bool,
    in_query: bool,
}

impl Said<'_> {
    fn line(&self, lines: &mut String) {
        let mut facts = vec![format!("rename = \"{}\"", self.one.wire)];
        if let Some(other) =
            ["startingAfter", "endingBefore"].iter().find(|name| snake(name) == self.one.wire)
        {
            facts.push(format!("alias = \"{other}\""));
        }
        let kind = if self.one.required {
            self.kind.clone()
        } else {
            facts.push("default".to_owned());
            let left_out =
                if self.in_query { "skip_serializing" } else { "skip_serializing_if = \"Option::is_none\"" };
            facts.push(left_out.to_owned());
            if self.null {
                format!("Option<Option<{}>>", self.kind)
            } else {
                format!("Option<{}>", self.kind)
            }
        };
        if self.null && !self.one.required {
            facts.push("deserialize_with = \"crate::words::given\"".to_owned());
        }
        let name = field(&self.one.wire);
        let _ = write!(lines, "/// {}\n#[serde({})]\npub {name}: {kind},\n", self.about, facts.join(", "));
    }

    fn setters(&self, setters: &mut String) {
        if self.one.required {
            return;
        }
        let name = field(&self.one.wire);
        let (takes, value) = taken(&self.kind, &name);
        let value = if self.null { format!("Some({value})") } else { value };
        let _ = write!(
            setters,
            "/// {}\n#[must_use]\npub fn {name}(mut self, {name}: {takes}) -> Self {{\nself.{name} = Some({value});\nself\n}}\n\n",
            self.about
        );
        if self.null {
            let _ = write!(
                setters,
                "/// Takes `{name}` away.\n#[must_use]\npub fn without_{name}(mut self) -> Self {{\nself.{name} = Some(None);\nself\n}}\n\n",
            );
        }
    }

    fn maker(&self, given: &mut Vec<String>, set: &mut Vec<String>) {
        let name = field(&self.one.wire);
        if self.one.required {
            let (takes, value) = taken(&self.kind, &name);
            given.push(format!("{name}: {takes}"));
            set.push(if name == value { name } else { format!("{name}: {value}") });
        } else {
            set.push(format!("{name}: None"));
        }
    }
}

/// What a function takes for a field of this type, and how the value is made of it.
fn taken(kind: &str, name: &str) -> (String, String) {
    match kind {
        "i64" | "f64" | "bool" => (kind.to_owned(), name.to_owned()),
        list if list.starts_with("Vec<") => {
            let inner = &list[4..list.len() - 1];
            if inner == "i64" {
                return ("impl IntoIterator<Item = i64>".to_owned(), format!("{name}.into_iter().collect()"));
            }
            let takes = format!("impl IntoIterator<Item = impl Into<{inner}>>");
            (takes, format!("{name}.into_iter().map(Into::into).collect()"))
        }
        map if map.starts_with("BTreeMap<") => {
            let value = &map["BTreeMap<String, ".len()..map.len() - 1];
            let takes = format!("impl IntoIterator<Item = (impl Into<String>, impl Into<{value}>)>");
            (takes, format!("{name}.into_iter().map(|(key, value)| (key.into(), value.into())).collect()"))
        }
        other => (format!("impl Into<{other}>"), format!("{name}.into()")),
    }
}

fn written(
    name: &str,
    about: &str,
    lines: &str,
    setters: &str,
    (given, set): (&Vec<String>, &Vec<String>),
) -> String {
    let default = if given.is_empty() { "Default, " } else { "" };
    let maker = if given.is_empty() {
        "/// Says nothing.\n#[must_use]\npub fn new() -> Self {\nSelf::default()\n}\n\n".to_owned()
    } else {
        format!(
            "/// With what has to be there.\n#[must_use]\npub fn new({}) -> Self {{\nSelf {{ {} }}\n}}\n\n",
            given.join(", "),
            set.join(", ")
        )
    };
    format!(
        "/// {about}\n#[derive(Debug, Clone, PartialEq, {default}Serialize, Deserialize)]\n#[non_exhaustive]\npub struct {name} {{\n{lines}}}\n\nimpl {name} {{\n{maker}{setters}}}\n"
    )
}
