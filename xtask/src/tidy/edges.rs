//! Which crate may depend on which, and which features never reach the product.
//! Looks at manifests only.

use super::Violation;
use super::tree::{Dependency, Package, Project};

/// What each member may depend on among the members, tests included.
const EDGES: &[(&str, &[&str])] = &[
    ("vinr-domain", &[]),
    ("vinr-wire", &["vinr-domain"]),
    ("vinr-pki", &["vinr-domain"]),
    ("vinr-sandbox", &["vinr-domain", "vinr-wire"]),
    ("vinr-server", &["vinr-domain", "vinr-wire", "vinr-pki", "vinr-sandbox"]),
    ("vinr-terminal", &["vinr-domain", "vinr-wire", "vinr-pki", "vinr-sandbox"]),
    ("vinr-sdk", &["vinr-domain", "vinr-wire", "vinr-pki"]),
    ("vinr", FLOORS),
    ("vinr-e2e", FLOORS),
    ("xtask", &[]),
];

/// Everything below the top floor.
const FLOORS: &[&str] =
    &["vinr-domain", "vinr-wire", "vinr-pki", "vinr-sandbox", "vinr-server", "vinr-terminal", "vinr-sdk"];

/// The switch that plants protocol bugs for the simulated world to find.
const SABOTAGE: &str = "sabotage";

fn manifest(package: &Package, rule: &'static str, message: String, cure: &str) -> Violation {
    Violation { file: package.manifest.clone(), line: 1, rule, message, cure: cure.to_owned() }
}

/// Crates look down, never sideways, never up.
pub(super) fn crate_edges(project: &Project, found: &mut Vec<Violation>) {
    let member = |name: &str| project.packages.iter().any(|package| package.name == name);
    for package in &project.packages {
        let Some((_, allowed)) = EDGES.iter().find(|(name, _)| *name == package.name) else {
            let message = format!("`{}` stands on no floor", package.name);
            found.push(manifest(package, "crate-edges", message, "give it a row in xtask/src/tidy/edges.rs"));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|dependency| member(&dependency.name)) {
            if !allowed.contains(&dependency.name.as_str()) {
                let message = format!("`{}` depends on `{}`", package.name, dependency.name);
                let cure = "depend only on a lower floor, or move the shared part down";
                found.push(manifest(package, "crate-edges", message, cure));
            }
        }
    }
}

/// The domain knows no I/O, no encoding and no clock, so it needs no library that has them.
pub(super) fn domain_dependencies(project: &Project, found: &mut Vec<Violation>) {
    let ours = |name: &str| project.packages.iter().any(|package| package.name == name);
    for package in project.packages.iter().filter(|package| package.name == "vinr-domain") {
        let shipped = package.dependencies.iter().filter(|dependency| !dependency.development);
        for dependency in
            shipped.filter(|dependency| dependency.name != "thiserror" && !ours(&dependency.name))
        {
            let message = format!("`vinr-domain` depends on `{}`", dependency.name);
            let cure = "keep the domain free of libraries; do this work on a higher floor";
            found.push(manifest(package, "domain-dependencies", message, cure));
        }
    }
}

/// Planted bugs are never on by default and never in the product.
pub(super) fn sabotage_feature(project: &Project, found: &mut Vec<Violation>) {
    let asks = |dependency: &Dependency| dependency.features.iter().any(|feature| feature == SABOTAGE);
    for package in &project.packages {
        let by_default = enabled_by(package, "default").iter().any(|feature| names_sabotage(feature));
        let in_product = package.name == "vinr"
            && (package.dependencies.iter().any(asks)
                || package.features.values().flatten().any(|feature| names_sabotage(feature)));
        if by_default || in_product {
            let message = format!("`{}` turns planted bugs on", package.name);
            found.push(manifest(package, "sabotage-feature", message, "only vinr-e2e asks for this feature"));
        }
    }
}

fn names_sabotage(feature: &str) -> bool {
    feature.rsplit('/').next() == Some(SABOTAGE)
}

/// All that one feature enables, through the features that it names.
fn enabled_by<'a>(package: &'a Package, feature: &str) -> Vec<&'a str> {
    let mut enabled: Vec<&str> = Vec::new();
    let mut waiting = vec![feature.to_owned()];
    while let Some(next) = waiting.pop() {
        for inner in package.features.get(&next).into_iter().flatten() {
            if !enabled.contains(&inner.as_str()) {
                enabled.push(inner);
                waiting.push(inner.clone());
            }
        }
    }
    enabled
}
