//! What somebody looks for among payments: read from the address of the page, and written into it again, so that every link of the
//! list keeps all of it. What cannot be read is told at its field, and stays as it was typed.

use vinr_domain::payment::Status;
use vinr_domain::{Currency, LocationId, PaymentId, Timestamp};
use vinr_wire::rest::payment::Cursor;

use super::super::form::Fields;
use super::super::places::Places;
use super::super::visit::percent;
use super::super::words::Words;
use crate::payments::{PaymentFilter, Search};

/// The names of the fields, as in the address.
const FIELDS: [&str; 9] = ["q", "status", "terminal", "location", "from", "to", "least", "most", "currency"];

/// A field that cannot be read, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::dashboard) struct Wrong {
    pub(in crate::dashboard) field: &'static str,
    pub(in crate::dashboard) what: String,
}

/// What was typed.
#[derive(Clone, Debug, Default)]
pub(in crate::dashboard) struct Filters {
    typed: Vec<(&'static str, String)>,
}

impl Filters {
    /// As the address has it.
    pub(in crate::dashboard) fn of(fields: &Fields) -> Self {
        let typed = FIELDS.iter().filter_map(|name| Some((*name, fields.get(name)?.to_owned())));
        Self { typed: typed.collect() }
    }

    /// What was typed into the field.
    pub(in crate::dashboard) fn get(&self, name: &str) -> &str {
        self.typed.iter().find(|(field, _)| *field == name).map_or("", |(_, typed)| typed)
    }

    /// Whether anything is looked for.
    pub(in crate::dashboard) fn any(&self) -> bool {
        !self.typed.is_empty()
    }

    /// As the query of an address, with more behind it.
    pub(in crate::dashboard) fn query(&self, more: &[(&str, &str)]) -> String {
        let typed = self.typed.iter().map(|(name, typed)| (*name, typed.as_str()));
        let pairs = typed.chain(more.iter().copied());
        pairs.map(|(name, value)| format!("{name}={}", percent(value))).collect::<Vec<_>>().join("&")
    }

    /// What it means. Days are those of the location that is asked for, or of the account; amounts are of the currency that is
    /// asked for, or of the account's own.
    pub(in crate::dashboard) fn read(
        &self,
        places: &Places,
        own: Option<Currency>,
        words: &Words,
    ) -> Result<Search, Wrong> {
        let given = |name: &str| Some(self.get(name)).filter(|typed| !typed.is_empty());
        let location = given("location").and_then(|id| LocationId::parse(id).ok());
        let zone = places.zone(given("location"));
        let day = |field: &'static str, end: bool| -> Result<Option<Timestamp>, Wrong> {
            let Some(typed) = given(field) else { return Ok(None) };
            let wrong = || Wrong { field, what: words.say("is not a day, as in 2026-11-21") };
            let date: jiff::civil::Date = typed.parse().map_err(|_| wrong())?;
            let date = if end { date.tomorrow().map_err(|_| wrong())? } else { date };
            let start = date.to_zoned(zone.clone()).map_err(|_| wrong())?;
            Ok(Some(Timestamp(start.timestamp().as_millisecond() - i64::from(end))))
        };
        let (from, to) = (day("from", false)?, day("to", true)?);
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            return Err(Wrong { field: "from", what: words.say("must not be later than the other day") });
        }
        let wrong = |field, what: &str| Wrong { field, what: words.say(what) };
        let currency = given("currency")
            .map(|code| Currency::parse(&code.to_ascii_uppercase()))
            .transpose()
            .map_err(|_| wrong("currency", "is not a currency, as in EUR"))?;
        let by_amount = given("least").is_some() || given("most").is_some();
        let currency = currency.or(own.filter(|_| by_amount));
        let amount = |field: &'static str| -> Result<Option<i64>, Wrong> {
            let Some(typed) = given(field) else { return Ok(None) };
            let of = currency.ok_or_else(|| wrong("currency", "is needed to look for an amount"))?;
            let minor = words.typed_amount(typed, of);
            minor.map(Some).ok_or_else(|| wrong(field, "is not an amount"))
        };
        let (least_minor, most_minor) = (amount("least")?, amount("most")?);
        let status = given("status").and_then(Status::parse);
        Ok(Search {
            text: given("q").map(Into::into),
            filter: PaymentFilter {
                terminal: given("terminal").map(Into::into),
                location,
                status,
                from,
                to,
                currency,
                least_minor,
                most_minor,
                ..PaymentFilter::default()
            },
        })
    }
}

/// Where the page begins.
pub(in crate::dashboard) fn cursor(fields: &Fields) -> Cursor {
    let id = |name| fields.get(name).and_then(|id| PaymentId::parse(id).ok());
    match (id("after"), id("before")) {
        (Some(after), _) => Cursor::After(after),
        (None, Some(before)) => Cursor::Before(before),
        (None, None) => Cursor::Newest,
    }
}
