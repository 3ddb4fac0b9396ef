//! The repository itself is tidy, so that `cargo test` alone already holds the rules.

use xtask::tidy::{Project, check};
use xtask::workspace::Workspace;

#[test]
fn the_repository_is_tidy() {
    let project = Project::load(&Workspace::find().unwrap()).unwrap();
    assert!(project.files.contains_key("xtask/tests/repository.rs"), "the listing leaves this file out");
    assert!(project.packages.iter().any(|package| package.name == "vinr-domain"), "no manifest was read");
    let found: String = check(&project).iter().map(|violation| format!("{violation}\n")).collect();
    assert!(found.is_empty(), "cargo xtask tidy:\n{found}");
}
