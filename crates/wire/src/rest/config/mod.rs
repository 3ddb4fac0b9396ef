//! The configuration of terminals (contract 1.10): what may be sent for one level, how the levels account, location and
//! terminal become what holds for a terminal, and what the API says of it. Stores nothing and sends nothing.

mod check;
mod diff;
mod doors;
mod effective;
mod key;
mod level;
mod request;
mod sources;
mod view;

pub use check::{Refused, check_level, check_terminal};
pub use diff::{Change, changes};
pub use effective::{Cap, Device, Effective, Resolved, resolve};
pub use key::Key;
pub use level::{Level, Patch};
pub use request::TerminalConfig;
pub use sources::{Levels, Source};
pub use view::{
    ConfigDryRun, ConfigProgress, ConfigState, ConfigStatus, EffectiveConfig, TerminalDryRun, dry_run,
    effective_config, progress,
};

/// How long an offline payment may wait for the cloud unless configured otherwise, in seconds (4 h).
pub const DEFAULT_MAX_AGE_SECONDS: u32 = 14_400;

/// How long an offline payment may wait for the cloud at most, in seconds (24 h).
pub const MAX_AGE_SECONDS: u32 = 86_400;

/// The longest text on an idle screen, in characters.
pub const MAX_IDLE_MESSAGE_CHARS: usize = 60;

/// The most payments that may be configured to wait on one terminal.
pub const MAX_QUEUE: u32 = 10_000;

/// The most that may be configured to wait on one terminal, in minor units.
pub const MAX_TOTAL_MINOR: i64 = 9_999_999_999;

#[cfg(test)]
mod tests;
