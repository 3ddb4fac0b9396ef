//! Writes the table by which the tests of the SDK make a call by its name, with arguments as the shared files have them.

use std::fmt::Write;

use super::calls::{Answers, answers, parameter};
use super::document::{Document, Operation};
use super::names::snake;

/// The file.
pub(super) fn file(document: &Document) -> String {
    let mut text = String::from(
        "//! Makes the call that a vector or a scenario names.\n\nuse vinr_sdk::Vinr;\n\nuse crate::calling::{Arguments, Made, list, request};\n\n/// How many ids come before the parameters of a call; nothing when there is no such call.\npub fn made(vinr: &Vinr, name: &str, arguments: Arguments) -> Option<Made> {\n#[allow(clippy::match_same_arms, reason = \"one for each call\")]\nlet call = match name {\n",
    );
    for operation in document.operations.iter().filter(|one| !one.stream) {
        arm(document, operation, &mut text);
    }
    text.push_str("_ => return None,\n};\nSome(call)\n}\n");
    text.replace("pub fn made(", "#[allow(clippy::too_many_lines, reason = \"a table\")]\npub fn made(")
        .replace(
            "/// How many ids come before the parameters of a call; nothing when there is no such call.",
            "/// The call of this name, made and not awaited; nothing when there is none.",
        )
}

fn arm(document: &Document, operation: &Operation, text: &mut String) {
    let chain: Vec<String> = operation.name.split('.').map(snake).collect();
    let (method, owners) = chain.split_last().map_or(("", &[][..]), |(last, rest)| (last.as_str(), rest));
    let owner: String = owners.iter().map(|one| format!(".{one}()")).collect();
    let reference = operation.method_name() == "retrieveByReference";
    let ids = if reference { 1 } else { operation.places.len() };
    let mut takes: Vec<String> = (0..ids).map(|at| format!("arguments.text({at})")).collect();
    let by_hand = operation.by_hand();
    let takes_params = if by_hand {
        matches!(operation.method_name(), "create" | "createSync" | "list" | "capture")
    } else {
        parameter(operation, document).is_some()
    };
    if takes_params {
        takes.push("params".to_owned());
    }
    let listed = matches!(answers(document, operation), Answers::List(..)) && !reference;
    let maker = if listed { "list" } else { "request" };
    let made = |method: &str| format!("{maker}(vinr{owner}.{method}({}), arguments)", takes.join(", "));
    let snaked = operation.owner() == "webhookEndpoints" && operation.body.is_some();
    let read = match (takes_params, snaked) {
        (false, _) => String::new(),
        (true, true) => format!("let (params, arguments) = arguments.snaked({ids});\n"),
        (true, false) => format!("let (params, arguments) = arguments.params({ids});\n"),
    };
    if operation.dry_run() {
        let _ = write!(
            text,
            "\"{}\" if arguments.dry_run({ids}) => {{\nlet arguments = arguments.without(\"dryRun\", {ids});\n{read}{}\n}}\n",
            operation.name,
            made(&format!("{method}_dry_run"))
        );
    }
    let _ = writeln!(text, "\"{}\" => {{\n{read}{}\n}}", operation.name, made(method));
}
