//! What a built program needs of the Linux that it runs on, as its dynamic section says.

use std::path::Path;

use crate::workspace::{Outcome, TaskError, Workspace, output};

/// Libraries that every Linux with glibc has; more than these, and a wheel may not be called `manylinux`.
const EVERYWHERE: &[&str] =
    &["libc.so.6", "libm.so.6", "libgcc_s.so.1", "libpthread.so.0", "libdl.so.2", "librt.so.1"];

/// What a program needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs {
    glibc: (u32, u32),
    libraries: Vec<String>,
}

impl Needs {
    /// The oldest glibc that has all that it uses, `2.34`.
    pub fn glibc(&self) -> String {
        format!("{}.{}", self.glibc.0, self.glibc.1)
    }

    /// The same, if nothing else is needed.
    pub fn manylinux(&self) -> Option<(u32, u32)> {
        let everywhere = |name: &String| EVERYWHERE.contains(&name.as_str()) || name.starts_with("ld-linux-");
        self.libraries.iter().all(everywhere).then_some(self.glibc)
    }
}

/// Asks the file.
///
/// # Errors
/// When it cannot be read, or says nothing of glibc.
pub fn needs(workspace: &Workspace, program: &Path) -> Outcome<Needs> {
    let mut readelf = workspace.program("readelf");
    readelf.args(["--wide", "--dynamic", "--version-info"]).arg(program);
    parse(&String::from_utf8_lossy(&output(readelf)?))
        .ok_or_else(|| TaskError(format!("{}: does not say which glibc it needs", program.display())))
}

fn parse(said: &str) -> Option<Needs> {
    let glibc = said.split("GLIBC_").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let mut numbers = rest[..end].split('.');
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    });
    let needed = said.lines().filter(|line| line.contains("(NEEDED)"));
    let libraries = needed.filter_map(|line| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned()));
    Some(Needs { glibc: glibc.max()?, libraries: libraries.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "\
 0x0000000000000001 (NEEDED)             Shared library: [libc.so.6]
 0x0000000000000001 (NEEDED)             Shared library: [ld-linux-x86-64.so.2]
  0x0020:   Name: GLIBC_2.9  Flags: none  Version: 12
  0x0030:   Name: GLIBC_2.34  Flags: none  Version: 11
  0x0040:   Name: GLIBC_2.2.5  Flags: none  Version: 10";

    #[test]
    fn the_newest_symbol_says_which_glibc_and_one_library_too_many_says_no_other_machine() {
        let needs = parse(SAID).unwrap();
        assert_eq!((needs.glibc(), needs.manylinux()), ("2.34".to_owned(), Some((2, 34))));
        let more = format!("{SAID}\n 0x1 (NEEDED)  Shared library: [libssl.so.3]");
        assert_eq!(parse(&more).unwrap().manylinux(), None);
        assert_eq!(parse("Dynamic section is empty"), None);
    }
}
