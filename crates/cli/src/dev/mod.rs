//! `vinr dev`: the platform, its sandbox and its simulated terminals in one process, on loopback, from one directory that
//! the next start goes on with.

mod announce;
mod webhooks;

use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use vinr_server::settings::{RateLimits, Retention, Settings};

pub use self::webhooks::{WebhookArgs, roots, sandbox as sandbox_webhooks};
use crate::args::{DevArgs, OnOff, PAGE_PORT};
use crate::embedded::seed::Keys;
pub use crate::embedded::seed::{OPERATOR_KEY, SECRET_KEY};
use crate::embedded::terminals::SIMULATOR;
use crate::embedded::{self, Listeners, Plan, make_private_dir, ports};
use crate::failure::Failure;
use crate::terminal::{Manner, RESTART_PAUSE};

/// How long requests that are being served may take to end after Ctrl-C.
const GOODBYE: Duration = Duration::from_secs(5);

/// Runs until Ctrl-C.
pub async fn run(args: DevArgs) -> Result<(), Failure> {
    let listeners = Listeners {
        api: ports::bind(args.api_port, "the API", "--api-port").await?,
        link: ports::bind(args.link_port, "the device link", "--link-port").await?,
        page: page_listener(&args).await?,
    };
    if !args.no_simulator {
        // The terminal opens its port itself, when the cloud has told it to; whether it can is said now.
        drop(ports::bind(args.local_port(), "tills and cash registers", "--local-port").await?);
    }
    make_private_dir(&args.data_dir)?;
    let data_dir = args.data_dir.canonicalize().map_err(Failure::at(&args.data_dir))?;
    let mut interrupted = signal(SignalKind::interrupt()).map_err(Failure::new)?;
    let mut terminated = signal(SignalKind::terminate()).map_err(Failure::new)?;

    let mut settings = settings(&args);
    settings.webhooks = args.webhooks.settings(&data_dir)?;
    let mut running = embedded::start(plan(&args, settings), &data_dir, listeners).await?;
    let facts = announce::Facts {
        dashboard: running.entry().await?,
        api: running.api.clone(),
        page: running.page.clone(),
        secret_key: SECRET_KEY,
        terminal_id: SIMULATOR,
        ca_bundle: running.ca_bundle.clone(),
        data_dir,
        external: args.external,
        shop: running.shop.take(),
    };
    announce::ready(&facts, args.json);
    tokio::select! {
        biased;
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
    }
    running.end().await;
    Ok(())
}

async fn page_listener(args: &DevArgs) -> Result<TcpListener, Failure> {
    const WHAT: &str = "the terminal page";
    match args.page_port {
        Some(port) => ports::bind(port, WHAT, "--page-port").await,
        // Who lets the API take any port runs several sandboxes.
        None if args.api_port == 0 => ports::bind(0, WHAT, "--page-port").await,
        None => ports::bind_somewhere(PAGE_PORT, WHAT).await,
    }
}

fn plan(args: &DevArgs, settings: Settings) -> Plan {
    let simulator = |wanted: bool| wanted.then(|| SIMULATOR.to_owned());
    // The others take any free port: a till asks the cloud where they are.
    let others = args.terminals.iter().map(|id| (id.clone(), 0));
    Plan {
        settings,
        manner: Manner {
            pace_ms: args.pace_ms,
            prompt_timeout_ms: args.prompt_timeout_ms,
            tip: args.tip,
            restart_pause: RESTART_PAUSE,
            seed: args.seed,
        },
        keys: Keys::of_dev(),
        tilled: SIMULATOR,
        port_flag: "--local-port",
        here: simulator(!args.no_simulator)
            .map(|id| (id, args.local_port()))
            .into_iter()
            .chain(others)
            .collect(),
        elsewhere: simulator(args.no_simulator).into_iter().chain(args.external.iter().cloned()).collect(),
        goodbye: GOODBYE,
    }
}

fn settings(args: &DevArgs) -> Settings {
    let mut settings = Settings::default();
    settings.terms.prompt_ms = i64::from(args.prompt_timeout_ms);
    settings.terms.queue_ms = i64::from(args.queue_wait_ms);
    settings.terms.acquirer_answer_ms = i64::from(args.acquirer_answer_ms);
    settings.pairing.terms.offer_ms = i64::from(args.activation_code_seconds) * 1_000;
    settings.retention = Retention {
        payments_days: args.keep_payments_days,
        events_days: Some(args.keep_events_days),
        idempotency_days: Some(args.keep_events_days),
    };
    if args.rate_limits == OnOff::Off {
        settings.rate_limits = RateLimits { test: None, live: None, polling: None };
    }
    settings
}
