//! Charts as SVG, drawn by the server: bars over time, and bars by name. Every chart says in words what it shows, has its
//! numbers as a table beside it, and tells nothing by colour alone. Knows no page; what it is given is written as text.

use std::fmt::Write;

/// How wide a chart is in its own units; the page scales it.
const WIDTH: i64 = 420;
/// How high a chart over time is.
const HEIGHT: i64 = 190;
/// Room for the numbers of the axis, and below for the names of the days.
const LEFT: i64 = 58;
const TOP: i64 = 10;
const BOTTOM: i64 = 24;
/// How many lines an axis has at most above zero, and below.
const LINES: i128 = 4;

/// A value of a chart with its names.
#[derive(Clone, Debug)]
pub(super) struct Bar {
    /// Under the bar; empty where there is no room for all.
    pub(super) short: String,
    /// In full: `21 Nov 2026`.
    pub(super) name: String,
    /// How long it is.
    pub(super) value: i64,
    /// The value as people read it: `1,234.50 CHF`.
    pub(super) told: String,
}

/// A chart, ready for a page.
#[derive(Clone, Debug)]
pub(super) struct Chart {
    /// Its name on the page, a word.
    pub(super) id: &'static str,
    /// What it is called.
    pub(super) title: String,
    /// The picture, safe to be put into a page as it is.
    pub(super) svg: String,
    /// The same as numbers: name and value.
    pub(super) rows: Vec<(String, String)>,
}

/// What a chart is called, and what it shows in a sentence.
pub(super) struct Caption {
    pub(super) id: &'static str,
    pub(super) title: String,
    pub(super) description: String,
}

impl Chart {
    /// Bars beside each other, from the left to the right, up or down from a line at zero. `axis` writes the numbers of
    /// the axis; its second argument is the distance of two of them.
    pub(super) fn over_time(caption: Caption, bars: &[Bar], axis: impl Fn(i64, i64) -> String) -> Self {
        let scale = Scale::of(bars);
        let mut svg = begin(&caption, HEIGHT);
        for line in scale.lines() {
            let y = scale.y(line);
            let class = if line == 0 { "zero" } else { "line" };
            let _ = write!(svg, r#"<line class="{class}" x1="{LEFT}" x2="{WIDTH}" y1="{y}" y2="{y}"/>"#);
            let told = escaped(&axis(clamped(line), clamped(scale.step)));
            let (x, below) = (LEFT - 6, y + 4);
            let _ = write!(svg, r#"<text class="number" x="{x}" y="{below}">{told}</text>"#);
        }
        // In hundredths: thirty bars do not divide the width.
        let count = i64::try_from(bars.len().max(1)).unwrap_or(i64::MAX);
        let slot = (WIDTH - LEFT) * 100 / count;
        for (place, bar) in (0..).zip(bars) {
            let (left, width) = (LEFT * 100 + slot * place + slot / 8, slot * 3 / 4);
            let (zero, end) = (scale.y(0), scale.y(i128::from(bar.value)));
            // What is not nothing is seen.
            let height = (zero - end).abs().max(i64::from(bar.value != 0));
            let top = if bar.value < 0 { zero } else { zero - height };
            let (x, width, title) = (hundredths(left), hundredths(width), titled(bar));
            let _ = write!(
                svg,
                r#"<rect class="bar" x="{x}" y="{top}" width="{width}" height="{height}">{title}</rect>"#
            );
            if !bar.short.is_empty() {
                // The last name would stick out to the right.
                let last = place + 1 == count;
                let (class, x) =
                    if last { ("name last", WIDTH * 100) } else { ("name", left + slot * 3 / 8) };
                let (x, foot, short) = (hundredths(x), HEIGHT - 7, escaped(&bar.short));
                let _ = write!(svg, r#"<text class="{class}" x="{x}" y="{foot}">{short}</text>"#);
            }
        }
        Self::end(caption, svg, bars)
    }

    /// Bars below each other, the name above each and the value at its end.
    pub(super) fn by_name(caption: Caption, bars: &[Bar]) -> Self {
        const ROW: i64 = 36;
        let most = bars.iter().map(|bar| i128::from(bar.value.max(0))).max().unwrap_or(0).max(1);
        let rows = i64::try_from(bars.len().max(1)).unwrap_or(1);
        let mut svg = begin(&caption, rows * ROW);
        for (place, bar) in (0..).zip(bars) {
            let (y, top) = (place * ROW + 13, place * ROW + 18);
            let longest = i128::from(WIDTH);
            let width = clamped(i128::from(bar.value.max(0)) * longest / most).max(i64::from(bar.value > 0));
            let (name, told, title) = (escaped(&bar.name), escaped(&bar.told), titled(bar));
            let _ = write!(
                svg,
                r#"<text class="row" x="0" y="{y}">{name}</text><text class="value" x="{WIDTH}" y="{y}">{told}</text>"#
            );
            let _ = write!(
                svg,
                r#"<rect class="bar" x="0" y="{top}" width="{width}" height="10">{title}</rect>"#
            );
        }
        Self::end(caption, svg, bars)
    }

    fn end(caption: Caption, mut svg: String, bars: &[Bar]) -> Self {
        svg.push_str("</svg>");
        let rows = bars.iter().map(|bar| (bar.name.clone(), bar.told.clone())).collect();
        Self { id: caption.id, title: caption.title, svg, rows }
    }
}

fn begin(caption: &Caption, height: i64) -> String {
    let (id, title, description) = (caption.id, escaped(&caption.title), escaped(&caption.description));
    format!(
        r#"<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{id}-title {id}-description" xmlns="http://www.w3.org/2000/svg"><title id="{id}-title">{title}</title><desc id="{id}-description">{description}</desc>"#
    )
}

fn titled(bar: &Bar) -> String {
    format!("<title>{}: {}</title>", escaped(&bar.name), escaped(&bar.told))
}

/// As text of XML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // No XML can hold them.
            '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => out.push(letter),
        }
    }
    out
}

fn hundredths(value: i64) -> String {
    format!("{}.{:02}", value / 100, value % 100)
}

fn clamped(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

/// The axis: round numbers around all values and zero.
struct Scale {
    low: i128,
    high: i128,
    step: i128,
}

impl Scale {
    fn of(bars: &[Bar]) -> Self {
        let values = || bars.iter().map(|bar| i128::from(bar.value));
        let (most, least) = (values().max().unwrap_or(0).max(0), values().min().unwrap_or(0).min(0));
        let step = round_step((most - least).max(1));
        let up = |value: i128| (value + step - 1).div_euclid(step) * step;
        let (high, low) = (up(most), -up(-least));
        Self { low, high: if high == low { low + step } else { high }, step }
    }

    fn lines(&self) -> impl Iterator<Item = i128> + use<'_> {
        let count = (self.high - self.low) / self.step;
        (0..=count).map(|line| self.low + line * self.step)
    }

    fn y(&self, value: i128) -> i64 {
        let room = i128::from(HEIGHT - TOP - BOTTOM);
        i64::try_from(i128::from(TOP) + (self.high - value) * room / (self.high - self.low)).unwrap_or(TOP)
    }
}

/// The smallest of 1, 2, 5, 10, 20, 50 … that needs no more lines than there may be.
fn round_step(range: i128) -> i128 {
    let mut ten = 1;
    loop {
        for step in [ten, 2 * ten, 5 * ten] {
            if step * LINES >= range {
                return step;
            }
        }
        ten *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(values: &[i64]) -> Vec<Bar> {
        let bar = |(place, value): (usize, &i64)| Bar {
            short: if place % 7 == 0 { format!("{place}.") } else { String::new() },
            name: format!("Day <{place}> & \"more\""),
            value: *value,
            told: format!("{value} CHF"),
        };
        values.iter().enumerate().map(bar).collect()
    }

    fn caption() -> Caption {
        let (title, description) = ("A & B".to_owned(), "<script>".to_owned());
        Caption { id: "volume", title, description }
    }

    /// Whether every element ends where it should, every attribute is quoted, and nothing is left open: what a browser's
    /// XML parser asks of it. Gives the elements that were opened, with their attributes.
    fn parsed(svg: &str) -> Vec<(String, Vec<(String, String)>)> {
        let (mut open, mut all, mut rest) = (Vec::<String>::new(), Vec::new(), svg);
        while let Some(at) = rest.find('<') {
            let text = &rest[..at];
            assert!(
                !text.contains('>') && text.matches('&').count() == text.matches(';').count(),
                "{text:?}"
            );
            let (tag, after) = rest[at + 1..].split_once('>').expect("every tag ends");
            rest = after;
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop().as_deref(), Some(name), "what was opened last ends first");
                continue;
            }
            let (tag, alone) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
            let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            let mut found = Vec::new();
            while !attributes.trim().is_empty() {
                let (key, value) = attributes.trim_start().split_once("=\"").expect("a value in quotes");
                let (value, after) = value.split_once('"').expect("the quotes end");
                found.push((key.to_owned(), value.to_owned()));
                attributes = after;
            }
            all.push((name.to_owned(), found));
            if !alone {
                open.push(name.to_owned());
            }
        }
        assert!(open.is_empty() && rest.is_empty(), "{open:?} {rest:?}");
        all
    }

    fn number(attributes: &[(String, String)], wanted: &str) -> f64 {
        attributes.iter().find(|(key, _)| key == wanted).unwrap().1.parse().unwrap()
    }

    /// Draws both kinds, and sees that every bar is inside and has a length that is no nonsense.
    #[track_caller]
    fn is_drawn(values: &[i64]) -> Vec<(f64, f64)> {
        let named = Chart::by_name(caption(), &bars(values));
        let timed = Chart::over_time(caption(), &bars(values), |value, step| format!("{value}/{step}"));
        let mut drawn = Vec::new();
        for chart in [&named, &timed] {
            assert_eq!(chart.rows.len(), values.len());
            let elements = parsed(&chart.svg);
            let view = &elements[0].1.iter().find(|(key, _)| key == "viewBox").unwrap().1;
            let height: f64 = view.split(' ').next_back().unwrap().parse().unwrap();
            let rects: Vec<_> = elements.iter().filter(|(name, _)| name == "rect").collect();
            assert_eq!(rects.len(), values.len());
            drawn.clear();
            for (_, attributes) in rects {
                let [x, y, width, tall] = ["x", "y", "width", "height"].map(|key| number(attributes, key));
                assert!(x >= 0.0 && width >= 0.0 && x + width <= WIDTH as f64 + 0.1, "{attributes:?}");
                assert!(y >= 0.0 && tall >= 0.0 && y + tall <= height, "{attributes:?}");
                drawn.push((y, tall));
            }
            assert!(elements.iter().any(|(name, _)| name == "desc"));
            assert!(!chart.svg.contains("<script") && !chart.svg.contains("style="));
        }
        drawn
    }

    #[test]
    fn every_chart_is_whole_whatever_its_values_are() {
        is_drawn(&[]);
        is_drawn(&[0; 30]);
        assert_eq!(is_drawn(&[7]).len(), 1);
        is_drawn(&[i64::MAX, 0, i64::MIN, i64::MAX, 1, -1]);
        is_drawn(&(0..24).collect::<Vec<_>>());
        is_drawn(&vec![1; 400]);
    }

    #[test]
    fn bars_are_as_long_as_their_values() {
        let drawn = is_drawn(&[100, 50, 0, -50, 1]);
        let lengths: Vec<f64> = drawn.iter().map(|(_, tall)| *tall).collect();
        assert!((lengths[0] - 2.0 * lengths[1]).abs() <= 1.0, "{lengths:?}");
        assert!((lengths[1] - lengths[3]).abs() <= 1.0 && lengths[2] == 0.0, "{lengths:?}");
        assert!(lengths[4] >= 1.0, "what is not nothing is seen");
        assert!((drawn[0].0 + drawn[0].1 - drawn[3].0).abs() < 1e-9, "all of them begin at zero");
    }

    #[test]
    fn an_axis_has_few_round_numbers_around_all_values() {
        for (values, expected) in [
            (vec![0, 0], vec![0, 1]),
            (vec![7], vec![0, 2, 4, 6, 8]),
            (vec![4_130], vec![0, 2_000, 4_000, 6_000]),
            (vec![-30, 90], vec![-50, 0, 50, 100]),
        ] {
            let scale = Scale::of(&bars(&values));
            assert_eq!(scale.lines().collect::<Vec<_>>(), expected, "{values:?}");
        }
        assert!(Scale::of(&bars(&[i64::MIN, i64::MAX])).lines().count() <= 7);
    }
}
