//! `cargo xtask package`: what is published of the SDKs and of the simulator that they start, for the platform it runs on.
//! Takes nothing from the network, and publishes nothing. What is in an npm package and in a wheel is decided by the
//! scripts of the two SDKs.

mod elf;
mod notices;
mod platform;
pub mod version;

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use self::platform::Platform;
use crate::workspace::{Outcome, TaskError, Workspace, at, output, run as start, succeeds};

/// Which binary is packed.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// How the simulator is built.
    #[arg(long, value_enum, default_value_t = Profile::Release)]
    pub profile: Profile,
}

/// How the simulator is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// Quickly; for trying the packages out.
    Dev,
    /// As it is published.
    Release,
}

impl Profile {
    /// What cargo calls it, and the directory below `target` that it builds into.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Dev => ("dev", "debug"),
            Self::Release => ("release", "release"),
        }
    }
}

/// Makes the packages in `target/package`, with their checksums in `SHA256SUMS`.
///
/// # Errors
/// When this platform has no simulator package, a tool is missing, naming it, or a part cannot be built.
pub fn run(workspace: &Workspace, options: &Options) -> Outcome {
    let platform = platform::of_host(workspace)?;
    let version = version::of_workspace(workspace)?;
    let python = python_with_hatchling(workspace)?;
    node_is_ready(workspace)?;
    let target = workspace.target()?;
    let binary = built(workspace, &target, options.profile)?;
    let out = target.join("package");
    empty(&out)?;
    let stage = out.join("stage");
    empty(&stage)?;
    let stripped = stage.join("vinr");
    let mut strip = workspace.program("strip");
    strip.arg("-o").arg(&stripped).arg(&binary);
    start(strip).map_err(|error| TaskError(format!("{error}; strip comes with the C compiler")))?;
    let needs = elf::needs(workspace, &stripped)?;

    let notices = stage.join("THIRD-PARTY.txt");
    let text = notices::of_program(workspace, &platform)?;
    fs::write(&notices, text).map_err(|cause| at(&notices, "cannot write", &cause))?;

    let mut node = workspace.program("node");
    node.arg("sdks/node/scripts/pack.mjs");
    node.args([
        "--version",
        &version,
        "--platform",
        platform.npm,
        "--os",
        platform.os,
        "--cpu",
        platform.cpu,
    ]);
    node.args(["--platforms", &platform::npm_names().join(","), "--glibc", &needs.glibc()]);
    node.arg("--binary")
        .arg(&stripped)
        .arg("--notices")
        .arg(&notices)
        .arg("--stage")
        .arg(&stage)
        .arg("--out")
        .arg(&out);
    start(node)?;

    let mut pack = workspace.program(&python);
    pack.arg("sdks/python/scripts/pack.py");
    pack.args(["--version", &version, "--platform-tag", &needs.wheel_tag(&platform)]);
    pack.arg("--binary").arg(&stripped).arg("--notices").arg(&notices).arg("--out").arg(&out);
    start(pack)?;

    fs::remove_dir_all(&stage).map_err(|cause| at(&stage, "cannot remove", &cause))?;
    for name in summed(workspace, &out)? {
        println!("{}", out.join(name).display());
    }
    Ok(())
}

/// The program, built alone: features unify over what is built together, and planted bugs are no part of it.
fn built(workspace: &Workspace, target: &Path, profile: Profile) -> Outcome<PathBuf> {
    let (name, directory) = profile.names();
    start(workspace.cargo(["build", "--quiet", "-p", "vinr", "--profile", name]))?;
    Ok(target.join(directory).join("vinr"))
}

/// The interpreter of the Python SDK's development environment, or of the machine: one that has its build backend.
fn python_with_hatchling(workspace: &Workspace) -> Outcome<PathBuf> {
    let own = workspace.target()?.join("venv-sdk-python/bin/python");
    let has_it = |python: &PathBuf| {
        let mut command = workspace.program(python);
        command.args(["-c", "import hatchling.build"]);
        succeeds(command)
    };
    [own, PathBuf::from("python3")].into_iter().find(has_it).ok_or_else(|| {
        TaskError(
            "no Python with the build backend hatchling; tests/outside/92_sdk_python.py makes one, and so does \
             `pip install -r sdks/python/requirements-dev.txt`"
                .to_owned(),
        )
    })
}

fn node_is_ready(workspace: &Workspace) -> Outcome {
    let compiler = workspace.root().join("sdks/node/node_modules/typescript");
    let mut npm = workspace.program("npm");
    npm.arg("--version");
    if !succeeds(npm) {
        return Err(TaskError("npm is not installed".to_owned()));
    }
    if !compiler.is_dir() {
        let cure = "run `npm ci --ignore-scripts` in sdks/node";
        return Err(TaskError(format!("the Node SDK cannot be compiled: {cure}")));
    }
    Ok(())
}

fn empty(directory: &Path) -> Outcome {
    if directory.exists() {
        fs::remove_dir_all(directory).map_err(|cause| at(directory, "cannot remove", &cause))?;
    }
    fs::create_dir_all(directory).map_err(|cause| at(directory, "cannot create", &cause))
}

/// Writes `SHA256SUMS` for the files in the directory, and returns their names in order.
fn summed(workspace: &Workspace, directory: &Path) -> Outcome<Vec<String>> {
    let entries = fs::read_dir(directory).map_err(|cause| at(directory, "cannot read", &cause))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|cause| at(directory, "cannot read", &cause))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    let mut sum = workspace.program("sha256sum");
    sum.current_dir(directory).args(&names);
    let sums = output(sum)?;
    let file = directory.join("SHA256SUMS");
    fs::write(&file, sums).map_err(|cause| at(&file, "cannot write", &cause))?;
    Ok(names)
}

impl elf::Needs {
    /// Where the wheel runs, as Python's installers understand it.
    fn wheel_tag(&self, platform: &Platform) -> String {
        let arch = platform.wheel_arch;
        match self.manylinux() {
            Some((major, minor)) => format!("manylinux_{major}_{minor}_{arch}"),
            // It takes a library that not every Linux has: said to run on machines like this one, and on no others.
            None => format!("linux_{arch}"),
        }
    }
}
