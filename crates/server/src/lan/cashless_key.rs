//! The shared key of a terminal's Cashless API: drawn, told once, kept as its hash. A new one ends the old one at once.

use std::sync::Arc;

use vinr_domain::Timestamp;
use vinr_wire::rest::lan::{CashlessKeyView, RevokedKeyView};

use super::row::{CashlessKey, EndReason, LanRow};
use super::service::Lan;
use super::settings::write;
use crate::access::{Principal, draw_cashless_key, hash_key, hint_of};
use crate::audit::Act;
use crate::gateway::Terminal;
use crate::once::{IdempotencyKey, Said};
use crate::refusal::Refusal;
use crate::store::Scope;

impl Lan {
    /// What is known of the terminal's key.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`], or that the store cannot answer.
    pub async fn cashless_key(&self, scope: &Scope, terminal: &str) -> Result<CashlessKeyView, Refusal> {
        let terminal = self.find(scope, terminal)?;
        Ok(view(&terminal, &self.asked(&terminal.key).await?.value))
    }

    /// Gives the terminal a new key in the place of the one it had. The answer tells it; the answer that is remembered
    /// for a repeated request does not.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`], and what every change can meet.
    pub async fn generate_cashless_key(
        &self,
        who: &Principal,
        terminal: &str,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        self.find_in_service(&who.scope, terminal)?;
        let text = draw_cashless_key(who.scope.livemode)
            .map_err(|_| Refusal::Unavailable { money_may_have_moved: false })?;
        let drawn =
            CashlessKey { hash: hash_key(&text), hint: hint_of(&text), created_at: self.shared.office.now() };
        self.exchange(who, terminal, Some((drawn, text.into())), key).await
    }

    /// Ends the terminal's key; then no request to its Cashless API is let in.
    ///
    /// # Errors
    /// [`Refusal::NoSuchTerminal`], and what every change can meet.
    pub async fn delete_cashless_key(&self, who: &Principal, terminal: &str) -> Result<Said, Refusal> {
        self.find_in_service(&who.scope, terminal)?;
        self.exchange(who, terminal, None, None).await
    }

    async fn exchange(
        &self,
        who: &Principal,
        terminal: &str,
        made: Option<(CashlessKey, Arc<str>)>,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let (this, who, terminal) = (self.clone(), who.clone(), terminal.to_owned());
        self.detached(async move {
            let _turn = this.shared.turn.lock().await;
            // Nobody is let in any more once the terminal is taken out of service.
            let terminal = this.find_in_service(&who.scope, &terminal)?;
            let office = &this.shared.office;
            if let Some(said) = office.once.replay(&who.scope, key.as_ref()).await? {
                return Ok(said);
            }
            let asked = this.asked(&terminal.key).await?;
            let (cashless_key, secret) = made.unzip();
            let (action, next) = match cashless_key {
                None => {
                    let ended = asked.value.clone().without_key(office.now(), EndReason::Requested);
                    ("cashless_key.deleted", ended)
                }
                some => {
                    let next = LanRow { cashless_key: some, ended_key: None, ..asked.value.clone() };
                    ("cashless_key.generated", next)
                }
            };
            let (before, after) = (view(&terminal, &asked.value), view(&terminal, &next));
            let said = Said::new(200, &after);
            if next == asked.value {
                return office.conclude(&who.scope, key.as_ref(), Vec::new(), said).await;
            }
            let act = Act::new(action, terminal.key.id.as_str()).before(&before).after(&after);
            let changes = vec![write(&next, &asked)];
            let said = office.conclude_audited((&who.scope, &who), act, key.as_ref(), changes, said).await?;
            if said.replayed {
                return Ok(said);
            }
            this.changed(&terminal.key);
            Ok(Said::new(200, &CashlessKeyView { secret, ..after }))
        })
        .await
    }
}

fn view(terminal: &Terminal, asked: &LanRow) -> CashlessKeyView {
    let key = asked.cashless_key.as_ref();
    CashlessKeyView {
        object: "cashless_key",
        terminal_id: terminal.key.id.as_str().into(),
        livemode: terminal.key.scope.livemode,
        hint: key.map(|key| Arc::clone(&key.hint)),
        created_at: key.map(|key| key.created_at).map(Timestamp::unix_seconds),
        revoked: asked.ended_key.as_ref().map(|ended| RevokedKeyView {
            hint: Arc::clone(&ended.hint),
            revoked_at: ended.ended_at.unix_seconds(),
            reason: ended.reason.as_str(),
        }),
        secret: None,
    }
}
