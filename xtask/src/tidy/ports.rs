//! Every read of the store names the account that asks, unless its name says that it crosses accounts.

use super::Violation;
use super::source::{Token, tokens};
use super::tree::Project;

/// The file, or directory of files, with the store's port.
const PORT: &str = "crates/server/src/store/port";

/// How the names of reads open.
const READS: &[&str] = &["get_", "find_", "list_", "count_", "read_"];

/// Reads of the store take `scope: &Scope` first.
pub(super) fn store_scope(project: &Project, found: &mut Vec<Violation>) {
    // A port that moved would leave this rule with nothing to look at.
    let store = project.rust().map(|(file, _)| file).find(|file| file.starts_with("crates/server/src/store"));
    if let Some(file) = store.filter(|_| !project.rust().any(|(file, _)| file.starts_with(PORT))) {
        found.push(Violation {
            file: file.to_owned(),
            line: 1,
            rule: "store-scope",
            message: format!("a store without {PORT}.rs"),
            cure: "tell xtask/src/tidy/ports.rs where the port is".to_owned(),
        });
    }
    for (file, code) in project.rust().filter(|(file, _)| file.starts_with(PORT)) {
        let tokens = tokens(code);
        for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.text == "fn") {
            let Some(name) = tokens.get(at + 1).map(|name| name.text) else { continue };
            let reads = READS.iter().any(|prefix| name.starts_with(prefix));
            if reads && !name.ends_with("_across_accounts") && !scoped(&tokens[at..]) {
                found.push(Violation {
                    file: file.to_owned(),
                    line: token.line,
                    rule: "store-scope",
                    message: format!("`{name}` reads without an account"),
                    cure: "take `scope: &Scope` after `&self`, or end the name in `_across_accounts`"
                        .to_owned(),
                });
            }
        }
    }
}

/// Whether the function at the head of `tokens` is a method of a port that takes the scope first.
/// Functions that are not methods (no `&self`) read nothing from a store.
fn scoped(tokens: &[Token<'_>]) -> bool {
    let Some(open) = tokens.iter().position(|token| token.text == "(") else { return true };
    let texts: Vec<_> = tokens[open + 1..].iter().take(12).map(|token| token.text).collect();
    let Some(receiver) = texts.iter().position(|text| *text == "self").filter(|at| *at <= 3) else {
        return true;
    };
    let rest = &texts[receiver + 1..];
    // A named lifetime between `&` and `Scope` changes nothing.
    let words: Vec<_> =
        rest.iter().filter(|text| text.chars().all(|c| c.is_alphanumeric() || c == '_')).collect();
    rest.starts_with(&[",", "scope", ":", "&"]) && words.iter().skip(1).take(2).any(|word| **word == "Scope")
}
