//! How the people of an account must sign in, as its owners decide: with a second factor or not.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vinr_domain::{AccountId, Timestamp};

use super::members::{governs, live};
use super::{People, SignedIn};
use crate::audit::Act;
use crate::refusal::Refusal;
use crate::store::{Change, Kind, Scope, Stored, spelling};

/// What an account asks of its people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RulesRow {
    /// Whose; what is asked is the same for test and live data.
    pub scope: Scope,
    /// Whether a password alone is not enough.
    pub second_factor: bool,
    /// When it was first decided.
    #[serde(with = "spelling::moment")]
    pub created_at: Timestamp,
}

impl Stored for RulesRow {
    const KIND: Kind = Kind::SignInRules;

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

impl People {
    /// Whether the account asks for more than a password.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn asks_second_factor(&self, account: &AccountId) -> Result<bool, Refusal> {
        let found = self.office.store.get::<RulesRow>(&live(account), account.as_str()).await?;
        Ok(found.is_some_and(|kept| kept.value.second_factor))
    }

    /// Decides whether the account asks for more than a password.
    ///
    /// # Errors
    /// That they do not own the account, or that the store cannot take it.
    pub async fn ask_second_factor(
        &self,
        who: &SignedIn,
        account: &AccountId,
        asked: bool,
    ) -> Result<(), Refusal> {
        governs(who, account)?;
        let was = self.asks_second_factor(account).await?;
        if was == asked {
            return Ok(());
        }
        let row = RulesRow { scope: live(account), second_factor: asked, created_at: self.office.now() };
        let told = |asked: bool| serde_json::json!({ "secondFactor": asked });
        let act = Act::new("account.sign_in_rules_changed", account.as_str())
            .before(&told(was))
            .after(&told(asked));
        self.told(who, account, act, Change::put(&row)).await
    }

    /// What stands between this session and the account that it works for.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn missing(&self, who: &SignedIn) -> Result<Missing, Refusal> {
        let session = &who.session.value;
        let Some(account) = &session.account else { return Ok(Missing::Nothing) };
        if !self.asks_second_factor(account).await? {
            return Ok(Missing::Nothing);
        }
        Ok(match (who.person.value.has_second_factor(), session.strong) {
            (true, true) => Missing::Nothing,
            (true, false) => Missing::Showing,
            (false, _) => Missing::SettingUp,
        })
    }
}

/// What stands between a session and the account that it works for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Nothing.
    Nothing,
    /// Its person has a second factor and has not shown it in this session.
    Showing,
    /// Its person has none.
    SettingUp,
}
