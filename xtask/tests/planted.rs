//! Tidy finds what it is for: each case plants one violation in a clean project and names the rule that must
//! fire, alone. A rule that cannot fire here enforces nothing.

use xtask::tidy::{Dependency, Package, Project, check, forbidden_words};

const PORT: &str = "//! Port.\npub trait Store {\n    fn get_payment(&self, scope: &Scope, id: &Id) -> Answer;\n    \
    fn find_due_across_accounts(&self, now: u64) -> Answer;\n    fn commit(&self, step: Step) -> Answer;\n}\n";

const LANE: &str = "//! Lane.\nuse crate::payments::advance;\nuse tokio::time::Instant;\nasync fn turn() {\n    \
    // Not a call: std::time::Instant::now(), rusqlite::Connection.\n    let started = Instant::now();\n    \
    tokio::select! {\n        biased;\n        _ = stop() => {}\n    }\n    advance::advance(started);\n}\n";

fn package(name: &str, directory: &str, dependencies: &[&str]) -> Package {
    let dependencies =
        dependencies.iter().map(|name| Dependency { name: (*name).to_owned(), ..Dependency::default() });
    Package {
        name: name.to_owned(),
        manifest: format!("{directory}/Cargo.toml"),
        dependencies: dependencies.collect(),
        features: [("default".to_owned(), Vec::new())].into(),
    }
}

/// A project that keeps every rule and comes close to breaking each.
fn clean() -> Project {
    let server = ["vinr-domain", "vinr-wire", "vinr-pki", "vinr-sandbox", "rusqlite", "axum", "hyper"];
    let packages = vec![
        package("vinr-domain", "crates/domain", &["thiserror"]),
        package("vinr-wire", "crates/wire", &["vinr-domain", "serde"]),
        package("vinr-pki", "crates/pki", &["vinr-domain", "rcgen"]),
        package("vinr-sandbox", "crates/sandbox", &["vinr-domain", "vinr-wire"]),
        package("vinr-server", "crates/server", &server),
        package(
            "vinr-terminal",
            "crates/terminal",
            &["vinr-domain", "vinr-wire", "vinr-pki", "vinr-sandbox"],
        ),
        package("vinr", "crates/cli", &["vinr-server", "vinr-terminal", "vinr-domain"]),
        package("vinr-e2e", "crates/e2e", &["vinr-server", "vinr-terminal", "rusqlite", "axum"]),
        package("xtask", "xtask", &["clap"]),
    ];
    let mut project = Project { packages, ..Project::default() };
    edit(&mut project, "vinr-domain").dependencies.push(development("proptest"));
    edit(&mut project, "vinr-server").features.insert("sabotage".to_owned(), Vec::new());
    edit(&mut project, "vinr-e2e").dependencies[0].features.push("sabotage".to_owned());
    for (file, code) in [
        (
            "crates/domain/src/payment.rs",
            "//! Machine.\npub fn step() {}\nfn two() { crate::payment::step() }\n",
        ),
        (
            "crates/wire/src/card.rs",
            "//! Card.\n#[derive(Clone)]\npub struct Facts;\n#[derive(Zeroize)]\npub struct CardData;\n",
        ),
        ("crates/wire/src/generated/link.rs", "// Made.\n"),
        ("crates/pki/src/issue.rs", "//! Issues.\nuse rcgen::Certificate;\n"),
        ("crates/server/src/store/sqlite.rs", "//! Engine.\nuse rusqlite::Connection;\n"),
        ("crates/server/src/store/port.rs", PORT),
        ("crates/server/src/bus/nats.rs", "//! Bus.\nuse async_nats::Client;\n"),
        (
            "crates/server/src/api/payments.rs",
            "//! Routes.\nuse axum::Router;\nuse crate::payments::Service;\n",
        ),
        ("crates/server/src/listener.rs", "//! Accepts.\nuse hyper::server;\n"),
        (
            "crates/server/src/payments/advance.rs",
            "//! Steps.\nuse vinr_domain::payment::step;\npub fn advance() {}\n",
        ),
        ("crates/server/src/payments/recovery.rs", "//! Recovers.\nuse super::advance::advance;\n"),
        (
            "crates/server/src/payments/view.rs",
            "//! Shows.\nuse super::advance::{Advanced, scope_of};\nfn a() { bytes.advance(b(1, 2),) }\n",
        ),
        ("crates/server/src/gateway/lane.rs", LANE),
        ("crates/server/src/config.rs", "//! Reads.\nfn a() { std::env::var(\"A\"); }\n"),
        ("crates/server/src/clock.rs", "//! Now.\nfn a() { std::time::SystemTime::now(); }\n"),
        ("crates/cli/src/main.rs", "//! Starts.\nfn main() { std::process::exit(1) }\n"),
        ("crates/e2e/src/bin/bench.rs", "//! Measures.\nfn a() { std::time::Instant::now(); }\n"),
        ("crates/wire/build.rs", "fn main() { std::env::var(\"OUT_DIR\"); }\n"),
        ("README.md", "# Payments, written in\n"),
    ] {
        project.files.insert(file.to_owned(), code.to_owned());
    }
    project
}

fn edit<'a>(project: &'a mut Project, name: &str) -> &'a mut Package {
    project
        .packages
        .iter_mut()
        .find(|package| package.name == name)
        .expect("the clean project has this package")
}

fn development(name: &str) -> Dependency {
    Dependency { name: name.to_owned(), development: true, features: Vec::new() }
}

fn report(project: &Project) -> String {
    check(project).iter().map(|violation| format!("{violation}\n")).collect()
}

/// Adds one file to the clean project and expects exactly one violation: this rule, in this file, on this line.
fn planted(rule: &str, file: &str, line: usize, code: &str) {
    let mut project = clean();
    assert!(
        project.files.insert(file.to_owned(), code.to_owned()).is_none(),
        "{file} is in the clean project"
    );
    let found = check(&project);
    let seen: Vec<_> = found.iter().map(|one| (one.rule, one.file.as_str(), one.line)).collect();
    assert_eq!(seen, [(rule, file, line)], "planted in {file}:\n{code}\n{}", report(&project));
}

/// Changes one manifest of the clean project and expects exactly one violation: this rule, in this package.
fn planted_in(rule: &str, name: &str, change: impl FnOnce(&mut Package)) {
    let mut project = clean();
    change(edit(&mut project, name));
    let found = check(&project);
    let seen: Vec<_> = found.iter().map(|one| (one.rule, one.file.clone())).collect();
    let manifest = edit(&mut project, name).manifest.clone();
    assert_eq!(seen, [(rule, manifest)], "{}", report(&project));
}

#[test]
fn a_clean_project_is_silent() {
    assert_eq!(report(&clean()), "");
}

#[test]
fn a_violation_reads_as_file_line_rule_message_cure() {
    let mut project = Project::default();
    project.files.insert("crates/wire/src/money.rs".to_owned(), "fn a() {}\n".to_owned());
    let expected = "crates/wire/src/money.rs:1: file-opening: does not open with `//!` \
        (say in one to three lines what the file owns and what it refuses to do)\n";
    assert_eq!(report(&project), expected);
}

#[test]
fn crate_edges() {
    let on = |name: &str| Dependency { name: name.to_owned(), ..Dependency::default() };
    planted_in("crate-edges", "vinr-domain", |domain| domain.dependencies.push(on("vinr-wire")));
    planted_in("crate-edges", "vinr-wire", |wire| wire.dependencies.push(on("vinr-pki")));
    planted_in("crate-edges", "vinr-pki", |pki| pki.dependencies.push(on("vinr-sandbox")));
    planted_in("crate-edges", "vinr-terminal", |terminal| terminal.dependencies.push(on("vinr-server")));
    planted_in("crate-edges", "vinr-server", |server| server.dependencies.push(development("vinr-terminal")));
    planted_in("crate-edges", "vinr-sandbox", |sandbox| sandbox.dependencies.push(on("xtask")));
    planted_in("crate-edges", "vinr-e2e", |e2e| e2e.dependencies.push(on("vinr")));
    planted_in("crate-edges", "vinr", |cli| cli.dependencies.push(on("vinr-e2e")));
}

#[test]
fn a_crate_without_a_floor() {
    let mut project = clean();
    project.packages.push(package("vinr-attic", "crates/attic", &[]));
    let found = check(&project);
    assert_eq!(found.iter().map(|one| one.rule).collect::<Vec<_>>(), ["crate-edges"]);
}

#[test]
fn domain_dependencies() {
    let serde = Dependency { name: "serde".to_owned(), ..Dependency::default() };
    planted_in("domain-dependencies", "vinr-domain", |domain| domain.dependencies.push(serde));
}

#[test]
fn sabotage_feature() {
    let on = |feature: &str| vec![feature.to_owned()];
    planted_in("sabotage-feature", "vinr-server", |server| {
        server.features.insert("default".to_owned(), on("faults"));
        server.features.insert("faults".to_owned(), on("sabotage"));
    });
    planted_in("sabotage-feature", "vinr", |cli| cli.dependencies[1].features = on("sabotage"));
    planted_in("sabotage-feature", "vinr", |cli| {
        drop(cli.features.insert("x".to_owned(), on("vinr-server/sabotage")));
    });
}

#[test]
fn fenced_crates_in_manifests() {
    let on = |name: &str| Dependency { name: name.to_owned(), ..Dependency::default() };
    planted_in("store-engine", "vinr-terminal", |terminal| terminal.dependencies.push(on("rusqlite")));
    planted_in("message-bus", "vinr-e2e", |e2e| e2e.dependencies.push(on("async-nats")));
    planted_in("http-framework", "vinr-wire", |wire| wire.dependencies.push(on("tower-http")));
    planted_in("certificate-making", "vinr-server", |server| server.dependencies.push(development("rcgen")));
}

#[test]
fn fenced_crates_in_code() {
    planted(
        "store-engine",
        "crates/server/src/outbox.rs",
        3,
        "//! Queue.\n\nfn a(b: rusqlite::Connection) {}\n",
    );
    planted("store-engine", "crates/cli/src/doctor.rs", 2, "//! Looks.\nuse sqlx::Pool;\n");
    planted("message-bus", "crates/server/src/bus/local.rs", 2, "//! Bus.\nuse async_nats::Client;\n");
    planted("http-framework", "crates/server/src/payments/service.rs", 2, "//! A.\nuse axum::Json;\n");
    planted(
        "http-framework",
        "crates/terminal/src/device.rs",
        2,
        "//! A.\nfn a() { hyper::body::aggregate() }\n",
    );
    planted(
        "certificate-making",
        "crates/server/src/gateway/tls.rs",
        2,
        "//! A.\nuse {std::fs, rcgen::KeyPair};\n",
    );
}

#[test]
fn api_layering() {
    for (file, code) in [
        ("crates/server/src/api/keys.rs", "//! A.\nuse crate::store::port::Store;\n"),
        ("crates/server/src/api/keys.rs", "//! A.\nuse crate::{bus, payments};\n"),
        ("crates/server/src/dashboard/home.rs", "//! A.\nfn a() { super::super::gateway::b() }\n"),
        ("crates/server/src/api.rs", "//! A.\nfn a(b: &dyn crate::acquirer::Acquirer) {}\n"),
    ] {
        planted("api-layering", file, 2, code);
    }
}

#[test]
fn ambient_calls() {
    planted("environment", "crates/cli/src/dev.rs", 2, "//! A.\nfn a() { std::env::var(\"B\") }\n");
    planted(
        "environment",
        "crates/cli/src/dev.rs",
        3,
        "//! A.\nuse std::env;\nfn a() { env::var_os(\"B\") }\n",
    );
    planted(
        "process-exit",
        "crates/server/src/a.rs",
        3,
        "//! A.\nuse std::process;\nfn a() { process::exit(1) }\n",
    );
    planted("wall-clock", "crates/server/src/a.rs", 2, "//! A.\nfn a() { std::time::SystemTime::now() }\n");
    let renamed = "//! A.\nuse std::time::Instant as Moment;\nfn a() { Moment::now() }\n";
    planted("wall-clock", "crates/terminal/src/a.rs", 3, renamed);
    planted(
        "wall-clock",
        "crates/wire/src/a.rs",
        3,
        "//! A.\nuse jiff::Timestamp;\nfn a() { Timestamp::now() }\n",
    );
    planted("wall-clock", "crates/e2e/src/world.rs", 2, "//! A.\nfn a() { std::time::Instant::now() }\n");
}

#[test]
fn payment_step() {
    let renamed = "//! A.\nuse vinr_domain::payment as machine;\nfn a() { machine::step() }\n";
    planted("payment-step", "crates/server/src/api/a.rs", 3, renamed);
    planted(
        "payment-step",
        "crates/terminal/src/a.rs",
        2,
        "//! A.\nfn a() { vinr_domain::payment::step() }\n",
    );
    planted("payment-step", "crates/e2e/src/a.rs", 2, "//! A.\nuse vinr_domain::payment::{State, step};\n");
}

#[test]
fn payment_advance() {
    let module = "//! A.\nuse crate::payments::advance;\nfn a() { advance::advance() }\n";
    planted("payment-advance", "crates/server/src/api/a.rs", 3, module);
    planted("payment-advance", "crates/server/src/payments/a.rs", 2, "//! A.\nuse super::advance::*;\n");
    planted(
        "payment-advance",
        "crates/server/src/payments.rs",
        2,
        "//! A.\npub use self::advance::advance;\n",
    );
}

#[test]
fn store_scope() {
    let port = |method: &str| format!("//! A.\npub trait Read {{\n    {method};\n}}\n");
    for method in [
        "fn get_payment(&self, id: &Id) -> Answer",
        "fn list_payments(&self, id: &Id, scope: &Scope)",
        "async fn count_open(&self)",
        "fn find_key(&self, scope: Scope)",
        "fn read_event(&mut self, scope: &Filter)",
    ] {
        planted("store-scope", "crates/server/src/store/port_reads.rs", 3, &port(method));
    }
    let mut project = clean();
    let named = port("fn get_payment<'a>(&'a self, scope: &'a Scope, id: &'a Id)");
    project.files.insert("crates/server/src/store/port/named.rs".to_owned(), named);
    assert_eq!(report(&project), "");
}

#[test]
fn sizes() {
    let lines = |count: usize| "// x\n".repeat(count);
    planted("file-length", "crates/wire/src/a.rs", 501, &format!("//! A.\n{}", lines(500)));
    planted("file-length", "sdks/node/src/a.ts", 501, &"x;\n".repeat(501));
    let function =
        |count: usize| format!("//! A.\n\nfn a(b: [u8; 2]) {{\n{}}}\n", "    c('}');\n".repeat(count));
    planted("function-length", "crates/wire/tests/a.rs", 3, &function(69));
    let mut project = clean();
    project.files.insert("crates/wire/src/a.rs".to_owned(), function(68));
    project.files.insert("crates/wire/src/b.rs".to_owned(), format!("//! A.\n{}", lines(499)));
    project.files.insert("crates/wire/src/generated/a.rs".to_owned(), lines(501));
    assert_eq!(report(&project), "");
}

#[test]
fn file_names() {
    for name in ["utils", "helpers", "common", "misc", "types", "manager"] {
        planted("file-name", &format!("crates/wire/src/{name}.rs"), 1, "//! A.\n");
        planted("file-name", &format!("crates/wire/tests/{name}/mod.rs"), 1, "//! A.\n");
        planted("file-name", &format!("sdks/python/{name}.py"), 1, "\n");
    }
}

#[test]
fn file_openings() {
    planted("file-opening", "crates/wire/tests/a.rs", 1, "// A.\n");
    planted("file-opening", "crates/wire/examples/a.rs", 1, "");
}

#[test]
fn forbidden_words_in_code_and_documents() {
    assert_eq!(forbidden_words().len(), 9);
    for (word, _) in forbidden_words() {
        planted("forbidden-word", "crates/wire/src/a.rs", 2, &format!("//! A.\n// {word} b\n"));
        planted("forbidden-word", "docs/a.md", 3, &format!("# A\n\nb {word}]\n"));
        planted("forbidden-word", "sdks/node/a.ts", 1, &format!("\"a {word}\"\n"));
    }
}

#[test]
fn selects() {
    for root in ["crates/server/src", "crates/terminal/src"] {
        let code = "//! A.\nasync fn a() {\n    tokio::select! {\n        _ = b() => {}\n    }\n}\n";
        planted("biased-select", &format!("{root}/a.rs"), 3, code);
        planted("biased-select", &format!("{root}/a.rs"), 3, &code.replace("_ =", "// biased;\n        _ ="));
    }
}

#[test]
fn card_data() {
    for name in ["Debug", "Clone", "Serialize", "serde::Deserialize"] {
        let code =
            format!("//! A.\nstruct B;\n#[derive(Zeroize, {name})]\n/// C.\npub struct CardData {{}}\n");
        planted("card-data", "crates/wire/src/card/a.rs", 5, &code);
    }
    for name in ["fmt::Debug", "std::fmt::Display", "Clone", "Serialize"] {
        let code = format!("//! A.\nimpl {name} for super::CardData {{}}\n");
        planted("card-data", "crates/wire/src/a.rs", 2, &code);
    }
}

/// Takes one file out of the clean project and expects exactly this rule to say that it looks at nothing.
fn missed(rule: &str, file: &str, instead: &str) {
    let mut project = clean();
    project.files.remove(file).expect("the clean project has this file");
    project.files.insert(instead.to_owned(), "//! Moved.\n".to_owned());
    let rules: Vec<_> = check(&project).iter().map(|one| one.rule).collect();
    assert_eq!(rules, [rule], "{}", report(&project));
}

#[test]
fn a_rule_with_nothing_to_look_at_says_so() {
    missed("store-scope", "crates/server/src/store/port.rs", "crates/server/src/store/memory.rs");
    missed("card-data", "crates/wire/src/card.rs", "crates/wire/src/card/mod.rs");
}
