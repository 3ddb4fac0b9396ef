//! The real way to the cloud: WebSocket over mutual TLS on a loopback socket, and a journal in a file. Shows that the
//! parts fit; everything else about the device loop is tested in virtual time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use vinr_domain::payment::CaptureMethod;
use vinr_domain::{Currency, IntentId, Money, PaymentId, TerminalId, Timestamp};
use vinr_pki::{
    Authority, DenySet, DeviceBundle, DeviceIdentity, DeviceKey, ServerNames, device_client_config,
    gateway_server_config,
};
use vinr_terminal::journal::FileDisk;
use vinr_terminal::link::WssConnector;
use vinr_terminal::printer::SimulatedPrinter;
use vinr_terminal::reader::{Choice, Pace, SimulatedReader};
use vinr_terminal::screen::SimulatedScreen;
use vinr_terminal::{
    Clock as _, NoFaults, NoIdentity, NoLanKey, NoNetwork, Ports, SimulatedInstaller, SystemClock, Terminal,
    TerminalConfig, TerminalHandle, Vault,
};
use vinr_wire::card::{ReaderKey, StorageKey};
use vinr_wire::link::{
    CloudSession, Collect, Event, HelloFacts, HostVerdict, Limits, ToCloud, ToTerminal, subprotocol,
};

type Socket = WebSocketStream<tokio_rustls::server::TlsStream<TcpStream>>;

const INTENT: IntentId = IntentId(1);

fn now() -> Timestamp {
    SystemClock::new().wall()
}

/// A gateway's listener and a provisioned device, of one authority.
struct Ground {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    bundle: DeviceBundle,
}

async fn ground(dir: &Path) -> Ground {
    let authority = Authority::open_or_create(dir, now()).unwrap();
    let identity = DeviceIdentity::of_terminal(TerminalId::parse("term_t1").unwrap()).unwrap();
    let key = DeviceKey::generate().unwrap();
    let issued = authority.issue_device(&key.csr().unwrap(), &identity, now()).unwrap();
    let bundle = DeviceBundle::new(key, issued.chain_pem(), authority.roots_pem()).unwrap();
    let server = authority.issue_server(&ServerNames::default(), now()).unwrap();
    let tls = gateway_server_config(&authority, &server, Arc::new(DenySet::default())).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    Ground { listener, acceptor: TlsAcceptor::from(tls), bundle }
}

async fn start(ground: &Ground, journal: &Path) -> TerminalHandle {
    let tls = device_client_config(&ground.bundle).unwrap();
    let address = ground.listener.local_addr().unwrap().to_string();
    let ports = Ports {
        disk: FileDisk::open(journal).unwrap(),
        memory: FileDisk::open(&journal.with_extension("memory")).unwrap(),
        mark: FileDisk::open(&journal.with_extension("mark")).unwrap(),
        vault: Vault::new(StorageKey::from_bytes([3; 32])),
        connector: WssConnector::new(&address, "localhost", tls).unwrap(),
        reader: SimulatedReader::new(
            ReaderKey::from_bytes([1; 32]),
            Choice::parse(None).unwrap(),
            Pace::AT_ONCE,
            ChaCha8Rng::seed_from_u64(1),
        ),
        display: Box::new(SimulatedScreen),
        printer: Box::new(SimulatedPrinter::default()),
        identity: Box::new(NoIdentity),
        lan_key: Box::new(NoLanKey),
        network: Box::new(NoNetwork),
        installer: Box::new(SimulatedInstaller),
        clock: Arc::new(SystemClock::new()),
        faults: Arc::new(NoFaults),
        rng: ChaCha8Rng::seed_from_u64(2),
    };
    Terminal::start(TerminalConfig::new("term_t1", HelloFacts::default()), ports).await.unwrap()
}

#[expect(clippy::result_large_err, reason = "the type of the library's callback")]
async fn accept(ground: &Ground) -> Socket {
    let (tcp, _) = ground.listener.accept().await.unwrap();
    let tls = ground.acceptor.accept(tcp).await.unwrap();
    let answer = |request: &Request, mut response: Response| {
        assert_eq!(request.uri().path(), "/v1/link");
        let asked = request.headers().get("sec-websocket-protocol").unwrap().clone();
        assert_eq!(asked, subprotocol());
        response.headers_mut().insert("sec-websocket-protocol", asked);
        Ok(response)
    };
    tokio_tungstenite::accept_hdr_async(tls, answer).await.unwrap()
}

fn collect() -> ToTerminal {
    let amount = Money { amount_minor: 100, currency: Currency::parse("EUR").unwrap() };
    ToTerminal::Collect(Collect {
        intent: INTENT,
        attempt_epoch: 1,
        deadline: now().plus_ms(90_000),
        amount,
        capture_method: CaptureMethod::Automatic,
        reference: None,
        payment_id: PaymentId(1),
        simulation: None,
        tip: None,
    })
}

/// Answers the terminal until it has confirmed its payment.
async fn sell(socket: &mut Socket) {
    let began = SystemClock::new();
    let mut session = CloudSession::cloud(1, Limits::default());
    session.connected(0);
    loop {
        while let Some(event) = session.poll_event() {
            match event {
                Event::Hello(_) => {
                    session.accept(1, now(), 20_000, "term_t1");
                    session.queue(collect()).unwrap();
                }
                Event::Message(ToCloud::Authorize(authorize)) => {
                    let stan = authorize.request.stan;
                    let verdict = HostVerdict::Approved { authorized_minor: 100, auth_code: "A1".into() };
                    session
                        .queue(ToTerminal::AuthorizeResult { intent: INTENT, stan, verdict, renamed: None })
                        .unwrap();
                }
                Event::Message(ToCloud::ResultConfirmed { .. }) => return,
                _ => {}
            }
        }
        while let Some(frame) = session.poll_frame(began.monotonic_ms(), now()) {
            socket.send(Message::Binary(frame)).await.unwrap();
        }
        match socket.next().await.unwrap().unwrap() {
            Message::Binary(frame) => session.receive(&frame, began.monotonic_ms()).unwrap(),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_terminal_sells_over_mutual_tls_and_says_goodbye() {
    let directory = tempfile::tempdir().unwrap();
    let ground = ground(directory.path()).await;
    let journal = directory.path().join("terminal").join("journal");
    let terminal = start(&ground, &journal).await;
    let patience = Duration::from_secs(60);
    let mut socket = timeout(patience, accept(&ground)).await.unwrap();
    timeout(patience, sell(&mut socket)).await.unwrap();
    let (stopped, farewell) = tokio::join!(timeout(patience, terminal.shutdown()), async {
        loop {
            match timeout(patience, socket.next()).await.unwrap() {
                Some(Ok(Message::Close(_))) => return true,
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return false,
            }
        }
    });
    stopped.unwrap().unwrap();
    assert!(farewell, "the connection ended without a close frame");
    assert!(std::fs::metadata(&journal).unwrap().len() > 100);
}
