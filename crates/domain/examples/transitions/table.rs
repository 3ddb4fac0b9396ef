//! Rows of a transition table as Markdown. Knows no machine.

/// What one event does in one state.
#[derive(Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Every column after the event.
    pub cells: Vec<String>,
}

/// One event, with a word on its payload when that can matter.
pub struct Sample {
    /// The event's name.
    pub event: String,
    /// What is particular about this payload or moment.
    pub case: &'static str,
    /// What it does.
    pub outcome: Outcome,
}

/// A table for one state. Samples of one event that all do the same become one row.
pub fn section(title: &str, columns: &[&str], samples: &[Sample]) -> String {
    let rule = "| --- ".repeat(columns.len());
    let mut text = format!("\n## {title}\n\n| {} |\n{rule}|\n", columns.join(" | "));
    for group in samples.chunk_by(|one, other| one.event == other.event) {
        let alike = group.iter().all(|sample| sample.outcome == group[0].outcome);
        for sample in if alike { &group[..1] } else { group } {
            let case =
                if alike || sample.case.is_empty() { String::new() } else { format!(", {}", sample.case) };
            text += &format!("| {}{case} | {} |\n", sample.event, sample.outcome.cells.join(" | "));
        }
    }
    text
}
