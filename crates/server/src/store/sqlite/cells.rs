//! Values into the parameters of a statement and out of the columns of a row, one after the other. A column that
//! cannot be read is named in the error.

use std::sync::Arc;

use rusqlite::types::ValueRef;
use rusqlite::{Row, Statement, ToSql};
use vinr_domain::{AccountId, Timestamp};

use crate::store::port::{Scope, StoreError};

/// Any failure of SQLite, as the port tells it.
pub(super) fn engine(error: &rusqlite::Error) -> StoreError {
    StoreError::Engine(error.to_string().into())
}

/// Binds the parameters of a statement from `$1` on.
pub(super) struct Parameters<'s, 'c> {
    statement: &'s mut Statement<'c>,
    bound: usize,
}

impl<'s, 'c> Parameters<'s, 'c> {
    pub(super) fn of(statement: &'s mut Statement<'c>) -> Self {
        Self { statement, bound: 0 }
    }

    pub(super) fn put(&mut self, value: impl ToSql) -> rusqlite::Result<&mut Self> {
        self.bound += 1;
        self.statement.raw_bind_parameter(self.bound, value)?;
        Ok(self)
    }

    pub(super) fn scope(&mut self, scope: &Scope) -> rusqlite::Result<&mut Self> {
        self.put(scope.account.as_str())?.put(scope.livemode)
    }

    pub(super) fn number(&mut self, value: u64) -> rusqlite::Result<&mut Self> {
        // Counters that are raised by one at a time do not reach 2^63.
        self.put(i64::try_from(value).unwrap_or(i64::MAX))
    }

    pub(super) fn id(&mut self, id: u128) -> rusqlite::Result<&mut Self> {
        self.put(id.to_be_bytes())
    }

    /// Runs the statement; says how many rows it changed.
    pub(super) fn run(&mut self) -> rusqlite::Result<usize> {
        self.statement.raw_execute()
    }
}

/// Reads the columns of a row from the first on.
pub(super) struct Cells<'r, 's> {
    row: &'r Row<'s>,
    next: usize,
}

impl<'r, 's> Cells<'r, 's> {
    pub(super) fn of(row: &'r Row<'s>) -> Self {
        Self { row, next: 0 }
    }

    fn value(&mut self) -> Result<ValueRef<'r>, StoreError> {
        let value = self.row.get_ref(self.next).map_err(|e| engine(&e))?;
        self.next += 1;
        Ok(value)
    }

    /// The error that names the column that was read last.
    pub(super) fn unreadable(&self) -> StoreError {
        let name = self.row.as_ref().column_name(self.next.saturating_sub(1)).unwrap_or("?");
        StoreError::Engine(format!("column {name} cannot be read").into())
    }

    pub(super) fn maybe_text(&mut self) -> Result<Option<&'r str>, StoreError> {
        match self.value()? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(bytes) => std::str::from_utf8(bytes).map(Some).map_err(|_| self.unreadable()),
            ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => Err(self.unreadable()),
        }
    }

    pub(super) fn text(&mut self) -> Result<&'r str, StoreError> {
        self.maybe_text()?.ok_or_else(|| self.unreadable())
    }

    pub(super) fn maybe_shared(&mut self) -> Result<Option<Arc<str>>, StoreError> {
        Ok(self.maybe_text()?.map(Arc::from))
    }

    pub(super) fn shared(&mut self) -> Result<Arc<str>, StoreError> {
        self.text().map(Arc::from)
    }

    pub(super) fn maybe_integer(&mut self) -> Result<Option<i64>, StoreError> {
        match self.value()? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(value) => Ok(Some(value)),
            ValueRef::Text(_) | ValueRef::Real(_) | ValueRef::Blob(_) => Err(self.unreadable()),
        }
    }

    pub(super) fn integer(&mut self) -> Result<i64, StoreError> {
        self.maybe_integer()?.ok_or_else(|| self.unreadable())
    }

    /// An integer that fits the narrower type.
    pub(super) fn number<N: TryFrom<i64>>(&mut self) -> Result<N, StoreError> {
        N::try_from(self.integer()?).map_err(|_| self.unreadable())
    }

    pub(super) fn maybe_number<N: TryFrom<i64>>(&mut self) -> Result<Option<N>, StoreError> {
        self.maybe_integer()?.map(|value| N::try_from(value).map_err(|_| self.unreadable())).transpose()
    }

    pub(super) fn boolean(&mut self) -> Result<bool, StoreError> {
        match self.integer()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.unreadable()),
        }
    }

    pub(super) fn moment(&mut self) -> Result<Timestamp, StoreError> {
        self.integer().map(Timestamp)
    }

    pub(super) fn maybe_moment(&mut self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.maybe_integer()?.map(Timestamp))
    }

    pub(super) fn maybe_bytes(&mut self) -> Result<Option<&'r [u8]>, StoreError> {
        match self.value()? {
            ValueRef::Null => Ok(None),
            ValueRef::Blob(bytes) => Ok(Some(bytes)),
            ValueRef::Text(_) | ValueRef::Integer(_) | ValueRef::Real(_) => Err(self.unreadable()),
        }
    }

    pub(super) fn bytes(&mut self) -> Result<&'r [u8], StoreError> {
        self.maybe_bytes()?.ok_or_else(|| self.unreadable())
    }

    pub(super) fn hash(&mut self) -> Result<[u8; 32], StoreError> {
        self.bytes()?.try_into().map_err(|_| self.unreadable())
    }

    pub(super) fn id(&mut self) -> Result<u128, StoreError> {
        self.maybe_id()?.ok_or_else(|| self.unreadable())
    }

    pub(super) fn maybe_id(&mut self) -> Result<Option<u128>, StoreError> {
        let bytes: Option<Result<[u8; 16], _>> = self.maybe_bytes()?.map(TryInto::try_into);
        bytes.transpose().map(|id| id.map(u128::from_be_bytes)).map_err(|_| self.unreadable())
    }

    /// The text as the domain reads it.
    pub(super) fn parsed<T>(&mut self, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, StoreError> {
        parse(self.text()?).ok_or_else(|| self.unreadable())
    }

    pub(super) fn maybe_parsed<T>(
        &mut self,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        self.maybe_text()?.map(|text| parse(text).ok_or_else(|| self.unreadable())).transpose()
    }

    pub(super) fn account(&mut self) -> Result<AccountId, StoreError> {
        self.parsed(|text| AccountId::parse(text).ok())
    }

    pub(super) fn scope(&mut self) -> Result<Scope, StoreError> {
        Ok(Scope { account: self.account()?, livemode: self.boolean()? })
    }
}
