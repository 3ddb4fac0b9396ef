//! The whole platform in this process, on loopback, from one directory: cloud, database, sandbox issuer, simulated
//! terminals and a till. `vinr dev` and `vinr simulator` say what they want of it in a [`Plan`]; this decides nothing else.

mod bench;
pub mod ports;
pub mod seed;
pub mod terminals;
mod till;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use vinr_domain::Timestamp;
use vinr_pki::{Authority, ServerNames};
use vinr_sandbox::issuer::{Issuer, IssuerSettings};
use vinr_sandbox::keys::SandboxKeys;
use vinr_server::acquirer::sandbox::SandboxAcquirer;
use vinr_server::clock::{Clock, SystemClock};
use vinr_server::platform::{Platform, Ports};
use vinr_server::settings::Settings;
use vinr_server::store::{Options, SqliteStore};
use vinr_server::{api, dashboard, listener};
use vinr_terminal::page::{Page, PageHandle, Shelf};
use vinr_wire::rest::account::MAX_OVER_CAPTURE_PERCENT;

use self::bench::Bench;
use self::seed::Keys;
use self::terminals::Started;
pub use self::till::Till;
use crate::failure::Failure;
use crate::terminal::Manner;

/// How long a started terminal may take to be connected.
const ONLINE: Duration = Duration::from_secs(20);

/// What is wanted of the platform.
pub struct Plan {
    /// How it runs; where its terminals connect is filled in.
    pub settings: Settings,
    /// What its simulated customers and terminals are like; the seed is the issuer's too.
    pub manner: Manner,
    /// What opens its API from the start.
    pub keys: Keys,
    /// The terminal that the sandbox's till speaks to, when it is among those that run here.
    pub tilled: &'static str,
    /// Terminals that run in this process, each with its port for tills; 0 takes any free one.
    pub here: Vec<(String, u16)>,
    /// What chooses the port of the one with the till.
    pub port_flag: &'static str,
    /// Terminals that are prepared, for others to run.
    pub elsewhere: Vec<String>,
    /// How long requests that are being served may take to end.
    pub goodbye: Duration,
}

/// Where the platform listens; bound before anything is made, so that a taken port costs nothing.
pub struct Listeners {
    /// For the API.
    pub api: TcpListener,
    /// For terminals.
    pub link: TcpListener,
    /// For the terminal page.
    pub page: TcpListener,
}

/// Where tills reach a terminal, and with what.
#[derive(Debug)]
pub struct Shop {
    /// Its listener.
    pub at: SocketAddr,
    /// Whether it serves the Cashless API.
    pub cashless: bool,
    /// The certificate for its Local API.
    pub till: Till,
}

/// A platform that is ready.
pub struct Running {
    /// The API's address.
    pub api: String,
    /// The certificate authorities of this installation.
    pub ca_bundle: PathBuf,
    /// The terminal with the till, in its shop; `None` when nothing of it is served there.
    pub shop: Option<Shop>,
    /// Where the terminal page is.
    pub page: String,
    /// The terminals that run here, in the order of the plan.
    pub terminals: Vec<Started>,
    platform: Arc<Platform>,
    store: Arc<SqliteStore>,
    bench: Arc<Bench>,
    stop: watch::Sender<bool>,
    served: tokio::task::JoinHandle<()>,
    looked_at: PageHandle,
}

/// Starts it, and answers when every terminal that runs here is connected and serves its shop.
pub async fn start(mut plan: Plan, data_dir: &Path, listeners: Listeners) -> Result<Running, Failure> {
    let api_address = listeners.api.local_addr().map_err(Failure::new)?;
    let link_address = listeners.link.local_addr().map_err(Failure::new)?;
    plan.settings.pairing.gateway_address = link_address.to_string();
    let clock = SystemClock::shared();
    let now = clock.wall();
    let store =
        SqliteStore::open(&data_dir.join("vinr.db"), now, Options::default()).map_err(Failure::new)?;
    let store = Arc::new(store);
    let authority = Authority::open_or_create(&data_dir.join("pki"), now).map_err(Failure::new)?;
    let authority = Arc::new(authority);
    let (keys, acquirer) = sandbox(plan.manner.seed, &data_dir.join("sandbox"), &clock)?;
    let ports = Ports {
        store: Arc::clone(&store) as _,
        acquirer,
        authority: Some(Arc::clone(&authority)),
        clock: Arc::clone(&clock),
        seed: rand::random(),
    };
    let platform = Platform::start(plan.settings.clone(), ports).await.map_err(Failure::new)?;
    let platform = Arc::new(platform);
    seed::account(&platform, &plan.keys, now).await?;
    seed::release(&platform).await?;

    let tls = platform.applications.identities.gateway_tls(&ServerNames::default()).map_err(Failure::new)?;
    platform.serve_links(listeners.link, tls);

    let workshop = terminals::Workshop {
        identities: platform.applications.identities.clone(),
        authority,
        keys,
        clock: Arc::clone(&clock),
        link_address,
    };
    let shelf = Shelf::default();
    let looked_at = Page::serve(listeners.page, shelf.clone(), rand::random()).map_err(Failure::new)?;
    let page = looked_at.url();
    let (terminals, bench) = furnish(&plan, &platform, workshop, (data_dir, shelf)).await?;
    let base_url = format!("http://{api_address}");
    let (stop, served) = serve(&plan, &platform, listeners.api, (&base_url, &page));
    for terminal in &terminals {
        terminals::online(&platform, terminal, ONLINE).await?;
    }
    let tilled = terminals.iter().find(|terminal| terminal.key.id.as_str() == plan.tilled);
    let shop = match tilled {
        Some(terminal) => shop_of(&plan, &platform, terminal, &data_dir.join(till::DIR), now).await?,
        None => None,
    };
    let ca_bundle = data_dir.join("pki").join("ca.pem");
    Ok(Running {
        api: base_url,
        ca_bundle,
        shop,
        page,
        terminals,
        platform,
        store,
        bench,
        stop,
        served,
        looked_at,
    })
}

/// Prepares every terminal, and runs those that are to run here.
async fn furnish(
    plan: &Plan,
    platform: &Platform,
    workshop: terminals::Workshop,
    (data_dir, shelf): (&Path, Shelf),
) -> Result<(Vec<Started>, Arc<Bench>), Failure> {
    let dir = data_dir.join("terminals");
    make_private_dir(&dir)?;
    let yard = terminals::Yard { platform, workshop: &workshop, shelf: &shelf };
    let started = yard.open(plan, &dir, &data_dir.join(till::DIR)).await?;
    let bench = Bench::new(workshop, dir, plan.manner, shelf);
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
    let keys = SandboxKeys::open(&dir.join("reader.key")).map_err(Failure::new)?;
    // What an account allows is the platform's to decide; this issuer goes along with all that it can.
    let settings =
        IssuerSettings { over_capture_percent: MAX_OVER_CAPTURE_PERCENT, ..IssuerSettings::default() };
    let issuer = Issuer::open(&dir.join("issuer.jsonl"), seed, keys.base().clone(), settings);
    let issuer = issuer.map_err(Failure::new)?;
    let acquirer = SandboxAcquirer::new(issuer, Arc::clone(clock)).with_readers(keys.clone());
    Ok((keys, Arc::new(acquirer)))
}

/// The terminal in its shop; `None` when somebody has turned both of its APIs off.
async fn shop_of(
    plan: &Plan,
    platform: &Platform,
    terminal: &Started,
    dir: &Path,
    now: Timestamp,
) -> Result<Option<Shop>, Failure> {
    let key = &terminal.key;
    let first = !till::is_furnished(dir);
    let till = till::furnish(platform, key, dir, now).await?;
    let wanted = platform.applications.lan.settings(&key.scope, key.id.as_str()).await;
    let wanted = wanted.map_err(Failure::new)?;
    let cashless = wanted.cashless.enabled;
    if !wanted.local_api.enabled && !cashless {
        return Ok(None);
    }
    let at = terminals::served(terminal, plan.port_flag, ONLINE).await?;
    if first {
        // Its doors have just been opened, for which a terminal starts again: a payment would meet nobody meanwhile.
        terminals::connected_again(platform, terminal, ONLINE).await?;
    }
    Ok(Some(Shop { at, cashless, till }))
}

fn serve(
    plan: &Plan,
    platform: &Platform,
    listener: TcpListener,
    (base_url, page): (&str, &str),
) -> (watch::Sender<bool>, tokio::task::JoinHandle<()>) {
    let (stop, mut stopped) = watch::channel(false);
    let services = api::Services {
        metrics: recorder(),
        welcome: api::Welcome {
            base_url: Some(base_url.into()),
            dev_key: plan.keys.published().map(Into::into),
            ca_file: None,
            terminal_page: Some(page.into()),
        },
        ..platform.services()
    };
    // In this order: what is at no address of either is the API's to answer.
    let router = dashboard::router(services.clone(), false).merge(api::router(services));
    let limits = listener::Limits { drain: plan.goodbye, ..listener::Limits::default() };
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
    /// A link that signs the sandbox's owner in to the dashboard, once. With a name, because browsers have no passkeys for
    /// a bare address.
    pub async fn entry(&self) -> Result<String, Failure> {
        let named = self.api.replacen("://127.0.0.1:", "://localhost:", 1);
        seed::entry(&self.platform, &named).await
    }

    /// Ends in the order in which nothing is cut off: no new requests, the terminals say goodbye, the platform, the
    /// database.
    pub async fn end(self) {
        self.stop.send_replace(true);
        let _ = self.served.await;
        self.looked_at.shutdown().await;
        for started in self.terminals {
            if let Err(stop) = started.terminal.shutdown().await {
                tracing::warn!(%stop, "a terminal did not end in order");
            }
        }
        self.bench.end().await;
        self.platform.end();
        let store = Arc::clone(&self.store);
        let _ = tokio::task::spawn_blocking(move || store.close()).await;
    }
}

/// Makes a directory that only its owner may enter, and those above it, unless it is there.
pub fn make_private_dir(dir: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(Failure::at(dir))
}
