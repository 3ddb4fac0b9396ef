//! Sums over what happened on one day of an account, for each currency apart: amounts of different currencies never meet.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vinr_domain::{DeclineCode, Timestamp};

use crate::store::{Kind, Scope, Stored, spelling};

/// The upper bound of the first bucket of a [`Waits`], in milliseconds.
const FIRST_MS: f64 = 100.0;
/// How much longer the upper bound of every further bucket is.
const RATIO: f64 = 1.05;

/// How long customers stood at terminals: a histogram whose buckets grow by a twentieth each, so what is read from it is
/// at most 2.5 % beside the truth. Everything below 0.1 s is one bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Waits(BTreeMap<u8, u64>);

impl Waits {
    /// One more, this long in milliseconds.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "kept within a byte before")]
    pub fn add(&mut self, took_ms: i64) {
        // Exact far beyond the last bucket, which is above six hours.
        let beyond = (took_ms as f64 / FIRST_MS).ln() / RATIO.ln();
        let bucket = if took_ms < 100 { 0 } else { (beyond.floor() + 1.0).clamp(1.0, 255.0) as u8 };
        *self.0.entry(bucket).or_default() += 1;
    }

    /// All of the other.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.0 {
            *self.0.entry(*bucket).or_default() += count;
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.values().sum()
    }

    /// The one in the middle, in milliseconds; of an even number the lower of the two. `None` when there is none.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the last bucket is some hours")]
    pub fn median_ms(&self) -> Option<i64> {
        let middle = self.count().div_ceil(2);
        let mut before = 0;
        for (bucket, count) in &self.0 {
            before += count;
            if before >= middle {
                let lower = FIRST_MS * RATIO.powi(i32::from(*bucket) - 1);
                return Some(if *bucket == 0 { 50 } else { (lower * RATIO.sqrt()).round() as i64 });
            }
        }
        None
    }
}

/// How many, and how much together, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// How many.
    #[serde(rename = "n")]
    pub count: u64,
    /// In minor units.
    #[serde(rename = "m")]
    pub minor: i64,
}

impl Taken {
    /// One more.
    pub fn add(&mut self, minor: i64) {
        self.merge(Self { count: 1, minor });
    }

    /// All of the other. Sums stop at the largest number there is.
    pub fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.minor = self.minor.saturating_add(other.minor);
    }
}

/// What happened on one day in one currency.
///
/// How a payment was asked for and how that ended counts on the day on which it was asked for; money counts on the day on
/// which it moved. So a hold of Monday that is captured on Tuesday and given back on Wednesday is asked for and approved
/// on Monday, taken on Tuesday, refunded on Wednesday.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sums {
    /// Payments asked for on this day.
    pub asked: u64,
    /// Of these: approved, captured or not.
    pub approved: u64,
    /// Of these: failed, by [`DeclineCode`].
    pub declined: BTreeMap<Arc<str>, u64>,
    /// Of these: called off, or voided.
    pub cancelled: u64,
    /// Of these: held and never captured.
    pub expired: u64,
    /// Of these: how long it took from the prompt to the issuer's answer.
    pub waits: Waits,
    /// Taken on this day, tips included.
    pub taken: Taken,
    /// Tips in it, in minor units.
    pub tips_minor: i64,
    /// Taken on this day, by hour of the wall clock, 0 to 23.
    pub hours: BTreeMap<u8, Taken>,
    /// Given back on this day, whenever it was taken.
    pub refunded: Taken,
}

impl Sums {
    /// How many payments failed with these codes.
    #[must_use]
    pub fn declined_with(&self, wanted: impl Fn(DeclineCode) -> bool) -> u64 {
        let known = |code: &str| DeclineCode::parse(code).is_some_and(&wanted);
        self.declined.iter().filter(|(code, _)| known(code)).map(|(_, count)| count).sum()
    }

    /// The share of what issuers approved among what they decided, in thousandths; `None` when they decided nothing.
    #[must_use]
    pub fn approval_permille(&self) -> Option<u64> {
        let decided = self.approved + self.declined_with(is_the_issuers);
        (decided > 0).then(|| (self.approved * 1_000 + decided / 2) / decided)
    }

    /// All of the other.
    pub fn merge(&mut self, other: &Self) {
        self.asked += other.asked;
        self.approved += other.approved;
        for (code, count) in &other.declined {
            *self.declined.entry(Arc::clone(code)).or_default() += count;
        }
        self.cancelled += other.cancelled;
        self.expired += other.expired;
        self.waits.merge(&other.waits);
        self.taken.merge(other.taken);
        self.tips_minor = self.tips_minor.saturating_add(other.tips_minor);
        for (hour, taken) in &other.hours {
            self.hours.entry(*hour).or_default().merge(*taken);
        }
        self.refunded.merge(other.refunded);
    }
}

/// Whether the issuer of the card said no, and not a terminal, a limit or a lost connection.
#[must_use]
pub fn is_the_issuers(code: DeclineCode) -> bool {
    match code {
        DeclineCode::CardDeclined
        | DeclineCode::InsufficientFunds
        | DeclineCode::ExpiredCard
        | DeclineCode::LostOrStolen
        | DeclineCode::IncorrectPin
        | DeclineCode::PinTryExceeded
        | DeclineCode::OfflineAuthDeclined => true,
        DeclineCode::TerminalNotFound
        | DeclineCode::TerminalOffline
        | DeclineCode::TerminalBusy
        | DeclineCode::TerminalLocked
        | DeclineCode::CommunicationError
        | DeclineCode::OfflineLimitExceeded
        | DeclineCode::AccountSuspended => false,
    }
}

/// One day of an account, in test or live data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayRow {
    /// Whose.
    pub scope: Scope,
    /// Which, `2026-11-21`, in the account's time zone as it was when this was counted.
    pub day: Arc<str>,
    /// When something was first counted.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
    /// By the code of the currency.
    pub currencies: BTreeMap<Arc<str>, Sums>,
}

impl Stored for DayRow {
    const KIND: Kind = Kind::DayFigures;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn id(&self) -> Arc<str> {
        Arc::clone(&self.day)
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_within_a_fortieth_of_the_truth() {
        for truth in [100, 101, 999, 4_200, 8_311, 61_000, 1_800_000] {
            let mut waits = Waits::default();
            for took in [1, truth, 20_000_000] {
                waits.add(took);
            }
            let read = waits.median_ms().unwrap();
            assert!((read - truth).abs() * 40 <= truth + 40, "{truth} was read as {read}");
        }
        assert_eq!(Waits::default().median_ms(), None);
    }

    #[test]
    fn odd_moments_have_a_bucket_too() {
        let mut waits = Waits::default();
        for took in [i64::MIN, -1, 0, 99, i64::MAX] {
            waits.add(took);
        }
        assert_eq!((waits.count(), waits.median_ms()), (5, Some(50)));
    }

    #[test]
    fn the_approval_rate_is_about_what_issuers_decided() {
        let mut sums = Sums { asked: 9, approved: 2, ..Sums::default() };
        assert_eq!(sums.approval_permille(), Some(1_000));
        sums.declined.insert("terminal_busy".into(), 5);
        assert_eq!(sums.approval_permille(), Some(1_000));
        sums.declined.insert("incorrect_pin".into(), 1);
        assert_eq!(sums.approval_permille(), Some(667));
        assert_eq!(Sums::default().approval_permille(), None);
    }

    #[test]
    fn sums_stop_at_the_largest_number() {
        let mut taken = Taken { count: 1, minor: i64::MAX - 1 };
        taken.add(5);
        assert_eq!(taken, Taken { count: 2, minor: i64::MAX });
    }
}
