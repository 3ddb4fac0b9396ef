//! What the machine is, and what a process takes of its memory, as Linux tells it. Changes nothing but this process's
//! own limit of open files.

use std::fmt;
use std::path::Path;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::Serialize;

use super::{During, Failure};

/// What figures depend on besides the code.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Facts {
    cores: usize,
    processor: String,
    kernel: String,
    filesystem: String,
    open_files: u64,
}

impl Facts {
    pub(super) fn read(dir: &Path, open_files: u64) -> Result<Self, Failure> {
        let cores = std::thread::available_parallelism().during("counting cores")?.get();
        let kernel =
            std::fs::read_to_string("/proc/sys/kernel/osrelease").during("reading the kernel's name")?;
        let processor = std::fs::read_to_string("/proc/cpuinfo").during("reading the processor's name")?;
        let processor = processor.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        Ok(Self {
            cores,
            processor: processor.map_or("unknown", |(_, name)| name).to_owned(),
            kernel: kernel.trim().to_owned(),
            filesystem: filesystem_of(dir)?,
            open_files,
        })
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cores, processor, kernel, filesystem, open_files } = self;
        write!(f, "{cores} cores ({processor}), Linux {kernel}, {filesystem}, {open_files} open files")
    }
}

/// The type of the file system that holds `dir`: that of the longest mount point above it.
fn filesystem_of(dir: &Path) -> Result<String, Failure> {
    let dir = dir.canonicalize().during("finding the directory for figures")?;
    let mounts = std::fs::read_to_string("/proc/self/mounts").during("reading the mounts")?;
    let above = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (point, kind) = (words.next()?, words.next()?);
        dir.starts_with(point).then_some((point.len(), kind))
    });
    Ok(above.max_by_key(|(length, _)| *length).map_or("unknown", |(_, kind)| kind).to_owned())
}

/// Raises the limit of open files as far as the system lets this process, and says how far that is.
pub(super) fn raise_file_limit() -> Result<u64, rustix::io::Errno> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?;
    Ok(maximum.unwrap_or(u64::MAX))
}

/// How much memory of the machine the process holds, in KiB.
pub(super) fn resident_kib(process: u32) -> Result<f64, Failure> {
    let text =
        std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).during("reading a memory map")?;
    let held = text.lines().find_map(|line| line.strip_prefix("Rss:")?.trim().strip_suffix(" kB"));
    held.ok_or_else(|| Failure::new("the memory map says no Rss"))?.trim().parse().during("reading the Rss")
}
