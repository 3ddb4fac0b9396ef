//! What the licences of the libraries inside the program ask for: who wrote them, under which terms, and the texts. Reads
//! what cargo has on the disk already.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, Package, PackageId};

use super::platform::Platform;
use crate::workspace::{Outcome, TaskError, Workspace, at};

/// How the names of such files begin, in capitals.
const NAMES: &[&str] = &["LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE"];

/// Libraries in C keep theirs below the crate that wraps them; no deeper than this.
const DEEPEST: usize = 4;

/// The text that goes with the program.
///
/// # Errors
/// When cargo does not know all libraries without the network, a file cannot be read, or one says nothing of its terms.
pub fn of_program(workspace: &Workspace, platform: &Platform) -> Outcome<String> {
    let metadata = workspace.metadata_for(platform.triple)?;
    let mut libraries = inside(&metadata)?;
    libraries.sort_by_key(|package| (package.name.to_string(), package.version.clone()));
    let mut text =
        "The program vinr contains the libraries below. Their licences follow the list.\n\n".to_owned();
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in libraries {
        let title = format!("{} {}", package.name, package.version);
        let mut files = Vec::new();
        let directory = package.manifest_path.parent().map(|path| path.as_std_path().to_owned());
        texts_in(&directory.unwrap_or_default(), 0, &mut files)?;
        let terms = match (&package.license, files.is_empty()) {
            (Some(terms), _) => terms.as_str(),
            (None, false) => "see below",
            (None, true) => return Err(TaskError(format!("{title} says nothing of its licence"))),
        };
        let from = package.repository.as_deref().unwrap_or("https://crates.io");
        let _ = writeln!(text, "{title}: {terms}  {from}");
        for file in files {
            let words = fs::read(&file).map_err(|cause| at(&file, "cannot read", &cause))?;
            let words = String::from_utf8_lossy(&words).replace('\r', "").trim().to_owned();
            texts.entry(words).or_default().push(title.clone());
        }
    }
    // By the first library that each is of, so that the order says something.
    let mut texts: Vec<(Vec<String>, String)> = texts.into_iter().map(|(words, of)| (of, words)).collect();
    texts.sort();
    for (mut of, words) in texts {
        of.dedup();
        let _ = write!(text, "\n{}\n{}\n\n{words}\n", "-".repeat(80), of.join(", "));
    }
    Ok(text)
}

/// What is linked into the program: no tools of its making or its tests, and nothing of this repository.
fn inside(metadata: &Metadata) -> Outcome<Vec<&Package>> {
    let resolved = metadata.resolve.as_ref().ok_or_else(|| TaskError("cargo resolved nothing".to_owned()))?;
    let program = metadata.packages.iter().find(|package| package.name.as_str() == "vinr");
    let program = program.ok_or_else(|| TaskError("there is no package vinr".to_owned()))?;
    let (mut seen, mut waiting): (BTreeSet<&PackageId>, _) = (BTreeSet::new(), vec![&program.id]);
    while let Some(id) = waiting.pop() {
        if seen.insert(id) {
            let linked = resolved.nodes.iter().filter(|node| node.id == *id).flat_map(|node| &node.deps);
            let linked =
                linked.filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal));
            waiting.extend(linked.map(|dep| &dep.pkg));
        }
    }
    let foreign = |package: &&Package| seen.contains(&package.id) && package.source.is_some();
    Ok(metadata.packages.iter().filter(foreign).collect())
}

fn texts_in(directory: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Outcome {
    let entries = fs::read_dir(directory).map_err(|cause| at(directory, "cannot read", &cause))?;
    let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_uppercase();
        if path.is_dir() {
            if depth < DEEPEST && !["TESTS", "TARGET", ".GIT"].contains(&name.as_str()) {
                texts_in(&path, depth + 1, found)?;
            }
        } else if NAMES.iter().any(|beginning| name.starts_with(beginning)) {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::platform;

    #[test]
    fn what_is_linked_is_named_with_its_terms_and_what_only_makes_or_tests_it_is_not() {
        let workspace = Workspace::find().unwrap();
        let text = of_program(&workspace, &platform::of_host(&workspace).unwrap()).unwrap();
        let (list, texts) = text.split_once("\n----").unwrap();
        let names = |name: &str| list.lines().any(|line| line.starts_with(&format!("{name} ")));
        assert!(names("tokio") && names("aws-lc-sys") && names("libsqlite3-sys") && names("libmimalloc-sys"));
        assert!(!names("proptest") && !names("prost-build") && !names("vinr-domain") && !names("cc"));
        assert!(texts.contains("Permission is hereby granted") && texts.contains("Apache License"));
        assert!(texts.contains("mimalloc") && texts.matches("Daan Leijen").count() <= 3, "each text once");
    }
}
