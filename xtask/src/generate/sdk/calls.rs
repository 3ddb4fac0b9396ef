//! Writes the calls: one type for each group of them, one function for each call, and how a client hands them out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::document::{Document, Operation, name_of};
use super::names::{pascal, sentence, snake};

/// The file.
pub(super) fn file(document: &Document) -> String {
    let mut text = String::from(
        "//! Every call that is a request and its answer.\n\n#[allow(clippy::wildcard_imports, reason = \"all of them are in some call\")]\nuse super::models::*;\n#[allow(clippy::wildcard_imports, reason = \"all of them are in some call\")]\nuse super::params::*;\nuse crate::client::{Core, Vinr};\nuse crate::events::Event;\nuse crate::list::List;\nuse crate::request::{Request, Route};\nuse crate::version::ApiVersion;\n\n",
    );
    let mut groups: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for operation in document.operations.iter().filter(|one| !one.by_hand()) {
        groups.entry(operation.owner()).or_default().push(operation);
    }
    let mut inner: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (owner, operations) in &groups {
        let name = format!("{}Calls", pascal(owner));
        let _ = write!(
            text,
            "/// `{}`\n#[derive(Debug, Clone)]\npub struct {name} {{ pub(crate) core: Core }}\n\nimpl {name} {{\n",
            owner.split('.').map(snake).collect::<Vec<_>>().join(".")
        );
        for operation in operations {
            call(document, operation, &mut text);
        }
        text.push_str("}\n\n");
        if let Some((outer, last)) = owner.split_once('.') {
            inner.insert((outer, last));
        }
    }
    let outer: BTreeSet<&str> = inner.iter().map(|(outer, _)| *outer).collect();
    for group in &outer {
        let name = format!("{}Calls", pascal(group));
        let _ = write!(
            text,
            "/// `{}`\n#[derive(Debug, Clone)]\npub struct {name} {{ core: Core }}\n\nimpl {name} {{\n",
            snake(group)
        );
        for (_, last) in inner.iter().filter(|(outer, _)| outer == group) {
            accessor(&format!("{}{}Calls", pascal(group), pascal(last)), last, "self.core", &mut text);
        }
        text.push_str("}\n\n");
    }
    text.push_str("impl Vinr {\n");
    for group in groups.keys().filter(|owner| !owner.contains('.')).chain(&outer) {
        accessor(&format!("{}Calls", pascal(group)), group, "self.core", &mut text);
    }
    text.push_str("}\n");
    text
}

fn accessor(kind: &str, name: &str, core: &str, text: &mut String) {
    let name = snake(name);
    let _ = write!(
        text,
        "/// The calls of `{name}`.\n#[must_use]\npub fn {name}(&self) -> {kind} {{\n{kind} {{ core: {core}.clone() }}\n}}\n\n"
    );
}

fn call(document: &Document, operation: &Operation, text: &mut String) {
    let places: Vec<String> = operation.places.iter().map(|place| snake(place)).collect();
    let mut takes: Vec<String> = places.iter().map(|place| format!("{place}: impl AsRef<str>")).collect();
    if let Some(kind) = parameter(operation, document) {
        takes.push(format!("params: {kind}"));
    }
    let template = serde_json::Value::String(operation.path.clone());
    let filled: Vec<String> = operation
        .places
        .iter()
        .zip(&places)
        .map(|(wire, name)| format!("(\"{wire}\", {name}.as_ref())"))
        .collect();
    let route = format!(
        "Route::{}(\"{}\", {template}, &[{}]).version(ApiVersion::Current)",
        verb(operation),
        operation.method,
        filled.join(", ")
    );
    let route = if operation.money { format!("{route}.moves_money()") } else { route };
    let about = sentence(&operation.about, "A call");
    let name = snake(operation.method_name());
    let signature = |name: &str, answer: &str| {
        format!(
            "pub fn {name}(&self{}) -> {answer} {{\n",
            takes.iter().map(|one| format!(", {one}")).collect::<String>()
        )
    };
    let body = if operation.body.is_some() { ".body(&params)" } else { "" };
    let answers = answers(document, operation);
    if let Some(media) = &operation.text {
        let _ = write!(
            text,
            "/// {about}\n{}Request::text(&self.core, {route}.accept(\"{media}\"))\n}}\n\n",
            signature(&name, "Request<String>")
        );
        return;
    }
    if let Answers::List(item, more) = &answers {
        let query = if operation.takes_query() { "&params" } else { "&()" };
        let more = more.as_ref().map_or_else(String::new, |more| format!(", {more}"));
        let _ = write!(
            text,
            "/// {about}\n{}List::new(&self.core, {route}, {query})\n}}\n\n",
            signature(&name, &format!("List<{item}{more}>"))
        );
        return;
    }
    let Answers::One(kind) = &answers else { return };
    let query = if operation.takes_query() { ".query(&params)" } else { "" };
    let _ = write!(
        text,
        "/// {about}\n{}Request::new(&self.core, {route}{query}{body})\n}}\n\n",
        signature(&name, &format!("Request<{kind}>"))
    );
    if operation.dry_run() {
        let _ = write!(
            text,
            "/// Tells what `{name}` would change, and changes nothing.\n{}Request::new(&self.core, {route}.ask(\"dryRun\", \"true\"){body})\n}}\n\n",
            signature(&format!("{name}_dry_run"), "Request<TerminalConfigDryRun>")
        );
    }
}

fn verb(operation: &Operation) -> &'static str {
    match operation.kind.as_str() {
        "read" => "read",
        "delete" => "delete",
        _ => "write",
    }
}

/// What a call answers.
pub(super) enum Answers {
    /// Items over pages, and what the pages say beside them.
    List(String, Option<String>),
    /// An object.
    One(String),
}

/// What a call answers.
pub(super) fn answers(document: &Document, operation: &Operation) -> Answers {
    let Some(answer) = &operation.answer else { return Answers::One("()".to_owned()) };
    if let Some(item) = document.item_of(answer) {
        let more = name_of(answer).filter(|name| !name.ends_with("List")).map(str::to_owned);
        return Answers::List(name_of(&item).unwrap_or_default().to_owned(), more);
    }
    let first = &document.resolved(answer)["oneOf"][0];
    Answers::One(name_of(if first.is_null() { answer } else { first }).unwrap_or_default().to_owned())
}

/// The type of the parameters, when there are any.
pub(super) fn parameter(operation: &Operation, document: &Document) -> Option<String> {
    if let Some(body) = &operation.body {
        let name = name_of(body)?;
        let answered = document.operations.iter().any(|one| {
            let direct = one.answer.as_ref().and_then(name_of);
            let either =
                one.answer.as_ref().and_then(|answer| name_of(&document.resolved(answer)["oneOf"][0]));
            direct == Some(name) || either == Some(name)
        });
        return Some(if answered { format!("{name}Params") } else { name.to_owned() });
    }
    operation.takes_query().then(|| operation.query_type())
}
