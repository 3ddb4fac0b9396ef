//! A shop: one terminal on loopback sockets, the cloud that it is linked to, and authorities that certify both it and
//! its tills. The cloud approves what it is asked unless a test says otherwise.

#[path = "../device/world/cloud.rs"]
#[expect(dead_code, reason = "the tests of the device loop use more of it")]
mod cloud;
#[path = "../device/world/pipe.rs"]
mod pipe;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use vinr_domain::{ClientCertificateId, Currency, DeclineCode, Timestamp};
use vinr_pki::{Authority, ClientName, Credential, DeviceIdentity};
use vinr_terminal::journal::MemoryDisk;
use vinr_terminal::lan::{Announce, Lan, LanHandle, LanSettings, LanState};
use vinr_terminal::printer::SimulatedPrinter;
use vinr_terminal::reader::{Choice, Pace, ReceiptHabit, SimulatedReader, TipHabit};
use vinr_terminal::screen::{Screen, SimulatedScreen};
use vinr_terminal::{
    Clock, FileLanKey, Network, NoFaults, NoIdentity, Ports, SimulatedInstaller, SystemClock, Terminal,
    TerminalConfig, TerminalHandle, Vault,
};
use vinr_wire::card::{ReaderKey, StorageKey};
use vinr_wire::link::{
    HelloFacts, HostVerdict, LanAccess, OfficeAnswer, OfficeRequest, Operation, Shop as ShopFacts, ToCloud,
    ToTerminal,
};

use cloud::Cloud;
use pipe::PipeConnector;

/// Who the terminal is.
pub const TERMINAL: &str = "term_t1";
/// The shared key of its ECR.
pub const KEY: &str = "ck_test_0123456789abcdef";
/// Nothing here takes longer, unless something is wrong.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the cloud says to the next request for authorization.
#[derive(Clone, Copy, Debug)]
pub enum Verdict {
    Approve,
    Decline(DeclineCode),
    Unknown,
}

/// What the cloud says to the terminal's own questions: status, body, whether said before.
pub type Office = Box<dyn FnMut(Operation, Option<&str>, Value) -> (u16, Value, bool) + Send>;

/// What the test tells the cloud's task.
enum Order {
    Say(Box<ToTerminal>),
    /// Cut the link and take no other.
    Unplug,
    /// Cut the link.
    Cut,
}

struct Script {
    verdict: Verdict,
    office: Office,
    /// What was asked of the office, oldest first.
    asked: Vec<(Operation, Option<String>, Value)>,
    authorized: usize,
    /// What it was asked about orders, oldest first.
    inquiries: Vec<Value>,
    /// Questions about orders are not answered.
    silent: bool,
    /// Nothing is answered.
    mute: bool,
}

pub struct Shop {
    pub authority: Arc<Authority>,
    pub terminal: TerminalHandle,
    pub printer: SimulatedPrinter,
    pub lan: LanHandle,
    pub access: LanAccess,
    script: Arc<Mutex<Script>>,
    orders: mpsc::Sender<Order>,
    links: watch::Receiver<u64>,
    place: Arc<Mutex<Vec<IpAddr>>>,
    _cloud: JoinHandle<()>,
    _dir: TempDir,
}

impl Shop {
    /// A terminal that serves both APIs.
    pub async fn open() -> Self {
        Self::with(|_| {}, |_| {}).await
    }

    /// The same, with other facts of the device and another word of the cloud.
    pub async fn with(facts: impl FnOnce(&mut HelloFacts), word: impl FnOnce(&mut LanAccess)) -> Self {
        Self::announced(facts, word, Announce::Off).await
    }

    /// The same, announced somewhere.
    pub async fn announced(
        facts: impl FnOnce(&mut HelloFacts),
        word: impl FnOnce(&mut LanAccess),
        announce: Announce,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let authority = Arc::new(Authority::open_or_create(dir.path(), now()).unwrap());
        let cloud = Cloud::new();
        let mut hello = HelloFacts {
            model: "simulator".to_owned(),
            software_version: "3.14.2".to_owned(),
            has_printer: true,
            ..HelloFacts::default()
        };
        facts(&mut hello);
        let printer = SimulatedPrinter::default();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let links = cloud.links.clone();
        let place = Arc::new(Mutex::new(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]));
        let ports = ports(dir.path(), &cloud, &printer, &clock, Place(Arc::clone(&place)));
        let mut config = TerminalConfig::new(TERMINAL, hello);
        config.settings.restart_notice_ms = 0;
        config.settings.office_patience_ms = 4_000;
        config.settings.restart_pause = Duration::from_millis(10);
        let terminal = Terminal::start(config, ports).await.unwrap();
        let script = Arc::new(Mutex::new(Script {
            verdict: Verdict::Approve,
            office: Box::new(|_, _, _| (404, json!({"error": {"code": "not_found"}}), false)),
            asked: Vec::new(),
            authorized: 0,
            inquiries: Vec::new(),
            silent: false,
            mute: false,
        }));
        let (orders, ordered) = mpsc::channel(16);
        let keeper = run_cloud(cloud, ordered, Arc::clone(&script), Arc::clone(&authority));
        let mut access = access(&authority);
        word(&mut access);
        let settings = LanSettings {
            address: "127.0.0.1:0".parse().unwrap(),
            open_wire: "127.0.0.1:0".parse().unwrap(),
            hosts: vec!["Cashless.Example".to_owned()],
            announce,
        };
        let lan = Lan::serve(terminal.till(), settings, clock, [3; 32]);
        let shop = Self {
            authority,
            terminal,
            printer,
            lan,
            access,
            script,
            orders,
            links,
            place,
            _cloud: tokio::spawn(keeper),
            _dir: dir,
        };
        let closed = LanAccess { local_api: false, cashless: false, ..shop.access.clone() };
        shop.online(true).await;
        shop.tell(&closed).await;
        if shop.access.local_api || shop.access.cashless {
            shop.state(|state| state.https.is_some()).await;
        }
        shop
    }

    pub async fn say(&self, message: ToTerminal) {
        self.orders.send(Order::Say(Box::new(message))).await.unwrap_or_else(|_| panic!("the cloud runs"));
    }

    /// Changes the cloud's word about who may speak to the terminal, and waits until it holds.
    pub async fn change(&mut self, word: impl FnOnce(&mut LanAccess)) {
        let before = self.access.clone();
        word(&mut self.access);
        self.access.version += 1;
        self.tell(&before).await;
    }

    /// Says the cloud's word. Other doors mean that the terminal starts again.
    async fn tell(&self, before: &LanAccess) {
        let doors = |access: &LanAccess| (access.local_api, access.cashless, access.open_wire);
        let mut links = self.links.clone();
        let had = *links.borrow();
        self.say(ToTerminal::LanAccess(Box::new(self.access.clone()))).await;
        if doors(before) != doors(&self.access) {
            timeout(PATIENCE, links.wait_for(|links| *links > had)).await.expect("it starts again").unwrap();
            self.online(true).await;
        }
        let mut held = self.terminal.till().access();
        let version = self.access.version;
        timeout(PATIENCE, held.wait_for(|held| held.version == version)).await.unwrap().unwrap();
    }

    async fn online(&self, online: bool) {
        let mut standing = self.terminal.till().standing();
        timeout(PATIENCE, standing.wait_for(|standing| standing.online == online)).await.unwrap().unwrap();
    }

    /// Cuts the internet for good.
    pub async fn unplug(&self) {
        self.orders.send(Order::Unplug).await.unwrap_or_else(|_| panic!("the cloud runs"));
        self.online(false).await;
    }

    /// The device gets another address, and notices when its link is made again.
    pub async fn moves_to(&self, address: IpAddr) {
        *self.place.lock().unwrap() = vec![address];
        self.orders.send(Order::Cut).await.unwrap_or_else(|_| panic!("the cloud runs"));
    }

    pub fn verdict(&self, verdict: Verdict) {
        self.script.lock().unwrap().verdict = verdict;
    }

    /// What the cloud answers to the terminal's own questions.
    pub fn office(
        &self,
        office: impl FnMut(Operation, Option<&str>, Value) -> (u16, Value, bool) + Send + 'static,
    ) {
        self.script.lock().unwrap().office = Box::new(office);
    }

    /// What was asked of the office so far.
    pub fn asked(&self) -> Vec<(Operation, Option<String>, Value)> {
        self.script.lock().unwrap().asked.clone()
    }

    /// What the office was asked about orders before a card was read.
    pub fn inquiries(&self) -> Vec<Value> {
        self.script.lock().unwrap().inquiries.clone()
    }

    /// From now on the office does not answer questions about orders.
    pub fn falls_silent(&self) {
        self.script.lock().unwrap().silent = true;
    }

    /// From now on the office answers nothing, or everything again.
    pub fn mutes(&self, mute: bool) {
        self.script.lock().unwrap().mute = mute;
    }

    /// How many requests for authorization reached the cloud.
    pub fn authorized(&self) -> usize {
        self.script.lock().unwrap().authorized
    }

    /// Waits for a state of the listeners.
    pub async fn state(&self, wanted: impl Fn(&LanState) -> bool) -> LanState {
        let mut state = self.lan.state();
        timeout(PATIENCE, state.wait_for(|state| wanted(state)))
            .await
            .expect("the listeners open")
            .unwrap()
            .clone()
    }

    pub fn https(&self) -> SocketAddr {
        self.lan.state().borrow().https.expect("HTTPS is served")
    }

    /// Waits until the screen shows what `wanted` accepts.
    pub async fn shows(&self, wanted: impl Fn(&Screen) -> bool) {
        let mut screen = self.terminal.screen();
        timeout(PATIENCE, screen.wait_for(|screen| wanted(screen)))
            .await
            .expect("the screen shows it")
            .unwrap();
    }

    /// A certificate for a till of this terminal.
    pub fn till_certificate(&self) -> Credential {
        self.certificate_for(TERMINAL, now())
    }

    /// A certificate for a till of some terminal, issued at some time.
    pub fn certificate_for(&self, link_id: &str, at: Timestamp) -> Credential {
        self.authority.issue_client(&client_name(link_id), at).unwrap()
    }
}

/// Where the device is.
struct Place(Arc<Mutex<Vec<IpAddr>>>);

impl Network for Place {
    fn addresses(&self) -> Vec<IpAddr> {
        self.0.lock().unwrap().clone()
    }
}

fn ports(
    dir: &Path,
    cloud: &Cloud,
    printer: &SimulatedPrinter,
    clock: &Arc<dyn Clock>,
    place: Place,
) -> Ports<MemoryDisk, PipeConnector, SimulatedReader> {
    Ports {
        disk: MemoryDisk::new(),
        memory: MemoryDisk::new(),
        mark: MemoryDisk::new(),
        vault: Vault::new(StorageKey::from_bytes([4; 32])),
        connector: cloud.connector(),
        reader: SimulatedReader::new(
            ReaderKey::from_bytes([9; 32]),
            Choice::parse(None).unwrap(),
            Pace::AT_ONCE,
            ChaCha8Rng::seed_from_u64(1),
        )
        // Tests choose tips themselves.
        .with_habits(TipHabit::Silent, ReceiptHabit::default()),
        display: Box::new(SimulatedScreen),
        printer: Box::new(printer.clone()),
        identity: Box::new(NoIdentity),
        lan_key: Box::new(FileLanKey::open(&dir.join("lan.json")).unwrap()),
        network: Box::new(place),
        installer: Box::new(SimulatedInstaller),
        clock: Arc::clone(clock),
        faults: Arc::new(NoFaults),
        rng: ChaCha8Rng::seed_from_u64(2),
    }
}

pub fn client_name(link_id: &str) -> ClientName {
    let terminal = DeviceIdentity::parse(link_id).unwrap();
    ClientName { terminal, certificate: ClientCertificateId(7) }
}

pub fn now() -> Timestamp {
    SystemClock::new().wall()
}

fn access(authority: &Authority) -> LanAccess {
    LanAccess {
        version: 1,
        local_api: true,
        cashless: true,
        open_wire: false,
        client_authorities_pem: authority.clients_pem().to_owned(),
        revoked_serials: Vec::new(),
        cashless_key_hash: Some(key_hash(KEY)),
        shop: ShopFacts {
            merchant_name: "Corner Cafe".to_owned(),
            address_lines: vec!["1 High Street".to_owned()],
            time_zone: "Europe/Berlin".to_owned(),
            display_name: "Counter 1".to_owned(),
        },
        livemode: false,
        settlement_currency: Currency::parse("USD").unwrap(),
        offline_cap_minor: None,
        offline_total_cap_minor: None,
        suspended: false,
    }
}

pub fn key_hash(key: &str) -> [u8; 32] {
    digest(&SHA256, key.as_bytes()).as_ref().try_into().unwrap()
}

async fn run_cloud(
    mut cloud: Cloud,
    mut ordered: mpsc::Receiver<Order>,
    script: Arc<Mutex<Script>>,
    authority: Arc<Authority>,
) {
    loop {
        tokio::select! {
            biased;
            order = ordered.recv() => match order {
                Some(Order::Say(message)) => cloud.send(*message),
                Some(Order::Cut) => cloud.cut(),
                Some(Order::Unplug) => {
                    cloud.door(false);
                    cloud.cut();
                }
                None => return,
            },
            message = cloud.recv() => for reply in answers(message, &script, &authority) {
                cloud.send(reply);
            },
        }
    }
}

fn answers(message: ToCloud, script: &Mutex<Script>, authority: &Authority) -> Vec<ToTerminal> {
    let mut script = script.lock().unwrap();
    match message {
        ToCloud::Authorize(authorize) => {
            script.authorized += 1;
            let (intent, stan) = (authorize.intent, authorize.request.stan);
            let verdict = match script.verdict {
                Verdict::Approve => HostVerdict::Approved {
                    authorized_minor: authorize.request.amount_minor,
                    auth_code: "A12345".into(),
                },
                Verdict::Decline(code) => HostVerdict::Declined(code),
                Verdict::Unknown => HostVerdict::Unknown,
            };
            vec![ToTerminal::AuthorizeResult { intent, stan, verdict, renamed: None }]
        }
        ToCloud::OfficeRequest(OfficeRequest { request, operation, key, body }) => {
            let body: Value = serde_json::from_slice(&body).unwrap();
            // Orders are asked about before a card is; tests of the other questions need not see that.
            if body["charged_here"] == true || body.get("intent").is_some() {
                script.inquiries.push(body.clone());
                if script.silent {
                    return Vec::new();
                }
            } else {
                script.asked.push((operation, key.as_deref().map(str::to_owned), body.clone()));
            }
            if script.mute {
                return Vec::new();
            }
            let (status, body, replayed) = (script.office)(operation, key.as_deref(), body);
            let body = body.to_string().into();
            vec![ToTerminal::OfficeAnswer(OfficeAnswer { request, status, body, replayed })]
        }
        ToCloud::LanCertificateRequest(request) => {
            let terminal = DeviceIdentity::parse(TERMINAL).unwrap();
            let addresses = &request.addresses;
            let issued = authority.issue_listener(&request.csr_der, &terminal, addresses, now()).unwrap();
            vec![ToTerminal::LanCertificateIssued { chain_pem: issued.chain_pem().to_owned() }]
        }
        _ => Vec::new(),
    }
}
