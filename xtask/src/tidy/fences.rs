//! Which files may name which crates, modules and ambient calls.
//! Sees names, not meaning: a crate is used where code writes its path.

use super::Violation;
use super::source::{NamedPath, paths};
use super::tree::Project;

/// Crates that stay behind one door.
struct Fence {
    rule: &'static str,
    crates: &'static [&'static str],
    /// Paths from the top of the repository; each allows what it is a prefix of.
    allowed: &'static [&'static str],
    cure: &'static str,
}

const FENCES: &[Fence] = &[
    Fence {
        rule: "store-engine",
        crates: &["sqlx", "rusqlite"],
        // The end-to-end crate measures the bare engine as the floor of its benchmarks.
        allowed: &["crates/server/src/store", "crates/server/tests/store", "crates/e2e/"],
        cure: "go through the store port",
    },
    Fence {
        rule: "message-bus",
        crates: &["async_nats"],
        allowed: &["crates/server/src/bus/nats.rs"],
        cure: "go through the bus port",
    },
    Fence {
        rule: "http-framework",
        crates: &["axum", "hyper", "hyper_util", "tower_http"],
        allowed: &[
            "crates/server/src/api",
            "crates/server/src/dashboard",
            "crates/server/src/listener",
            "crates/server/tests/",
            "crates/cli/src/client.rs",
            "crates/cli/src/doctor/asking.rs",
            // What posts to the endpoints of merchants.
            "crates/server/src/webhooks/connector.rs",
            "crates/server/src/webhooks/line.rs",
            "crates/server/src/webhooks/sender.rs",
            "crates/terminal/src/lan/",
            "crates/terminal/src/page/",
            "crates/terminal/src/provision",
            "crates/terminal/tests/lan/",
            "crates/e2e/",
        ],
        cure: "keep HTTP in the API, the dashboard and the listeners; pass plain values inwards",
    },
    Fence {
        rule: "certificate-making",
        crates: &["rcgen"],
        allowed: &["crates/pki/"],
        cure: "ask vinr-pki for the certificate",
    },
];

fn violation(file: &str, path: &NamedPath, rule: &'static str, message: String, cure: &str) -> Violation {
    Violation { file: file.to_owned(), line: path.line, rule, message, cure: cure.to_owned() }
}

/// Engines and frameworks are named only behind their ports, in code and in manifests.
pub(super) fn fenced_crates(project: &Project, found: &mut Vec<Violation>) {
    for (file, code) in project.rust() {
        let paths = paths(file, code);
        for fence in FENCES.iter().filter(|fence| !fence.allowed.iter().any(|door| file.starts_with(door))) {
            let named = |path: &&NamedPath| {
                path.segments.len() > 1 && fence.crates.iter().any(|name| path.starts_with(name))
            };
            for path in paths.iter().filter(named) {
                let message = format!("`{}` is named here", path.text());
                found.push(violation(file, path, fence.rule, message, fence.cure));
            }
        }
    }
    for package in &project.packages {
        let directory = package.manifest.trim_end_matches("Cargo.toml");
        for fence in
            FENCES.iter().filter(|fence| !fence.allowed.iter().any(|door| door.starts_with(directory)))
        {
            let fenced = |name: &str| fence.crates.contains(&name.replace('-', "_").as_str());
            for dependency in package.dependencies.iter().filter(|dependency| fenced(&dependency.name)) {
                found.push(Violation {
                    file: package.manifest.clone(),
                    line: 1,
                    rule: fence.rule,
                    message: format!("`{}` depends on `{}`", package.name, dependency.name),
                    cure: fence.cure.to_owned(),
                });
            }
        }
    }
}

/// What answers requests calls application services, never what stands behind them.
pub(super) fn api_layering(project: &Project, found: &mut Vec<Violation>) {
    const OUTER: &[&str] = &["crates/server/src/api", "crates/server/src/dashboard"];
    const BEHIND: &[&str] = &["crate::store", "crate::bus", "crate::gateway", "crate::acquirer"];
    for (file, code) in project.rust().filter(|(file, _)| OUTER.iter().any(|outer| file.starts_with(outer))) {
        for path in paths(file, code) {
            if BEHIND.iter().any(|module| path.starts_with(module)) {
                let message = format!("`{}` is named in the outer layer", path.text());
                found.push(violation(file, &path, "api-layering", message, "call an application service"));
            }
        }
    }
}

/// A function that reads or ends the process's surroundings, and the one kind of file that calls it.
struct Ambient {
    rule: &'static str,
    calls: &'static [&'static str],
    file_name: &'static str,
    cure: &'static str,
}

const AMBIENT: &[Ambient] = &[
    Ambient {
        rule: "environment",
        calls: &[
            "std::env::var",
            "std::env::var_os",
            "std::env::vars",
            "std::env::vars_os",
            "std::env::set_var",
            "std::env::remove_var",
        ],
        file_name: "config.rs",
        cure: "read it in config.rs and pass the value",
    },
    Ambient {
        rule: "process-exit",
        calls: &["std::process::exit"],
        file_name: "main.rs",
        cure: "return an error; main.rs ends the process",
    },
    Ambient {
        rule: "wall-clock",
        calls: &[
            "std::time::SystemTime::now",
            "std::time::Instant::now",
            "jiff::Timestamp::now",
            "jiff::Zoned::now",
        ],
        file_name: "clock.rs",
        cure: "take the time as an argument, use the Clock port, or tokio::time::Instant",
    },
];

/// Environment only in `config.rs`, exit only in `main.rs`, clocks only in `clock.rs`.
pub(super) fn ambient_calls(project: &Project, found: &mut Vec<Violation>) {
    for (file, code) in project.rust().filter(|(file, _)| !file.starts_with("xtask/")) {
        let name = file.rsplit('/').next().unwrap_or(file);
        // A build script has no configuration but cargo's environment, and a benchmark measures real time.
        let build_script = name == "build.rs";
        let benchmark = file.starts_with("crates/e2e/") && file.contains("bench");
        for path in paths(file, code) {
            for ambient in AMBIENT.iter().filter(|ambient| ambient.file_name != name) {
                let exempt = match ambient.rule {
                    "environment" => build_script,
                    "wall-clock" => benchmark,
                    _ => false,
                };
                if !exempt && ambient.calls.contains(&path.text().as_str()) {
                    let message = format!("`{}` outside {}", path.text(), ambient.file_name);
                    found.push(violation(file, &path, ambient.rule, message, ambient.cure));
                }
            }
        }
    }
}
