//! What a merchant sets about its account, for test and live data apart.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vinr_domain::Timestamp;
use vinr_wire::rest::account::{AccountChanges, AccountView, OfflineCap, WebhookPolicy};
use vinr_wire::rest::given::Given;

use super::{Accounts, Figures};
use crate::access::Principal;
use crate::audit::Act;
use crate::once::{IdempotencyKey, Said};
use crate::refusal::Refusal;
use crate::store::{AccountRow, Change, Kept, Kind, Scope, Stored, spelling};

/// The time zone of whoever has said nothing.
const TIME_ZONE: &str = "UTC";

/// The usual attempts of contract 2.5, as pauses.
const RETRIES_S: [u32; 5] = [60, 300, 1_800, 7_200, 86_400];

/// The usual patience with an endpoint that only fails.
const DISABLE_AFTER_DAYS: u32 = 7;

/// The settings of an account in one mode. What was never set is `None`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsRow {
    /// Whose, and for which data.
    pub scope: Scope,
    /// For people.
    #[serde(default)]
    pub display_name: Option<Arc<str>>,
    /// How far a capture may exceed its authorization (contract 1.7).
    #[serde(default)]
    pub over_capture_percent: Option<u16>,
    /// The code of an ISO 4217 currency.
    #[serde(default)]
    pub default_currency: Option<Arc<str>>,
    /// A name of the IANA database.
    #[serde(default)]
    pub time_zone: Option<Arc<str>>,
    /// Seconds from each failed delivery of a webhook to the next attempt.
    #[serde(default)]
    pub webhook_retries_s: Option<Vec<u32>>,
    /// After how many days of nothing but failures an endpoint is disabled.
    #[serde(default)]
    pub webhook_disable_after_days: Option<u32>,
    /// When something was first set.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
}

impl SettingsRow {
    /// Nothing set.
    #[must_use]
    pub fn new(scope: Scope, created_at: Timestamp) -> Self {
        Self {
            scope,
            display_name: None,
            over_capture_percent: None,
            default_currency: None,
            time_zone: None,
            webhook_retries_s: None,
            webhook_disable_after_days: None,
            created_at,
        }
    }

    pub(super) fn figures(&self) -> Figures {
        Figures {
            over_capture_percent: self.over_capture_percent,
            default_currency: self.default_currency.clone(),
            time_zone: self.time_zone.clone().unwrap_or_else(|| TIME_ZONE.into()),
            webhook_retries_s: self.webhook_retries_s.clone(),
            webhook_disable_after_days: self.webhook_disable_after_days,
        }
    }

    fn apply(&mut self, changes: AccountChanges) {
        let AccountChanges {
            display_name,
            over_capture_percent,
            default_currency,
            time_zone,
            retry_after_seconds,
            disable_after_days,
        } = changes;
        let value = |given: Option<_>| given.map_or(Given::Not, Given::Value);
        value(display_name).apply(&mut self.display_name);
        value(time_zone).apply(&mut self.time_zone);
        default_currency.apply(&mut self.default_currency);
        self.over_capture_percent = over_capture_percent.or(self.over_capture_percent);
        self.webhook_retries_s = retry_after_seconds.or_else(|| self.webhook_retries_s.take());
        self.webhook_disable_after_days = disable_after_days.or(self.webhook_disable_after_days);
    }
}

impl Stored for SettingsRow {
    const KIND: Kind = Kind::AccountSettings;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn id(&self) -> Arc<str> {
        self.scope.account.as_str().into()
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }
}

/// What an operator allows.
pub(super) fn offline_cap(row: &AccountRow) -> OfflineCap {
    OfflineCap {
        max_amount: row.offline_cap_max_amount_minor,
        max_queue: row.offline_cap_max_queue,
        max_total: row.offline_cap_max_total_minor,
    }
}

impl Accounts {
    /// The caller's account with its settings for the caller's mode.
    ///
    /// # Errors
    /// That there is no such account, or that the store cannot answer.
    pub async fn account(&self, who: &Principal) -> Result<AccountView, Refusal> {
        let (account, settings) = self.read_settings(&who.scope).await?;
        Ok(self.view(&account, &settings.value))
    }

    /// Changes the settings of the caller's account for the caller's mode.
    ///
    /// # Errors
    /// That somebody else changed them at the same moment, or that the store cannot answer.
    pub async fn update_account(
        &self,
        who: &Principal,
        changes: AccountChanges,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let (this, who) = (self.clone(), who.clone());
        self.detached(async move {
            if let Some(said) = this.office.once.replay(&who.scope, key.as_ref()).await? {
                return Ok(said);
            }
            let (account, settings) = this.read_settings(&who.scope).await?;
            let mut next = settings.value.clone();
            next.apply(changes);
            let (before, after) = (this.view(&account, &settings.value), this.view(&account, &next));
            let act = Act::new("account.updated", who.scope.account.as_str()).before(&before).after(&after);
            let change = match settings.revision {
                0 => Change::insert(&next),
                revision => Change::update(&next, revision),
            };
            let said = Said::new(200, &after);
            let by = (&who.scope, &who);
            let said = this.office.conclude_audited(by, act, key.as_ref(), vec![change], said).await?;
            if !said.replayed {
                this.office.book.put_settings(next);
            }
            Ok(said)
        })
        .await
    }

    /// The account and its settings; at revision 0 when nothing was ever set.
    async fn read_settings(&self, scope: &Scope) -> Result<(Arc<AccountRow>, Kept<SettingsRow>), Refusal> {
        let account = self.office.book.account(&scope.account).ok_or(Refusal::NoSuch("account"))?;
        let kept = self.office.store.get::<SettingsRow>(scope, scope.account.as_str()).await?;
        let fresh = || Kept { revision: 0, value: SettingsRow::new(scope.clone(), self.office.now()) };
        Ok((account, kept.unwrap_or_else(fresh)))
    }

    fn view(&self, account: &AccountRow, settings: &SettingsRow) -> AccountView {
        let figures = settings.figures();
        let usual = self.office.settings.terms.over_capture_percent;
        AccountView {
            id: account.account().as_str().into(),
            object: "account",
            livemode: settings.scope.livemode,
            display_name: settings.display_name.clone().unwrap_or_else(|| Arc::clone(&account.display_name)),
            over_capture_percent: figures.over_capture_percent.unwrap_or(usual),
            default_currency: figures.default_currency,
            time_zone: figures.time_zone,
            webhook_policy: WebhookPolicy {
                retry_after_seconds: figures.webhook_retries_s.unwrap_or_else(|| RETRIES_S.to_vec()),
                disable_after_days: figures.webhook_disable_after_days.unwrap_or(DISABLE_AFTER_DAYS),
            },
            offline_cap: offline_cap(account),
            suspended: account.suspended,
            created_at: account.created_at.unix_seconds(),
        }
    }
}
