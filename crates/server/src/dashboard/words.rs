//! Words, amounts and times as a person reads them, by language and region. Decides only how things are written.

mod catalogue;

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use vinr_domain::{Currency, Timestamp};

use self::catalogue::{Language, said};

/// How somebody reads amounts and times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// The language tag, `de-CH`: how amounts and times are written.
    locale: &'static str,
    language: Language,
    decimal: char,
    group: &'static str,
    day_first: bool,
}

/// Language and region with how numbers and days are written there; the first of a language is for all others of it.
const MANNERS: &[(&str, char, &str, bool)] = &[
    ("en-US", '.', ",", false),
    ("en-GB", '.', ",", true),
    ("de-DE", ',', ".", true),
    ("de-CH", '.', "’", true),
    ("de-AT", ',', "\u{202f}", true),
    ("fr-FR", ',', "\u{202f}", true),
    ("fr-CH", ',', "\u{202f}", true),
    ("es-ES", ',', ".", true),
    ("it-IT", ',', ".", true),
    ("nl-NL", ',', ".", true),
    ("pt-PT", ',', ".", true),
    ("pt-BR", ',', ".", true),
    ("sv-SE", ',', "\u{a0}", false),
    ("da-DK", ',', ".", true),
    ("nb-NO", ',', "\u{a0}", true),
    ("fi-FI", ',', "\u{a0}", true),
    ("pl-PL", ',', "\u{a0}", true),
    ("cs-CZ", ',', "\u{a0}", true),
    ("ja-JP", '.', ",", false),
];

impl Words {
    /// As the person has chosen, or else as the browser asks.
    pub(super) fn of(chosen: Option<&str>, headers: &HeaderMap) -> Self {
        let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let mut tags = chosen.into_iter().chain(asked.split(',').filter_map(|part| part.split(';').next()));
        let manner = tags.find_map(|tag| manner_of(tag.trim())).unwrap_or(&MANNERS[0]);
        let (locale, decimal, group, day_first) = *manner;
        let language = Language::of(locale).unwrap_or(Language::English);
        Self { locale, language, decimal, group, day_first }
    }

    /// What the page is written in, for its `lang` (WCAG 2.2, 3.1.1): English where there is no translation.
    pub(super) fn lang(&self) -> &'static str {
        if Language::of(self.locale).is_some() { self.locale } else { "en" }
    }

    /// The phrase, in the language of the reader.
    pub(super) fn say(&self, english: &str) -> String {
        said(english, self.language).to_owned()
    }

    /// The phrase with its parts: `{amount}` is what `parts` has under `amount`.
    pub(super) fn tell(&self, english: &str, parts: &[(&str, &str)]) -> String {
        let mut text = String::with_capacity(english.len() + 32);
        let mut rest = said(english, self.language);
        // In one pass: what stands in a part is never taken for a name of another.
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let Some((name, behind)) = after.split_once('}') else { break };
            let part = parts.iter().find(|(known, _)| *known == name);
            text.push_str(part.map_or("", |(_, part)| part));
            rest = behind;
        }
        text.push_str(rest);
        text
    }

    /// The language tags that somebody can choose.
    pub(super) fn known() -> impl Iterator<Item = &'static str> {
        MANNERS.iter().map(|(tag, ..)| *tag)
    }

    /// `1,234.50 EUR`.
    pub(super) fn amount(&self, minor: i64, currency: Currency) -> String {
        format!("{} {}", self.figure(minor, currency.exponent()), currency.code())
    }

    /// `1,234.50`, of a number with this many digits behind the point.
    pub(super) fn figure(&self, minor: i64, exponent: u8) -> String {
        let scale = 10_u64.pow(u32::from(exponent));
        let (whole, rest) = (minor.unsigned_abs() / scale, minor.unsigned_abs() % scale);
        let sign = if minor < 0 { "−" } else { "" };
        let mut text = format!("{sign}{}", self.whole(whole));
        if exponent > 0 {
            text.push(self.decimal);
            text.push_str(&format!("{rest:0width$}", width = usize::from(exponent)));
        }
        text
    }

    /// `12,345`.
    pub(super) fn whole(&self, number: u64) -> String {
        let digits = number.to_string();
        let mut text = String::with_capacity(digits.len() + 8);
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                text.push_str(self.group);
            }
            text.push(digit);
        }
        text
    }

    /// An amount as somebody typed it, in minor units; `None` when it is none of this currency.
    pub(super) fn typed_amount(&self, typed: &str, currency: Currency) -> Option<i64> {
        let exponent = usize::from(currency.exponent());
        let plain: String = typed.chars().filter(|c| !c.is_whitespace() && !"'’".contains(*c)).collect();
        // The last mark that is followed by as many digits as the currency has is the decimal mark; the others group.
        let at = plain.rfind(['.', ',']).filter(|at| exponent > 0 && plain.len() - at - 1 <= exponent);
        let (whole, rest) = match at {
            Some(at) => (&plain[..at], &plain[at + 1..]),
            None => (plain.as_str(), ""),
        };
        let whole: String = whole.chars().filter(|c| !".,".contains(*c)).collect();
        let digits = format!("{whole}{rest:0<exponent$}");
        let fits = !plain.is_empty() && digits.len() <= 15 && digits.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| digits.parse().ok()).flatten()
    }

    /// `21 Nov 2026, 16:49:30`, in this time zone.
    pub(super) fn moment(&self, at: Timestamp, zone: &TimeZone) -> String {
        let Ok(instant) = jiff::Timestamp::from_millisecond(at.0) else { return String::new() };
        let local = instant.to_zoned(zone.clone());
        let month = usize::try_from(local.month() - 1).unwrap_or(0);
        let month = self.language.months().get(month).copied().unwrap_or_default();
        let (day, year, time) = (local.day(), local.year(), local.strftime("%H:%M:%S"));
        match (self.language, self.day_first) {
            (Language::German, _) => format!("{day}. {month} {year}, {time}"),
            (_, true) => format!("{day} {month} {year}, {time}"),
            (_, false) => format!("{month} {day}, {year}, {time}"),
        }
    }

    /// `21 Nov 2026`.
    pub(super) fn day(&self, day: Date) -> String {
        let (month, number, year) = (self.month(day), day.day(), day.year());
        match (self.language, self.day_first) {
            (Language::German, _) => format!("{number}. {month} {year}"),
            (_, true) => format!("{number} {month} {year}"),
            (_, false) => format!("{month} {number}, {year}"),
        }
    }

    /// `21 Nov`.
    pub(super) fn short_day(&self, day: Date) -> String {
        let (month, number) = (self.month(day), day.day());
        match (self.language, self.day_first) {
            (Language::German, _) => format!("{number}. {month}"),
            (_, true) => format!("{number} {month}"),
            (_, false) => format!("{month} {number}"),
        }
    }

    fn month(&self, day: Date) -> &'static str {
        let month = usize::try_from(day.month() - 1).unwrap_or(0);
        self.language.months().get(month).copied().unwrap_or_default()
    }

    /// `1,200`, `12 k`, `3.5 M`: a number of an axis with this many digits behind the point; numbers are `step` apart.
    pub(super) fn axis(&self, minor: i64, step: i64, exponent: u8) -> String {
        let one = 10_i128.pow(u32::from(exponent));
        let (value, step) = (i128::from(minor), i128::from(step));
        let units = [(6, "E"), (5, "P"), (4, "T"), (3, "G"), (2, "M"), (1, "k")];
        let unit = units.into_iter().find(|(power, _)| value.abs() >= 10 * one * 1_000_i128.pow(*power));
        let (scale, name) = match unit {
            Some((power, name)) => (one * 1_000_i128.pow(power), name),
            None => (one, ""),
        };
        // As many digits as tell two neighbours apart, and no more than the currency has.
        let digits = match step {
            _ if step >= scale => 0,
            _ if step * 10 >= scale => 1,
            _ => 2,
        };
        let digits = if unit.is_none() && digits > 0 { exponent } else { digits };
        let shown = value * 10_i128.pow(u32::from(digits)) / scale;
        let text = self.figure(i64::try_from(shown).unwrap_or(i64::MAX), digits);
        if name.is_empty() { text } else { format!("{text}\u{a0}{name}") }
    }

    /// `just now`, `4 minutes ago`, `3 days ago`.
    pub(super) fn ago(&self, at: Timestamp, now: Timestamp) -> String {
        let seconds = (now.0 - at.0).max(0) / 1_000;
        let ago = |count: i64, one: &'static str, many: &'static str| match count {
            1 => self.say(one),
            _ => self.tell(many, &[("count", &self.whole(count.unsigned_abs()))]),
        };
        match seconds {
            0..10 => self.say("just now"),
            10..60 => self.tell("{count} seconds ago", &[("count", &seconds.to_string())]),
            60..3_600 => ago(seconds / 60, "1 minute ago", "{count} minutes ago"),
            3_600..86_400 => ago(seconds / 3_600, "1 hour ago", "{count} hours ago"),
            _ => ago(seconds / 86_400, "1 day ago", "{count} days ago"),
        }
    }
}

/// For pages of which nobody knows the reader yet.
impl<S: Sync> FromRequestParts<S> for Words {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(None, &parts.headers))
    }
}

fn manner_of(tag: &str) -> Option<&'static (&'static str, char, &'static str, bool)> {
    let exact = MANNERS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(tag));
    let language = tag.split('-').next().filter(|language| language.len() >= 2);
    exact.or_else(|| {
        let language = language?;
        MANNERS
            .iter()
            .find(|(known, ..)| known.split('-').next().is_some_and(|k| k.eq_ignore_ascii_case(language)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(asked: &'static str) -> Words {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, axum::http::HeaderValue::from_static(asked));
        Words::of(None, &headers)
    }

    #[test]
    fn amounts_are_written_as_the_reader_writes_them() {
        let [eur, jpy, kwd] = ["EUR", "JPY", "KWD"].map(|code| Currency::parse(code).unwrap());
        assert_eq!(words("en").amount(123_456_789, eur), "1,234,567.89 EUR");
        assert_eq!(words("de-DE,en;q=0.5").amount(-5, eur), "−0,05 EUR");
        assert_eq!(words("de-CH").amount(123_450, eur), "1’234.50 EUR");
        assert_eq!(words("fr-CA").amount(4_200, jpy), "4\u{202f}200 JPY");
        assert_eq!(words("tlh").amount(1_234, kwd), "1.234 KWD");
    }

    #[test]
    fn an_amount_is_read_as_it_was_meant_or_not_at_all() {
        let [eur, jpy] = ["EUR", "JPY"].map(|code| Currency::parse(code).unwrap());
        for (typed, minor) in [
            ("12.50", Some(1250)),
            ("12,5", Some(1250)),
            ("1.234,50", Some(123_450)),
            ("1,234", Some(123_400)),
            (" 7 ", Some(700)),
            ("1’000", Some(100_000)),
            ("12.505", Some(1_250_500)),
            ("", None),
            ("-3", None),
            ("3e2", None),
            ("12 EUR", None),
        ] {
            assert_eq!(words("en").typed_amount(typed, eur), minor, "{typed:?}");
        }
        assert_eq!(words("en").typed_amount("1,200", jpy), Some(1_200));
    }

    #[test]
    fn numbers_of_an_axis_are_short_and_told_apart() {
        let axis = |minor, step, exponent| words("en").axis(minor, step, exponent);
        for (minor, step, exponent, expected) in [
            (0, 50_000, 2, "0"),
            (150_000, 50_000, 2, "1,500"),
            (1_500_000, 500_000, 2, "15\u{a0}k"),
            (50, 50, 2, "0.50"),
            (-2_000, 1_000, 0, "−2,000"),
            (12_500, 500, 0, "12.5\u{a0}k"),
            (i64::MAX, 5_000_000_000_000_000_000, 0, "9,223\u{a0}P"),
        ] {
            assert_eq!(axis(minor, step, exponent), expected);
        }
        let day = Date::constant(2026, 3, 4);
        assert_eq!(words("de-CH").day(day), "4. März 2026");
        assert_eq!(
            (words("en-US").short_day(day), words("en-GB").short_day(day)),
            ("Mar 4".into(), "4 Mar".into())
        );
    }

    #[test]
    fn moments_are_of_the_place() {
        let zone = TimeZone::get("Europe/Zurich").unwrap();
        let at = Timestamp(1_795_000_000_000);
        assert_eq!(words("de").moment(at, &zone), "18. Nov. 2026, 12:06:40");
        assert_eq!(words("en-GB").moment(at, &zone), "18 Nov 2026, 12:06:40");
        assert_eq!(words("fr-CH").moment(at, &zone), "18 nov. 2026, 12:06:40");
        assert_eq!(words("en-US").moment(at, &zone), "Nov 18, 2026, 12:06:40");
        assert_eq!(words("en").ago(Timestamp(0), Timestamp(61_000)), "1 minute ago");
        assert_eq!(words("de").ago(Timestamp(0), Timestamp(7_200_000)), "vor 2 Stunden");
    }

    #[test]
    fn what_stands_in_a_part_is_not_read_again() {
        let told = words("en").tell("{count} minutes ago", &[("count", "{count}")]);
        assert_eq!(told, "{count} minutes ago");
        assert_eq!(words("de").tell("{count} minutes ago", &[("count", "3")]), "vor 3 Minuten");
    }

    #[test]
    fn a_page_says_what_it_is_written_in() {
        assert_eq!(words("de-AT").lang(), "de-AT");
        assert_eq!(words("nl-NL").lang(), "en");
    }
}
