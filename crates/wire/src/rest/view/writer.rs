//! Writes one JSON object straight into a buffer, in the way a version writes times and unset fields.

use std::collections::BTreeMap;
use std::io::Write;

use vinr_domain::Timestamp;

use crate::rest::version::ApiVersion;

/// An object that has been opened; [`Object::end`] closes it.
pub(super) struct Object<'o> {
    out: &'o mut Vec<u8>,
    version: ApiVersion,
    first: bool,
}

impl<'o> Object<'o> {
    pub(super) fn begin(version: ApiVersion, out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, version, first: true }
    }

    pub(super) fn end(self) {
        self.out.push(b'}');
    }

    /// Whether this version writes unset fields at all.
    pub(super) fn shows_unset(&self) -> bool {
        match self.version {
            ApiVersion::V2025_05_31 => true,
            ApiVersion::V2026_06_11 => false,
        }
    }

    fn key(&mut self, key: &str) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        self.quoted(key);
        self.out.push(b':');
    }

    /// Text of any content.
    fn quoted(&mut self, text: &str) {
        serde_json::to_writer(&mut *self.out, text).expect("writing text to memory cannot fail");
    }

    pub(super) fn text(&mut self, key: &str, text: &str) {
        self.key(key);
        self.quoted(text);
    }

    /// A list of texts of any content.
    pub(super) fn texts(&mut self, key: &str, texts: &[String]) {
        self.key(key);
        serde_json::to_writer(&mut *self.out, texts).expect("writing text to memory cannot fail");
    }

    /// Text that needs no escapes: a word of ours.
    pub(super) fn word(&mut self, key: &str, word: &str) {
        self.key(key);
        self.out.push(b'"');
        self.out.extend_from_slice(word.as_bytes());
        self.out.push(b'"');
    }

    pub(super) fn flag(&mut self, key: &str, flag: bool) {
        self.key(key);
        self.out.extend_from_slice(if flag { b"true" } else { b"false" });
    }

    pub(super) fn number(&mut self, key: &str, number: i64) {
        self.key(key);
        write!(self.out, "{number}").expect("writing to memory cannot fail");
    }

    /// Whole seconds, rounded down: RFC 3339 in UTC, or Unix seconds.
    pub(super) fn time(&mut self, key: &str, at: Timestamp) {
        let seconds = at.unix_seconds();
        if self.version == ApiVersion::V2025_05_31 {
            self.number(key, seconds);
            return;
        }
        self.key(key);
        // Out of range means before year -9999 or after year 9999; no clock of ours says so.
        let moment = jiff::Timestamp::from_second(seconds).unwrap_or_default();
        write!(self.out, "\"{moment}\"").expect("writing to memory cannot fail");
    }

    pub(super) fn unset(&mut self, key: &str) {
        if self.shows_unset() {
            self.key(key);
            self.out.extend_from_slice(b"null");
        }
    }

    pub(super) fn text_or_unset(&mut self, key: &str, text: Option<&str>) {
        match text {
            Some(text) => self.text(key, text),
            None => self.unset(key),
        }
    }

    pub(super) fn word_or_unset(&mut self, key: &str, word: Option<&str>) {
        match word {
            Some(word) => self.word(key, word),
            None => self.unset(key),
        }
    }

    pub(super) fn time_or_unset(&mut self, key: &str, at: Option<Timestamp>) {
        match at {
            Some(at) => self.time(key, at),
            None => self.unset(key),
        }
    }

    /// The caller's own key-value pairs.
    pub(super) fn pairs(&mut self, key: &str, pairs: &BTreeMap<String, String>) {
        let mut inner = self.object(key);
        for (name, value) in pairs {
            inner.text(name, value);
        }
        inner.end();
    }

    /// Opens an object inside this one.
    pub(super) fn object(&mut self, key: &str) -> Object<'_> {
        self.key(key);
        Object::begin(self.version, self.out)
    }
}
