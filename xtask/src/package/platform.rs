//! The platforms that there are simulator packages for, and what each is called by npm, Node and Python.

use crate::workspace::{Outcome, TaskError, Workspace};

/// One platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Platform {
    /// As rustc calls it.
    pub triple: &'static str,
    /// At the end of the npm package's name.
    pub npm: &'static str,
    /// `process.platform` of Node.
    pub os: &'static str,
    /// `process.arch` of Node.
    pub cpu: &'static str,
    /// At the end of a wheel's platform tag.
    pub wheel_arch: &'static str,
}

const PLATFORMS: &[Platform] = &[
    Platform {
        triple: "x86_64-unknown-linux-gnu",
        npm: "linux-x64",
        os: "linux",
        cpu: "x64",
        wheel_arch: "x86_64",
    },
    Platform {
        triple: "aarch64-unknown-linux-gnu",
        npm: "linux-arm64",
        os: "linux",
        cpu: "arm64",
        wheel_arch: "aarch64",
    },
];

/// The names of all npm packages, without their common beginning.
pub fn npm_names() -> Vec<&'static str> {
    PLATFORMS.iter().map(|platform| platform.npm).collect()
}

/// This machine's.
///
/// # Errors
/// When rustc does not say what it runs on, or there is no package for that.
pub fn of_host(workspace: &Workspace) -> Outcome<Platform> {
    of_triple(&workspace.host()?)
}

fn of_triple(triple: &str) -> Outcome<Platform> {
    let known = PLATFORMS.iter().find(|platform| platform.triple == triple);
    known.copied().ok_or_else(|| {
        let there_are: Vec<_> = PLATFORMS.iter().map(|platform| platform.triple).collect();
        TaskError(format!(
            "there is no simulator package for {triple}, only for {}; the SDKs can be told where a `vinr` is \
             (VINR_SIMULATOR)",
            there_are.join(" and ")
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_triple_and_others_are_told_which_there_are() {
        let platform = of_triple("aarch64-unknown-linux-gnu").unwrap();
        assert_eq!((platform.npm, platform.cpu, platform.wheel_arch), ("linux-arm64", "arm64", "aarch64"));
        let refused = of_triple("x86_64-pc-windows-msvc").unwrap_err().0;
        assert!(refused.contains("x86_64-pc-windows-msvc") && refused.contains("x86_64-unknown-linux-gnu"));
    }
}
