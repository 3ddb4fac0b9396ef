//! Records as rows, and back; and the writer's statements on them with their checks.

use std::sync::Arc;

use rusqlite::{Connection, Row, Statement};

use super::apply::Fault;
use super::cells::{Cells, Parameters};
use crate::store::port::{CommitError, Scope, StoreError};
use crate::store::record::{Kind, Record, RecordKey};
use crate::store::sql;

/// The writer's statements on records, prepared once.
pub(super) struct RecordStatements<'c> {
    insert: Statement<'c>,
    update: Statement<'c>,
    delete: Statement<'c>,
    head: Statement<'c>,
    holder: Statement<'c>,
    insert_key: Statement<'c>,
    delete_key: Statement<'c>,
    insert_name: Statement<'c>,
    delete_name: Statement<'c>,
}

/// What is known of a record before it is changed. Its keys are compared as they are written.
struct Head {
    ordinal: i64,
    revision: u64,
    keys: Option<String>,
}

impl<'c> RecordStatements<'c> {
    pub(super) fn prepare(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            insert: connection.prepare(sql::INSERT_RECORD)?,
            update: connection.prepare(sql::UPDATE_RECORD)?,
            delete: connection.prepare(sql::DELETE_RECORD)?,
            head: connection.prepare(sql::HEAD_OF_RECORD)?,
            holder: connection.prepare(sql::HOLDER_OF_NAME)?,
            insert_key: connection.prepare(sql::INSERT_RECORD_KEY)?,
            delete_key: connection.prepare(sql::DELETE_RECORD_KEY)?,
            insert_name: connection.prepare(sql::INSERT_RECORD_NAME)?,
            delete_name: connection.prepare(sql::DELETE_RECORD_NAME)?,
        })
    }

    fn head(&mut self, kind: Kind, scope: &Scope, id: &str) -> Result<Option<Head>, Fault> {
        Parameters::of(&mut self.head).put(kind.as_str())?.scope(scope)?.put(id)?;
        let mut rows = self.head.raw_query();
        let Some(row) = rows.next()? else { return Ok(None) };
        let mut cells = Cells::of(row);
        let (ordinal, revision) = (cells.integer()?, cells.number()?);
        Ok(Some(Head { ordinal, revision, keys: cells.maybe_text()?.map(str::to_owned) }))
    }

    pub(super) fn check_insert(&mut self, record: &Record) -> Result<(), Fault> {
        match self.head(record.kind, &record.scope, &record.id)? {
            Some(_) => Err(taken(record.kind, record.id.clone())),
            None => self.check_names(record, None),
        }
    }

    pub(super) fn check_update(&mut self, record: &Record, from_revision: u64) -> Result<(), Fault> {
        match self.head(record.kind, &record.scope, &record.id)? {
            Some(head) if head.revision == from_revision => self.check_names(record, Some(head.ordinal)),
            _ => {
                let (kind, id) = (record.kind, record.id.clone());
                Err(Fault::Refused(CommitError::RecordStale { kind, id }))
            }
        }
    }

    pub(super) fn check_put(&mut self, record: &Record) -> Result<(), Fault> {
        if record.keys.iter().all(|key| !key.unique) {
            return Ok(());
        }
        let ordinal = self.head(record.kind, &record.scope, &record.id)?.map(|head| head.ordinal);
        self.check_names(record, ordinal)
    }

    fn check_names(&mut self, record: &Record, ordinal: Option<i64>) -> Result<(), Fault> {
        for key in record.keys.iter().filter(|key| key.unique) {
            Parameters::of(&mut self.holder).put(record.kind.as_str())?.put(key.name)?.put(&*key.value)?;
            let mut rows = self.holder.raw_query();
            let Some(row) = rows.next()? else { continue };
            let mut cells = Cells::of(row);
            let (holder, id) = (cells.integer()?, cells.shared()?);
            if Some(holder) != ordinal {
                return Err(taken(record.kind, id));
            }
        }
        Ok(())
    }

    /// Writes a record that has been checked.
    pub(super) fn put(&mut self, record: &Record) -> Result<(), Fault> {
        let keys = written(&record.keys);
        let Some(head) = self.head(record.kind, &record.scope, &record.id)? else {
            let ordinal = self.insert(record, keys.as_deref())?;
            return self.insert_keys(record, ordinal);
        };
        Parameters::of(&mut self.update)
            .put(record.created_at.0)?
            .put(record.due_at.map(|at| at.0))?
            .put(&keys)?
            .put(&*record.body)?
            .put(head.ordinal)?
            .run()?;
        if head.keys == keys {
            return Ok(());
        }
        self.delete_keys(record.kind, &record.scope, &head)?;
        self.insert_keys(record, head.ordinal)
    }

    fn insert(&mut self, record: &Record, keys: Option<&str>) -> rusqlite::Result<i64> {
        Parameters::of(&mut self.insert)
            .put(record.kind.as_str())?
            .scope(&record.scope)?
            .put(&*record.id)?
            .put(record.created_at.0)?
            .put(record.due_at.map(|at| at.0))?
            .put(keys)?
            .put(&*record.body)?;
        let mut rows = self.insert.raw_query();
        let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        let ordinal = row.get(0)?;
        // The insertion is complete only once the statement has run to its end.
        rows.next()?;
        Ok(ordinal)
    }

    fn insert_keys(&mut self, record: &Record, ordinal: i64) -> Result<(), Fault> {
        for key in &record.keys {
            if key.unique {
                let mut parameters = Parameters::of(&mut self.insert_name);
                parameters.put(record.kind.as_str())?.put(key.name)?.put(&*key.value)?.put(ordinal)?.run()?;
            } else {
                let mut parameters = Parameters::of(&mut self.insert_key);
                parameters.put(record.kind.as_str())?.put(key.name)?.put(&*key.value)?;
                parameters.scope(&record.scope)?.put(ordinal)?.run()?;
            }
        }
        Ok(())
    }

    fn delete_keys(&mut self, kind: Kind, scope: &Scope, head: &Head) -> Result<(), Fault> {
        for (name, value, unique) in read(head.keys.as_deref())? {
            if unique {
                let mut parameters = Parameters::of(&mut self.delete_name);
                parameters.put(kind.as_str())?.put(name)?.put(value)?.put(head.ordinal)?.run()?;
            } else {
                let mut parameters = Parameters::of(&mut self.delete_key);
                parameters.put(kind.as_str())?.put(name)?.put(value)?;
                parameters.scope(scope)?.put(head.ordinal)?.run()?;
            }
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, kind: Kind, scope: &Scope, id: &str) -> Result<(), Fault> {
        let Some(head) = self.head(kind, scope, id)? else { return Ok(()) };
        self.delete_keys(kind, scope, &head)?;
        Parameters::of(&mut self.delete).put(head.ordinal)?.run()?;
        Ok(())
    }
}

fn taken(kind: Kind, id: Arc<str>) -> Fault {
    Fault::Refused(CommitError::RecordTaken { kind, id })
}

fn written(keys: &[RecordKey]) -> Option<String> {
    if keys.is_empty() {
        return None;
    }
    let keys: Vec<_> = keys.iter().map(|key| (key.name, &*key.value, key.unique)).collect();
    Some(serde_json::to_string(&keys).expect("a list of strings always serializes"))
}

fn read(keys: Option<&str>) -> Result<Vec<(String, String, bool)>, StoreError> {
    let Some(keys) = keys else { return Ok(vec![]) };
    let unreadable =
        |error| StoreError::Engine(format!("the keys of a record cannot be read: {error}").into());
    serde_json::from_str(keys).map_err(unreadable)
}

/// Reads a row of any statement that selects records. Keys are for the engine: they are left out.
pub(super) fn read_record(row: &Row<'_>) -> Result<Record, StoreError> {
    let mut cells = Cells::of(row);
    let record = Record {
        kind: cells.parsed(Kind::parse)?,
        scope: cells.scope()?,
        id: cells.shared()?,
        revision: cells.number()?,
        created_at: cells.moment()?,
        due_at: cells.maybe_moment()?,
        keys: Vec::new(),
        body: {
            cells.maybe_text()?;
            cells.bytes()?.into()
        },
    };
    Ok(record)
}
