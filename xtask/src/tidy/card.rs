//! Card data has one type, and that type cannot be copied, printed or encoded by accident.

use super::Violation;
use super::source::{Token, tokens};
use super::tree::Project;

const CARD_DATA: &str = "CardData";
const FORBIDDEN: &[&str] = &["Debug", "Clone", "Copy", "Display", "Serialize", "Deserialize", "ToString"];

/// `CardData` neither derives nor implements a way out.
pub(super) fn card_data(project: &Project, found: &mut Vec<Violation>) {
    let (mut home, mut declaration) = (None, false);
    for (file, code) in project.rust().filter(|(file, _)| file.starts_with("crates/")) {
        let tokens = tokens(code);
        home = home.or(file.starts_with("crates/wire/src/card").then_some(file));
        for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.text == CARD_DATA) {
            let before = &tokens[..at];
            let declared = before.last().is_some_and(|word| matches!(word.text, "struct" | "enum"));
            declaration |= declared;
            let traits = if declared { derived(before) } else { implemented(before) };
            for name in traits.into_iter().filter(|name| FORBIDDEN.contains(name)) {
                found.push(Violation {
                    file: file.to_owned(),
                    line: token.line,
                    rule: "card-data",
                    message: format!("`{CARD_DATA}` has `{name}`"),
                    cure: "pass it by move or reference; only the seal reads it".to_owned(),
                });
            }
        }
    }
    // A renamed type would leave this rule with nothing to look at.
    if let Some(file) = home.filter(|_| !declaration) {
        found.push(Violation {
            file: file.to_owned(),
            line: 1,
            rule: "card-data",
            message: format!("no `{CARD_DATA}` is declared"),
            cure: "tell xtask/src/tidy/card.rs how the type is called".to_owned(),
        });
    }
}

/// The words in the attributes of the item whose keyword closes `before`.
fn derived<'a>(before: &[Token<'a>]) -> Vec<&'a str> {
    let texts = before.iter().rev().skip(1).map(|token| token.text);
    // Attributes reach back to the end of the item before.
    texts.take_while(|text| !matches!(*text, ";" | "}" | "{")).collect()
}

/// The trait of an `impl Trait for …` that closes `before`; nothing when it is another use of the type.
fn implemented<'a>(before: &[Token<'a>]) -> Vec<&'a str> {
    let mut back = before.iter().rev().map(|token| token.text);
    // `for path::CardData` names the type by its path.
    let head = back.by_ref().find(|text| *text != "::" && !matches!(*text, "crate" | "card" | "super"));
    if head == Some("for") { back.take_while(|text| *text != "impl").take(12).collect() } else { Vec::new() }
}
