//! Every select in the two runtimes polls in a written order, or a simulated world could not be replayed.

use super::Violation;
use super::source::tokens;
use super::tree::Project;

const RUNTIMES: &[&str] = &["crates/server/src/", "crates/terminal/src/"];

/// `select!` opens with `biased;`.
pub(super) fn biased_select(project: &Project, found: &mut Vec<Violation>) {
    for (file, code) in project.rust().filter(|(file, _)| RUNTIMES.iter().any(|root| file.starts_with(root)))
    {
        for window in tokens(code).windows(5) {
            let [name, bang, _open, first, semicolon] = window else { continue };
            let select = name.text == "select" && bang.text == "!";
            if select && (first.text, semicolon.text) != ("biased", ";") {
                found.push(Violation {
                    file: file.to_owned(),
                    line: name.line,
                    rule: "biased-select",
                    message: "this select picks its branch at random".to_owned(),
                    cure: "open it with `biased;` and put the branches in order".to_owned(),
                });
            }
        }
    }
}
