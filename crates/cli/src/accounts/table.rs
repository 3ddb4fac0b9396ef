//! Answers as people read them: columns, or a key that is shown once.

use std::fmt::Write;

use serde_json::Value;

/// Rows under headings, each column as wide as its widest cell.
pub(super) fn rows(headings: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(headings.get(column).map(|heading| heading.chars().count())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let mut text = String::new();
    let headings = headings.iter().map(|heading| (*heading).to_owned()).collect();
    for row in std::iter::once(&headings).chain(rows) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            // Writing to memory cannot fail.
            let _ = write!(line, "{cell:<width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A field as people read it; `-` when it is not set.
pub(super) fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) if values.is_empty() => "-".to_owned(),
        Value::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join(","),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

/// A moment as people read it, in UTC.
pub(super) fn moment(value: &Value) -> String {
    match value.as_i64() {
        Some(seconds) => {
            jiff::Timestamp::from_second(seconds).map_or_else(|_| "-".to_owned(), |at| at.to_string())
        }
        None => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let text = rows(&["ID", "NAME"], &[row(["key_1", "…é"]), row(["k", "-"])]);
        assert_eq!(text, "ID     NAME\nkey_1  …é\nk      -\n");
        assert_eq!(cell(&json!(["a", "b"])), "a,b");
        assert_eq!((cell(&Value::Null), moment(&Value::Null)), ("-".to_owned(), "-".to_owned()));
        assert_eq!(moment(&json!(1_781_168_400)), "2026-06-11T09:00:00Z");
    }
}
