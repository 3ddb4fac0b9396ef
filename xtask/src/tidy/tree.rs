//! The project as the rules see it: file texts by path, and what every manifest declares.
//! Reads the real one from git and cargo; holds no rule.

use std::collections::BTreeMap;
use std::fs;

use cargo_metadata::{DependencyKind, Metadata};

use crate::workspace::{Outcome, TaskError, Workspace, at, output};

/// Everything that tidy looks at.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// Text of each file by its path from the top of the repository.
    pub files: BTreeMap<String, String>,
    /// The members of the cargo workspace.
    pub packages: Vec<Package>,
}

/// A member of the cargo workspace.
#[derive(Debug, Clone, Default)]
pub struct Package {
    /// Name in the manifest.
    pub name: String,
    /// Path of its manifest from the top of the repository.
    pub manifest: String,
    /// Declared dependencies of every kind.
    pub dependencies: Vec<Dependency>,
    /// Declared features and what each enables.
    pub features: BTreeMap<String, Vec<String>>,
}

/// One declared dependency.
#[derive(Debug, Clone, Default)]
pub struct Dependency {
    /// Name of the package depended on.
    pub name: String,
    /// Whether only tests, examples and benchmarks see it.
    pub development: bool,
    /// Features asked for.
    pub features: Vec<String>,
}

impl Project {
    /// Reads every file that git tracks or would track, and the workspace's manifests.
    ///
    /// # Errors
    /// When git or cargo fail, or a listed file cannot be read.
    pub fn load(workspace: &Workspace) -> Outcome<Self> {
        let mut git = workspace.program("git");
        git.args(["ls-files", "-z", "-co", "--exclude-standard"]);
        let listing = String::from_utf8(output(git)?)
            .map_err(|_| TaskError("git ls-files: a file name is not UTF-8".to_owned()))?;
        let mut files = BTreeMap::new();
        for path in listing.split_terminator('\0') {
            let absolute = workspace.root().join(path);
            match fs::read(&absolute) {
                // Pictures and other binary files have no lines for a rule to look at.
                Ok(bytes) => drop(String::from_utf8(bytes).map(|text| files.insert(path.to_owned(), text))),
                // Removed from the disk, not yet from the index.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(at(&absolute, "cannot read", &error)),
            }
        }
        Ok(Self { files, packages: packages(workspace, &workspace.metadata()?) })
    }

    /// The Rust files that people write, by path.
    pub fn rust(&self) -> impl Iterator<Item = (&str, &str)> {
        self.written(&["rs"])
    }

    /// The files with one of these extensions that people write, by path.
    pub fn written<'a>(&'a self, extensions: &'a [&str]) -> impl Iterator<Item = (&'a str, &'a str)> {
        let all = self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        all.filter(|(path, _)| !path.contains("/generated/") && !path.contains("/_generated/")).filter(
            |(path, _)| path.rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension)),
        )
    }
}

fn packages(workspace: &Workspace, metadata: &Metadata) -> Vec<Package> {
    let members = metadata.workspace_packages();
    members
        .into_iter()
        .map(|package| Package {
            name: package.name.to_string(),
            manifest: package
                .manifest_path
                .strip_prefix(workspace.root())
                .unwrap_or(&package.manifest_path)
                .to_string(),
            dependencies: package
                .dependencies
                .iter()
                .map(|dependency| Dependency {
                    name: dependency.name.clone(),
                    development: dependency.kind == DependencyKind::Development,
                    features: dependency.features.clone(),
                })
                .collect(),
            features: package.features.clone(),
        })
        .collect()
}
