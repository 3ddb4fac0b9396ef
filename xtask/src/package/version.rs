//! The version, in every file that has to repeat it. `Cargo.toml` says it; the SDKs and what belongs to them say the same.

use std::fs;

use crate::generate::Artefact;
use crate::workspace::{Outcome, TaskError, Workspace, at};

/// A file, and what stands before the version in it, at the beginning of a line; each of them once, in this order.
const REPEATED: &[(&str, &[&str])] = &[
    ("sdks/node/package.json", &["  \"version\": \""]),
    ("sdks/node/package-lock.json", &["  \"version\": \"", "      \"version\": \""]),
    ("sdks/node/src/version.ts", &["export const SDK_VERSION = '"]),
    ("sdks/python/src/vinr/_version.py", &["VERSION = \""]),
    ("sdks/python/pyproject.toml", &["simulator = [\"vinr-simulator=="]),
];

/// The workspace's.
///
/// # Errors
/// When cargo cannot read the manifests.
pub fn of_workspace(workspace: &Workspace) -> Outcome<String> {
    let metadata = workspace.metadata()?;
    let vinr = metadata.packages.iter().find(|package| package.name.as_str() == "vinr");
    vinr.map(|package| package.version.to_string())
        .ok_or_else(|| TaskError("there is no package vinr".to_owned()))
}

/// The files as they should be.
///
/// # Errors
/// When one cannot be read, or does not say its version where it should.
pub fn repeated(workspace: &Workspace) -> Outcome<Vec<Artefact>> {
    let version = of_workspace(workspace)?;
    let says = |&(path, marks): &(&str, &[&str])| {
        let file = workspace.root().join(path);
        let text = fs::read_to_string(&file).map_err(|cause| at(&file, "cannot read", &cause))?;
        let text = with_version(&text, marks, &version).ok_or_else(|| {
            TaskError(format!("{path}: does not say its version after `{}`", marks.join("` and `")))
        })?;
        Ok(Artefact { path: path.to_owned(), contents: text.into_bytes() })
    };
    REPEATED.iter().map(says).collect()
}

/// The text with that version after each mark; `None` when a mark is missing.
fn with_version(text: &str, marks: &[&str], version: &str) -> Option<String> {
    let (mut written, mut rest) = (String::new(), text);
    for mark in marks {
        let at = if rest.starts_with(mark) { 0 } else { rest.find(&format!("\n{mark}"))? + 1 };
        let (before, from) = rest.split_at(at + mark.len());
        let end = from.find(['"', '\''])?;
        written.push_str(before);
        written.push_str(version);
        rest = &from[end..];
    }
    written.push_str(rest);
    Some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_put_after_each_mark_and_nowhere_else() {
        let text = "{\n  \"version\": \"0.1.0\",\n  \"other\": {\n      \"version\": \"0.1.0\",\n      \"typescript\": \"0.1.0\"\n";
        let marks = ["  \"version\": \"", "      \"version\": \""];
        let next = with_version(text, &marks, "2.0.0").unwrap();
        assert_eq!(next.matches("2.0.0").count(), 2, "{next}");
        assert!(next.contains("\"typescript\": \"0.1.0\""));
        assert_eq!(with_version(&next, &marks, "0.1.0").unwrap(), text);
        assert_eq!(with_version("VERSION = \"1\"", &["VERSION = \""], "2").unwrap(), "VERSION = \"2\"");
        assert_eq!(with_version(text, &["version = \""], "2"), None);
    }
}
