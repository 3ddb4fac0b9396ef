//! Registering releases, changing how far they are rolled out, and choosing one for a terminal.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::digest::{SHA256, digest};
use vinr_domain::SoftwareVersion;
use vinr_pki::Authority;
use vinr_pki::software::{Manifest, Target, Verdict, sign};
use vinr_wire::link::SignedManifest;
use vinr_wire::rest::error::ErrorCode;
use vinr_wire::rest::release::{NewRelease, ReleaseView};

use super::row::ReleaseRow;
use crate::access::Operator;
use crate::audit::Act;
use crate::gateway::link_id;
use crate::office::Office;
use crate::once::{IdempotencyKey, Said};
use crate::refusal::Refusal;
use crate::store::{Change, CommitError, Scope, StoreError, TerminalRow, Transaction};

const DAY_MS: i64 = 24 * 3_600_000;

/// The catalogue.
#[derive(Clone)]
pub struct Releases {
    office: Office,
    authority: Option<Arc<Authority>>,
    /// All of them; there are few.
    all: Arc<RwLock<Catalogue>>,
}

/// Releases with their revisions, by name.
type Catalogue = BTreeMap<Arc<str>, (u64, ReleaseRow)>;

/// The release that a terminal gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Its name.
    pub id: Arc<str>,
    /// Its version.
    pub version: Arc<str>,
}

impl Releases {
    /// The catalogue in the store. Without an authority, nothing can be added to it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn open(office: Office, authority: Option<Arc<Authority>>) -> Result<Self, StoreError> {
        let kept = office.store.all_across_accounts::<ReleaseRow>().await?;
        let all = kept.into_iter().map(|kept| (Arc::clone(&kept.value.id), (kept.revision, kept.value)));
        let all = Arc::new(RwLock::new(all.collect()));
        Ok(Self { office, authority, all })
    }

    /// Signs and registers a release.
    ///
    /// # Errors
    /// That there is one of the version and model, that nothing can be signed, and what every change can meet.
    pub async fn create(
        &self,
        who: &Operator,
        new: NewRelease,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let scope = Scope::platform();
        if let Some(said) = self.office.once.replay(&scope, key.as_ref()).await? {
            return Ok(said);
        }
        let row = self.signed_row(new)?;
        let view = row.view();
        let act = Act::new("release.created", Arc::clone(&row.id)).after(&view);
        let said = Said::new(200, &view);
        let changes = vec![Change::insert(&row)];
        let said = self
            .office
            .conclude_audited((&scope, who), act, key.as_ref(), changes, said)
            .await
            .map_err(|refusal| self.taken(&row, refusal))?;
        if !said.replayed {
            self.install(1, row);
        }
        Ok(said)
    }

    /// Registers a release unless there is one of the version and model; for whoever starts the server.
    ///
    /// # Errors
    /// That nothing can be signed, or what the store says.
    pub async fn provide(&self, new: NewRelease) -> Result<(), Refusal> {
        let row = self.signed_row(new)?;
        match self.office.store.commit(Transaction { changes: vec![Change::insert(&row)] }).await {
            Ok(()) => self.install(1, row),
            Err(CommitError::RecordTaken { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Changes how far a release is rolled out, or halts it.
    ///
    /// # Errors
    /// [`Refusal::NoSuch`], and what every change can meet.
    pub async fn update(
        &self,
        who: &Operator,
        id: &str,
        (rollout_percent, halted): (Option<u8>, Option<bool>),
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let scope = Scope::platform();
        if let Some(said) = self.office.once.replay(&scope, key.as_ref()).await? {
            return Ok(said);
        }
        let (revision, old) = self.find(id)?;
        let row = ReleaseRow {
            rollout_percent: rollout_percent.unwrap_or(old.rollout_percent),
            halted: halted.unwrap_or(old.halted),
            ..old.clone()
        };
        let view = row.view();
        let act = Act::new("release.updated", Arc::clone(&row.id)).before(&old.view()).after(&view);
        let (said, changes) = (Said::new(200, &view), vec![Change::update(&row, revision)]);
        let said = self.office.conclude_audited((&scope, who), act, key.as_ref(), changes, said).await?;
        if !said.replayed {
            self.install(revision + 1, row);
        }
        Ok(said)
    }

    /// One release.
    ///
    /// # Errors
    /// [`Refusal::NoSuch`].
    pub fn retrieve(&self, id: &str) -> Result<ReleaseView, Refusal> {
        Ok(self.find(id)?.1.view())
    }

    /// All releases, newest first.
    #[must_use]
    pub fn list(&self) -> Vec<ReleaseView> {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        all.values().rev().map(|(_, row)| row.view()).collect()
    }

    /// The newest release that the terminal may install over what it runs; `None`: it has it, or there is none.
    #[must_use]
    pub fn choose(&self, terminal: &TerminalRow) -> Option<Chosen> {
        let now = self.office.now();
        let target = Target { running: &terminal.software_version, model: &terminal.model };
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        let admitted = all.values().filter_map(|(_, row)| {
            let manifest = Manifest::parse(row.manifest.as_bytes()).ok()?;
            let wanted = !row.halted
                && manifest.admits(target, now) == Ok(Verdict::Install)
                && draw(terminal, &row.version) < row.rollout_percent;
            wanted.then_some((manifest.version, row))
        });
        let newest = admitted.max_by(|(one, _), (other, _)| one.cmp(other));
        newest.map(|(_, row)| Chosen { id: Arc::clone(&row.id), version: Arc::clone(&row.version) })
    }

    /// What the terminal is sent; `None` once the release is halted.
    #[must_use]
    pub fn signed(&self, id: &str) -> Option<SignedManifest> {
        let (_, row) = self.find(id).ok()?;
        (!row.halted).then(|| SignedManifest {
            manifest: row.manifest.as_bytes().to_vec(),
            signature: row.signature.clone(),
            signer_chain_pem: row.chain_pem.as_ref().to_owned(),
        })
    }

    fn signed_row(&self, new: NewRelease) -> Result<ReleaseRow, Refusal> {
        let unable = |why: &dyn std::fmt::Display| {
            tracing::error!(%why, "a release cannot be signed");
            Refusal::stated(ErrorCode::Unavailable, "This server cannot sign software. Nothing was done.")
        };
        let now = self.office.now();
        let authority = self.authority.as_ref().ok_or_else(|| unable(&"there is no authority"))?;
        let signer = authority.issue_software_signer(now).map_err(|error| unable(&error))?;
        let version: SoftwareVersion = new.version;
        let manifest = Manifest {
            version,
            model: new.model.as_str().to_owned(),
            sha256: new.sha256,
            size_bytes: new.size_bytes,
            url: new.url,
            min_version: new.min_version,
            not_after: now.plus_ms(i64::from(new.valid_days) * DAY_MS),
        };
        let signed = sign(&manifest, &signer).map_err(|error| unable(&error))?;
        let text = String::from_utf8(signed.manifest).map_err(|error| unable(&error))?;
        Ok(ReleaseRow {
            id: ReleaseRow::name(self.office.name()),
            scope: Scope::platform(),
            model: new.model.as_str().into(),
            version: version.to_string().into(),
            manifest: text.into(),
            signature: signed.signature,
            chain_pem: signed.chain_pem.into(),
            rollout_percent: new.rollout_percent,
            halted: false,
            created_at: now,
        })
    }

    fn find(&self, id: &str) -> Result<(u64, ReleaseRow), Refusal> {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        all.get(id).cloned().ok_or(Refusal::NoSuch("release"))
    }

    fn install(&self, revision: u64, row: ReleaseRow) {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        if all.get(&row.id).is_none_or(|(known, _)| *known < revision) {
            all.insert(Arc::clone(&row.id), (revision, row));
        }
    }

    /// Says plainly what a clash of versions is.
    fn taken(&self, row: &ReleaseRow, refusal: Refusal) -> Refusal {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        if !all.values().any(|(_, known)| known.model == row.model && known.version == row.version) {
            return refusal;
        }
        let message = "There is a release of this version for this model. What was signed is not signed again with other \
                       content; register a higher version.";
        Refusal::stated(ErrorCode::ReleaseExists, message).param("version")
    }
}

/// Which of a hundred parts the terminal is in for the version: the same whenever it is asked, and another for another
/// version, so that not the same terminals are always first.
fn draw(terminal: &TerminalRow, version: &str) -> u8 {
    let name = link_id(&terminal.scope.account, terminal.id.as_str());
    let hash = digest(&SHA256, format!("{version}\n{name}").as_bytes());
    let number = hash.as_ref().iter().take(4).fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    u8::try_from(number % 100).unwrap_or(0)
}
