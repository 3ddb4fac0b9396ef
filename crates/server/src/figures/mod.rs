//! What happened on every day of an account, in sums that are kept, so that no page has to look at a million payments.
//! Follows the events; no payment waits for it. Decides nothing and changes nothing but its own sums.
//!
//! Days are those of the account's time zone, one for all of its locations, so that a day's payments are one sum. When the
//! account changes its time zone, what happens from then on counts in the new one, and the days before stay as they are.

mod facts;
mod follower;
mod place;
mod sums;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokio::sync::watch;
use vinr_domain::Timestamp;

use self::follower::Follower;
pub use self::sums::{DayRow, Sums, Taken, Waits, is_the_issuers};
use crate::access::Principal;
use crate::accounts::AccountBook;
use crate::office::Office;
use crate::refusal::Refusal;
use crate::store::{Kind, Scope, Store, StoreError};

/// The sums, as pages use them.
#[derive(Clone)]
pub struct DailyFigures {
    office: Office,
    complete: watch::Receiver<bool>,
}

impl DailyFigures {
    /// Over the office, with the follower begun: it counts until the platform ends.
    #[must_use]
    pub fn start(office: Office) -> Self {
        let (follower, complete) = Follower::new(office.clone());
        office.tasks.spawn(follower.run());
        Self { office, complete }
    }

    /// Whether everything is counted that was there before figures were kept. Until then days may show too little.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        *self.complete.borrow()
    }

    /// The account's day and time zone at this moment.
    #[must_use]
    pub fn today(&self, who: &Principal) -> (Date, TimeZone) {
        let zone = zone_of(&self.office.book, &who.scope);
        let (today, _) = day_of(self.office.now(), &zone);
        (today, zone)
    }

    /// The sums of these days, both included, by day and currency. Days on which nothing happened are not there.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn days(
        &self,
        who: &Principal,
        first: Date,
        last: Date,
    ) -> Result<BTreeMap<Date, DayRow>, Refusal> {
        // One read: the days of a scope lie one behind the other, by their names.
        let before = first.checked_sub(1.day()).unwrap_or(first).to_string();
        let behind = Some((who.scope.clone(), before.into()));
        let days = first.until(last).map_or(0, |span| span.get_days());
        let limit = u32::try_from(days).unwrap_or(0) + 1;
        let store = &self.office.store;
        let snapshot = store.records_behind_across_accounts(Kind::DayFigures, behind, limit).await?;
        let mut found = BTreeMap::new();
        for record in snapshot.rows.iter().take_while(|record| record.scope == who.scope) {
            let day = record.id.parse::<Date>().ok().filter(|day| *day <= last);
            // One that cannot be read is a day without figures.
            if let (Some(day), Ok(row)) = (day, serde_json::from_slice(&record.body)) {
                found.insert(day, row);
            }
        }
        Ok(found)
    }
}

/// The place of the newest event that has been counted, with all before it; as it is written, which is a little behind.
///
/// # Errors
/// When the store cannot answer.
pub(crate) async fn counted_up_to(store: &dyn Store) -> Result<u64, StoreError> {
    let kept = store.get::<place::PlaceRow>(&Scope::platform(), place::NAME).await?;
    Ok(kept.map_or(0, |kept| kept.value.event))
}

/// The time zone in which the account's days are counted.
fn zone_of(book: &AccountBook, scope: &Scope) -> TimeZone {
    TimeZone::get(&book.figures(scope).time_zone).unwrap_or(TimeZone::UTC)
}

/// The day and the hour of the wall clock.
fn day_of(at: Timestamp, zone: &TimeZone) -> (Date, u8) {
    // Out of range means before year -9999 or after year 9999; no clock of ours says so.
    let instant = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    let local = instant.to_zoned(zone.clone()).datetime();
    (local.date(), local.hour().unsigned_abs())
}
