//! Changes of configurations: one level, one record, one transaction. What follows for terminals is the courier's work;
//! with a dry run, it is only worked out and shown.

use std::sync::Arc;

use vinr_wire::rest::config::{
    ConfigDryRun, Level, Patch, Refused, Source, TerminalDryRun, changes, check_level, check_terminal,
    dry_run,
};
use vinr_wire::rest::error::ErrorCode;

use super::levels::{Reader, Standpoint};
use super::service::Configurations;
use crate::access::Principal;
use crate::audit::Act;
use crate::fleet;
use crate::gateway::Terminal;
use crate::once::{IdempotencyKey, Said};
use crate::refusal::Refusal;
use crate::store::{AccountRow, Change, LocationRow};

/// A change of one level, and under which name it may be repeated.
#[derive(Clone, Debug)]
pub struct Write {
    /// What is to change.
    pub patch: Patch,
    /// Only show what would change.
    pub dry_run: bool,
    /// Makes the request repeatable.
    pub key: Option<IdempotencyKey>,
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Field(field) => field.into(),
            Refused::OfflineNotSupported => Self::stated(
                ErrorCode::OfflineNotSupported,
                "This model of terminal cannot take payments offline. Nothing was changed.",
            )
            .param("offlineMode[enabled]"),
        }
    }
}

impl Configurations {
    /// Changes what is configured for the terminal alone; keys that are left out stay. Answers the terminal.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`], what the level may not say, and what every change can meet.
    pub async fn configure(&self, who: &Principal, terminal: &str, write: Write) -> Result<Said, Refusal> {
        let office = &self.shared.office;
        if let Some(said) = office.once.replay(&who.scope, write.key.as_ref()).await? {
            return Ok(said);
        }
        let terminal = self.find(&who.scope, terminal)?;
        let mut held = self.shared.register.hold(&terminal).await;
        let before = Reader::new(office).standpoint(held.row()).await?;
        let level = write.patch.on(&before.terminal);
        let after = Standpoint { terminal: Arc::new(level.clone()), ..before.clone() };
        check_terminal(&after.levels(), after.model)?;
        if write.dry_run {
            return Ok(Said::new(200, &shown(vec![(&terminal, &before, &after)])));
        }
        held.edit().terminal_config = level.to_json();
        let said = Said::new(200, &held.view());
        let act = Act::new("terminal.configured", terminal.key.id.as_str())
            .before(&before.terminal.to_json())
            .after(&level.to_json());
        let said = held.conclude(who, Some(act), write.key, Vec::new(), said).await?;
        self.terminal_changed(&terminal.key);
        Ok(said)
    }

    /// Replaces what is configured for the terminals of the location. Answers the location.
    ///
    /// # Errors
    /// [`Refusal::NoSuch`], what the level may not say, and what every change can meet.
    pub async fn put_location(&self, who: &Principal, location: &str, write: Write) -> Result<Said, Refusal> {
        let office = &self.shared.office;
        if let Some(said) = office.once.replay(&who.scope, write.key.as_ref()).await? {
            return Ok(said);
        }
        let kept = self.location(&who.scope, location).await?;
        let level = write.patch.alone();
        let mut reader = Reader::new(office);
        let wider = reader.of_account(&who.scope).await?;
        let new = Standpoint { location: Arc::new(level.clone()), ..wider };
        check_level(&new.levels(), Source::Location)?;
        let terminals = self.at(&who.scope, &kept.value.id);
        if write.dry_run {
            let change =
                |before: &Standpoint| Standpoint { location: Arc::clone(&new.location), ..before.clone() };
            return self.would(&mut reader, &terminals, change).await;
        }
        let old = Level::from_json(&kept.value.terminal_config);
        let row = LocationRow { terminal_config: level.to_json(), ..kept.value };
        let said = Said::new(200, &fleet::location_view(&row));
        let act =
            Act::new("location.configured", row.id.as_str()).before(&old.to_json()).after(&level.to_json());
        let changes = vec![Change::update(&row, kept.revision)];
        let said = office.conclude_audited((&who.scope, who), act, write.key.as_ref(), changes, said).await?;
        self.location_changed(&who.scope, &row.id);
        Ok(said)
    }

    /// Replaces what is configured for all terminals of the account, test and live. Answers the level.
    ///
    /// # Errors
    /// What the level may not say, and what every change can meet.
    pub async fn put_account(&self, who: &Principal, write: Write) -> Result<Said, Refusal> {
        let office = &self.shared.office;
        if let Some(said) = office.once.replay(&who.scope, write.key.as_ref()).await? {
            return Ok(said);
        }
        let kept = self.account(&who.scope).await?;
        let level = write.patch.alone();
        let mut reader = Reader::new(office);
        let wider = reader.of_account(&who.scope).await?;
        let new = Standpoint { account: Arc::new(level.clone()), ..wider };
        check_level(&new.levels(), Source::Account)?;
        let account = who.scope.account.clone();
        if write.dry_run {
            // A test key is shown test terminals and a live key live ones, though the level is one for both.
            let mut terminals = self.of(&account);
            terminals.retain(|terminal| terminal.key.scope == who.scope);
            let change =
                |before: &Standpoint| Standpoint { account: Arc::clone(&new.account), ..before.clone() };
            return self.would(&mut reader, &terminals, change).await;
        }
        let old = Level::from_json(&kept.value.terminal_config);
        let row = AccountRow { terminal_config: level.to_json(), ..kept.value };
        let said = Said::new(200, &level.to_json());
        let act =
            Act::new("account.configured", account.as_str()).before(&old.to_json()).after(&level.to_json());
        let changes = vec![Change::update(&row, kept.revision)];
        let said = office.conclude_audited((&who.scope, who), act, write.key.as_ref(), changes, said).await?;
        if !said.replayed {
            office.book.put_account(row);
        }
        self.account_changed(&account);
        Ok(said)
    }

    /// What would change for these terminals.
    async fn would(
        &self,
        reader: &mut Reader<'_>,
        terminals: &[Arc<Terminal>],
        change: impl Fn(&Standpoint) -> Standpoint,
    ) -> Result<Said, Refusal> {
        let mut cases = Vec::with_capacity(terminals.len());
        for terminal in terminals {
            let before = reader.standpoint(&terminal.row()).await?;
            let after = change(&before);
            cases.push((terminal, before, after));
        }
        let cases = cases.iter().map(|(terminal, before, after)| (*terminal, before, after)).collect();
        Ok(Said::new(200, &shown(cases)))
    }
}

fn shown(cases: Vec<(&Arc<Terminal>, &Standpoint, &Standpoint)>) -> ConfigDryRun {
    let case = |(terminal, before, after): (&Arc<Terminal>, &Standpoint, &Standpoint)| TerminalDryRun {
        terminal_id: terminal.key.id.as_str().into(),
        changes: changes(&before.effective(), &after.effective()),
    };
    dry_run(cases.into_iter().map(case).collect())
}
