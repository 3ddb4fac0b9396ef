//! What the tests need beside Rust, checked first and installed only where it is missing.
//! The lists below are the only place that names packages; nothing is upgraded or removed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workspace::{Outcome, TaskError, Workspace, at, output, run, succeeds};

/// How the presence of something is told.
enum Probe {
    /// This command ends well.
    Command(&'static [&'static str]),
    /// This file exists.
    File(&'static str),
    /// Some Python can make virtual environments.
    Venv,
}

/// Debian packages and how to tell that what they bring is there already.
const DEBIAN: &[(&str, Probe)] = &[
    ("git", Probe::Command(&["git", "--version"])),
    ("curl", Probe::Command(&["curl", "--version"])),
    ("openssl", Probe::Command(&["openssl", "version"])),
    ("ca-certificates", Probe::File("/etc/ssl/certs/ca-certificates.crt")),
    ("python3-venv", Probe::Venv),
    ("nodejs", Probe::Command(&["node", "--version"])),
    ("npm", Probe::Command(&["npm", "--version"])),
    ("chromium", Probe::Command(&["chromium", "--version"])),
    ("testssl.sh", Probe::Command(&["testssl", "--help"])),
];

/// Python packages of the virtual environment, pinned.
const PYTHON: &[&str] = &["cryptography==50.0.2", "schemathesis==4.32.5"];

/// Toolchain components and the cargo command that each brings.
const COMPONENTS: &[(&str, &str)] = &[("rustfmt", "fmt"), ("clippy", "clippy")];

/// Interpreters that may have the module for virtual environments, in order of preference.
const PYTHONS: &[&str] = &["python3", "/usr/bin/python3"];

/// Adds the toolchain components that formatting and lints need.
///
/// # Errors
/// When one is missing and cannot be added.
pub fn toolchain(workspace: &Workspace) -> Outcome {
    for (component, subcommand) in COMPONENTS {
        if !succeeds(workspace.cargo([*subcommand, "--version"])) {
            println!("    installing {component}");
            let mut rustup = workspace.program("rustup");
            rustup.args(["component", "add", component]);
            run(rustup)?;
        }
    }
    Ok(())
}

/// Installs the missing Debian packages.
///
/// # Errors
/// When something is missing and this user may not install it, naming the packages.
pub fn system(workspace: &Workspace) -> Outcome {
    let missing = missing(workspace);
    if missing.is_empty() {
        return Ok(());
    }
    println!("    installing {}", missing.join(" "));
    let cannot = |why: &str| TaskError(format!("{why}; install the Debian packages: {}", missing.join(" ")));
    if !succeeds(command(workspace, &["apt-get", "--version"])) {
        return Err(cannot("this machine has no apt-get"));
    }
    let root = output(command(workspace, &["id", "-u"])).is_ok_and(|id| id.trim_ascii() == b"0");
    if !root && !succeeds(command(workspace, &["sudo", "--version"])) {
        return Err(cannot("installing needs root or sudo"));
    }
    let prefix: &[&str] = if root {
        &["env", "DEBIAN_FRONTEND=noninteractive"]
    } else {
        &["sudo", "env", "DEBIAN_FRONTEND=noninteractive"]
    };
    run(command(workspace, &[prefix, &["apt-get", "update", "-qq"]].concat()))?;
    let install: &[&str] = &["apt-get", "install", "-y", "-qq", "--no-install-recommends"];
    run(command(workspace, &[prefix, install, &missing].concat()))?;
    match self::missing(workspace).as_slice() {
        [] => Ok(()),
        still => Err(TaskError(format!("installed, yet not found: {}", still.join(" ")))),
    }
}

fn missing(workspace: &Workspace) -> Vec<&'static str> {
    let present = |probe: &Probe| match probe {
        Probe::Command(words) => succeeds(command(workspace, words)),
        Probe::File(path) => Path::new(path).exists(),
        Probe::Venv => python(workspace).is_some(),
    };
    DEBIAN.iter().filter(|(_, probe)| !present(probe)).map(|(package, _)| *package).collect()
}

fn command(workspace: &Workspace, words: &[&str]) -> Command {
    let mut command = workspace.program(words[0]);
    command.args(&words[1..]);
    command
}

/// An interpreter that can make virtual environments: Debian's has the one module without the other.
fn python(workspace: &Workspace) -> Option<&'static str> {
    PYTHONS
        .iter()
        .copied()
        .find(|python| succeeds(command(workspace, &[python, "-c", "import ensurepip, venv"])))
}

/// Makes the virtual environment `target/venv` with the pinned packages, unless it is there already.
///
/// # Errors
/// When there is no interpreter, or the packages cannot be installed.
pub fn venv(workspace: &Workspace) -> Outcome<PathBuf> {
    let directory = workspace.target()?.join("venv");
    let stamp = directory.join("installed.txt");
    let wanted = PYTHON.join("\n");
    let interpreter = directory.join("bin/python");
    let current = fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted);
    if current && succeeds(command(workspace, &[&interpreter.to_string_lossy(), "--version"])) {
        return Ok(directory);
    }
    println!("    installing {}", PYTHON.join(" "));
    let python = python(workspace).ok_or_else(|| TaskError("no Python with the module venv".to_owned()))?;
    run(command(workspace, &[python, "-m", "venv", "--clear", &directory.to_string_lossy()]))?;
    let mut pip = workspace.program(&interpreter);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(PYTHON);
    run(pip)?;
    // Written last: a run that was cut short starts over.
    fs::write(&stamp, wanted).map_err(|cause| at(&stamp, "cannot write", &cause))?;
    Ok(directory)
}
