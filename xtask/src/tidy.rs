//! The rules that the compiler cannot hold, over the text of the tree and the declared dependencies.
//! Reports and never edits; rules see a [`Project`], not the disk, so that a test can plant a violation.

use std::fmt;

use crate::workspace::{Outcome, TaskError, Workspace};

mod card;
mod edges;
mod fences;
mod lanes;
mod ports;
mod select;
mod shape;
pub mod source;
pub mod tree;
mod words;

pub use tree::{Dependency, Package, Project};
pub use words::forbidden_words;

/// One place that breaks one rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// Path from the top of the repository.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// The rule's name.
    pub rule: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub cure: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, rule, message, cure } = self;
        write!(out, "{file}:{line}: {rule}: {message} ({cure})")
    }
}

/// A check over the whole project.
type Check = fn(&Project, &mut Vec<Violation>);

const CHECKS: &[Check] = &[
    edges::crate_edges,
    edges::domain_dependencies,
    edges::sabotage_feature,
    fences::fenced_crates,
    fences::api_layering,
    fences::ambient_calls,
    lanes::payment_step,
    lanes::payment_advance,
    ports::store_scope,
    shape::file_length,
    shape::function_length,
    shape::file_name,
    shape::file_opening,
    words::forbidden_word,
    select::biased_select,
    card::card_data,
];

/// Checks a project against every rule; the result is sorted by file and line.
#[must_use]
pub fn check(project: &Project) -> Vec<Violation> {
    let mut found = Vec::new();
    for rule in CHECKS {
        rule(project, &mut found);
    }
    found.sort();
    found.dedup();
    found
}

/// Checks the repository and prints what it finds.
///
/// # Errors
/// When any rule is broken, or the tree cannot be read.
pub fn run(workspace: &Workspace) -> Outcome {
    let found = check(&Project::load(workspace)?);
    for violation in &found {
        println!("{violation}");
    }
    match found.len() {
        0 => Ok(()),
        count => Err(TaskError(format!("tidy: {count} violations"))),
    }
}
