//! `vinr simulator`: one terminal on loopback for those who write a till, with a platform of its own behind it. Ends
//! without a trace when it is told to, or with whoever started it. What it is made of is `embedded`'s; what is said of it
//! is `announce`'s.

mod announce;
mod ending;
mod instruct;
mod place;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use vinr_domain::Currency;
use vinr_sandbox::cardholder::TipHabit;
use vinr_server::settings::{RateLimits, Settings};

use self::ending::Ending;
use self::instruct::Wish;
use self::place::Place;
use crate::embedded::seed::Keys;
use crate::embedded::{self, Listeners, Plan, ports};
use crate::failure::Failure;
use crate::terminal::Manner;

/// The terminal that the SDKs' local simulator is (contract 1.4).
const TERMINAL: &str = "term_local_simulator";

/// What chooses its port.
const PORT_FLAG: &str = "--listen-port";

/// How long a terminal waits for a card, in milliseconds.
const PROMPT_TIMEOUT_MS: u32 = 90_000;

/// Long enough to be seen; it starts again once before it is ready, for the APIs that it is told to serve.
const RESTART_PAUSE: Duration = Duration::from_millis(20);

/// How long requests that are being served may take to end: nobody is there any more who would hear the answer.
const GOODBYE: Duration = Duration::from_millis(500);

/// What `vinr simulator` can be told.
#[derive(Clone, Debug, Args)]
pub struct SimulatorArgs {
    /// Without internet from the start: payments within generous limits are approved offline, and wait.
    ///
    /// `POST /v1/test/internet` at the terminal brings it back, and they are handed in.
    #[arg(long)]
    pub offline: bool,

    /// What the terminal settles in: without internet it approves in this currency alone.
    #[arg(long, default_value = "USD", value_parser = currency, value_name = "CODE")]
    pub currency: Currency,

    /// Port of the terminal on 127.0.0.1; 0 takes any free port.
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    pub listen_port: u16,

    /// Where everything is kept, and stays; a directory that is gone when it ends unless given.
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// Print one line of JSON when everything is ready, instead of words.
    #[arg(long)]
    pub json: bool,

    /// End when standard input ends: a program that holds the other end is never outlived.
    #[arg(long)]
    pub until_stdin_ends: bool,

    /// How long simulated customers take to present their card, in milliseconds.
    #[arg(long, default_value_t = 300, value_name = "MS")]
    pub pace_ms: u32,
}

fn currency(text: &str) -> Result<Currency, String> {
    Currency::parse(text).map_err(|error| error.to_string())
}

/// Runs until it is told to end.
pub async fn run(args: SimulatorArgs) -> Result<(), Failure> {
    let ending = Ending::listen(args.until_stdin_ends)?;
    let listeners = Listeners {
        api: ports::bind(0, "the API", "").await?,
        link: ports::bind(0, "the device link", "").await?,
        page: ports::bind(0, "the terminal page", "").await?,
    };
    if args.listen_port != 0 {
        // The terminal opens its port itself, when the cloud has told it to; whether it can is said now.
        drop(ports::bind(args.listen_port, "the terminal", PORT_FLAG).await?);
    }
    let place = Place::new(args.data_dir.as_deref())?;
    let keys = Keys::drawn(place.path())?;
    let mut settings = Settings { rate_limits: unlimited(), ..Settings::default() };
    settings.terms.prompt_ms = i64::from(PROMPT_TIMEOUT_MS);
    settings.webhooks = crate::dev::sandbox_webhooks(place.path())?;
    let plan = Plan {
        settings,
        manner: Manner {
            pace_ms: args.pace_ms,
            prompt_timeout_ms: PROMPT_TIMEOUT_MS,
            tip: TipHabit::Nothing,
            restart_pause: RESTART_PAUSE,
            seed: rand::random(),
        },
        keys: keys.clone(),
        tilled: TERMINAL,
        port_flag: PORT_FLAG,
        here: vec![(TERMINAL.to_owned(), args.listen_port)],
        elsewhere: Vec::new(),
        goodbye: GOODBYE,
    };
    // Never cut off half way: whoever asks it to end meanwhile is heard right afterwards.
    let running = embedded::start(plan, place.path(), listeners).await?;
    let told = tell(&args, &keys, &running).await;
    if told.is_ok() {
        ending.come().await;
    }
    running.end().await;
    place.clear()?;
    told
}

/// Says that it is ready. Whoever cannot hear it is gone, and it ends.
async fn tell(args: &SimulatorArgs, keys: &Keys, running: &embedded::Running) -> Result<(), Failure> {
    let wish = Wish { currency: args.currency, offline: args.offline };
    instruct::tell(&wish, running, keys.secret()).await?;
    let shop = running.shop.as_ref();
    let shop = shop.ok_or_else(|| {
        Failure::new("the terminal's Local API and Cashless API have been turned off in this directory")
            .cure("Start without --data-dir, or with an empty one.")
    })?;
    let facts = announce::Facts {
        shop,
        ca_bundle: &running.ca_bundle,
        api: &running.api,
        page: &running.page,
        secret_key: keys.secret(),
        offline: args.offline,
    };
    announce::ready(&facts, args.json).map_err(|error| Failure::new(format_args!("nobody listens: {error}")))
}

/// A test run is not to wait for its turn.
fn unlimited() -> RateLimits {
    RateLimits { test: None, live: None, polling: None }
}
