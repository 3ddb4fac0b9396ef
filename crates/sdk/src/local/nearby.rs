//! The terminals of the local network that a client knows: finds them, proves who they are, and speaks to them.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::redirect::Policy;
use serde::Deserialize;
use vinr_pki::{DeviceIdentity, looking_client_config, till_client_config};

use super::addresses::Place;
use super::announced::browse;
use super::options::TerminalOptions;
use super::readers::{Reader, ReaderStatus};
use super::simulator::Simulator;
use super::trust::{self, Trust};
use crate::client::{Core, Pause};
use crate::error::{ErrorKind, VinrError};
use crate::exchange::{Exchange, json};
use crate::identity::segment;
use crate::request::{CallOptions, Route};
use crate::sending::Peer;

/// Less than a terminal has to acknowledge a payment, so that a way that is not there is told from silence.
const CONNECT: Duration = Duration::from_millis(1_800);
const LOOK: Duration = Duration::from_secs(5);
pub(crate) const FIND: Duration = Duration::from_secs(2);
const LIMIT: Duration = Duration::from_secs(30);
const REMEMBERED: usize = 1_000;

/// What a client knows of the local network.
pub(crate) struct Nearby {
    options: TerminalOptions,
    max_retries: u32,
    pause: Pause,
    simulator: Option<Simulator>,
    trust: tokio::sync::Mutex<Option<Arc<Trust>>>,
    known: Mutex<HashMap<String, Arc<Exchange>>>,
    /// Addresses that the caller has named.
    hosts: Mutex<Vec<String>>,
    /// At which terminal a reference was charged, newest last.
    charged: Mutex<VecDeque<(String, String)>>,
}

/// What a terminal says about itself.
#[derive(Deserialize)]
struct Status {
    id: String,
    #[serde(default)]
    model: String,
    #[serde(default)]
    status: String,
}

fn held<T>(lock: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // What is in here is whole after every statement.
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Nearby {
    pub(crate) fn new(options: TerminalOptions, max_retries: u32, pause: Pause) -> Self {
        let simulator = options.simulator.then(|| Simulator::new(&options));
        let hosts = Mutex::new(options.static_hosts.clone().unwrap_or_default());
        Self {
            options,
            max_retries,
            pause,
            simulator,
            trust: tokio::sync::Mutex::default(),
            known: Mutex::default(),
            hosts,
            charged: Mutex::default(),
        }
    }

    pub(crate) fn options(&self) -> &TerminalOptions {
        &self.options
    }

    pub(crate) fn simulator(&self) -> Option<&Simulator> {
        self.simulator.as_ref()
    }

    /// The terminals of the network: at these addresses, or at those of the client, or whichever announce themselves.
    pub(crate) async fn discover(
        &self,
        core: &Core,
        hosts: Option<Vec<String>>,
        limit: Duration,
    ) -> Result<Vec<Reader>, VinrError> {
        if let Some(simulator) = &self.simulator {
            return Ok(vec![self.simulated(core, simulator).await?]);
        }
        let Some(hosts) = hosts.or_else(|| self.options.static_hosts.clone()) else {
            return self.announced(core, limit, None).await;
        };
        {
            let mut named = held(&self.hosts);
            for host in &hosts {
                if !named.contains(host) {
                    named.push(host.clone());
                }
            }
        }
        let mut readers = Vec::new();
        for asked in join_all(hosts.iter().map(|host| self.ask_at(core, host, LOOK))).await {
            match asked {
                Ok(reader) => readers.push(reader),
                // Nobody is there, or nobody who answers.
                Err(error)
                    if ["not_connected", "timeout", "connection_lost"].contains(&error.code.as_str()) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(readers)
    }

    /// The way to a terminal; one that is not known yet is looked for.
    pub(crate) async fn find(
        &self,
        core: &Core,
        id: &str,
        limit: Duration,
    ) -> Result<Arc<Exchange>, VinrError> {
        segment("reader_id", id)?;
        let known = || held(&self.known).get(id).cloned();
        if let Some(there) = known() {
            return Ok(there);
        }
        if let Some(simulator) = &self.simulator {
            self.simulated(core, simulator).await?;
        } else {
            let hosts = held(&self.hosts).clone();
            let asked = join_all(hosts.iter().map(|host| self.ask_at(core, host, limit))).await;
            if let Some(there) = known() {
                return Ok(there);
            }
            let failures: Vec<VinrError> = asked.into_iter().filter_map(Result::err).collect();
            // What is wrong with what the till brings itself is wrong at every address.
            let own = failures.iter().position(|one| !one.kind().is_connection());
            if let Some(first) = failures.into_iter().nth(own.unwrap_or(0)) {
                return Err(first);
            }
            if hosts.is_empty() {
                self.announced(core, limit, Some(id)).await?;
            }
        }
        known().ok_or_else(|| {
            let message = format!("{id} has not been found on the local network: nothing was sent");
            let error =
                VinrError::new("connection_error", ErrorKind::LocalConnection, "reader_unknown", message);
            error.about("reader_id").with(|facts| facts.layer = Some("name"))
        })
    }

    /// The next call looks for this terminal again: its address may be another by now.
    pub(crate) fn forget(&self, id: &str) {
        held(&self.known).remove(id);
    }

    /// Terminals that have been found.
    pub(crate) fn all(&self) -> Vec<String> {
        held(&self.known).keys().cloned().collect()
    }

    /// Remembers at which terminal a reference was charged.
    pub(crate) fn charged(&self, reference: Option<&str>, terminal: &str) {
        let Some(reference) = reference else { return };
        let mut charged = held(&self.charged);
        charged.retain(|(known, _)| known != reference);
        charged.push_back((reference.to_owned(), terminal.to_owned()));
        if charged.len() > REMEMBERED {
            charged.pop_front();
        }
    }

    /// The terminal at which a reference was charged here.
    pub(crate) fn charged_at(&self, reference: &str) -> Option<String> {
        held(&self.charged).iter().find(|(known, _)| known == reference).map(|(_, terminal)| terminal.clone())
    }

    async fn simulated(&self, core: &Core, simulator: &Simulator) -> Result<Reader, VinrError> {
        let started = simulator.started().await?;
        let place = Place { host: started.ip.clone(), port: started.port };
        let known = held(&self.known).contains_key(&started.terminal);
        if !known {
            return self.ask(core, &place, LOOK).await;
        }
        Ok(Reader {
            id: started.terminal.clone(),
            ip: place.host,
            port: place.port,
            model: started.model.clone(),
            status: ReaderStatus::Online,
            verified: true,
        })
    }

    async fn announced(
        &self,
        core: &Core,
        limit: Duration,
        wanted: Option<&str>,
    ) -> Result<Vec<Reader>, VinrError> {
        // What is wrong with the till's own certificate is said before anybody is looked for.
        let proves = match self.trusted(core).await {
            Ok(_) => true,
            Err(error) if self.options.cert_path.is_some() || wanted.is_some() => return Err(error),
            Err(_) => false,
        };
        let hints = browse(limit, wanted).await;
        if !proves {
            let unproven = |hint: super::announced::Hint| Reader {
                id: hint.id,
                ip: hint.place.host,
                port: hint.place.port,
                model: hint.model,
                status: ReaderStatus::Online,
                verified: false,
            };
            return Ok(hints.into_iter().map(unproven).collect());
        }
        let asked = join_all(hints.iter().map(|hint| self.ask(core, &hint.place, limit))).await;
        let mut readers: Vec<Reader> = Vec::new();
        for answer in asked {
            match answer {
                Ok(reader) if readers.iter().any(|one| one.id == reader.id) => {}
                Ok(reader) => readers.push(reader),
                // An announcement is anybody's, so one that cannot be proven is left out.
                Err(error) if error.kind().is_connection() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(readers)
    }

    async fn ask_at(&self, core: &Core, address: &str, limit: Duration) -> Result<Reader, VinrError> {
        self.ask(core, &Place::parse(address)?, limit).await
    }

    /// Asks who is at a place, and remembers the way when it is whom its certificate names.
    async fn ask(&self, core: &Core, place: &Place, limit: Duration) -> Result<Reader, VinrError> {
        let trust = self.trusted(core).await?;
        let (config, found) =
            looking_client_config(&trust.roots_pem, trust.credential.as_ref()).map_err(|_| unusable())?;
        let looking = self.exchange(place, config.as_ref().clone(), limit)?;
        let options = CallOptions { timeout: Some(limit), max_retries: Some(0), ..CallOptions::default() };
        let call = Route::read("GET", "/v1/status", &[]).call(&options, json::<Status>)?;
        let status: Status = looking.typed(&call, &options).await?.data;
        let identity = named(&found, &status.id).ok_or_else(|| {
            let message = format!("the terminal at {place} says another name than its certificate");
            VinrError::new("connection_error", ErrorKind::LocalConnection, "tls_wrong_terminal", message)
                .with(|facts| facts.layer = Some("certificate"))
        })?;
        let config = till_client_config(&trust.roots_pem, &identity, trust.credential.as_ref())
            .map_err(|_| unusable())?;
        let way = Arc::new(self.exchange(place, config.as_ref().clone(), FIND)?);
        held(&self.known).insert(status.id.clone(), way);
        let doing = match status.status.as_str() {
            "ready" => ReaderStatus::Online,
            "busy" => ReaderStatus::Busy,
            "locked" => ReaderStatus::Locked,
            _ => ReaderStatus::OutOfService,
        };
        let Place { host, port } = place.clone();
        Ok(Reader { id: status.id, ip: host, port, model: status.model, status: doing, verified: true })
    }

    fn exchange(
        &self,
        place: &Place,
        config: rustls::ClientConfig,
        limit: Duration,
    ) -> Result<Exchange, VinrError> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(config)
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT.min(limit * 9 / 10))
            .build()
            .map_err(|_| unusable())?;
        let peer = Peer {
            base_url: place.url(),
            timeout: LIMIT,
            max_retries: self.max_retries,
            authorization: None,
            client,
            local: true,
        };
        Ok(Exchange::new(peer, self.pause.clone()))
    }

    /// What was loaded once; what failed is tried again by the next who asks.
    async fn trusted(&self, core: &Core) -> Result<Arc<Trust>, VinrError> {
        let mut kept = self.trust.lock().await;
        if let Some(trust) = kept.as_ref() {
            return Ok(Arc::clone(trust));
        }
        let trust = match &self.simulator {
            Some(simulator) => trust::of_simulator(simulator.started().await?).await?,
            None => trust::load(core, &self.options).await?,
        };
        let trust = Arc::new(trust);
        *kept = Some(Arc::clone(&trust));
        Ok(trust)
    }
}

/// Who proved to be there, when it is whom it says.
fn named(found: &OnceLock<DeviceIdentity>, id: &str) -> Option<DeviceIdentity> {
    found.get().filter(|identity| identity.terminal().as_str() == id).cloned()
}

fn unusable() -> VinrError {
    let message = "the till's certificate, or the authority of the terminals, cannot be used for TLS";
    VinrError::configuration("local_cert_unreadable", message).about("local_cert")
}
