//! Opens and closes the listeners as the cloud's word changes, and tells where they are. One [`Lan`] for each terminal.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use vinr_pki::{Credential, ServerIdentity, TlsError, lan_server_config};
use vinr_wire::link::LanAccess;

use super::counter::Counter;
use super::discovery::{Announced, announce};
use super::feed::Feed;
use super::guard::Guard;
use super::listener::{self, told};
use super::local::modes;
use super::names::Names;
use super::settings::LanSettings;
use crate::clock::Clock;
use crate::lan_key::LanIdentity;
use crate::till::Till;

/// Between two tries to take an address that another process has.
const BIND_AGAIN: Duration = Duration::from_secs(5);

/// What the terminal serves in the merchant's network.
#[derive(Debug)]
pub struct Lan;

/// Where the terminal can be reached now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LanState {
    /// Where HTTPS is served; `None` while neither API is on, there is no certificate, or the address cannot be had.
    pub https: Option<SocketAddr>,
    /// Where the Local API is served without TLS.
    pub open_wire: Option<SocketAddr>,
    /// Whether the cloud has certified the listener.
    pub certified: bool,
    /// Why an address cannot be had; it is tried again.
    pub problem: Option<String>,
}

/// A terminal that is served. Dropping it closes the listeners; the terminal runs on.
#[derive(Debug)]
pub struct LanHandle {
    state: watch::Receiver<LanState>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Lan {
    /// Serves a terminal for as long as the handle lives: opens nothing until the cloud has said who may speak to it
    /// (`Till::access`), and follows every change of that. `seed` names payments and requests, and must not be given
    /// twice; `clock` is the terminal's own.
    #[must_use]
    pub fn serve(till: Till, settings: LanSettings, clock: Arc<dyn Clock>, seed: [u8; 32]) -> LanHandle {
        let (stop, stopping) = watch::channel(false);
        let (say, state) = watch::channel(LanState::default());
        let task = tokio::spawn(run(till, settings, clock, seed, say, stopping));
        LanHandle { state, stop, task }
    }
}

impl LanHandle {
    /// Where the terminal can be reached, now and whenever that changes.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<LanState> {
        self.state.clone()
    }

    /// Pulls the cable: every connection is cut where it stands, and nobody is told.
    pub async fn cut(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    /// Closes the listeners; what is being answered has two seconds to end.
    pub async fn shutdown(self) {
        self.stop.send_replace(true);
        let _ = self.task.await;
    }
}

async fn run(
    till: Till,
    mut settings: LanSettings,
    clock: Arc<dyn Clock>,
    seed: [u8; 32],
    say: watch::Sender<LanState>,
    mut stop: watch::Receiver<bool>,
) {
    settings.hosts.iter_mut().for_each(|host| host.make_ascii_lowercase());
    let names = Names::new(seed);
    let feed = Arc::new(Feed::new(names.draw()));
    let guard = Guard::new(till.access(), &till.who().link_id, Arc::clone(&clock));
    let hosts = settings.hosts.clone();
    let counter = Arc::new(Counter::new(till.clone(), guard, names, Arc::clone(&feed), hosts));
    let changes = feed.begin(&till).await;
    let follows = async { feed.follow(&till, changes, || clock.wall()).await };
    let keeper = Keeper { till: till.clone(), settings, counter, say };
    tokio::select! {
        biased;
        () = keeper.keep(&mut stop) => {}
        () = follows => {}
    }
}

/// Keeps open what is to be served.
struct Keeper {
    till: Till,
    settings: LanSettings,
    counter: Arc<Counter>,
    say: watch::Sender<LanState>,
}

/// What the listener presents, and the configuration that presents it.
struct Presented {
    identity: ServerIdentity,
    tls: Arc<rustls::ServerConfig>,
}

impl Presented {
    fn new(credential: &Credential) -> Result<Self, TlsError> {
        let identity = ServerIdentity::new(credential)?;
        Ok(Self { tls: lan_server_config(&identity)?, identity })
    }
}

/// A listener that is open.
struct Open {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Open {
    async fn close(mut self) {
        self.stop.send_replace(true);
        let _ = (&mut self.task).await;
    }
}

impl Drop for Open {
    /// One that was not closed in order is cut, with its connections.
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Default)]
struct Opened {
    presented: Option<Presented>,
    https: Option<Open>,
    open_wire: Option<Open>,
    announced: Option<(Vec<&'static str>, Option<Announced>)>,
}

impl Keeper {
    async fn keep(self, stop: &mut watch::Receiver<bool>) {
        let mut access = self.till.access();
        let mut certificate = self.till.certificate();
        let mut opened = Opened::default();
        loop {
            let word = Arc::clone(&access.borrow_and_update());
            let newest = certificate.borrow_and_update().clone();
            present(&mut opened, newest.as_deref());
            let problem = self.arrange(&word, &mut opened).await;
            let again = problem.is_some();
            self.say.send_replace(LanState {
                https: opened.https.as_ref().map(|open| open.address),
                open_wire: opened.open_wire.as_ref().map(|open| open.address),
                certified: opened.presented.is_some(),
                problem,
            });
            tokio::select! {
                biased;
                () = told(stop) => break,
                changed = access.changed() => if changed.is_err() { break },
                changed = certificate.changed() => if changed.is_err() { break },
                () = tokio::time::sleep(BIND_AGAIN), if again => {}
            }
        }
        drop(opened.announced.take());
        for open in [opened.https.take(), opened.open_wire.take()].into_iter().flatten() {
            open.close().await;
        }
        self.say.send_replace(LanState::default());
    }

    /// Opens and closes, so that what is served is what the cloud says; returns what stands in the way.
    async fn arrange(&self, word: &LanAccess, opened: &mut Opened) -> Option<String> {
        let mut problem = None;
        let modes = modes(word);
        // Without a certificate there is nothing to shake hands with.
        let tls = opened.presented.as_ref().map(|presented| Arc::clone(&presented.tls));
        match (tls.filter(|_| !modes.is_empty()), opened.https.take()) {
            (Some(_), Some(open)) => opened.https = Some(open),
            (Some(tls), None) => match self.open(self.settings.address, Some(tls)).await {
                Ok(open) => {
                    tracing::info!(address = %open.address, modes = modes.join(","), "lan: HTTPS is served");
                    opened.https = Some(open);
                }
                Err(error) => problem = Some(error),
            },
            (None, Some(open)) => {
                tracing::info!(address = %open.address, "lan: HTTPS is served no longer");
                open.close().await;
            }
            (None, None) => {}
        }
        match (word.local_api && word.open_wire, opened.open_wire.take()) {
            (true, Some(open)) => opened.open_wire = Some(open),
            (true, None) => match self.open(self.settings.open_wire, None).await {
                Ok(open) => {
                    tracing::warn!(
                        address = %open.address,
                        "lan: the Local API is served WITHOUT TLS: X-Device-Certificate is a bearer secret on an \
                         open wire, and whoever reads this network can use it"
                    );
                    opened.open_wire = Some(open);
                }
                Err(error) => problem = Some(error),
            },
            (false, Some(open)) => {
                tracing::info!(address = %open.address, "lan: the open wire is closed");
                open.close().await;
            }
            (false, None) => {}
        }
        self.announce(modes, opened);
        problem
    }

    fn announce(&self, modes: Vec<&'static str>, opened: &mut Opened) {
        let Some(open) = &opened.https else {
            opened.announced = None;
            return;
        };
        if opened.announced.as_ref().is_some_and(|(announced, _)| *announced == modes) {
            return;
        }
        // The old one says goodbye before the new one speaks.
        drop(opened.announced.take());
        let announced = announce(self.till.who(), &modes, open.address, &self.settings.announce);
        opened.announced = Some((modes, announced));
    }

    async fn open(
        &self,
        address: SocketAddr,
        tls: Option<Arc<rustls::ServerConfig>>,
    ) -> Result<Open, String> {
        let listener = TcpListener::bind(address).await;
        let bound = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (address, listener) = bound.map_err(|error| {
            tracing::error!(%address, %error, "lan: the address cannot be had; it is tried again");
            format!("{address}: {error}")
        })?;
        let (stop, stopping) = watch::channel(false);
        let counter = Arc::clone(&self.counter);
        let task = tokio::spawn(listener::serve(listener, tls, counter, stopping));
        Ok(Open { address, stop, task })
    }
}

/// Presents the newest certificate from the next handshake on; one that cannot be presented leaves the old one.
fn present(opened: &mut Opened, newest: Option<&LanIdentity>) {
    let Some(newest) = newest else { return };
    let Ok(credential) = Credential::from_pem(newest.chain_pem(), newest.key_pem()) else {
        tracing::error!("lan: the listener's certificate or key cannot be read");
        return;
    };
    let presented = match &opened.presented {
        Some(presented) => presented.identity.replace(&credential),
        None => Presented::new(&credential).map(|presented| opened.presented = Some(presented)),
    };
    if let Err(error) = presented {
        tracing::error!(%error, "lan: the listener's certificate cannot be presented");
    }
}
