//! When a business day ends: at a time of the wall clock in the zone of the location. Sums, no store.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use vinr_domain::Timestamp;

/// When the business day ends, if nobody says otherwise.
const END_OF_DAY: Time = Time::constant(23, 59, 0, 0);

/// The business days of a place.
#[derive(Clone, Debug)]
pub struct BusinessDay {
    zone: TimeZone,
    ends: Time,
}

impl BusinessDay {
    /// Days that end at `HH:MM` in an IANA time zone. What is left out or unreadable is 23:59, and UTC.
    #[must_use]
    pub fn new(time_zone: Option<&str>, end_of_day: Option<&str>) -> Self {
        let zone = time_zone.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC);
        let ends = end_of_day.and_then(|text| Time::strptime("%H:%M", text).ok()).unwrap_or(END_OF_DAY);
        Self { zone, ends }
    }

    /// The first end of a day after `moment`. Where the clock is set forward over it, it is as long after midnight as
    /// on other days; where the clock passes it twice, it is the first time.
    #[must_use]
    pub fn end_after(&self, moment: Timestamp) -> Timestamp {
        // Out of range means before year -9999 or after year 9999; no clock of ours says so.
        let at = jiff::Timestamp::from_millisecond(moment.0).unwrap_or_default();
        let today = at.to_zoned(self.zone.clone()).date();
        let candidates = (-1..=2).filter_map(|days: i64| {
            let date = today.checked_add(days.days()).ok()?;
            Some(date.to_datetime(self.ends).to_zoned(self.zone.clone()).ok()?.timestamp())
        });
        let next = candidates.filter(|end| *end > at).min();
        Timestamp(
            next.unwrap_or_else(|| at.saturating_add(SignedDuration::from_hours(24)).unwrap_or(at))
                .as_millisecond(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[track_caller]
    fn ends(zone: &str, end: &str, after: &str, expected: &str) {
        let day = BusinessDay::new(Some(zone), Some(end));
        assert_eq!(day.end_after(at(after)), at(expected), "{zone} {end} after {after}");
    }

    #[test]
    fn a_day_ends_by_the_clock_on_the_wall() {
        ends("Europe/Berlin", "23:59", "2026-06-11T12:00:00Z", "2026-06-11T21:59:00Z");
        ends("Europe/Berlin", "23:59", "2026-06-11T21:59:00Z", "2026-06-12T21:59:00Z");
        ends("Europe/Berlin", "23:59", "2026-06-11T21:58:59Z", "2026-06-11T21:59:00Z");
        ends("America/Los_Angeles", "03:00", "2026-06-11T12:00:00Z", "2026-06-12T10:00:00Z");
        ends("Pacific/Kiritimati", "23:59", "2026-06-11T12:00:00Z", "2026-06-12T09:59:00Z");
        ends("Asia/Kolkata", "00:00", "2026-06-11T12:00:00Z", "2026-06-11T18:30:00Z");
    }

    #[test]
    fn a_day_that_is_longer_or_shorter_ends_once() {
        // 29 March 2026: 02:00 becomes 03:00. 25 October 2026: 03:00 becomes 02:00.
        ends("Europe/Berlin", "02:30", "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z");
        ends("Europe/Berlin", "02:30", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z");
        ends("Europe/Berlin", "02:30", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z");
        // Half past two comes a second time at 01:30 UTC; the day has ended.
        ends("Europe/Berlin", "02:30", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z");
        ends("Europe/Berlin", "23:59", "2026-10-25T12:00:00Z", "2026-10-25T22:59:00Z");
    }

    #[test]
    fn ends_of_days_follow_each_other_in_every_zone() {
        for zone in
            ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"]
        {
            for end in ["00:00", "01:30", "02:30", "23:59"] {
                let day = BusinessDay::new(Some(zone), Some(end));
                let mut last = at("2025-12-31T00:00:00Z");
                for _ in 0..800 {
                    let next = day.end_after(last);
                    let hours = next.ms_since(last) / 3_600_000;
                    assert!(
                        (0..=48).contains(&hours) && next > last,
                        "{zone} {end}: {hours} h after {last:?}"
                    );
                    assert_eq!(day.end_after(next.plus_ms(-1)), next, "nothing lies between two ends");
                    last = next;
                }
            }
        }
    }

    #[test]
    fn what_is_not_known_is_the_default() {
        let day = BusinessDay::new(Some("Mars/Olympus"), Some("25:00"));
        assert_eq!(day.end_after(at("2026-06-11T12:00:00Z")), at("2026-06-11T23:59:00Z"));
    }
}
