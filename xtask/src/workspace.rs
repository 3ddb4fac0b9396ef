//! Where the repository is and how programs are started in it.
//! Decides nothing about what is run.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::config::Environment;

/// Why a project task could not do its work; the text is written for the person at the terminal.
#[derive(Debug)]
pub struct TaskError(pub String);

impl fmt::Display for TaskError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for TaskError {}

/// Outcome of a project task.
pub type Outcome<T = ()> = Result<T, TaskError>;

/// Makes a [`TaskError`] that names a file.
pub(crate) fn at(path: &Path, what: &str, cause: &std::io::Error) -> TaskError {
    TaskError(format!("{}: {what}: {cause}", path.display()))
}

/// The checkout in which the tasks run.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
    environment: Environment,
}

impl Workspace {
    /// Finds the repository at or above the current directory.
    ///
    /// # Errors
    /// When no directory above holds both `Cargo.lock` and `xtask/Cargo.toml`.
    pub fn find() -> Outcome<Self> {
        let here =
            std::env::current_dir().map_err(|cause| TaskError(format!("current directory: {cause}")))?;
        let root = here
            .ancestors()
            .find(|dir| dir.join("Cargo.lock").is_file() && dir.join("xtask/Cargo.toml").is_file())
            .ok_or_else(|| TaskError(format!("{}: not inside the repository", here.display())))?;
        Ok(Self { root: root.to_owned(), environment: Environment::read() })
    }

    /// The top directory of the checkout.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A program started at the top of the checkout, with plain output in an automated build.
    #[must_use]
    pub fn program(&self, name: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(name);
        command.current_dir(&self.root);
        if self.environment.ci {
            command.env("CARGO_TERM_COLOR", "never").env("CARGO_INCREMENTAL", "0");
        }
        command
    }

    /// The cargo that started us, at the top of the checkout.
    #[must_use]
    pub fn cargo<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = self.program(&self.environment.cargo);
        command.args(arguments);
        command
    }

    /// The members of the workspace as their manifests declare them, and cargo's target directory.
    ///
    /// # Errors
    /// When cargo cannot read the manifests.
    pub fn metadata(&self) -> Outcome<cargo_metadata::Metadata> {
        cargo_metadata::MetadataCommand::new()
            .cargo_path(&self.environment.cargo)
            .manifest_path(self.root.join("Cargo.toml"))
            .no_deps()
            .exec()
            .map_err(|cause| TaskError(format!("cargo metadata: {cause}")))
    }

    /// All packages that a build for that platform takes, and what takes what; from what is on the disk already.
    ///
    /// # Errors
    /// When cargo does not know all of them without the network.
    pub fn metadata_for(&self, triple: &str) -> Outcome<cargo_metadata::Metadata> {
        let options = ["--offline", "--locked", "--filter-platform", triple];
        cargo_metadata::MetadataCommand::new()
            .cargo_path(&self.environment.cargo)
            .manifest_path(self.root.join("Cargo.toml"))
            .other_options(options.map(str::to_owned).to_vec())
            .exec()
            .map_err(|cause| TaskError(format!("cargo metadata: {cause}")))
    }

    /// Where cargo puts what it builds.
    ///
    /// # Errors
    /// When cargo cannot read the manifests.
    pub fn target(&self) -> Outcome<PathBuf> {
        Ok(self.metadata()?.target_directory.into_std_path_buf())
    }
}

impl Workspace {
    /// What this machine's programs are built for, as rustc names it.
    ///
    /// # Errors
    /// When rustc does not say what it runs on.
    pub fn host(&self) -> Outcome<String> {
        let mut rustc = self.program("rustc");
        rustc.arg("-vV");
        let said = String::from_utf8_lossy(&output(rustc)?).into_owned();
        let triple = said.lines().find_map(|line| line.strip_prefix("host: "));
        triple.map(str::to_owned).ok_or_else(|| TaskError("rustc does not say what it runs on".to_owned()))
    }
}

/// How a command reads on a screen: the program and its arguments.
#[must_use]
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Runs a command with our own input and output.
///
/// # Errors
/// When the program cannot be started or ends with a failure.
pub fn run(mut command: Command) -> Outcome {
    let status = command.status().map_err(|cause| TaskError(format!("{}: {cause}", shown(&command))))?;
    if status.success() { Ok(()) } else { Err(TaskError(format!("{}: {status}", shown(&command)))) }
}

/// Runs a command and returns what it wrote to its standard output.
///
/// # Errors
/// When the program cannot be started or ends with a failure; what it wrote to standard error is shown.
pub fn output(mut command: Command) -> Outcome<Vec<u8>> {
    let done = command
        .stdin(Stdio::null())
        .output()
        .map_err(|cause| TaskError(format!("{}: {cause}", shown(&command))))?;
    if done.status.success() {
        return Ok(done.stdout);
    }
    let complaint = String::from_utf8_lossy(&done.stderr);
    Err(TaskError(format!("{}: {}\n{}", shown(&command), done.status, complaint.trim_end())))
}

/// Whether a command can be started and ends well; its output is dropped.
#[must_use]
pub fn succeeds(mut command: Command) -> bool {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
