//! A device: makes its key, offers itself, and opens links with whatever identity it was given.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use vinr_domain::Timestamp;
use vinr_pki::{DeviceBundle, DeviceKey, LeafFacts, device_client_config};
use vinr_wire::link::{
    DEFAULT_PATH, Event, HelloFacts, Limits, TerminalSession, ToCloud, ToTerminal, subprotocol,
};

use super::installation::{Got, Installation};

const PATIENCE: Duration = Duration::from_secs(20);

/// A device that offers itself.
pub struct Device {
    key: DeviceKey,
    pub serial: String,
    pub id: String,
    pub secret: String,
    pub code: String,
}

impl Device {
    pub async fn offer(at: &Installation, serial: &str) -> Self {
        let key = DeviceKey::generate().unwrap();
        let got = at.send("POST", None, "/v1/device/pairings", Some(offer_of(&key, serial))).await;
        assert_eq!(got.status, 200, "{}", got.json);
        let text = |field: &str| got.text(field).to_owned();
        let (id, secret, code) = (text("id"), text("secret"), text("activationCode"));
        Self { key, serial: serial.to_owned(), id, secret, code }
    }

    pub async fn look(&self, at: &Installation) -> Got {
        at.send("GET", Some(&self.secret), &format!("/v1/device/pairings/{}", self.id), None).await
    }

    pub async fn say(&self, at: &Installation, word: &str) -> Got {
        at.send("POST", Some(&self.secret), &format!("/v1/device/pairings/{}/{word}", self.id), None).await
    }

    /// Fetches its identity; somebody must have entered the code, or be about to.
    pub async fn fetch(self, at: &Installation) -> Paired {
        let got = self.look(at).await;
        assert_eq!((got.status, got.text("status")), (200, "issued"), "{}", got.json);
        let identity = &got.json["identity"];
        let text = |field: &str| identity[field].as_str().unwrap();
        let bundle = DeviceBundle::new(self.key, text("certificateChain"), text("roots")).unwrap();
        assert_eq!(bundle.identity().to_string(), text("linkId"));
        assert_eq!(identity["gateway"]["address"], at.gateway.to_string());
        Paired {
            terminal: text("terminalId").to_owned(),
            tls: device_client_config(&bundle).unwrap(),
            facts: bundle.facts().clone(),
            pairing: (self.id, self.secret),
            serial: self.serial,
        }
    }
}

pub fn offer_of(key: &DeviceKey, serial: &str) -> serde_json::Value {
    json!({
        "csr": STANDARD.encode(key.csr().unwrap()),
        "model": "nexgo_n92",
        "serialNumber": serial,
        "softwareVersion": "3.14.2",
    })
}

/// A device with an identity.
pub struct Paired {
    pub terminal: String,
    pub tls: Arc<ClientConfig>,
    pub facts: LeafFacts,
    pub pairing: (String, String),
    serial: String,
}

impl Paired {
    /// The same terminal with another key and certificate.
    pub fn with(&self, key: DeviceKey, chain_pem: &str, at: &Installation) -> Self {
        let roots = at.platform.applications.identities.authority().unwrap().roots_pem();
        let bundle = DeviceBundle::new(key, chain_pem, roots).unwrap();
        Self {
            terminal: self.terminal.clone(),
            tls: device_client_config(&bundle).unwrap(),
            facts: bundle.facts().clone(),
            pairing: self.pairing.clone(),
            serial: self.serial.clone(),
        }
    }

    /// Opens a link and is greeted; the reason when it is not.
    pub async fn connect(&self, at: &Installation) -> Result<Link, String> {
        let tcp = TcpStream::connect(at.gateway).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let tls = TlsConnector::from(Arc::clone(&self.tls)).connect(name, tcp).await;
        let tls = tls.map_err(|error| error.to_string())?;
        let mut request = format!("wss://localhost{DEFAULT_PATH}").into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", subprotocol().parse().unwrap());
        let opened = tokio_tungstenite::client_async(request, tls).await;
        let socket = opened.map_err(|error| error.to_string())?.0;
        let facts = HelloFacts {
            software_version: "3.14.2".to_owned(),
            model: "nexgo_n92".to_owned(),
            serial_number: self.serial.clone(),
            ..HelloFacts::default()
        };
        let mut session = TerminalSession::terminal(rand::random::<u64>() | 1, facts, Limits::default());
        session.connected(0);
        let mut link = Link { socket, session };
        loop {
            match link.next().await? {
                Event::Established { .. } => return Ok(link),
                Event::Rejected { message, .. } => return Err(message),
                _ => {}
            }
        }
    }
}

/// A link that is up.
pub struct Link {
    socket: WebSocketStream<TlsStream<TcpStream>>,
    session: TerminalSession,
}

impl Link {
    /// The next thing that the session has to say; the reason when the link has ended.
    async fn next(&mut self) -> Result<Event<ToTerminal>, String> {
        loop {
            while let Some(frame) = self.session.poll_frame(0, Timestamp::default()) {
                self.socket.send(Message::Binary(frame)).await.map_err(|error| error.to_string())?;
            }
            if let Some(event) = self.session.poll_event() {
                return Ok(event);
            }
            let frame: Bytes = match timeout(PATIENCE, self.socket.next()).await.expect("a frame or the end")
            {
                Some(Ok(Message::Binary(frame))) => frame,
                Some(Ok(Message::Close(_))) | None => return Err("closed".to_owned()),
                Some(Ok(_)) => continue,
                Some(Err(error)) => return Err(error.to_string()),
            };
            self.session.receive(&frame, 0).map_err(|error| error.to_string())?;
        }
    }

    /// Asks for a certificate and returns what is said about it.
    pub async fn renew(&mut self, csr: Vec<u8>) -> ToTerminal {
        self.session.queue(ToCloud::CertificateRequest { csr_der: csr.into() }).unwrap();
        loop {
            let event = self.next().await.unwrap();
            if let Event::Message(
                answer @ (ToTerminal::CertificateIssued { .. } | ToTerminal::CertificateRefused { .. }),
            ) = event
            {
                return answer;
            }
        }
    }

    /// Says something.
    pub fn say(&mut self, message: ToCloud) {
        self.session.queue(message).unwrap();
    }

    /// What the cloud says next of the kind that is looked for.
    pub async fn hears<T>(&mut self, wanted: impl Fn(ToTerminal) -> Option<T>) -> T {
        let hearing = async {
            loop {
                if let Event::Message(message) = self.next().await.unwrap()
                    && let Some(found) = wanted(message)
                {
                    return found;
                }
            }
        };
        timeout(PATIENCE, hearing).await.expect("what was waited for is said")
    }

    /// Returns when the cloud has ended the link, with what it said.
    pub async fn until_cut(mut self) -> String {
        loop {
            match self.next().await {
                Ok(Event::Rejected { message, .. }) => return message,
                Ok(_) => {}
                Err(reason) => return reason,
            }
        }
    }
}
