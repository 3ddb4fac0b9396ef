//! `vinr dev`: the platform, its sandbox and its simulated terminals in one process, on loopback, from one directory.

mod announce;
mod bench;
mod ports;
mod seed;
mod terminals;
mod till;
mod webhooks;

pub use seed::{OPERATOR_KEY, SECRET_KEY};

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use vinr_domain::Timestamp;
use vinr_pki::{Authority, ServerNames};
use vinr_sandbox::issuer::{Issuer, IssuerSettings};
use vinr_sandbox::keys::SandboxKeys;
use vinr_server::acquirer::sandbox::SandboxAcquirer;
use vinr_server::clock::{Clock, SystemClock};
use vinr_server::platform::{Platform, Ports};
use vinr_server::settings::{RateLimits, Retention, Settings};
use vinr_server::store::{Options, SqliteStore};
use vinr_server::{api, listener};
use vinr_wire::rest::account::MAX_OVER_CAPTURE_PERCENT;

use self::bench::Bench;
pub use self::webhooks::{WebhookArgs, roots};
use crate::args::{DevArgs, OnOff};
use crate::failure::Failure;
use crate::terminal::Manner;

/// How long a started terminal may take to be connected.
const ONLINE: Duration = Duration::from_secs(20);

/// How long requests that are being served may take to end after Ctrl-C.
const GOODBYE: Duration = Duration::from_secs(5);

/// Runs until Ctrl-C.
pub async fn run(args: DevArgs) -> Result<(), Failure> {
    let api_listener = ports::bind(args.api_port, "the API", "--api-port").await?;
    let link_listener = ports::bind(args.link_port, "the device link", "--link-port").await?;
    if !args.no_simulator {
        // The terminal opens its port itself, when the cloud has told it to; whether it can is said now.
        drop(ports::bind(args.local_port(), "tills and cash registers", "--local-port").await?);
    }
    make_private_dir(&args.data_dir)?;
    let data_dir = args.data_dir.canonicalize().map_err(Failure::at(&args.data_dir))?;
    let mut interrupted = signal(SignalKind::interrupt()).map_err(|e| Failure::new(e.to_string()))?;
    let mut terminated = signal(SignalKind::terminate()).map_err(|e| Failure::new(e.to_string()))?;

    let running = start(&args, &data_dir, api_listener, link_listener).await?;
    announce::ready(&running.facts, args.json);
    tokio::select! {
        biased;
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
    }
    running.end().await;
    Ok(())
}

struct Running {
    facts: announce::Facts,
    platform: Arc<Platform>,
    store: Arc<SqliteStore>,
    terminals: Vec<crate::terminal::Running>,
    bench: Arc<Bench>,
    stop: watch::Sender<bool>,
    served: tokio::task::JoinHandle<()>,
}

async fn start(
    args: &DevArgs,
    data_dir: &Path,
    api_listener: TcpListener,
    link_listener: TcpListener,
) -> Result<Running, Failure> {
    let api_address = api_listener.local_addr().map_err(|e| Failure::new(e.to_string()))?;
    let link_address = link_listener.local_addr().map_err(|e| Failure::new(e.to_string()))?;
    let clock = SystemClock::shared();
    let now = clock.wall();
    let store = Arc::new(
        SqliteStore::open(&data_dir.join("vinr.db"), now, Options::default())
            .map_err(|error| Failure::new(error.to_string()))?,
    );
    let authority = Authority::open_or_create(&data_dir.join("pki"), now);
    let authority = Arc::new(authority.map_err(|e| Failure::new(e.to_string()))?);
    let (keys, acquirer) = sandbox(args.seed, &data_dir.join("sandbox"), &clock)?;
    let ports = Ports {
        store: Arc::clone(&store) as _,
        acquirer,
        authority: Some(Arc::clone(&authority)),
        clock: Arc::clone(&clock),
        seed: rand::random(),
    };
    let mut settings = settings(args, link_address);
    settings.webhooks = args.webhooks.settings(data_dir)?;
    let platform = Platform::start(settings, ports).await.map_err(|e| Failure::new(e.to_string()))?;
    let platform = Arc::new(platform);
    seed::account(&platform, now).await?;
    seed::release(&platform).await?;

    let tls = platform.applications.identities.gateway_tls(&ServerNames::default()).map_err(Failure::new)?;
    platform.serve_links(link_listener, tls);

    let workshop = terminals::Workshop {
        identities: platform.applications.identities.clone(),
        authority,
        keys,
        clock: Arc::clone(&clock),
        link_address,
    };
    let (terminals, bench) = furnish(args, &platform, workshop, &data_dir.join("terminals")).await?;
    let base_url = format!("http://{api_address}");
    let (stop, served) = serve(&platform, api_listener, &base_url);
    let facts = announce::Facts {
        api: base_url,
        secret_key: seed::SECRET_KEY,
        terminal_id: terminals::SIMULATOR,
        ca_bundle: data_dir.join("pki").join("ca.pem"),
        data_dir: data_dir.to_owned(),
        external: args.external.clone(),
        shop: None,
    };
    for terminal in &terminals {
        terminals::online(&platform, terminal, ONLINE).await?;
    }
    let shop = shop_of(&platform, &terminals, &data_dir.join(till::DIR), now).await?;
    let facts = announce::Facts { shop, ..facts };
    let terminals = terminals.into_iter().map(|started| started.terminal).collect();
    Ok(Running { facts, platform, store, terminals, bench, stop, served })
}

/// Prepares every terminal, and runs those that are to run here.
async fn furnish(
    args: &DevArgs,
    platform: &Platform,
    workshop: terminals::Workshop,
    dir: &Path,
) -> Result<(Vec<terminals::Started>, Arc<Bench>), Failure> {
    make_private_dir(dir)?;
    let manner = Manner {
        pace_ms: args.pace_ms,
        prompt_timeout_ms: args.prompt_timeout_ms,
        tip: args.tip,
        seed: args.seed,
    };
    let shop = terminals::Shop { platform, workshop: &workshop };
    let started = shop.open(args, manner, dir).await?;
    let bench = Bench::new(workshop, dir.to_owned(), manner);
    let test_terminals = &platform.applications.fleet.test_terminals;
    bench.resume(test_terminals.to_run()).await;
    test_terminals.set_bench(Arc::clone(&bench) as _);
    Ok((started, bench))
}

/// The outside world in a box: the readers' keys, and the issuer with its ledger.
fn sandbox(
    seed: u64,
    dir: &Path,
    clock: &Arc<dyn Clock>,
) -> Result<(SandboxKeys, Arc<SandboxAcquirer>), Failure> {
    make_private_dir(dir)?;
    let failed = |error: &dyn std::fmt::Display| Failure::new(error.to_string());
    let keys = SandboxKeys::open(&dir.join("reader.key")).map_err(|error| failed(&error))?;
    // What an account allows is the platform's to decide; this issuer goes along with all that it can.
    let settings =
        IssuerSettings { over_capture_percent: MAX_OVER_CAPTURE_PERCENT, ..IssuerSettings::default() };
    let issuer = Issuer::open(&dir.join("issuer.jsonl"), seed, keys.base().clone(), settings);
    let issuer = issuer.map_err(|error| failed(&error))?;
    let acquirer = SandboxAcquirer::new(issuer, Arc::clone(clock)).with_readers(keys.clone());
    Ok((keys, Arc::new(acquirer)))
}

/// The simulator in its shop; `None` when it does not run here, or somebody has turned both of its APIs off.
async fn shop_of(
    platform: &Platform,
    terminals: &[terminals::Started],
    dir: &Path,
    now: Timestamp,
) -> Result<Option<announce::Shop>, Failure> {
    let simulator = terminals.iter().find(|terminal| terminal.key.id.as_str() == terminals::SIMULATOR);
    let Some(simulator) = simulator else { return Ok(None) };
    let key = &simulator.key;
    let till = till::furnish(platform, key, dir, now).await?;
    let wanted = platform.applications.lan.settings(&key.scope, key.id.as_str()).await;
    let wanted = wanted.map_err(Failure::new)?;
    if !wanted.local_api.enabled && !wanted.cashless.enabled {
        return Ok(None);
    }
    let at = terminals::served(simulator, ONLINE).await?;
    Ok(Some(announce::Shop { at, till }))
}

fn serve(
    platform: &Platform,
    listener: TcpListener,
    base_url: &str,
) -> (watch::Sender<bool>, tokio::task::JoinHandle<()>) {
    let (stop, mut stopped) = watch::channel(false);
    let router = api::router(api::Services {
        metrics: recorder(),
        welcome: api::Welcome {
            base_url: Some(base_url.into()),
            dev_key: Some(seed::SECRET_KEY.into()),
            ca_file: None,
        },
        ..platform.services()
    });
    let limits = listener::Limits { drain: GOODBYE, ..listener::Limits::default() };
    let served = tokio::spawn(listener::serve(listener, router, None, limits, async move {
        let _ = stopped.wait_for(|stopped| *stopped).await.is_ok();
    }));
    (stop, served)
}

/// Metrics are this process's, so only the first platform in it has them.
fn recorder() -> Option<metrics_exporter_prometheus::PrometheusHandle> {
    api::recorder().ok()?.install_recorder().ok()
}

impl Running {
    /// Ends in the order in which nothing is cut off: no new requests, the terminals say goodbye, the platform, the
    /// database.
    async fn end(self) {
        self.stop.send_replace(true);
        let _ = self.served.await;
        for terminal in self.terminals {
            if let Err(stop) = terminal.shutdown().await {
                tracing::warn!(%stop, "a terminal did not end in order");
            }
        }
        self.bench.end().await;
        self.platform.end();
        let store = Arc::clone(&self.store);
        let _ = tokio::task::spawn_blocking(move || store.close()).await;
    }
}

fn settings(args: &DevArgs, link_address: SocketAddr) -> Settings {
    let mut settings = Settings::default();
    settings.terms.prompt_ms = i64::from(args.prompt_timeout_ms);
    settings.terms.queue_ms = i64::from(args.queue_wait_ms);
    settings.terms.acquirer_answer_ms = i64::from(args.acquirer_answer_ms);
    settings.pairing.terms.offer_ms = i64::from(args.activation_code_seconds) * 1_000;
    settings.pairing.gateway_address = link_address.to_string();
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

fn make_private_dir(dir: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(Failure::at(dir))
}
