//! Up to where a terminal may approve without the cloud (contract 1.10): what is configured, the model's defaults where
//! nothing is, and the account's caps over both.

use vinr_domain::{Currency, Model, Money, OFFLINE_DEFAULTS_CURRENCY, Timestamp};
use vinr_wire::link::{LanAccess, OfflineSettings};

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Nothing is approved without the cloud: off, another currency, no limit, or a model that cannot.
    Off,
    /// This one would go beyond a limit.
    Beyond,
}

/// What waits already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) count: u32,
    pub(crate) total_minor: i64,
    pub(crate) oldest_at: Option<Timestamp>,
}

/// The limits in force, all in the currency that the terminal settles in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    currency: Currency,
    amount_minor: i64,
    count: u32,
    total_minor: i64,
    age_ms: i64,
}

impl Limits {
    /// What holds for a terminal; `None`: it approves nothing alone.
    pub(crate) fn of(settings: &OfflineSettings, access: &LanAccess, model: Option<Model>) -> Option<Self> {
        let defaults = model?.capabilities().offline?;
        // Before the cloud has said what the terminal settles in, there is no currency for a limit.
        if !settings.enabled || access.version == 0 {
            return None;
        }
        let currency = access.settlement_currency;
        let defaults = (currency.code() == OFFLINE_DEFAULTS_CURRENCY).then_some(defaults);
        let amount_minor = settings.max_amount_minor.or(defaults.map(|limits| limits.max_amount_minor))?;
        let count = settings.max_queue.or(defaults.map(|limits| limits.max_queue))?;
        let capped = |limit: i64, cap: Option<i64>| cap.map_or(limit, |cap| limit.min(cap));
        Some(Self {
            currency,
            amount_minor: capped(amount_minor, access.offline_cap_minor),
            count,
            total_minor: capped(settings.max_total_minor.unwrap_or(i64::MAX), access.offline_total_cap_minor),
            age_ms: i64::from(settings.max_age_seconds) * 1_000,
        })
    }

    /// Whether one more may be approved.
    pub(crate) fn admit(self, amount: Money, waiting: Waiting, now: Timestamp) -> Result<(), Refusal> {
        if amount.currency != self.currency {
            return Err(Refusal::Off);
        }
        let total_minor = waiting.total_minor.saturating_add(amount.amount_minor);
        let too_old = waiting.oldest_at.is_some_and(|oldest| now.ms_since(oldest) >= self.age_ms);
        let fits = amount.amount_minor <= self.amount_minor
            && waiting.count < self.count
            && total_minor <= self.total_minor
            && !too_old;
        fits.then_some(()).ok_or(Refusal::Beyond)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(amount_minor: i64, currency: &str) -> Money {
        Money { amount_minor, currency: Currency::parse(currency).unwrap() }
    }

    fn access(currency: &str) -> LanAccess {
        let settlement_currency = Currency::parse(currency).unwrap();
        LanAccess { version: 1, settlement_currency, ..crate::till::nothing_served() }
    }

    fn settings() -> OfflineSettings {
        OfflineSettings {
            enabled: true,
            max_amount_minor: Some(50_00),
            max_queue: Some(2),
            max_total_minor: Some(80_00),
            max_age_seconds: 60,
        }
    }

    #[test]
    fn every_limit_holds_up_to_its_last_cent() {
        let limits = Limits::of(&settings(), &access("EUR"), Some(Model::NexgoCt20)).unwrap();
        let now = Timestamp(1_000_000);
        let one = Waiting { count: 1, total_minor: 30_00, oldest_at: Some(now.plus_ms(-59_999)) };
        for (amount, waiting, verdict) in [
            (money(50_00, "EUR"), Waiting::default(), Ok(())),
            (money(50_01, "EUR"), Waiting::default(), Err(Refusal::Beyond)),
            (money(1, "USD"), Waiting::default(), Err(Refusal::Off)),
            (money(50_00, "EUR"), one, Ok(())),
            (money(50_00, "EUR"), Waiting { total_minor: 30_01, ..one }, Err(Refusal::Beyond)),
            (money(1, "EUR"), Waiting { count: 2, ..one }, Err(Refusal::Beyond)),
            (money(1, "EUR"), Waiting { oldest_at: Some(now.plus_ms(-60_000)), ..one }, Err(Refusal::Beyond)),
        ] {
            assert_eq!(limits.admit(amount, waiting, now), verdict, "{amount} {waiting:?}");
        }
    }

    #[test]
    fn defaults_are_dollars_and_caps_bound_everything() {
        let bare = OfflineSettings { enabled: true, max_age_seconds: 60, ..OfflineSettings::default() };
        let of = |settings: &OfflineSettings, access: &LanAccess, model| Limits::of(settings, access, model);
        assert_eq!(of(&bare, &access("EUR"), Some(Model::NexgoCt20)), None, "no limit in its own currency");
        let dollars = of(&bare, &access("USD"), Some(Model::NexgoN92)).unwrap();
        assert_eq!((dollars.amount_minor, dollars.count), (10_000, 5));
        assert_eq!(of(&settings(), &access("EUR"), Some(Model::CiontekCm30)), None);
        assert_eq!(of(&settings(), &access("EUR"), None), None);
        let off = OfflineSettings { enabled: false, ..settings() };
        assert_eq!(of(&off, &access("EUR"), Some(Model::NexgoCt20)), None);
        let unheard = LanAccess { version: 0, ..access("EUR") };
        assert_eq!(of(&settings(), &unheard, Some(Model::NexgoCt20)), None);
        let capped = LanAccess {
            offline_cap_minor: Some(10_00),
            offline_total_cap_minor: Some(15_00),
            ..access("EUR")
        };
        let capped = of(&settings(), &capped, Some(Model::NexgoCt20)).unwrap();
        assert_eq!((capped.amount_minor, capped.total_minor), (10_00, 15_00));
    }
}
