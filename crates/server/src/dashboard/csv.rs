//! Rows of comma-separated values (RFC 4180) that a spreadsheet opens without doing anything: text that it would take for a
//! formula has an apostrophe in front of it. Text that has one already gets a second one, so taking one away gives back what
//! was there. Knows nothing of what the rows are about.

/// The beginnings of what spreadsheets calculate (OWASP, CSV injection), wide forms included; and the apostrophe.
const DEFUSED: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', '\''];

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// What people or programs of merchants wrote: always in quotes, never a formula.
    Text(String),
    /// What the platform itself wrote, in letters and digits: words, names, times and figures.
    Plain(String),
    /// Nothing.
    Empty,
}

impl Cell {
    /// Text, or nothing.
    pub(super) fn text(text: Option<&str>) -> Self {
        text.map_or(Self::Empty, |text| Self::Text(text.to_owned()))
    }

    /// What the platform writes, or nothing.
    pub(super) fn plain(text: Option<impl ToString>) -> Self {
        text.map_or(Self::Empty, |text| Self::Plain(text.to_string()))
    }

    /// The amount as a decimal number of the currency, with a point: `-12.50`.
    pub(super) fn decimal(minor: i64, exponent: u8) -> Self {
        let scale = 10_u64.pow(u32::from(exponent));
        let (whole, rest) = (minor.unsigned_abs() / scale, minor.unsigned_abs() % scale);
        let sign = if minor < 0 { "-" } else { "" };
        Self::Plain(match exponent {
            0 => format!("{sign}{whole}"),
            _ => format!("{sign}{whole}.{rest:0width$}", width = usize::from(exponent)),
        })
    }

    /// The moment, `2026-11-21T16:49:30.123Z`.
    pub(super) fn time(ms: Option<i64>) -> Self {
        let instant = ms.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        instant.map_or(Self::Empty, |at| Self::Plain(at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()))
    }
}

/// Appends a row.
pub(super) fn row(cells: &[Cell], out: &mut String) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        match cell {
            Cell::Empty => {}
            Cell::Plain(text) => out.push_str(text),
            Cell::Text(text) => {
                out.push('"');
                if text.starts_with(DEFUSED) {
                    out.push('\'');
                }
                for letter in text.chars() {
                    if letter == '"' {
                        out.push('"');
                    }
                    out.push(letter);
                }
                out.push('"');
            }
        }
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = String::new();
        row(&[Cell::Text(text.to_owned())], &mut out);
        out
    }

    #[test]
    fn text_is_quoted_and_no_formula_and_one_apostrophe_less_is_what_was_there() {
        for (text, cell) in [
            ("order 7", "\"order 7\"\r\n"),
            ("a \"b\", c", "\"a \"\"b\"\", c\"\r\n"),
            ("=1+1", "\"'=1+1\"\r\n"),
            ("-2", "\"'-2\"\r\n"),
            ("＝1", "\"'＝1\"\r\n"),
            ("'=1", "\"''=1\"\r\n"),
            ("two\r\nlines", "\"two\r\nlines\"\r\n"),
        ] {
            assert_eq!(written(text), cell);
        }
    }

    #[test]
    fn figures_and_times_are_bare() {
        let mut out = String::new();
        let cells = [
            Cell::decimal(-1_250, 2),
            Cell::decimal(7, 0),
            Cell::decimal(5, 3),
            Cell::Empty,
            Cell::time(Some(1_795_000_000_123)),
        ];
        row(&cells, &mut out);
        assert_eq!(out, "-12.50,7,0.005,,2026-11-18T11:06:40.123Z\r\n");
    }
}
