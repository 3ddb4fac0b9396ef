//! What the command line says when it cannot go on: what is wrong, and what to do about it.

use std::fmt;
use std::path::Path;

/// The end of a command, with the reason and the cure.
#[derive(Debug)]
pub struct Failure {
    what: String,
    cure: Option<String>,
}

impl Failure {
    /// Something is wrong.
    pub fn new(what: impl fmt::Display) -> Self {
        Self { what: what.to_string(), cure: None }
    }

    /// What to do about it.
    #[must_use]
    pub fn cure(mut self, cure: impl fmt::Display) -> Self {
        self.cure = Some(cure.to_string());
        self
    }

    /// Something is wrong with a file or directory.
    pub fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |error| Self::new(format_args!("{path}: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.what)?;
        match &self.cure {
            Some(cure) => write!(f, "\n  {cure}"),
            None => Ok(()),
        }
    }
}
