//! The two ends of the interface: what a listener holds, and what the device loop publishes. Outlives a restart of the
//! terminal's software, so that a till that waits need not ask again.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{broadcast, mpsc, oneshot, watch};
use vinr_domain::{IntentId, Model};
use vinr_wire::journal::{IntentRecord, KeptOffline};
use vinr_wire::link::{DeviceConfiguration, HelloFacts, LanAccess, Operation, ProgressStage};

use super::{
    CancelRefusal, Copies, DeviceFacts, Lookup, OfficeAsk, OfficeFault, OfficeReply, ReceiptFacts,
    RefundFacts, ReprintRefusal, Sale, Standing, Stopped, Taken, TillAsk, TillOrder, TillRefusal,
};
use crate::device::Request;
use crate::lan_key::LanIdentity;
use crate::printer::About;

/// How many changes a slow listener may be behind before it has to look at the list again.
const CHANGES: usize = 256;
/// Characters in a line of a model that is not known.
const NARROW: u8 = 32;

/// Characters in a line of a model's receipts.
pub(crate) fn columns_of(model: &str) -> u8 {
    Model::parse(model).map_or(NARROW, |model| model.capabilities().columns)
}

/// The listeners' end. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Till {
    asks: mpsc::Sender<Request>,
    standing: watch::Receiver<Standing>,
    /// Kept only to be subscribed to anew.
    changes: Arc<broadcast::Receiver<Sale>>,
    access: watch::Receiver<Arc<LanAccess>>,
    configuration: watch::Receiver<Arc<DeviceConfiguration>>,
    certificate: watch::Receiver<Option<Arc<LanIdentity>>>,
    /// The switch of a simulator.
    internet: Arc<watch::Sender<bool>>,
    facts: Arc<DeviceFacts>,
}

/// The device loop's end.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) standing: watch::Sender<Standing>,
    changes: broadcast::Sender<Sale>,
    pub(crate) access: watch::Sender<Arc<LanAccess>>,
    pub(crate) certificate: watch::Sender<Option<Arc<LanIdentity>>>,
    /// The position of the last change, and of the last change of each sale.
    newest: u64,
    positions: BTreeMap<IntentId, u64>,
}

impl Desk {
    /// Both ends.
    pub(crate) fn new(
        link_id: &str,
        hello: &HelloFacts,
        asks: mpsc::Sender<Request>,
        configuration: watch::Receiver<Arc<DeviceConfiguration>>,
        internet: Arc<watch::Sender<bool>>,
    ) -> (Self, Till) {
        let facts = DeviceFacts {
            terminal: link_id.rsplit('.').next().unwrap_or(link_id).to_owned(),
            link_id: link_id.to_owned(),
            model: hello.model.clone(),
            serial: hello.serial_number.clone(),
            software_version: hello.software_version.clone(),
            has_printer: hello.has_printer,
            columns: columns_of(&hello.model),
        };
        let (standing_sender, standing) = watch::channel(Standing::starting(&hello.software_version));
        let (changes_sender, changes) = broadcast::channel(CHANGES);
        let (access_sender, access) = watch::channel(Arc::new(nothing_served()));
        let (certificate_sender, certificate) = watch::channel(None);
        let desk = Self {
            standing: standing_sender,
            changes: changes_sender,
            access: access_sender,
            certificate: certificate_sender,
            newest: 0,
            positions: BTreeMap::new(),
        };
        let facts = Arc::new(facts);
        let changes = Arc::new(changes);
        (desk, Till { asks, standing, changes, access, configuration, certificate, internet, facts })
    }

    /// The sale of an entry, at the position of its last change.
    pub(crate) fn sale(&self, record: &IntentRecord, stage: Option<ProgressStage>) -> Sale {
        let position = self.positions.get(&record.intent).copied().unwrap_or(0);
        // The card that waits to be forwarded, sealed as it is, is nobody's business.
        let offline = record.offline.as_ref();
        let offline =
            offline.map(|kept| KeptOffline { approval: kept.approval, kept_card: bytes::Bytes::new() });
        let record = IntentRecord { offline, ..record.clone() };
        Sale { record, stage, position }
    }

    /// Tells every listener that an entry has changed.
    pub(crate) fn publish(&mut self, record: &IntentRecord, stage: Option<ProgressStage>) {
        self.newest += 1;
        self.positions.insert(record.intent, self.newest);
        let sale = self.sale(record, stage);
        // Nobody may be listening.
        let _ = self.changes.send(sale);
    }

    /// An entry is no more.
    pub(crate) fn forget(&mut self, intent: IntentId) {
        self.positions.remove(&intent);
    }
}

impl Standing {
    pub(crate) fn starting(software_version: &str) -> Self {
        Self {
            serving: None,
            locked: false,
            out_of_service: false,
            online: false,
            offline: vinr_wire::link::OfflineStanding {
                pending: 0,
                amount_minor: 0,
                currency: None,
                oldest_at: None,
                generation: 0,
                last_number: 0,
            },
            software_version: software_version.to_owned(),
        }
    }
}

/// What holds until the cloud has said who may speak to the terminal: nobody.
pub(crate) fn nothing_served() -> LanAccess {
    LanAccess {
        version: 0,
        local_api: false,
        cashless: false,
        open_wire: false,
        client_authorities_pem: String::new(),
        revoked_serials: Vec::new(),
        cashless_key_hash: None,
        shop: vinr_wire::link::Shop::default(),
        livemode: false,
        settlement_currency: vinr_domain::Currency::parse("EUR").expect("a currency of ISO 4217"),
        offline_cap_minor: None,
        offline_total_cap_minor: None,
        suspended: false,
    }
}

impl Till {
    /// Whether a simulator can reach anything beyond the merchant's network; `false` when this terminal moves real money,
    /// and nothing is switched.
    #[must_use]
    pub fn set_internet(&self, is_there: bool) -> bool {
        let is_simulated = !self.access.borrow().livemode;
        if is_simulated {
            self.internet.send_replace(is_there);
        }
        is_simulated
    }

    /// Takes an order. It is durable when this returns `Ok`; the customer is being asked, or somebody was before.
    ///
    /// # Errors
    /// [`TillRefusal`]; nothing is kept of the order then, and no card is asked for on its account.
    pub async fn collect(&self, order: TillOrder) -> Result<Taken, TillRefusal> {
        let order = Box::new(order);
        self.ask(|answer| TillAsk::Collect { order, answer }).await.unwrap_or(Err(TillRefusal::Stopped))
    }

    /// What is known of a payment; `None` also when the terminal has stopped.
    pub async fn find(&self, what: Lookup) -> Option<Sale> {
        self.ask(|answer| TillAsk::Find { what, answer }).await.ok().flatten()
    }

    /// Every payment that the journal has, newest first; nothing when the terminal has stopped.
    pub async fn list(&self) -> Vec<Sale> {
        self.ask(|answer| TillAsk::List { answer }).await.unwrap_or_default()
    }

    /// Waits until it is known how a payment ended, or that nobody knows yet. `None`: there is no such payment, or the
    /// terminal has stopped. Waits on while the terminal starts again.
    pub async fn outcome(&self, intent: IntentId) -> Option<Sale> {
        // Before the first look, so that no change falls between the two.
        let mut changes = self.changes();
        loop {
            let sale = self.find(Lookup::Intent(intent)).await?;
            if !sale.is_open() {
                return Some(sale);
            }
            loop {
                match changes.recv().await {
                    Ok(sale) if sale.record.intent == intent && !sale.is_open() => return Some(sale),
                    Ok(_) => {}
                    Err(broadcast::error::RecvError::Lagged(_)) => break,
                    Err(broadcast::error::RecvError::Closed) => return None,
                }
            }
        }
    }

    /// Cancels a payment that waits for its customer. Durable when this returns `Ok`; one that had ended without a
    /// request is returned as it stands.
    ///
    /// # Errors
    /// [`CancelRefusal`].
    pub async fn cancel(&self, what: Lookup) -> Result<Sale, CancelRefusal> {
        self.ask(|answer| TillAsk::Cancel { what, answer }).await.unwrap_or(Err(CancelRefusal::Stopped))
    }

    /// Asks the cloud to do something that only it can do, for at most `Settings::office_patience_ms`.
    ///
    /// # Errors
    /// [`OfficeFault`] says whether it may have been done all the same.
    pub async fn ask_office(
        &self,
        operation: Operation,
        key: Option<Arc<str>>,
        body: serde_json::Value,
    ) -> Result<OfficeReply, OfficeFault> {
        let body = body.to_string().into();
        let asked = self.ask(|answer| TillAsk::Office(OfficeAsk { operation, key, body, answer })).await;
        asked.unwrap_or(Err(OfficeFault::Stopped))
    }

    /// Keeps what was taken of a hold, and the reference under which an ECR ended it. Durable when this returns. Does
    /// nothing for a payment that is not known or did not begin here.
    ///
    /// # Errors
    /// [`Stopped`].
    pub async fn note_captured(
        &self,
        intent: IntentId,
        captured_minor: i64,
        completed_as: Option<Arc<str>>,
    ) -> Result<(), Stopped> {
        self.ask(|answer| TillAsk::NoteCaptured { intent, captured_minor, completed_as, answer }).await
    }

    /// What a receipt is made of; `None` while the payment is not decided, and when there is none like this.
    pub async fn receipt(&self, what: Lookup) -> Option<ReceiptFacts> {
        self.ask(|answer| TillAsk::Receipt { what, answer }).await.ok().flatten()
    }

    /// Notes that money was given back, as the newest transaction, and prints both copies of its receipt if that is wanted.
    /// Durable when this returns. A printer that does not print changes nothing: the receipt can be printed again.
    ///
    /// # Errors
    /// [`Stopped`]; the money has been given back all the same.
    pub async fn refunded(&self, refund: RefundFacts, prints: bool) -> Result<(), Stopped> {
        let refund = Box::new(refund);
        self.ask(|answer| TillAsk::Refunded { refund, prints, answer }).await
    }

    /// What a receipt of the newest transaction is made of, be it a payment or a refund.
    pub async fn newest_receipt(&self) -> Option<About> {
        self.ask(|answer| TillAsk::Newest { answer }).await.ok().flatten()
    }

    /// Prints the receipt of the newest approved payment, or of the newest refund, again.
    ///
    /// # Errors
    /// [`ReprintRefusal`].
    pub async fn reprint(&self, copies: Copies) -> Result<(), ReprintRefusal> {
        let asked = self.ask(|answer| TillAsk::Reprint { copies, answer }).await;
        asked.unwrap_or(Err(ReprintRefusal::Stopped))
    }

    /// Forwards what was approved without the cloud, now if there is a link; how many payments wait.
    pub async fn flush(&self) -> usize {
        self.ask(|answer| TillAsk::Flush { answer }).await.unwrap_or(0)
    }

    /// How the terminal is, now and whenever it changes.
    #[must_use]
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.clone()
    }

    /// Every change of any payment from now on, and every stage it reaches. Bounded: who has lagged behind looks at
    /// [`Till::list`] again.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Sale> {
        self.changes.resubscribe()
    }

    /// Who may speak to the terminal, now and whenever it changes; version 0: nobody yet.
    #[must_use]
    pub fn access(&self) -> watch::Receiver<Arc<LanAccess>> {
        self.access.clone()
    }

    /// The configuration in force, now and whenever it changes.
    #[must_use]
    pub fn configuration(&self) -> watch::Receiver<Arc<DeviceConfiguration>> {
        self.configuration.clone()
    }

    /// What the terminal presents itself as in the merchant's network; `None` until the cloud has certified it.
    #[must_use]
    pub fn certificate(&self) -> watch::Receiver<Option<Arc<LanIdentity>>> {
        self.certificate.clone()
    }

    /// Who it is.
    #[must_use]
    pub fn who(&self) -> &DeviceFacts {
        &self.facts
    }

    async fn ask<T>(&self, ask: impl FnOnce(oneshot::Sender<T>) -> TillAsk) -> Result<T, Stopped> {
        let (answer, answered) = oneshot::channel();
        self.asks.send(Request::Till(ask(answer))).await.map_err(|_| Stopped)?;
        answered.await.map_err(|_| Stopped)
    }
}
