//! The records of the in-memory model.

use std::collections::BTreeMap;
use std::sync::Arc;

use vinr_domain::Timestamp;

use crate::store::port::{Change, CommitError, Scope};
use crate::store::record::{Kind, Record, RecordCursor, RecordPage, RecordsListed};

type Name = (Scope, Arc<str>);

/// All records: by kind and place of their insertion, and the way from a name or a unique key to that place.
#[derive(Default)]
pub(super) struct Records {
    by_place: BTreeMap<(Kind, u64), Record>,
    places: BTreeMap<(Kind, Name), u64>,
    unique: BTreeMap<(Kind, &'static str, Arc<str>), u64>,
    inserted: u64,
}

fn name(scope: &Scope, id: &str) -> Name {
    (scope.clone(), id.into())
}

impl Records {
    pub(super) fn get(&self, scope: &Scope, kind: Kind, id: &str) -> Option<&Record> {
        let place = self.places.get(&(kind, name(scope, id)))?;
        self.by_place.get(&(kind, *place))
    }

    pub(super) fn find(&self, kind: Kind, key: &'static str, value: &str) -> Option<&Record> {
        let place = self.unique.get(&(kind, key, value.into()))?;
        self.by_place.get(&(kind, *place))
    }

    pub(super) fn all(&self, kind: Kind) -> impl DoubleEndedIterator<Item = &Record> {
        self.by_place.range((kind, 0)..=(kind, u64::MAX)).map(|(_, record)| record)
    }

    /// In the order of scope and name, behind this one.
    pub(super) fn behind(&self, kind: Kind, behind: Option<&Name>) -> impl Iterator<Item = &Record> {
        let wanted = move |found: Kind, name: &Name| found == kind && behind.is_none_or(|last| name > last);
        let places = self.places.iter().filter(move |((found, name), _)| wanted(*found, name));
        places.filter_map(move |(_, place)| self.by_place.get(&(kind, *place)))
    }

    pub(super) fn due(&self, kind: Kind, now: Timestamp, limit: usize) -> Vec<Record> {
        let due = |record: &&Record| record.due_at.is_some_and(|due| due <= now);
        let mut found: Vec<_> = self.all(kind).filter(due).cloned().collect();
        found.sort_by_key(|record| record.due_at);
        found.truncate(limit);
        found
    }

    pub(super) fn list(
        &self,
        scope: &Scope,
        kind: Kind,
        having: Option<(&'static str, &str)>,
        page: &RecordPage,
    ) -> RecordsListed {
        let place_of = |id: &Arc<str>| self.places.get(&(kind, (scope.clone(), id.clone()))).copied();
        let (low, high, upward) = match &page.cursor {
            RecordCursor::Start => (0, u64::MAX, false),
            RecordCursor::After(id) => match place_of(id) {
                Some(place) => (0, place - 1, false),
                None => return RecordsListed { records: vec![], has_more: false },
            },
            RecordCursor::Before(id) => match place_of(id) {
                Some(place) => (place + 1, u64::MAX, true),
                None => return RecordsListed { records: vec![], has_more: false },
            },
        };
        let limit = page.limit as usize;
        let shown = |record: &&Record| {
            let has = |(name, value): (&str, &str)| {
                record.keys.iter().any(|key| !key.unique && key.name == name && *key.value == *value)
            };
            record.scope == *scope && having.is_none_or(has)
        };
        let stretch = self.by_place.range((kind, low)..=(kind, high)).map(|(_, record)| record);
        let mut records: Vec<_> = if upward {
            stretch.filter(shown).take(limit + 1).cloned().collect()
        } else {
            stretch.rev().filter(shown).take(limit + 1).cloned().collect()
        };
        let has_more = records.len() > limit;
        records.truncate(limit);
        if upward {
            records.reverse();
        }
        RecordsListed { records, has_more }
    }

    pub(super) fn check(&self, change: &Change) -> Result<(), CommitError> {
        match change {
            Change::InsertRecord(record) => match self.get(&record.scope, record.kind, &record.id) {
                Some(_) => Err(CommitError::RecordTaken { kind: record.kind, id: record.id.clone() }),
                None => self.check_unique(record, None),
            },
            Change::UpdateRecord { record, from_revision } => {
                let known = self.get(&record.scope, record.kind, &record.id);
                if known.is_none_or(|known| known.revision != *from_revision) {
                    return Err(CommitError::RecordStale { kind: record.kind, id: record.id.clone() });
                }
                self.check_unique(record, self.place(record))
            }
            Change::PutRecord(record) => self.check_unique(record, self.place(record)),
            Change::DeleteRecord { .. }
            | Change::InsertPayment(_)
            | Change::UpdatePayment { .. }
            | Change::JoinBatch { .. }
            | Change::AssignTerminal { .. }
            | Change::AppendEvent(_)
            | Change::ClaimIdempotencyKey(_)
            | Change::AnswerIdempotencyKey(_)
            | Change::PutDeliveries(_)
            | Change::MoveCursor { .. }
            | Change::ForgetDeliveries { .. }
            | Change::NoteMoments { .. } => Ok(()),
        }
    }

    fn place(&self, record: &Record) -> Option<u64> {
        self.places.get(&(record.kind, name(&record.scope, &record.id))).copied()
    }

    fn check_unique(&self, record: &Record, place: Option<u64>) -> Result<(), CommitError> {
        for key in record.keys.iter().filter(|key| key.unique) {
            let holder = self.unique.get(&(record.kind, key.name, key.value.clone()));
            if let Some(holder) = holder.filter(|holder| Some(**holder) != place) {
                let id = self.by_place.get(&(record.kind, *holder)).map(|record| record.id.clone());
                return Err(CommitError::RecordTaken { kind: record.kind, id: id.unwrap_or_default() });
            }
        }
        Ok(())
    }

    /// Applies a change that has been checked.
    pub(super) fn put(&mut self, record: Record) {
        let (place, revision) = match self.remove(record.kind, &record.scope, &record.id) {
            Some((place, known)) => (place, known.revision + 1),
            None => {
                self.inserted += 1;
                (self.inserted, 1)
            }
        };
        self.places.insert((record.kind, name(&record.scope, &record.id)), place);
        for key in record.keys.iter().filter(|key| key.unique) {
            self.unique.insert((record.kind, key.name, key.value.clone()), place);
        }
        self.by_place.insert((record.kind, place), Record { revision, ..record });
    }

    pub(super) fn remove(&mut self, kind: Kind, scope: &Scope, id: &str) -> Option<(u64, Record)> {
        let place = self.places.remove(&(kind, name(scope, id)))?;
        let record = self.by_place.remove(&(kind, place))?;
        for key in record.keys.iter().filter(|key| key.unique) {
            self.unique.remove(&(kind, key.name, key.value.clone()));
        }
        Some((place, record))
    }
}
