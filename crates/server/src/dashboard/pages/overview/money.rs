//! The money of the overview: today in figures and in hours, thirty days in bars, and why payments failed. One currency at
//! a time; amounts of several are never added up.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use vinr_domain::Currency;

use super::super::super::Dashboard;
use super::super::super::charts::{Bar, Caption, Chart};
use super::super::super::page::Trouble;
use super::super::super::visit::Visit;
use super::super::super::words::Words;
use crate::access::Principal;
use crate::figures::{DayRow, Sums};

/// How many days the charts show, today included.
const DAYS: i64 = 30;
/// Of every how many days the name is under its bar.
const NAMED_DAYS: usize = 7;
const NAMED_HOURS: u8 = 6;

/// What is shown of it.
pub(super) struct Money {
    /// The currencies in which something happened, and whether it is the one that is shown.
    pub(super) currencies: Vec<(String, bool)>,
    /// Today: what, how much, and how much it was a week ago.
    pub(super) cards: Vec<Card>,
    pub(super) charts: Vec<Chart>,
    /// In which time zone a day is one.
    pub(super) days_of: String,
    /// Whether older payments are still being counted.
    pub(super) counting: bool,
}

/// A figure of today.
pub(super) struct Card {
    pub(super) name: String,
    pub(super) told: String,
    pub(super) before: String,
}

/// What the figures are told from.
struct Books<'a> {
    words: &'a Words,
    currency: Currency,
    today: Date,
    days: BTreeMap<Date, Sums>,
}

impl Money {
    /// Of the visitor's account.
    pub(super) async fn of(
        dashboard: &Dashboard,
        visit: &Visit,
        who: &Principal,
        asked: Option<&str>,
    ) -> Result<Self, Trouble> {
        let figures = &dashboard.services.applications.figures;
        let (today, zone) = figures.today(who);
        let first = today.checked_sub((DAYS - 1).days()).unwrap_or(today);
        let rows = figures.days(who, first, today).await?;
        let usual = dashboard.services.book.figures(&who.scope).default_currency;
        let (currency, all) = chosen(&rows, asked, usual.as_deref());
        let of_currency = |row: &DayRow| row.currencies.get(currency.code()).cloned();
        let days = rows.iter().filter_map(|(day, row)| Some((*day, of_currency(row)?))).collect();
        let books = Books { words: &visit.words, currency, today, days };
        let zone = zone.iana_name().unwrap_or("UTC");
        Ok(Self {
            cards: books.cards(),
            charts: books.charts(first),
            currencies: all.iter().map(|code| (code.to_string(), **code == *currency.code())).collect(),
            days_of: visit.words.tell("Days are those of {zone}.", &[("zone", zone)]),
            counting: !figures.is_complete(),
        })
    }
}

/// The currency to be shown: the one that was asked for, the account's own, or the one of most payments; and all of them.
fn chosen(
    rows: &BTreeMap<Date, DayRow>,
    asked: Option<&str>,
    usual: Option<&str>,
) -> (Currency, Vec<Arc<str>>) {
    let mut counts = BTreeMap::<Arc<str>, u64>::new();
    for (code, sums) in rows.values().flat_map(|row| &row.currencies) {
        *counts.entry(Arc::clone(code)).or_default() += sums.asked + sums.taken.count + sums.refunded.count;
    }
    let there = |code: &&str| counts.contains_key(*code);
    let most = counts.iter().max_by_key(|(_, count)| **count).map(|(code, _)| &**code);
    let code = asked.filter(there).or(usual.filter(there)).or(most).or(usual).unwrap_or("EUR");
    let fallback = || Currency::parse("EUR").expect("a currency of ISO 4217");
    let currency = Currency::parse(code).unwrap_or_else(|_| fallback());
    (currency, counts.into_keys().collect())
}

impl Books<'_> {
    fn amount(&self, minor: i64) -> String {
        self.words.amount(minor, self.currency)
    }

    fn on(&self, day: Date) -> Sums {
        self.days.get(&day).cloned().unwrap_or_default()
    }

    fn cards(&self) -> Vec<Card> {
        let words = self.words;
        let today = self.on(self.today);
        let before = self.on(self.today.checked_sub(7.days()).unwrap_or(self.today));
        let none = || "–".to_owned();
        let rate = |sums: &Sums| {
            sums.approval_permille().map_or_else(none, |permille| {
                let permille = i64::try_from(permille).unwrap_or(i64::MAX);
                format!("{}\u{a0}%", words.figure(permille, 1))
            })
        };
        let wait = |sums: &Sums| {
            sums.waits
                .median_ms()
                .map_or_else(none, |ms| format!("{}\u{a0}s", words.figure((ms + 50) / 100, 1)))
        };
        let card = |name: &str, tell: &dyn Fn(&Sums) -> String| Card {
            name: name.to_owned(),
            told: tell(&today),
            before: words.tell("a week ago: {figure}", &[("figure", &tell(&before))]),
        };
        vec![
            card(&words.say("taken today"), &|sums| self.amount(sums.taken.minor)),
            card(&words.say("payments today"), &|sums| words.whole(sums.taken.count)),
            card(&words.say("approved by issuers"), &rate),
            card(&words.say("at the terminal, median"), &wait),
            card(&words.say("given back today"), &|sums| self.amount(sums.refunded.minor)),
            card(&words.say("tips in it"), &|sums| self.amount(sums.tips_minor)),
        ]
    }

    fn charts(&self, first: Date) -> Vec<Chart> {
        let days: Vec<Date> = first.series(1.day()).take_while(|day| *day <= self.today).collect();
        vec![self.taken_by_day(&days), self.count_by_day(&days), self.hours(), self.declines(&days)]
    }

    fn by_day(&self, days: &[Date], value: impl Fn(&Sums) -> i64, told: impl Fn(i64) -> String) -> Vec<Bar> {
        let last = days.len().saturating_sub(1);
        let bar = |(place, day): (usize, &Date)| {
            let value = value(&self.on(*day));
            let named = (last - place).is_multiple_of(NAMED_DAYS);
            Bar {
                short: if named { self.words.short_day(*day) } else { String::new() },
                name: self.words.day(*day),
                value,
                told: told(value),
            }
        };
        days.iter().enumerate().map(bar).collect()
    }

    fn taken_by_day(&self, days: &[Date]) -> Chart {
        let bars = self.by_day(days, |sums| sums.taken.minor, |minor| self.amount(minor));
        let total = bars.iter().fold(0_i64, |sum, bar| sum.saturating_add(bar.value));
        let parts = [("amount", &*self.amount(total))];
        let caption = Caption {
            id: "volume",
            title: self.words.tell("Taken in 30 days, {currency}", &[("currency", self.currency.code())]),
            description: self.words.tell("One bar for each day. Together {amount}.", &parts),
        };
        Chart::over_time(caption, &bars, |minor, step| self.words.axis(minor, step, self.currency.exponent()))
    }

    fn count_by_day(&self, days: &[Date]) -> Chart {
        let count = |sums: &Sums| i64::try_from(sums.taken.count).unwrap_or(i64::MAX);
        let bars = self.by_day(days, count, |count| self.words.whole(count.unsigned_abs()));
        let total: u64 = bars.iter().map(|bar| bar.value.unsigned_abs()).sum();
        let caption = Caption {
            id: "count",
            title: self.words.say("Payments in 30 days"),
            description: self
                .words
                .tell("One bar for each day. Together {count}.", &[("count", &self.words.whole(total))]),
        };
        Chart::over_time(caption, &bars, |count, step| self.words.axis(count, step, 0))
    }

    fn hours(&self) -> Chart {
        let today = self.on(self.today);
        let bar = |hour: u8| {
            let taken = today.hours.get(&hour).copied().unwrap_or_default();
            Bar {
                short: if hour.is_multiple_of(NAMED_HOURS) { hour.to_string() } else { String::new() },
                name: format!("{hour:02}:00–{:02}:00", hour + 1),
                value: taken.minor,
                told: self.amount(taken.minor),
            }
        };
        let bars: Vec<Bar> = (0..24).map(bar).collect();
        let caption = Caption {
            id: "hours",
            title: self.words.tell("Today by hour, {currency}", &[("currency", self.currency.code())]),
            description: self.words.say("One bar for each hour of the day."),
        };
        Chart::over_time(caption, &bars, |minor, step| self.words.axis(minor, step, self.currency.exponent()))
    }

    fn declines(&self, days: &[Date]) -> Chart {
        let mut all = Sums::default();
        days.iter().for_each(|day| all.merge(&self.on(*day)));
        let mut codes: Vec<_> = all.declined.into_iter().collect();
        codes.sort_by_key(|(code, count)| (std::cmp::Reverse(*count), Arc::clone(code)));
        let bar = |(code, count): (Arc<str>, u64)| Bar {
            short: String::new(),
            name: self.words.say(&code.replace('_', " ")),
            value: i64::try_from(count).unwrap_or(i64::MAX),
            told: self.words.whole(count),
        };
        let bars: Vec<Bar> = codes.into_iter().map(bar).collect();
        let caption = Caption {
            id: "declines",
            title: self.words.say("Why payments failed in 30 days"),
            description: self.words.say("One bar for each reason, the most frequent first."),
        };
        Chart::by_name(caption, &bars)
    }
}
