//! The words of the command line. Everything that can be set says its default; nothing is read from anywhere else.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use vinr_sandbox::cardholder::TipHabit;

use crate::accounts::{AccountsArgs, KeysArgs};
use crate::doctor::DoctorArgs;
use crate::events::listen::ListenArgs;
use crate::events::trigger::TriggerArgs;
use crate::simulator::SimulatorArgs;

/// Where the API listens unless told otherwise.
pub const API_PORT: u16 = 8420;

/// Where terminals connect unless told otherwise.
pub const LINK_PORT: u16 = 8421;

/// Where the terminal page is unless told otherwise.
pub const PAGE_PORT: u16 = 8422;

/// In-person card payments: the cloud, the terminal, and a sandbox that behaves like the real thing.
#[derive(Debug, Parser)]
#[command(name = "vinr", version, max_term_width = 100, after_help = AFTER_HELP)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// How much to log to standard error.
    #[arg(long, global = true, value_enum, default_value_t = LogLevel::Warn, value_name = "LEVEL")]
    pub log: LogLevel,
}

const AFTER_HELP: &str = "\
Try it:
  vinr dev                     starts everything on this machine and says what to type next
  vinr dev --json              the same for scripts: one line of JSON once everything is ready";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole platform on this machine: API, database, sandbox issuer, simulated terminal.
    ///
    /// Listens on loopback only and keeps everything in one directory; a second start goes on where the first ended.
    /// Ctrl-C ends it.
    Dev(DevArgs),

    /// Run a terminal to write a till against: the Local API of term_local_simulator, with everything that it needs.
    ///
    /// A small platform of its own on any free ports of loopback, in a directory that is gone when it ends. The SDKs start
    /// it for `localSimulator`. Ctrl-C ends it.
    Simulator(SimulatorArgs),

    /// Run one terminal: its link, its journal, and a simulated reader, screen and printer.
    ///
    /// With --pair and an empty directory it shows an activation code, waits until somebody enters it, and goes on as
    /// the terminal it has become. A directory can also come from `vinr dev --external ID`, which prepares a terminal
    /// without running it.
    Terminal(TerminalArgs),

    /// List, create, roll and revoke the API keys of an account.
    Keys(KeysArgs),

    /// Open, stop, cap and check the accounts of a server, for whoever runs it.
    Accounts(AccountsArgs),
    /// Follow the events of an account and post them, signed, to a program on this machine.
    ///
    /// Prints the secret they are signed with, then a line per event. Goes on where it ended after every interruption.
    Listen(ListenArgs),

    /// Make an event happen in the sandbox, by doing what causes it.
    Trigger(TriggerArgs),

    /// Say which layer between this machine and a terminal or the cloud fails, why, and what to do about it.
    ///
    /// Looks at name, route, port, TLS, chain, name in the certificate, expiry, revocation, key, clock, mode and version.
    /// Changes nothing and takes no payment. Ends with 1 when a layer fails.
    Doctor(DoctorArgs),

    /// Print the OpenAPI 3.1 document of the API.
    Openapi,
}

/// What `vinr dev` can be told.
#[derive(Clone, Debug, Args)]
pub struct DevArgs {
    /// Where database, keys and certificates are kept; made if it does not exist.
    #[arg(long, default_value = ".vinr", value_name = "DIR")]
    pub data_dir: PathBuf,

    /// Port of the API on 127.0.0.1; 0 takes any free port.
    #[arg(long, default_value_t = API_PORT, value_name = "PORT")]
    pub api_port: u16,

    /// Port of the device link on 127.0.0.1; 0 takes any free port.
    #[arg(long, default_value_t = LINK_PORT, value_name = "PORT")]
    pub link_port: u16,

    /// Port of term_test_simulator on 127.0.0.1, for tills (Local API) and cash registers (Cashless API); 0 takes any free
    /// port. 8443 unless given; any free port beside an API on any free port.
    #[arg(long, value_name = "PORT")]
    pub local_port: Option<u16>,

    /// Port of the terminal page on 127.0.0.1, where a person can be cashier and customer; 0 takes any free port. 8422
    /// unless given, or any free port when that is taken or the API is on any free port.
    #[arg(long, value_name = "PORT")]
    pub page_port: Option<u16>,

    /// Print one line of JSON when everything is ready, instead of words.
    #[arg(long)]
    pub json: bool,

    /// Prepare another terminal without running it; run it with `vinr terminal`. Repeatable.
    #[arg(long = "external", value_name = "TERMINAL_ID")]
    pub external: Vec<String>,

    /// Run another simulated terminal in this process. Repeatable.
    #[arg(long = "terminal", value_name = "TERMINAL_ID")]
    pub terminals: Vec<String>,

    /// Prepare term_test_simulator without running it.
    #[arg(long)]
    pub no_simulator: bool,

    /// How long simulated customers take to present their card, in milliseconds.
    #[arg(long, default_value_t = 300, value_name = "MS")]
    pub pace_ms: u32,

    /// How long terminals wait for a card, in milliseconds.
    #[arg(long, default_value_t = 90_000, value_name = "MS")]
    pub prompt_timeout_ms: u32,

    /// What simulated customers do when they are asked for a tip: none, silent, 1 to 4 (the suggestion at that
    /// place), or +AMOUNT in minor units.
    #[arg(long, default_value = "none", value_parser = tip_habit, value_name = "TIP")]
    pub tip: TipHabit,

    /// How long a payment for a group waits while all of its terminals are busy, in milliseconds.
    #[arg(long, default_value_t = 90_000, value_name = "MS")]
    pub queue_wait_ms: u32,

    /// How long the issuer has to answer before its silence counts, in milliseconds.
    #[arg(long, default_value_t = 15_000, value_name = "MS")]
    pub acquirer_answer_ms: u32,

    /// How long an activation code can be entered, in seconds.
    #[arg(long, default_value_t = 900, value_name = "S", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub activation_code_seconds: u32,

    /// Whether requests per key are limited: test keys 25 a second, 50 at once.
    #[arg(long, value_enum, default_value_t = OnOff::On, value_name = "on|off")]
    pub rate_limits: OnOff,

    /// How long final payments are kept, in days; for ever unless given.
    #[arg(long, value_name = "DAYS")]
    pub keep_payments_days: Option<u32>,

    /// How long events and idempotency keys are kept, in days.
    #[arg(long, default_value_t = 30, value_name = "DAYS")]
    pub keep_events_days: u32,

    /// How webhooks are sent.
    #[command(flatten)]
    pub webhooks: crate::dev::WebhookArgs,

    /// Decides what the sandbox issuer's approval codes and the simulated customers' hesitation are.
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
}

fn tip_habit(text: &str) -> Result<TipHabit, String> {
    TipHabit::parse(text).ok_or_else(|| "none, silent, 1, 2, 3, 4, or +AMOUNT in minor units".to_owned())
}

impl DevArgs {
    /// The port for tills: who lets the API take any port runs several sandboxes, and they must not fight over one.
    pub fn local_port(&self) -> u16 {
        self.local_port.unwrap_or(if self.api_port == 0 { 0 } else { vinr_wire::lan::DEFAULT_PORT })
    }
}

/// What `vinr terminal` can be told.
#[derive(Clone, Debug, Args)]
pub struct TerminalArgs {
    /// The terminal's directory.
    #[arg(long = "data", value_name = "DIR")]
    pub data_dir: PathBuf,

    /// Pair with the cloud whose API is here, unless the directory holds a terminal; pair again when the cloud has
    /// taken it out of service. https://HOST[:PORT], or http:// on this machine.
    #[arg(long, value_name = "URL")]
    pub pair: Option<String>,

    /// The certificate authorities (PEM) that the API's certificate must come from; the system's unless given.
    #[arg(long, value_name = "FILE", requires = "pair")]
    pub ca: Option<PathBuf>,

    /// Which model the terminal is, when it pairs.
    #[arg(long, default_value = "simulator", value_name = "MODEL")]
    pub model: String,

    /// The terminal's serial number, when it pairs; made from the directory's name unless given.
    #[arg(long, value_name = "SERIAL")]
    pub serial: Option<String>,

    /// Where the cloud is, HOST:PORT; the directory says it unless given here.
    #[arg(long, value_name = "HOST:PORT")]
    pub cloud: Option<String>,

    /// Where tills and cash registers reach it.
    #[command(flatten)]
    pub lan: crate::lan::LanArgs,

    /// Serve the terminal page here, where a person can be cashier and customer. Loopback addresses only.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub page: Option<SocketAddr>,

    /// How long the simulated customer takes to present a card, in milliseconds.
    #[arg(long, default_value_t = 300, value_name = "MS")]
    pub pace_ms: u32,

    /// How long the terminal waits for a card, in milliseconds.
    #[arg(long, default_value_t = 90_000, value_name = "MS")]
    pub prompt_timeout_ms: u32,

    /// What simulated customers do when they are asked for a tip: none, silent, 1 to 4 (the suggestion at that
    /// place), or +AMOUNT in minor units.
    #[arg(long, default_value = "none", value_parser = tip_habit, value_name = "TIP")]
    pub tip: TipHabit,

    /// Decides the simulated customer's hesitation and the pauses between attempts to connect.
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,

    /// The process kills itself when the terminal gets there.
    #[cfg(feature = "crash-points")]
    #[arg(long, value_parser = crate::doom::point, value_name = "POINT")]
    pub die_at: Option<vinr_terminal::CrashPoint>,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnOff {
    /// Yes.
    On,
    /// No.
    Off,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// What went wrong.
    Error,
    /// And what is odd.
    Warn,
    /// And what happens: a line per request and per connection.
    Info,
    /// And every step of every payment.
    Debug,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_words_of_the_command_line_fit_together() {
        Cli::command().debug_assert();
    }
}
