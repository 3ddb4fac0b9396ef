//! One writer per terminal: who may advance a payment, held by who may name the functions that do.

use super::Violation;
use super::source::{Token, paths, tokens};
use super::tree::Project;

/// The one place that steps a payment and commits the result.
const ADVANCE: &[&str] = &["crates/server/src/payments/advance.rs", "crates/server/src/payments/advance/"];

/// The lane while a terminal is connected, recovery afterwards.
const WRITERS: &[&str] = &["crates/server/src/gateway/lane", "crates/server/src/payments/recovery"];

/// Where histories of payments are made up, to be counted.
const MADE_UP: &[&str] = &["crates/server/src/figures/tests.rs"];

const CURE: &str = "send an event to the lane or to recovery";

fn violation(file: &str, line: usize, rule: &'static str, message: String) -> Violation {
    Violation { file: file.to_owned(), line, rule, message, cure: CURE.to_owned() }
}

/// The Rust files outside these doors.
fn outside<'a>(project: &'a Project, doors: &'a [&str]) -> impl Iterator<Item = (&'a str, &'a str)> {
    project.rust().filter(|(file, _)| !doors.iter().any(|door| file.starts_with(door)))
}

/// Where a step without its commit is the point: snapshots of how payments are written.
const NO_MONEY: &[&str] = &["crates/wire/src/rest/view/tests.rs"];

/// The payment machine is stepped in one place, so that every step is followed by its commit.
pub(super) fn payment_step(project: &Project, found: &mut Vec<Violation>) {
    for (file, code) in outside(project, &[ADVANCE, NO_MONEY, &["crates/domain/", "xtask/"]].concat()) {
        for path in paths(file, code).iter().filter(|path| path.ends_with("payment::step")) {
            let message = format!("`{}` outside {}", path.text(), ADVANCE[0]);
            found.push(violation(file, path.line, "payment-step", message));
        }
    }
}

/// Payments are advanced by the terminal's lane and by recovery, and by nothing else.
pub(super) fn payment_advance(project: &Project, found: &mut Vec<Violation>) {
    const RULE: &str = "payment-advance";
    for (file, code) in outside(project, &[ADVANCE, WRITERS, MADE_UP, &["xtask/"]].concat()) {
        for path in paths(file, code) {
            // The rest of the module may be named anywhere; what advances, alone or by glob, may not.
            let names = |pair: &[String]| pair[0] == "advance" && (advances(&pair[1]) || pair[1] == "*");
            if path.segments.windows(2).any(names) {
                let message = format!("`{}` outside the lane and recovery", path.text());
                found.push(violation(file, path.line, RULE, message));
            }
        }
        let tokens = tokens(code);
        for (at, window) in tokens.windows(3).enumerate().filter(|_| file.starts_with("crates/server/")) {
            let [dot, name, open] = window else { continue };
            // A buffer is advanced too, but by one number; a payment by an event.
            let call = (dot.text, open.text) == (".", "(") && advances(name.text);
            if call && arguments(&tokens[at + 3..]) > 1 {
                let message = format!("`.{}(…)` outside the lane and recovery", name.text);
                found.push(violation(file, name.line, RULE, message));
            }
        }
    }
}

fn advances(name: &str) -> bool {
    name == "advance" || name.starts_with("advance_")
}

/// How many arguments a call has whose opening parenthesis stands just before `tokens`.
fn arguments(tokens: &[Token<'_>]) -> usize {
    let (mut depth, mut count, mut last) = (1_usize, 0, "");
    for token in tokens {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            "," if depth == 1 => count += 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        last = token.text;
    }
    // A trailing comma separates nothing.
    count + usize::from(!matches!(last, "" | ","))
}
