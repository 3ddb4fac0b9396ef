//! Where the account's terminals stand, and what time it is there: a time on a page is the shop's, with its zone.

use jiff::tz::TimeZone;
use vinr_domain::{LocationId, Timestamp};
use vinr_wire::rest::terminal::Cursor;

use super::Dashboard;
use super::page::Trouble;
use super::words::Words;
use crate::access::Principal;

/// How many pages of a hundred locations are known by name; payments of further ones are shown in the account's time.
const PAGES: usize = 10;

/// A location.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) id: String,
    pub(super) name: String,
    zone: TimeZone,
}

/// The locations of the account.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// The account's own time zone.
    zone: TimeZone,
    all: Vec<Place>,
}

impl Places {
    /// All of them, as of now.
    pub(super) async fn of(dashboard: &Dashboard, who: &Principal) -> Result<Self, Trouble> {
        let own = dashboard.services.book.figures(&who.scope).time_zone;
        let zone = TimeZone::get(&own).unwrap_or(TimeZone::UTC);
        let locations = &dashboard.services.applications.fleet.locations;
        let (mut all, mut cursor) = (Vec::new(), Cursor::Newest);
        for _ in 0..PAGES {
            let (views, more) = locations.list(who, 100, cursor).await?;
            let last = views.last().and_then(|view| LocationId::parse(&view.id).ok());
            all.extend(views.into_iter().map(|view| {
                Place {
                    id: view.id.to_string(),
                    name: view.display_name.to_string(),
                    zone: view
                        .time_zone
                        .as_deref()
                        .and_then(|name| TimeZone::get(name).ok())
                        .unwrap_or_else(|| zone.clone()),
                }
            }));
            match last {
                Some(last) if more => cursor = Cursor::After(last),
                _ => break,
            }
        }
        Ok(Self { zone, all })
    }

    /// Every location that is known by name.
    pub(super) fn all(&self) -> &[Place] {
        &self.all
    }

    /// What people call the location.
    pub(super) fn name(&self, id: &str) -> Option<&str> {
        self.all.iter().find(|place| place.id == id).map(|place| place.name.as_str())
    }

    /// The time zone of the location, or the account's.
    pub(super) fn zone(&self, location: Option<&str>) -> &TimeZone {
        let place = location.and_then(|id| self.all.iter().find(|place| place.id == id));
        place.map_or(&self.zone, |place| &place.zone)
    }

    /// The name of that zone.
    pub(super) fn zone_name(&self, location: Option<&str>) -> String {
        self.zone(location).iana_name().unwrap_or("UTC").to_owned()
    }
}

/// `21 Nov 2026, 16:49:30 CET`.
pub(super) fn stamp(words: &Words, at: Timestamp, zone: &TimeZone) -> String {
    let Ok(instant) = jiff::Timestamp::from_millisecond(at.0) else { return String::new() };
    format!("{} {}", words.moment(at, zone), instant.to_zoned(zone.clone()).strftime("%Z"))
}
