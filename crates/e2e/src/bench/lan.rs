//! A terminal in its shop, as a till finds it: the real program (`vinr simulator`), real TLS, a customer whose card is there
//! at once. Beside it an echo behind the same TLS: what is left when nothing is charged and nothing is written.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use hdrhistogram::Histogram;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use vinr_pki::{Authority, Credential, looking_client_config};
use vinr_server::clock::SystemClock;

use super::cloud::{runtime, scratch};
use super::http_load::histogram;
use super::lan_floor::LanFloor;
use super::report::{Goal, Report, Row, progress};
use super::{During, Failure, Plan, fleet};

/// What the terminal says when it asks for a card.
const PROMPT: &[u8] = b"awaiting_card";
/// How long anything may take before the run has failed.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) fn run(plan: &Plan) -> Result<Report, Failure> {
    let dir = scratch(&plan.dir)?;
    let now = SystemClock::shared().wall();
    let authority = Authority::open_or_create(&dir.path().join("pki"), now).during("an authority")?;
    let floor = LanFloor::start(&authority, now)?;
    let echo_tls = fleet::client_config(&authority, 0, now)?;
    let shop = Shop::open(plan.vinr.as_deref())?;
    let till = runtime("till")?;

    let mut rows = Rows::default();
    for round in 1..=plan.rounds {
        progress(&format!("lan: round {round} of {}", plan.rounds));
        let address = floor.address;
        let mut echo = till.block_on(Line::open(address, "localhost", Arc::clone(&echo_tls)))?;
        let heard = till.block_on(echoes(&mut echo, plan.measure / 2))?;
        rows.add(0, &heard, |row| &mut row.floor);
        rows.add(2, &heard, |row| &mut row.floor);
        let local = shop.local(&till, plan.measure)?;
        rows.add(0, &local, |row| &mut row.ours);
        let sales = shop.sales(&till, plan.measure)?;
        rows.add(2, &sales, |row| &mut row.ours);
        let prompts = shop.prompts(&till, plan.measure)?;
        rows.add(4, &prompts, |row| &mut row.ours);
        rows.rates[0].ours.push(local.len() as f64 / plan.measure.as_secs_f64());
        rows.rates[1].ours.push(sales.len() as f64 / plan.measure.as_secs_f64());
    }
    let notes = vec![
        "the real `vinr simulator`: terminal, cloud and issuer in one process; one terminal takes one payment at a time".to_owned(),
        "the floor is an axum echo of 64 bytes behind the same TLS: no journal, no cloud, no issuer".to_owned(),
        "command to prompt: from the first byte of the order to the till's own event stream saying `awaiting_card`".to_owned(),
    ];
    Ok(Report { name: "lan", rows: rows.rates.into_iter().chain(rows.pairs).collect(), notes })
}

/// The figures: rates, then pairs of median and 99th percentile.
struct Rows {
    rates: Vec<Row>,
    pairs: Vec<Row>,
}

impl Default for Rows {
    fn default() -> Self {
        let rate = |what: &str| Row::new(what, "1/s", Goal::None);
        let pair = |what: &str, goal| {
            [("p50", Goal::None), ("p99", goal)]
                .map(|(name, goal)| Row::new(format!("{what}, {name}"), "ms", goal))
        };
        Self {
            rates: vec![rate("local payments, one terminal"), rate("cashless sales, one terminal")],
            pairs: [
                pair("one local payment", Goal::None),
                pair("one cashless sale", Goal::None),
                pair("local command to prompt", Goal::AtMost(5.0)),
            ]
            .concat(),
        }
    }
}

impl Rows {
    fn add(&mut self, first: usize, latencies: &Histogram<u64>, side: impl Fn(&mut Row) -> &mut Vec<f64>) {
        for (row, quantile) in self.pairs[first..first + 2].iter_mut().zip([0.5, 0.99]) {
            side(row).push(latencies.value_at_quantile(quantile) as f64 / 1e6);
        }
    }
}

async fn echoes(line: &mut Line, during: Duration) -> Result<Histogram<u64>, Failure> {
    let mut heard = histogram();
    let request = post("/echo", "", &"x".repeat(64));
    let begun = Instant::now();
    while begun.elapsed() < during {
        let asked = Instant::now();
        line.ask(&request, "200", "xxxx").await?;
        heard.saturating_record(nanos(asked));
    }
    Ok(heard)
}

fn nanos(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

fn post(path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// What the simulator says when it is ready.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ready {
    terminal: String,
    port: u16,
    ca_bundle: PathBuf,
    client_p12: PathBuf,
    client_p12_passphrase: String,
}

/// A running simulator; ends when dropped, because its standard input does.
struct Shop {
    ready: Ready,
    tls: Arc<ClientConfig>,
    process: Child,
    input: Option<ChildStdin>,
    count: std::cell::Cell<u64>,
}

impl Drop for Shop {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.process.wait();
    }
}

impl Shop {
    fn open(program: Option<&Path>) -> Result<Self, Failure> {
        let beside = std::env::current_exe().during("finding this program")?.with_file_name("vinr");
        let program = program.unwrap_or(&beside);
        let mut process = Command::new(program)
            .args(["simulator", "--json", "--until-stdin-ends", "--pace-ms", "0"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .during(&format!(
                "starting {} (build it in the same profile, or name it with --vinr)",
                program.display()
            ))?;
        let input = process.stdin.take();
        let mut line = String::new();
        let out = process.stdout.take().ok_or_else(|| Failure::new("the simulator has no output"))?;
        BufReader::new(out).read_line(&mut line).during("waiting for the simulator")?;
        let ready: Ready = serde_json::from_str(&line).during("reading what the simulator says")?;
        let read = |path: &Path| std::fs::read(path).during("reading the simulator's files");
        let bundle = read(&ready.client_p12)?;
        let credential = Credential::from_pkcs12(&bundle, &ready.client_p12_passphrase)
            .during("opening the certificate")?;
        let roots = String::from_utf8(read(&ready.ca_bundle)?).during("reading the authorities")?;
        let (tls, _) = looking_client_config(&roots, Some(&credential)).during("configuring TLS")?;
        Ok(Self { ready, tls, process, input, count: std::cell::Cell::new(0) })
    }

    async fn line(&self) -> Result<Line, Failure> {
        let address = std::net::SocketAddr::from(([127, 0, 0, 1], self.ready.port));
        Line::open(address, "127.0.0.1", Arc::clone(&self.tls)).await
    }

    fn order(&self) -> String {
        self.count.set(self.count.get() + 1);
        format!(
            r#"{{"terminalId":"{}","amount":2500,"currency":"USD","reference":"bench-{}"}}"#,
            self.ready.terminal,
            self.count.get()
        )
    }

    /// Payments over the Local API, one after the other, on one connection.
    fn local(&self, till: &Runtime, during: Duration) -> Result<Histogram<u64>, Failure> {
        till.block_on(async {
            let mut line = self.line().await?;
            let mut paid = histogram();
            let begun = Instant::now();
            while begun.elapsed() < during {
                let request = post("/v1/pay", "", &self.order());
                let asked = Instant::now();
                line.ask(&request, "200", "completed").await?;
                paid.saturating_record(nanos(asked));
            }
            Ok(paid)
        })
    }

    /// Sales over the Cashless API.
    fn sales(&self, till: &Runtime, during: Duration) -> Result<Histogram<u64>, Failure> {
        till.block_on(async {
            let mut line = self.line().await?;
            let mut paid = histogram();
            let begun = Instant::now();
            while begun.elapsed() < during {
                self.count.set(self.count.get() + 1);
                let body =
                    format!(r#"{{"amount":2500,"currency":"USD","reference":"sale-{}"}}"#, self.count.get());
                let request = post("/cashless/v1/sale", "X-VINR-Cashless-Key: ck_test_simulator\r\n", &body);
                let asked = Instant::now();
                line.ask(&request, "200", "approved").await?;
                paid.saturating_record(nanos(asked));
            }
            Ok(paid)
        })
    }

    /// From the order to the prompt, as the till's event stream tells it.
    fn prompts(&self, till: &Runtime, during: Duration) -> Result<Histogram<u64>, Failure> {
        till.block_on(async {
            let (mut line, mut stream) = (self.line().await?, self.line().await?);
            stream
                .say(b"GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n")
                .await?;
            stream.until(b"\r\n\r\n").await?;
            let mut prompted = histogram();
            let begun = Instant::now();
            while begun.elapsed() < during {
                let request = post("/v1/pay", "", &self.order());
                let asked = Instant::now();
                line.say(&request).await?;
                stream.until(PROMPT).await?;
                prompted.saturating_record(nanos(asked));
                line.answer("200", "completed").await?;
            }
            Ok(prompted)
        })
    }
}

/// One connection of a till.
struct Line {
    stream: TlsStream<TcpStream>,
    heard: Vec<u8>,
}

impl Line {
    async fn open(
        address: std::net::SocketAddr,
        name: &'static str,
        tls: Arc<ClientConfig>,
    ) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await.during("connecting")?;
        stream.set_nodelay(true).during("connecting")?;
        let name = ServerName::try_from(name).during("naming the server")?;
        let stream = TlsConnector::from(tls).connect(name, stream).await.during("the TLS handshake")?;
        Ok(Self { stream, heard: Vec::with_capacity(8 * 1024) })
    }

    async fn ask(&mut self, request: &[u8], status: &str, within: &str) -> Result<(), Failure> {
        self.say(request).await?;
        self.answer(status, within).await
    }

    async fn say(&mut self, request: &[u8]) -> Result<(), Failure> {
        self.stream.write_all(request).await.during("sending")?;
        self.stream.flush().await.during("sending")
    }

    /// Reads one whole answer, with a length or in chunks.
    async fn answer(&mut self, status: &str, within: &str) -> Result<(), Failure> {
        let head = self.until(b"\r\n\r\n").await?;
        let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
        let body = match head.split("content-length: ").nth(1) {
            Some(rest) => {
                let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
                self.exactly(digits.parse().during("reading the length")?).await?
            }
            None => self.until(b"0\r\n\r\n").await?,
        };
        let body = String::from_utf8_lossy(&body);
        if head.split(' ').nth(1) == Some(status) && body.contains(within) {
            return Ok(());
        }
        Err(Failure::new(format!("not the answer that was expected ({status}, {within}): {head}{body}")))
    }

    /// Everything up to and with `end`.
    async fn until(&mut self, end: &[u8]) -> Result<Vec<u8>, Failure> {
        loop {
            if let Some(at) = self.heard.windows(end.len()).position(|window| window == end) {
                return Ok(self.heard.drain(..at + end.len()).collect());
            }
            self.more().await?;
        }
    }

    async fn exactly(&mut self, bytes: usize) -> Result<Vec<u8>, Failure> {
        while self.heard.len() < bytes {
            self.more().await?;
        }
        Ok(self.heard.drain(..bytes).collect())
    }

    async fn more(&mut self) -> Result<(), Failure> {
        let read = tokio::time::timeout(PATIENCE, self.stream.read_buf(&mut self.heard)).await;
        match read.during("waiting for an answer")?.during("reading")? {
            0 => Err(Failure::new("the connection ended before the answer")),
            _ => Ok(()),
        }
    }
}
