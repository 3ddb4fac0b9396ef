//! Where log lines go: standard error, so that standard output stays for answers.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::args::LogLevel;

/// Starts logging. Libraries below speak only when something is wrong.
pub fn start(level: LogLevel) {
    let level = match level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let ours = ["vinr", "vinr_server", "vinr_terminal", "vinr_sandbox", "vinr_pki", "vinr_wire"];
    let filter = Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_targets(ours.map(|target| (target, level)));
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(false).with_filter(filter);
    // Fails only if somebody in this process started logging before; then that is where the lines go.
    let _ = tracing_subscriber::registry().with(lines).try_init();
}
