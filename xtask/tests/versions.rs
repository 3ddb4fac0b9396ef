//! Every file that repeats the version says the workspace's, and one that does not is found.

use xtask::generate::differing;
use xtask::package::version::{of_workspace, repeated};
use xtask::workspace::Workspace;

#[test]
fn every_file_that_repeats_the_version_says_the_same() {
    let workspace = Workspace::find().unwrap();
    let version = of_workspace(&workspace).unwrap();
    let artefacts = repeated(&workspace).unwrap();
    assert!(artefacts.len() >= 5, "{}", artefacts.len());
    for artefact in &artefacts {
        assert!(String::from_utf8_lossy(&artefact.contents).contains(&version), "{}", artefact.path);
    }
    let drifted: Vec<_> = differing(workspace.root(), artefacts).into_iter().map(|one| one.path).collect();
    assert!(drifted.is_empty(), "run `cargo xtask gen versions`: {drifted:?}");
}
