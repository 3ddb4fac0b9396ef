//! Runs named stages in order, shows how long each took, and stops at the first that fails.
//! Knows nothing of what a stage does, and asserts nothing about its duration.

use std::io::Write;

use crate::clock::Stopwatch;
use crate::workspace::{Outcome, TaskError};

/// A named piece of work.
pub struct Stage<'a> {
    name: String,
    work: Box<dyn FnOnce() -> Outcome + 'a>,
}

impl<'a> Stage<'a> {
    /// Names a piece of work.
    pub fn new(name: impl Into<String>, work: impl FnOnce() -> Outcome + 'a) -> Self {
        Self { name: name.into(), work: Box::new(work) }
    }
}

/// Runs the stages and closes with the line `N passed, 0 failed`, or with what failed and what was not run.
///
/// # Errors
/// When a stage fails, naming it; and when `out` cannot be written.
pub fn run(stages: Vec<Stage<'_>>, out: &mut dyn Write) -> Outcome {
    let written = |result: std::io::Result<()>| result.map_err(|cause| TaskError(format!("output: {cause}")));
    let total = stages.len();
    let mut waiting = stages.into_iter().enumerate();
    while let Some((passed, Stage { name, work })) = waiting.next() {
        written(writeln!(out, "==> [{}/{total}] {name}", passed + 1).and_then(|()| out.flush()))?;
        let watch = Stopwatch::start();
        let outcome = work();
        let seconds = watch.elapsed().as_secs_f64();
        let Err(error) = outcome else {
            written(writeln!(out, "    ok, {seconds:.1} s"))?;
            continue;
        };
        written(writeln!(out, "    FAILED after {seconds:.1} s: {error}"))?;
        let rest: Vec<_> = waiting.map(|(_, stage)| stage.name).collect();
        if !rest.is_empty() {
            written(writeln!(out, "not run: {}", rest.join(", ")))?;
        }
        written(writeln!(out, "{passed} passed, 1 failed"))?;
        return Err(TaskError(format!("stage `{name}` failed")));
    }
    written(writeln!(out, "{total} passed, 0 failed").and_then(|()| out.flush()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(outcomes: &[(&str, bool)]) -> (Outcome, Vec<String>) {
        let stage = |&(name, good): &(&str, bool)| {
            Stage::new(name, move || if good { Ok(()) } else { Err(TaskError("broken".to_owned())) })
        };
        let mut out = Vec::new();
        let outcome = run(outcomes.iter().map(stage).collect(), &mut out);
        let text = String::from_utf8(out).unwrap();
        (outcome, text.lines().map(str::to_owned).collect())
    }

    #[test]
    fn the_last_line_counts_the_stages() {
        let (outcome, lines) = lines(&[("a", true), ("b", true)]);
        assert!(outcome.is_ok());
        assert_eq!(lines.last().unwrap(), "2 passed, 0 failed");
        assert!(lines[0].ends_with("a") && lines[2].ends_with("b"), "{lines:?}");
    }

    #[test]
    fn a_failure_stops_the_run_and_names_what_was_left_out() {
        let (outcome, lines) = lines(&[("a", true), ("b", false), ("c", true), ("d", true)]);
        assert_eq!(outcome.unwrap_err().0, "stage `b` failed");
        assert!(lines.iter().any(|line| line.contains("FAILED") && line.contains("broken")), "{lines:?}");
        assert_eq!(lines[lines.len() - 2..], ["not run: c, d", "1 passed, 1 failed"]);
    }
}
