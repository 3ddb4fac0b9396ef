//! The account's side: whoever enters the code that a device shows makes it a terminal of theirs. Of two that enter it
//! one wins. Pairing, terminal, certificate, audit entry and idempotency key become true together.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};
use vinr_domain::pairing::{Event, Illegal, State, step};
use vinr_domain::terminal as presence;
use vinr_domain::{TerminalId, encode_base32};
use vinr_wire::rest::error::ErrorCode;
use vinr_wire::rest::pairing::Activation;
use vinr_wire::rest::terminal::TerminalView;

use super::Pairing;
use super::record::{CODE, Claim, DeviceRow, PairingRow};
use crate::access::Principal;
use crate::audit::Act;
use crate::fleet::{Held, view};
use crate::gateway::{Terminal, TerminalKey};
use crate::identities::CertifyError;
use crate::once::{IdempotencyKey, Said, remembered};
use crate::refusal::Refusal;
use crate::store::{Change, Kept, Scope, TerminalRow, Transaction};

/// How often an activation looks whether its terminal is there.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// An activation on its way.
struct Entered {
    who: Principal,
    source: IpAddr,
    activation: Activation,
    key: Option<IdempotencyKey>,
}

/// What becomes of the terminal's record.
enum Registration {
    /// It had none.
    New(Box<TerminalRow>),
    /// It is registered, and is a terminal of the same account again.
    Again(Box<Held>),
}

impl Pairing {
    /// Claims the device that shows the code and waits, for a while, until it is online.
    ///
    /// # Errors
    /// That nobody shows the code, that it was used or has expired; that too many were wrong; that the device is in
    /// service elsewhere; a field of the activation; what the store says.
    pub async fn activate(
        &self,
        who: &Principal,
        source: IpAddr,
        activation: Activation,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let entered = Entered { who: who.clone(), source, activation, key };
        let (terminal, replayed) = self.claim_detached(entered).await?;
        self.until_online(&terminal).await;
        Ok(Said { replayed, ..Said::new(200, &view(&terminal)) })
    }

    /// The same without waiting: the terminal as it is registered, which the device has still to come to.
    ///
    /// # Errors
    /// As [`Self::activate`].
    pub async fn activate_and_go(
        &self,
        who: &Principal,
        source: IpAddr,
        activation: Activation,
        key: Option<IdempotencyKey>,
    ) -> Result<TerminalView, Refusal> {
        let entered = Entered { who: who.clone(), source, activation, key };
        Ok(view(&self.claim_detached(entered).await?.0))
    }

    /// On a task of its own, so that a caller who hangs up changes nothing.
    async fn claim_detached(&self, entered: Entered) -> Result<(Arc<Terminal>, bool), Refusal> {
        let (reply, answer) = oneshot::channel();
        let this = self.clone();
        self.office.tasks.spawn(async move {
            let _ = reply.send(this.claim(entered).await);
        });
        answer.await.map_err(|_ended| Refusal::Unavailable { money_may_have_moved: false })?
    }

    /// The claimed terminal, and whether this request had claimed it before.
    async fn claim(&self, entered: Entered) -> Result<(Arc<Terminal>, bool), Refusal> {
        let who = &entered.who;
        let _turn = self.turn.lock().await;
        if let Some(said) = self.office.once.replay(&who.scope, entered.key.as_ref()).await? {
            return Ok((self.claimed_before(who, &said)?, true));
        }
        let assignable = match entered.activation.location.clone() {
            Some(id) => Some(self.fleet.locations.assignable(&who.scope, id).await?),
            None => None,
        };
        self.admit(&entered)?;
        let code_hash = self.code_hash(entered.activation.code)?;
        let kept = self.office.store.find_across_accounts::<PairingRow>(CODE, &code_hash).await?;
        let Some(kept) = kept else { return Err(self.wrong(&entered).await) };
        let now = self.office.now();
        let taken = step(kept.value.state, Event::Claimed, now, &self.settings().terms);
        let state = taken.map_err(|illegal| refused(&illegal))?.state;
        let terminal = self.issue(&entered, kept, state).await?;
        drop(assignable);
        Ok((terminal, false))
    }

    /// Gives the device its identity. The caller holds the turn.
    async fn issue(
        &self,
        entered: &Entered,
        kept: Kept<PairingRow>,
        state: State,
    ) -> Result<Arc<Terminal>, Refusal> {
        let (who, row) = (&entered.who, kept.value);
        let device = self.device(&row).await?;
        let before = device.as_ref().map(|kept| &kept.value);
        if before.is_some_and(|device| device.active && device.owner != who.scope) {
            return Err(Refusal::stated(
                ErrorCode::DeviceActiveElsewhere,
                "The device is in service in another account or mode. It has to be deactivated there first.",
            ));
        }
        let known = before.filter(|device| device.owner == who.scope).and_then(|device| {
            self.directory.find(&TerminalKey { scope: who.scope.clone(), id: device.terminal.clone() })
        });
        let key = match &known {
            Some(terminal) => terminal.key.clone(),
            None => self.new_key(who)?,
        };
        let _issuing = self.identities.turn().await;
        let (issued, certificate) =
            self.identities.certify(&row.csr_der, &key).map_err(|error| uncertified(&error))?;
        let registration = self.registration(entered, &row, &key, known.as_ref()).await;
        let claim = Claim {
            scope: key.scope.clone(),
            terminal: key.id.clone(),
            serial: Arc::clone(&certificate.serial),
            chain_pem: issued.chain_pem().into(),
            in_service_before: known.as_ref().is_some_and(|terminal| !terminal.read(|row| row.deactivated)),
        };
        let next = PairingRow { state, claim: Some(claim), ..row };
        let changes = vec![
            Change::update(&next, kept.revision),
            Change::insert(&certificate),
            device_change(device, &next, &key, self.office.now()),
        ];
        self.unconfirmed.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), next.id);
        let recorded = self.record(entered, registration, changes).await;
        match recorded {
            Ok(terminal) => {
                self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&next.id);
                let _ = self.moved.send(next.id);
                tracing::info!(pairing = %next.id, terminal = %key.id, "a device is claimed");
                Ok(terminal)
            }
            Err(refusal) => {
                self.unconfirmed.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
                Err(refusal)
            }
        }
    }

    async fn device(&self, row: &PairingRow) -> Result<Option<Kept<DeviceRow>>, Refusal> {
        let name = DeviceRow::name(&row.model, &row.serial_number);
        Ok(self.office.store.get::<DeviceRow>(&Scope::platform(), &name).await?)
    }

    fn new_key(&self, who: &Principal) -> Result<TerminalKey, Refusal> {
        let id = TerminalId::parse(&format!("term_{}", encode_base32(self.office.name())));
        let id = id.map_err(|_| Refusal::Unavailable { money_may_have_moved: false })?;
        Ok(TerminalKey { scope: who.scope.clone(), id })
    }

    async fn registration(
        &self,
        entered: &Entered,
        row: &PairingRow,
        key: &TerminalKey,
        known: Option<&Arc<Terminal>>,
    ) -> Registration {
        let Activation { location, display_name, .. } = &entered.activation;
        let describe = |terminal: &mut TerminalRow| {
            terminal.software_version = Arc::clone(&row.software_version);
            if location.is_some() {
                terminal.location.clone_from(location);
            }
            if display_name.is_some() {
                terminal.display_name.clone_from(display_name);
            }
        };
        let Some(terminal) = known else {
            let now = self.office.now();
            let (id, scope) = (key.id.clone(), key.scope.clone());
            let mut new = TerminalRow::new(id, scope, &row.model, &row.serial_number, now);
            describe(&mut new);
            return Registration::New(Box::new(new));
        };
        let mut held = self.fleet.register.hold(terminal).await;
        describe(held.edit());
        // Legal wherever a terminal stands.
        let _ = held.happened(presence::Event::Activated);
        Registration::Again(Box::new(held))
    }

    /// Commits everything in one transaction; then memory follows.
    async fn record(
        &self,
        entered: &Entered,
        registration: Registration,
        mut changes: Vec<Change>,
    ) -> Result<Arc<Terminal>, Refusal> {
        let who = &entered.who;
        let (id, shown) = match &registration {
            Registration::New(row) => (row.id.clone(), crate::fleet::view_of_new(row)),
            Registration::Again(held) => (held.row().id.clone(), held.view()),
        };
        let mut audit = self.office.audit.turn(&who.scope).await?;
        changes.push(audit.entry(who, Act::new("terminal.activated", id.as_str()).after(&shown)));
        let said = Said::new(200, &shown);
        changes.extend(entered.key.iter().map(|key| remembered(&who.scope, key, &said, self.office.now())));
        match registration {
            Registration::New(row) => {
                changes.push(Change::insert(&*row));
                self.office.store.commit(Transaction { changes }).await?;
                Ok(self.directory.put(*row))
            }
            Registration::Again(mut held) => {
                held.record(changes).await?;
                Ok(Arc::clone(held.terminal()))
            }
        }
    }

    /// Waits until the terminal is there with what was issued to it, or the time is over.
    async fn until_online(&self, terminal: &Arc<Terminal>) {
        let until = Instant::now() + Duration::from_millis(self.settings().online_hold_ms);
        while Instant::now() < until {
            let waits =
                self.unconfirmed.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&terminal.key);
            let out = terminal.read(|row| row.deactivated);
            if out || (!waits && terminal.is_online() && view(terminal).status != "offline") {
                return;
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// The terminal that the first request with this idempotency key claimed.
    fn claimed_before(&self, who: &Principal, said: &Said) -> Result<Arc<Terminal>, Refusal> {
        let said: serde_json::Value = serde_json::from_slice(&said.body).unwrap_or_default();
        let id = said.get("id").and_then(|id| id.as_str()).unwrap_or("");
        self.fleet.terminals.find(&who.scope, id)
    }

    fn admit(&self, entered: &Entered) -> Result<(), Refusal> {
        let now_ms = self.office.clock.monotonic_ms();
        let by_account = self.wrong_by_account.check(&entered.who.scope.account, now_ms);
        let by_source = self.wrong_by_source.check(&entered.source, now_ms);
        by_account.and(by_source).map_err(|seconds| {
            let words =
                "Too many wrong activation codes. None is looked at before the time in Retry-After is over.";
            Refusal::stated(ErrorCode::TooManyAttempts, words).retry_after_s(seconds)
        })
    }

    /// A code that no device shows: counted, and written down where the account can see it.
    async fn wrong(&self, entered: &Entered) -> Refusal {
        let now_ms = self.office.clock.monotonic_ms();
        let who = &entered.who;
        let last = self.wrong_by_account.note(who.scope.account.clone(), now_ms);
        let last = self.wrong_by_source.note(entered.source, now_ms) || last;
        let action = if last { "terminal.activation_locked" } else { "terminal.activation_refused" };
        let act = Act::new(action, "activation_code").after(&serde_json::json!({
            "reason": "activation_code_unknown", "source": entered.source.to_string(),
        }));
        match self.office.audit.turn(&who.scope).await {
            Ok(mut audit) => {
                let changes = vec![audit.entry(who, act)];
                if let Err(error) = self.office.store.commit(Transaction { changes }).await {
                    tracing::error!(%error, "a wrong activation code cannot be written down");
                }
            }
            Err(error) => tracing::error!(%error, "a wrong activation code cannot be written down"),
        }
        tracing::warn!(account = %who.scope.account, source = %entered.source, "a wrong activation code");
        Refusal::stated(
            ErrorCode::ActivationCodeUnknown,
            "No device shows this activation code. Check it against the device; nothing was done.",
        )
        .param("activationCode")
    }
}

fn device_change(
    known: Option<Kept<DeviceRow>>,
    row: &PairingRow,
    key: &TerminalKey,
    now: vinr_domain::Timestamp,
) -> Change {
    let device = DeviceRow {
        scope: Scope::platform(),
        model: Arc::clone(&row.model),
        serial_number: Arc::clone(&row.serial_number),
        owner: key.scope.clone(),
        terminal: key.id.clone(),
        active: true,
        created_at: known.as_ref().map_or(now, |kept| kept.value.created_at),
    };
    match known {
        Some(kept) => Change::update(&device, kept.revision),
        None => Change::insert(&device),
    }
}

fn uncertified(error: &CertifyError) -> Refusal {
    tracing::error!(%error, "a claimed device cannot be certified");
    Refusal::Unavailable { money_may_have_moved: false }
}

fn refused(illegal: &Illegal) -> Refusal {
    let stated = |code, words| Refusal::stated(code, words).param("activationCode");
    match illegal {
        Illegal::Used => stated(
            ErrorCode::ActivationCodeUsed,
            "This activation code has been used. A device that has to be paired again shows a new one.",
        ),
        Illegal::Expired | Illegal::TooEarly | Illegal::Meaningless { .. } => stated(
            ErrorCode::ActivationCodeExpired,
            "This activation code has expired. The device shows a new one by itself.",
        ),
    }
}
