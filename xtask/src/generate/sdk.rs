//! The Rust SDK's types and calls, made from the API document and the list of calls that every SDK has. Knows how the
//! API is described and how Rust says it; knows nothing of what a call does.

mod calls;
mod dispatch;
mod document;
mod names;
mod params;
mod shapes;

use super::{Artefact, formatted};
use crate::workspace::{Outcome, TaskError, Workspace, at};
use document::Document;

const SOURCES: [&str; 2] = ["docs/openapi.json", "sdks/conformance/operations.json"];
const NOTICE: &str =
    "// Made by `cargo xtask gen rust-sdk` from docs/openapi.json and sdks/conformance/operations.json.\n";

/// Models, parameters, calls, and the table by which the tests make a call by its name.
pub(super) fn rust_sdk(workspace: &Workspace) -> Outcome<Vec<Artefact>> {
    let [described, listed] = SOURCES.map(|path| read(workspace, path));
    let document = Document::new(&described?, &listed?)?;
    let mut shapes = shapes::Shapes::new(&document);
    for operation in &document.operations {
        shapes.answer(operation);
    }
    let mut params = params::Params::default();
    for operation in &document.operations {
        params.of_operation(&document, &mut shapes, operation);
    }
    let files = [
        ("crates/sdk/src/generated/models.rs", shapes.file()),
        ("crates/sdk/src/generated/params.rs", params.file()),
        ("crates/sdk/src/generated/calls.rs", calls::file(&document)),
        ("crates/sdk/tests/conformance/generated/dispatch.rs", dispatch::file(&document)),
    ];
    let artefact = |(path, code): (&str, String)| {
        let (head, rest) = code.split_once("\n\n").unwrap_or((&code, ""));
        let contents = formatted(workspace, &format!("{head}\n\n{NOTICE}\n{rest}"))?;
        Ok(Artefact { path: path.to_owned(), contents })
    };
    files.into_iter().map(artefact).collect()
}

fn read(workspace: &Workspace, path: &str) -> Outcome<serde_json::Value> {
    let absolute = workspace.root().join(path);
    let text = std::fs::read(&absolute).map_err(|cause| at(&absolute, "cannot read", &cause))?;
    serde_json::from_slice(&text).map_err(|error| TaskError(format!("{path}: not JSON: {error}")))
}
