//! The device's side: it offers itself, asks until it was claimed, gets its identity. It is known by the secret of its
//! pairing and by nothing else.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use aws_lc_rs::{digest, rand};
use subtle::ConstantTimeEq;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout_at};
use vinr_domain::PairingId;
use vinr_domain::pairing::{ActivationCode, Effect, Event, State, StateKind, step};
use vinr_wire::rest::body::FieldError;
use vinr_wire::rest::error::ErrorCode;
use vinr_wire::rest::pairing::{GatewayPlace, IssuedIdentity, NewOffer, PairingOffered, PairingView};

use super::Pairing;
use super::record::{Claim, PairingRow};
use crate::refusal::Refusal;
use crate::store::{Change, CommitError, Kept, Scope, Transaction};

/// How long a device waits between two questions that were answered at once.
const POLL_AFTER_MS: u32 = 500;
/// What a keyed hash of a code is for.
const PURPOSE: &str = "activation code";
/// How often another code is drawn when one is taken, and a step is tried again when somebody else was faster.
const TRIES: usize = 4;

/// What opens one pairing and nothing else: 256 random bits.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// What a device sent.
    #[must_use]
    pub fn sent(text: &str) -> Self {
        Self(text.to_owned())
    }

    fn draw() -> Option<Self> {
        let mut bytes = [0_u8; 32];
        rand::fill(&mut bytes).ok()?;
        Some(Self(format!("ps_{}", hex(&bytes))))
    }

    fn hash(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, self.0.as_bytes()).as_ref());
        hash
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unavailable() -> Refusal {
    Refusal::Unavailable { money_may_have_moved: false }
}

impl Pairing {
    /// A device without identity offers itself.
    ///
    /// # Errors
    /// That the signing request is none; that too many wait, or too many came from there.
    pub async fn offer(&self, source: IpAddr, new: NewOffer) -> Result<PairingOffered, Refusal> {
        self.admit_offer(source)?;
        vinr_pki::check_request(&new.csr_der)
            .map_err(|error| Refusal::Field(FieldError::invalid("csr", error.to_string())))?;
        let secret = Secret::draw().ok_or_else(unavailable)?;
        let now = self.office.now();
        let id = PairingId(self.office.name());
        for _ in 0..TRIES {
            let code = draw_code().ok_or_else(unavailable)?;
            let state = State::offered(now, &self.settings().terms);
            let row = PairingRow {
                id,
                scope: Scope::platform(),
                state,
                secret_hash: secret.hash(),
                code_hash: self.code_hash(code)?,
                csr_der: new.csr_der.clone(),
                model: new.model.as_str().into(),
                serial_number: Arc::clone(&new.serial_number),
                software_version: Arc::clone(&new.software_version),
                created_at: now,
                ended_at: None,
                claim: None,
            };
            match self.office.store.commit(Transaction { changes: vec![Change::insert(&row)] }).await {
                Ok(()) => {}
                // Another device shows this code.
                Err(CommitError::RecordTaken { .. }) => continue,
                Err(error) => return Err(error.into()),
            }
            let expires_at = state.expires_at().unwrap_or(now);
            self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(id, expires_at);
            tracing::info!(pairing = %id, model = %row.model, "a device offers itself");
            return Ok(PairingOffered {
                id: id.to_string(),
                object: "pairing".to_owned(),
                secret: secret.0,
                activation_code: code.to_string(),
                expires_at: expires_at.unix_seconds(),
                poll_after_ms: POLL_AFTER_MS,
            });
        }
        Err(unavailable())
    }

    fn admit_offer(&self, source: IpAddr) -> Result<(), Refusal> {
        let now_ms = self.office.clock.monotonic_ms();
        let later = |seconds| {
            let words = "Too many devices offer themselves. Nothing was done; offer again later.";
            Refusal::stated(ErrorCode::RateLimited, words).retry_after_s(seconds)
        };
        self.offers.check(&source, now_ms).map_err(later)?;
        self.offers.note(source, now_ms);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= self.settings().most_open {
            let now = self.office.now();
            open.retain(|_, expires_at| *expires_at > now);
        }
        if open.len() >= self.settings().most_open { Err(later(60)) } else { Ok(()) }
    }

    pub(super) fn code_hash(&self, code: ActivationCode) -> Result<Arc<str>, Refusal> {
        Ok(hex(&self.identities.authority()?.keyed_hash(PURPOSE, &code.bare())).into())
    }

    /// How the pairing stands, as soon as there is something to say; once it was claimed, who the device is.
    ///
    /// # Errors
    /// [`Refusal::NoSuch`] for everybody who does not have its secret.
    pub async fn look(&self, id: PairingId, secret: &Secret) -> Result<PairingView, Refusal> {
        let until = Instant::now() + Duration::from_millis(self.settings().look_hold_ms);
        let mut moved = self.moved.subscribe();
        loop {
            let kept = self.open_with(id, secret).await?;
            let now = self.office.now();
            let waits = matches!(kept.value.state, State::Offered { expires_at } if now < expires_at);
            if !waits {
                return self.fetch(kept, secret).await;
            }
            let told = async {
                loop {
                    match moved.recv().await {
                        Ok(other) if other != id => {}
                        // Missed some: look again.
                        Ok(_) | Err(RecvError::Lagged(_) | RecvError::Closed) => break,
                    }
                }
            };
            let ends_ms = kept.value.state.expires_at().map_or(0, |ends| ends.ms_since(now)).max(0);
            let ends = Instant::now() + Duration::from_millis(ends_ms.unsigned_abs() + 1);
            if timeout_at(until.min(ends), told).await.is_err() && until <= ends {
                return Ok(self.view(&kept.value, StateKind::Offered));
            }
        }
    }

    async fn fetch(&self, mut kept: Kept<PairingRow>, secret: &Secret) -> Result<PairingView, Refusal> {
        for _ in 0..TRIES {
            let (row, now) = (&kept.value, self.office.now());
            let taken = match step(row.state, Event::Fetched, now, &self.settings().terms) {
                Ok(taken) => taken,
                Err(vinr_domain::pairing::Illegal::Expired) => {
                    return Ok(self.view(row, ended_kind(row.state)));
                }
                // An offer that was looked at in its last moment is over.
                Err(_) if matches!(row.state, State::Offered { .. }) => {
                    return Ok(self.view(row, StateKind::Expired));
                }
                Err(_) => return Ok(self.view(row, row.state.kind())),
            };
            let next = PairingRow { state: taken.state, ..row.clone() };
            if next.state != row.state {
                let changes = vec![Change::update(&next, kept.revision)];
                match self.office.store.commit(Transaction { changes }).await {
                    Ok(()) => {}
                    Err(CommitError::RecordStale { .. }) => {
                        kept = self.open_with(row.id, secret).await?;
                        continue;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            let mut view = self.view(&next, StateKind::Issued);
            if taken.effect == Some(Effect::HandOver) {
                view.identity = next.claim.as_ref().map(|claim| self.identity(claim)).transpose()?;
            }
            return Ok(view);
        }
        Err(Refusal::Overloaded)
    }

    fn view(&self, row: &PairingRow, kind: StateKind) -> PairingView {
        let mut view = PairingView::new(row.id, kind, POLL_AFTER_MS);
        let waited_for = !matches!(kind, StateKind::Expired | StateKind::Abandoned | StateKind::Confirmed);
        view.expires_at = row.state.expires_at().filter(|_| waited_for).map(|at| at.unix_seconds());
        view
    }

    fn identity(&self, claim: &Claim) -> Result<IssuedIdentity, Refusal> {
        let link_id = crate::gateway::link_id(&claim.scope.account, claim.terminal.as_str());
        let reader_key = if claim.scope.livemode { None } else { self.acquirer.reader_key(&link_id) };
        Ok(IssuedIdentity {
            terminal_id: claim.terminal.to_string(),
            link_id: link_id.to_string(),
            certificate_chain: claim.chain_pem.to_string(),
            roots: self.identities.authority()?.roots_pem().to_owned(),
            gateway: GatewayPlace {
                address: self.settings().gateway_address.clone(),
                server_name: self.settings().gateway_name.clone(),
            },
            sandbox_reader_key: reader_key.map(|key| hex(&key)),
        })
    }

    /// The pairing, for whoever has its secret.
    pub(super) async fn open_with(
        &self,
        id: PairingId,
        secret: &Secret,
    ) -> Result<Kept<PairingRow>, Refusal> {
        let kept = self.office.store.get::<PairingRow>(&Scope::platform(), &id.to_string()).await?;
        let opened = kept.filter(|kept| bool::from(kept.value.secret_hash.ct_eq(&secret.hash())));
        opened.ok_or(Refusal::NoSuch("pairing"))
    }
}

/// What a device is told of a pairing that is past its time, whether or not that was written yet.
fn ended_kind(state: State) -> StateKind {
    match state.kind() {
        StateKind::Abandoned => StateKind::Abandoned,
        StateKind::Confirmed => StateKind::Confirmed,
        StateKind::Offered | StateKind::Claimed | StateKind::Issued | StateKind::Expired => {
            StateKind::Expired
        }
    }
}

fn draw_code() -> Option<ActivationCode> {
    let mut bytes = [0_u8; 8];
    rand::fill(&mut bytes).ok()?;
    Some(ActivationCode::from_bits(u64::from_be_bytes(bytes)))
}
