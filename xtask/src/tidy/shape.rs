//! Sizes, names and openings of files; sizes of functions.

use super::Violation;
use super::source::tokens;
use super::tree::Project;

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 70;
const CODE: &[&str] = &["rs", "ts", "py", "js", "mjs", "sh"];

fn violation(file: &str, line: usize, rule: &'static str, message: String, cure: &str) -> Violation {
    Violation { file: file.to_owned(), line, rule, message, cure: cure.to_owned() }
}

/// A file has at most 500 lines.
pub(super) fn file_length(project: &Project, found: &mut Vec<Violation>) {
    for (file, code) in project.written(CODE) {
        let lines = code.lines().count();
        if lines > FILE_LINES {
            let message = format!("{lines} lines, at most {FILE_LINES}");
            found.push(violation(
                file,
                FILE_LINES + 1,
                "file-length",
                message,
                "split it by what each part owns",
            ));
        }
    }
}

/// A function has at most 70 lines, from `fn` to its closing brace, in tests too.
pub(super) fn function_length(project: &Project, found: &mut Vec<Violation>) {
    for (file, code) in project.rust() {
        let tokens = tokens(code);
        for (at, opening) in tokens.iter().enumerate().filter(|(_, token)| token.text == "fn") {
            let Some(name) = tokens.get(at + 1).filter(|name| name.text != "(") else { continue };
            let (mut round, mut curly) = (0_usize, 0_usize);
            for token in &tokens[at..] {
                match token.text {
                    "(" | "[" => round += 1,
                    ")" | "]" => round = round.saturating_sub(1),
                    "{" => curly += 1,
                    "}" => curly = curly.saturating_sub(1),
                    // A declaration without a body.
                    ";" if curly == 0 && round == 0 => break,
                    _ => {}
                }
                if token.text == "}" && curly == 0 {
                    let lines = token.line - opening.line + 1;
                    if lines > FUNCTION_LINES {
                        let message = format!("`{}` has {lines} lines, at most {FUNCTION_LINES}", name.text);
                        let cure = "give a name to one of its parts";
                        found.push(violation(file, opening.line, "function-length", message, cure));
                    }
                    break;
                }
            }
        }
    }
}

/// A file is named after the one thing that it owns.
pub(super) fn file_name(project: &Project, found: &mut Vec<Violation>) {
    const EMPTY: &[&str] = &["utils", "helpers", "common", "misc", "types", "manager"];
    for (file, _) in project.written(CODE) {
        let parts = file.split('/').map(|part| part.split_once('.').map_or(part, |(stem, _)| stem));
        if let Some(name) = parts.into_iter().find(|part| EMPTY.contains(part)) {
            let message = format!("`{name}` says nothing about what the file owns");
            found.push(violation(file, 1, "file-name", message, "name it after the one thing it owns"));
        }
    }
}

/// A Rust file opens by saying what it owns and what it refuses to do.
pub(super) fn file_opening(project: &Project, found: &mut Vec<Violation>) {
    for (file, code) in project.rust().filter(|(file, _)| !file.ends_with("build.rs")) {
        if !code.starts_with("//!") {
            let message = "does not open with `//!`".to_owned();
            let cure = "say in one to three lines what the file owns and what it refuses to do";
            found.push(violation(file, 1, "file-opening", message, cure));
        }
    }
}
