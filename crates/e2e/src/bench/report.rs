//! Collects figures of floor and platform, and writes them: a table for people, JSON for programs. Measures nothing.

use std::path::Path;

use serde::Serialize;
use serde_json::json;
use tokio::time::Instant;

use super::{During, Failure, Plan, machine};

/// What is to be reached.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Goal {
    /// Ours divided by the floor, at least.
    RatioAtLeast(f64),
    /// Ours, at most.
    AtMost(f64),
    /// For comparison only.
    None,
}

/// One figure: of the floor, of the platform or of both, once per round.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Row {
    pub(super) what: String,
    pub(super) unit: &'static str,
    pub(super) goal: Goal,
    pub(super) floor: Vec<f64>,
    pub(super) ours: Vec<f64>,
}

impl Row {
    pub(super) fn new(what: impl Into<String>, unit: &'static str, goal: Goal) -> Self {
        Self { what: what.into(), unit, goal, floor: Vec::new(), ours: Vec::new() }
    }

    fn ratio(&self) -> Option<f64> {
        Some(median(&self.ours)? / median(&self.floor)?)
    }

    fn met(&self) -> Option<bool> {
        match self.goal {
            Goal::RatioAtLeast(least) => self.ratio().map(|ratio| ratio >= least),
            Goal::AtMost(most) => median(&self.ours).map(|ours| ours <= most),
            Goal::None => None,
        }
    }

    fn columns(&self) -> [String; 7] {
        let value = |values: &[f64]| median(values).map_or_else(|| "–".to_owned(), figure);
        let goal = match self.goal {
            Goal::RatioAtLeast(least) => format!("≥ {least} ×"),
            Goal::AtMost(most) => format!("≤ {most}"),
            Goal::None => String::new(),
        };
        let met = self.met().map_or("", |met| if met { "met" } else { "MISSED" });
        [
            self.what.clone(),
            self.unit.to_owned(),
            value(&self.floor),
            value(&self.ours),
            self.ratio().map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}")),
            goal,
            met.to_owned(),
        ]
    }
}

/// The middle of the values; of an even number, the mean of the two in the middle.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(sorted[middle]),
        _ => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
    }
}

fn figure(value: f64) -> String {
    match value.abs() {
        large if large >= 1_000.0 => format!("{value:.0}"),
        middling if middling >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// What one benchmark found.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Report {
    pub(super) name: &'static str,
    pub(super) rows: Vec<Row>,
    /// What a reader must know to read the figures.
    pub(super) notes: Vec<String>,
}

impl Report {
    fn print(&self) {
        let heads = ["", "unit", "floor", "ours", "ours/floor", "goal", ""].map(str::to_owned);
        let lines: Vec<_> = std::iter::once(heads).chain(self.rows.iter().map(Row::columns)).collect();
        let widths: Vec<_> = (0..7)
            .map(|column| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0))
            .collect();
        say(&format!("\n{}", self.name));
        for line in &lines {
            let mut text = String::from(" ");
            for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
                let pad = " ".repeat(width - cell.chars().count());
                // Names to the left, figures to the right.
                let padded = if column < 2 { format!("{cell}{pad}") } else { format!("{pad}{cell}") };
                text.push_str(&format!(" {padded} "));
            }
            say(text.trim_end());
        }
        for note in &self.notes {
            say(&format!("  · {note}"));
        }
    }
}

/// Everything that is measured from one command line.
pub(super) struct Run {
    begun: Instant,
    machine: machine::Facts,
    dir: std::path::PathBuf,
    plan: String,
    reports: Vec<Report>,
}

impl Run {
    pub(super) fn begin(plan: &Plan, open_files: u64) -> Result<Self, Failure> {
        let machine = machine::Facts::read(&plan.dir, open_files)?;
        let text = format!(
            "{} rounds of {} ms, floor and platform in turn; the median counts",
            plan.rounds,
            plan.measure.as_millis()
        );
        say(&machine.to_string());
        say(&text);
        Ok(Self { begun: Instant::now(), machine, dir: plan.dir.clone(), plan: text, reports: Vec::new() })
    }

    /// Prints the report and keeps it.
    pub(super) fn add(&mut self, report: Report) -> Result<(), Failure> {
        report.print();
        write(
            &self.dir.join(format!("{}.json", report.name)),
            &self.document(std::slice::from_ref(&report)),
        )?;
        self.reports.push(report);
        Ok(())
    }

    pub(super) fn end(self, path: Option<&Path>) -> Result<(), Failure> {
        say(&format!(
            "\ntook {:.0} s; figures are in {}",
            self.begun.elapsed().as_secs_f64(),
            self.dir.display()
        ));
        path.map_or(Ok(()), |path| write(path, &self.document(&self.reports)))
    }

    fn document(&self, reports: &[Report]) -> serde_json::Value {
        json!({ "machine": self.machine, "plan": self.plan, "benchmarks": reports })
    }
}

fn write(path: &Path, document: &serde_json::Value) -> Result<(), Failure> {
    std::fs::write(path, format!("{document:#}\n")).during(&format!("writing {}", path.display()))
}

#[expect(clippy::print_stdout, reason = "the table is what the program is for")]
fn say(line: &str) {
    println!("{line}");
}

/// Says what is going on, on the other stream.
#[expect(clippy::print_stderr, reason = "benchmarks take minutes; somebody is waiting")]
pub(super) fn progress(line: &str) {
    eprintln!("  … {line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn a_goal_is_met_by_medians_and_cannot_be_met_without_figures() {
        let row = |goal, floor: &[f64], ours: &[f64]| Row {
            floor: floor.to_vec(),
            ours: ours.to_vec(),
            ..Row::new("rate", "1/s", goal)
        };
        assert_eq!(row(Goal::RatioAtLeast(0.5), &[10.0, 100.0, 10.0], &[5.0, 1.0, 9.0]).met(), Some(true));
        assert_eq!(row(Goal::RatioAtLeast(0.6), &[10.0], &[5.0]).met(), Some(false));
        assert_eq!(row(Goal::AtMost(16.0), &[], &[15.0, 17.0, 16.0]).met(), Some(true));
        assert_eq!(row(Goal::RatioAtLeast(0.5), &[], &[5.0]).met(), None);
        assert_eq!(row(Goal::None, &[1.0], &[5.0]).met(), None);
    }
}
