//! The client: hands out the groups of calls. Puts the parts together; decides nothing.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::OnceCell;

use crate::error::VinrError;
use crate::exchange::Exchange;
use crate::local::{Nearby, TerminalOptions};
use crate::models::LegacyTerminalPayment;
use crate::payments::TerminalPayments;
use crate::sending::Peer;
use crate::settings::{Settings, VinrBuilder, bearer};
use crate::terminal::Terminal;
use crate::webhooks::Webhooks;

/// A client of the VINR API. Make one and keep it: it may be used by all tasks at once, and a clone is the same client.
#[derive(Clone)]
pub struct Vinr {
    pub(crate) core: Core,
}

impl Vinr {
    /// A client with this key: secret (`sk_…`), restricted (`rk_…`), or an operator's (`ok_…`).
    ///
    /// # Errors
    /// A [`VinrError`] of the kind `Configuration` when the key is none.
    pub fn new(secret_key: impl Into<String>) -> Result<Self, VinrError> {
        Self::builder(secret_key).build()
    }

    /// A client that is not like the others.
    #[must_use]
    pub fn builder(secret_key: impl Into<String>) -> VinrBuilder {
        VinrBuilder::new(secret_key.into())
    }

    pub(crate) fn with(
        settings: Settings,
        client: reqwest::Client,
        pause: Pause,
        terminal: TerminalOptions,
    ) -> Self {
        let shown = Shown { base_url: settings.base_url.clone(), key_hint: settings.key_hint };
        let nearby = Nearby::new(terminal, settings.max_retries, pause.clone());
        let simulated = settings.simulated;
        let peer = Peer {
            base_url: settings.base_url,
            timeout: settings.timeout,
            max_retries: settings.max_retries,
            authorization: Some(settings.authorization),
            client,
            local: false,
        };
        let platform = Exchange::new(peer, pause);
        let inner = Inner { platform, simulated: simulated.then(OnceCell::new), nearby, shown };
        Self { core: Core(Arc::new(inner)) }
    }

    /// In-person payments, version 2026-06-11, and the terminals of the local network.
    #[must_use]
    pub fn terminal(&self) -> Terminal {
        Terminal { core: self.core.clone() }
    }

    /// In-person payments, version 2025-05-31: times in Unix seconds.
    #[must_use]
    pub fn terminal_payments(&self) -> TerminalPayments<LegacyTerminalPayment> {
        TerminalPayments::new(&self.core)
    }

    /// Ends what this client started: a simulator, when there is one. Dropping the last clone ends it too, without waiting.
    pub async fn close(&self) {
        if let Some(simulator) = self.core.nearby().simulator() {
            simulator.close().await;
        }
    }

    /// Checks the signatures of webhooks.
    #[must_use]
    pub fn webhooks(&self) -> Webhooks {
        Webhooks
    }
}

impl fmt::Debug for Vinr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shown { base_url, key_hint } = &self.core.0.shown;
        f.debug_struct("Vinr").field("base_url", base_url).field("secret_key", key_hint).finish()
    }
}

/// What all groups of calls share.
#[derive(Clone)]
pub(crate) struct Core(Arc<Inner>);

struct Inner {
    platform: Exchange,
    /// The platform of the simulator, once it runs; nothing when the real one is spoken to.
    simulated: Option<OnceCell<Exchange>>,
    nearby: Nearby,
    shown: Shown,
}

/// What is safe to show.
struct Shown {
    base_url: String,
    key_hint: String,
}

impl Core {
    /// What carries out calls at the platform. That of a simulator is started by whoever asks first.
    pub(crate) async fn platform(&self) -> Result<&Exchange, VinrError> {
        let (Some(simulated), Some(simulator)) = (&self.0.simulated, self.0.nearby.simulator()) else {
            return Ok(&self.0.platform);
        };
        simulated
            .get_or_try_init(|| async {
                let started = simulator.started().await?;
                let own = &self.0.platform.peer;
                let peer = Peer {
                    base_url: started.api.trim_end_matches('/').to_owned(),
                    timeout: own.timeout,
                    max_retries: own.max_retries,
                    authorization: Some(bearer(started.secret_key.reveal())?),
                    client: own.client.clone(),
                    local: false,
                };
                Ok(Exchange::new(peer, self.pause()))
            })
            .await
    }

    /// The terminals of the local network.
    pub(crate) fn nearby(&self) -> &Nearby {
        &self.0.nearby
    }

    /// The waiting between attempts.
    pub(crate) fn pause(&self) -> Pause {
        self.0.platform.pause.clone()
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.shown.base_url)
    }
}

/// The waiting between attempts. Tests bring their own.
#[derive(Clone)]
pub struct Pause(Arc<dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync>);

impl Pause {
    /// Waiting that is not the clock's.
    pub fn new(wait: impl Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync + 'static) -> Self {
        Self(Arc::new(wait))
    }

    pub(crate) fn real() -> Self {
        Self::new(|time| Box::pin(tokio::time::sleep(time)))
    }

    pub(crate) async fn rest(&self, time: Duration) {
        (self.0)(time).await;
    }
}
