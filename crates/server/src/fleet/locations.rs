//! Locations: made, changed, deleted. One that terminals stand at stays. What is configured there is not its business.

use std::sync::{Arc, OnceLock};

use tokio::sync::{OwnedRwLockReadGuard, RwLock, oneshot};
use vinr_domain::{LocationId, encode_base32};
use vinr_wire::rest::body::FieldError;
use vinr_wire::rest::error::ErrorCode;
use vinr_wire::rest::location::{LocationChanges, LocationView, NewLocation};
use vinr_wire::rest::terminal::{Cursor, Deleted};

use crate::access::Principal;
use crate::audit::Act;
use crate::gateway::Directory;
use crate::office::Office;
use crate::once::{IdempotencyKey, Said};
use crate::refusal::Refusal;
use crate::store::{Change, CommitError, Kept, LocationRow, RecordCursor, RecordPage, Scope};

/// How often a change is tried again when somebody else changed the location at the same moment.
const ATTEMPTS: usize = 5;

/// The locations of all accounts.
#[derive(Clone)]
pub struct Locations {
    office: Office,
    directory: Arc<Directory>,
    /// Whoever assigns a terminal holds it shared, whoever deletes a location alone.
    gate: Arc<RwLock<()>>,
    changed: Arc<OnceLock<Box<Told>>>,
}

/// Who is told of a location that has changed.
type Told = dyn Fn(&Scope, &LocationId) + Send + Sync;

/// A location that stays as long as this lives: for whoever is about to make a terminal stand there.
#[derive(Debug)]
pub struct Assignable {
    /// Which one.
    pub id: LocationId,
    _gate: OwnedRwLockReadGuard<()>,
}

impl Locations {
    /// Locations over this office.
    #[must_use]
    pub fn new(office: Office, directory: Arc<Directory>) -> Self {
        Self { office, directory, gate: Arc::default(), changed: Arc::default() }
    }

    /// Says who is told of every location that has changed. The first word counts.
    pub fn on_change(&self, told: impl Fn(&Scope, &LocationId) + Send + Sync + 'static) {
        let _ = self.changed.set(Box::new(told));
    }

    /// The location that a terminal of the scope is to be assigned to, by a request's `locationId`.
    ///
    /// # Errors
    /// A [`FieldError`] when the account and mode have no such location.
    pub async fn assignable(&self, scope: &Scope, id: LocationId) -> Result<Assignable, Refusal> {
        let gate = Arc::clone(&self.gate).read_owned().await;
        let found = self.office.store.get::<LocationRow>(scope, id.as_str()).await?;
        if found.is_none() {
            let message = "is no location of this account and mode";
            return Err(FieldError::invalid("locationId", message).into());
        }
        Ok(Assignable { id, _gate: gate })
    }

    /// One location.
    ///
    /// # Errors
    /// That there is none, or that the store cannot answer.
    pub async fn retrieve(&self, who: &Principal, id: &str) -> Result<LocationView, Refusal> {
        self.find(&who.scope, id).await.map(|kept| view(&kept.value))
    }

    /// A page of locations, newest first, and whether there is more.
    ///
    /// # Errors
    /// That the cursor names none, or that the store cannot answer.
    pub async fn list(
        &self,
        who: &Principal,
        limit: u8,
        cursor: Cursor<LocationId>,
    ) -> Result<(Vec<LocationView>, bool), Refusal> {
        let named = match &cursor {
            Cursor::Newest => None,
            Cursor::After(id) => Some(("starting_after", id)),
            Cursor::Before(id) => Some(("ending_before", id)),
        };
        if let Some((param, id)) = named
            && self.office.store.get::<LocationRow>(&who.scope, id.as_str()).await?.is_none()
        {
            return Err(FieldError::invalid(param, "is no location of this account and mode").into());
        }
        let cursor = match cursor {
            Cursor::Newest => RecordCursor::Start,
            Cursor::After(id) => RecordCursor::After(id.as_str().into()),
            Cursor::Before(id) => RecordCursor::Before(id.as_str().into()),
        };
        let page = RecordPage { limit: limit.into(), cursor };
        let (rows, has_more) = self.office.store.list::<LocationRow>(&who.scope, None, &page).await?;
        Ok((rows.iter().map(|kept| view(&kept.value)).collect(), has_more))
    }

    /// Makes a location.
    ///
    /// # Errors
    /// What the store says.
    pub async fn create(
        &self,
        who: &Principal,
        new: NewLocation,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        if let Some(said) = self.office.once.replay(&who.scope, key.as_ref()).await? {
            return Ok(said);
        }
        let id = LocationId::parse(&format!("loc_{}", encode_base32(self.office.name())))
            .map_err(|_never| Refusal::Unavailable { money_may_have_moved: false })?;
        let row = LocationRow {
            address: new.address,
            time_zone: new.time_zone,
            end_of_day: new.end_of_day,
            metadata: new.metadata,
            ..LocationRow::new(id, who.scope.clone(), &new.display_name, self.office.now())
        };
        let said = Said::new(200, &view(&row));
        let act = Act::new("location.created", row.id.as_str()).after(&view(&row));
        let changes = vec![Change::insert(&row)];
        self.office.conclude_audited((&who.scope, who), act, key.as_ref(), changes, said).await
    }

    /// Changes what is included and nothing else.
    ///
    /// # Errors
    /// That there is no such location, or what the store says.
    pub async fn update(
        &self,
        who: &Principal,
        id: &str,
        changes: LocationChanges,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        if let Some(said) = self.office.once.replay(&who.scope, key.as_ref()).await? {
            return Ok(said);
        }
        for _ in 0..ATTEMPTS {
            let Kept { revision, value: mut row } = self.find(&who.scope, id).await?;
            let before = view(&row);
            apply(&mut row, changes.clone());
            let after = view(&row);
            let said = Said::new(200, &after);
            let updated = vec![Change::update(&row, revision)];
            let act = Act::new("location.updated", id).before(&before).after(&after);
            let (audit, once) = (&self.office.audit, &self.office.once);
            match audit.try_conclude(once, (&who.scope, who), act, key.as_ref(), updated, &said).await {
                Ok(()) => {
                    if let Some(told) = self.changed.get() {
                        told(&who.scope, &row.id);
                    }
                    return Ok(said);
                }
                Err(CommitError::RecordStale { .. }) => {}
                Err(CommitError::IdempotencyKeyTaken(row)) => {
                    return match &key {
                        Some(key) => crate::once::first_answer(&row, key),
                        None => Err(Refusal::IdempotencyKeyReused),
                    };
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refusal::Overloaded)
    }

    /// Deletes a location at which no terminal stands. Terminals that are out of service do not count.
    ///
    /// # Errors
    /// That there is no such location, that terminals stand there, or what the store says.
    pub async fn delete(&self, who: &Principal, id: &str) -> Result<Deleted, Refusal> {
        let (this, who, id) = (self.clone(), who.clone(), id.to_owned());
        let (reply, answer) = oneshot::channel();
        // On a task of its own: the gate must stay shut until the store has answered.
        self.office.tasks.spawn(async move {
            let _ = reply.send(this.delete_alone(&who, &id).await);
        });
        answer.await.map_err(|_ended| Refusal::Unavailable { money_may_have_moved: false })?
    }

    async fn delete_alone(&self, who: &Principal, id: &str) -> Result<Deleted, Refusal> {
        let scope = &who.scope;
        let _gate = self.gate.write().await;
        let row = self.find(scope, id).await?.value;
        let stands = |row: &crate::store::TerminalRow| {
            !row.deactivated && row.location.as_ref().is_some_and(|at| at.as_str() == id)
        };
        if !self.directory.older(scope, None, 1, |terminal| terminal.read(stands)).is_empty() {
            return Err(Refusal::stated(
                ErrorCode::LocationInUse,
                "Terminals stand at this location. Assign them to another one first.",
            ));
        }
        let changes = vec![Change::delete::<LocationRow>(scope, row.id.as_str())];
        let deleted = Deleted::new(id, "location");
        let act = Act::new("location.deleted", id).before(&view(&row));
        let said = Said::new(200, &deleted);
        self.office.conclude_audited((scope, who), act, None, changes, said).await?;
        Ok(deleted)
    }

    async fn find(&self, scope: &Scope, id: &str) -> Result<Kept<LocationRow>, Refusal> {
        self.office.store.get::<LocationRow>(scope, id).await?.ok_or(Refusal::NoSuch("location"))
    }
}

fn apply(row: &mut LocationRow, changes: LocationChanges) {
    if let Some(name) = changes.display_name {
        row.display_name = name;
    }
    changes.address.apply(&mut row.address);
    changes.time_zone.apply(&mut row.time_zone);
    changes.end_of_day.apply(&mut row.end_of_day);
    let mut metadata = Some(std::mem::take(&mut row.metadata));
    changes.metadata.apply(&mut metadata);
    row.metadata = metadata.unwrap_or_default();
}

/// The location as the API shows it.
#[must_use]
pub fn view(row: &LocationRow) -> LocationView {
    LocationView {
        id: row.id.as_str().into(),
        object: "location",
        livemode: row.scope.livemode,
        display_name: Arc::clone(&row.display_name),
        address: row.address.clone(),
        time_zone: row.time_zone.clone(),
        end_of_day: row.end_of_day.clone(),
        metadata: row.metadata.clone(),
        terminal_config: row.terminal_config.clone(),
        created_at: row.created_at.unix_seconds(),
    }
}
