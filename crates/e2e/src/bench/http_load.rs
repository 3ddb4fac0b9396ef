//! A closed loop of HTTP requests over connections that are kept: each sends the next request when the answer to the
//! one before is there. Runs on a thread of its own and does as little as can be done, because it takes its time from
//! the same cores as the server.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use hdrhistogram::Histogram;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{During, Failure};

/// Fills in the next request of one connection; `false` when there is none left.
pub(super) type Compose = Box<dyn FnMut(&mut Vec<u8>) -> bool + Send>;

/// How hard to push.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    pub(super) address: SocketAddr,
    pub(super) connections: usize,
    pub(super) duration: Duration,
    /// Every answer must begin with this status line and hold the second text; anything else fails the run.
    pub(super) expected: (&'static str, &'static str),
}

/// What came back.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) answered: u64,
    pub(super) took: Duration,
    /// In nanoseconds.
    pub(super) latencies: Histogram<u64>,
}

impl Outcome {
    pub(super) fn per_second(&self) -> f64 {
        self.answered as f64 / self.took.as_secs_f64()
    }

    /// The latency that this share of the requests stayed below, in milliseconds.
    pub(super) fn latency_ms(&self, quantile: f64) -> f64 {
        self.latencies.value_at_quantile(quantile) as f64 / 1e6
    }
}

/// Latencies from a microsecond to a minute, to three digits, in nanoseconds.
pub(super) fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1_000, 60_000_000_000, 3).expect("the bounds are in order")
}

/// A request that is filled in: `#` stands for the digits of one number, `@` for those of another.
#[derive(Clone, Debug)]
pub(super) struct Template {
    bytes: Vec<u8>,
}

impl Template {
    /// A request with the key of the benchmarks. Numbers must not change their length, so its `Content-Length` stands.
    pub(super) fn new(method: &str, path: &str, more_headers: &str, body: &str) -> Self {
        let key = super::cloud::SECRET_KEY;
        let text = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n{more_headers}\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        Self { bytes: text.into_bytes() }
    }

    /// A request whose numbers are `hash` and `at`.
    pub(super) fn fill(&self, hash: u64, at: u64, out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(&self.bytes);
        // From the right, one digit for each mark; a run of marks ends where other text begins.
        let (mut numbers, mut inside) = ([hash, at], false);
        for byte in out.iter_mut().rev() {
            let which = usize::from(*byte == b'@');
            if !matches!(*byte, b'#' | b'@') {
                if inside {
                    numbers = [hash, at];
                }
                inside = false;
                continue;
            }
            inside = true;
            *byte = b'0' + u8::try_from(numbers[which] % 10).expect("a digit");
            numbers[which] /= 10;
        }
    }
}

/// Sends what `compose` makes for each connection until the time is over or nothing is left.
pub(super) fn run(load: Load, compose: impl FnMut(usize) -> Compose) -> Result<Outcome, Failure> {
    let composers: Vec<_> = (0..load.connections).map(compose).collect();
    let thread = std::thread::Builder::new().name("http-load".into()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.during("starting the client")?.block_on(drive(load, composers))
    });
    let joined = thread.during("starting the client")?.join();
    joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

async fn drive(load: Load, composers: Vec<Compose>) -> Result<Outcome, Failure> {
    let latencies = Arc::new(Mutex::new(histogram()));
    let barrier = Arc::new(Barrier::new(load.connections + 1));
    let mut connections = JoinSet::new();
    for compose in composers {
        let stream = TcpStream::connect(load.address).await.during("connecting to the server")?;
        stream.set_nodelay(true).during("connecting to the server")?;
        let (barrier, latencies) = (Arc::clone(&barrier), Arc::clone(&latencies));
        connections.spawn(async move {
            barrier.wait().await;
            converse(stream, load, compose, &latencies).await
        });
    }
    let _ = barrier.wait().await;
    let begun = Instant::now();
    while let Some(ended) = connections.join_next().await {
        ended.during("a connection")?.during("a connection")?;
    }
    let took = begun.elapsed();
    let latencies = latencies.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok(Outcome { answered: latencies.len(), took, latencies })
}

async fn converse(
    mut stream: TcpStream,
    load: Load,
    mut compose: Compose,
    latencies: &Mutex<Histogram<u64>>,
) -> io::Result<()> {
    let (mut request, mut heard) = (Vec::with_capacity(1024), BytesMut::with_capacity(8192));
    let until = Instant::now() + load.duration;
    while Instant::now() < until && compose(&mut request) {
        let sent = Instant::now();
        stream.write_all(&request).await?;
        let length = hear(&mut stream, &mut heard).await?;
        let took = u64::try_from(sent.elapsed().as_nanos()).unwrap_or(u64::MAX);
        check(&heard[..length], load.expected)?;
        heard.advance(length);
        latencies.lock().unwrap_or_else(PoisonError::into_inner).saturating_record(took);
    }
    Ok(())
}

/// Reads until a whole answer is there, and says how long it is.
async fn hear(stream: &mut TcpStream, heard: &mut BytesMut) -> io::Result<usize> {
    loop {
        if let Some(length) = whole(heard)? {
            return Ok(length);
        }
        heard.reserve(4096);
        if stream.read_buf(heard).await? == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server hung up"));
        }
    }
}

/// The length of the answer at the beginning of `heard`, once all of it is there.
fn whole(heard: &[u8]) -> io::Result<Option<usize>> {
    const LENGTH: &[u8] = b"\r\ncontent-length: ";
    let Some(head) = find(heard, b"\r\n\r\n") else { return Ok(None) };
    let at = find(&heard[..head + 2], LENGTH)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "an answer without a length"))?;
    let digits = heard[at + LENGTH.len()..head + 2].iter().take_while(|byte| byte.is_ascii_digit());
    let body = digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'));
    let length = head + 4 + body;
    Ok((heard.len() >= length).then_some(length))
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

fn check(answer: &[u8], expected: (&'static str, &'static str)) -> io::Result<()> {
    if answer.starts_with(expected.0.as_bytes()) && find(answer, expected.1.as_bytes()).is_some() {
        return Ok(());
    }
    Err(io::Error::other(format!("unexpected answer: {}", String::from_utf8_lossy(answer))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_filled_in_from_the_right_and_the_length_stands() {
        let template = Template::new("POST", "/x/@@", "Key: @@@@\r\n", r###"{"t":"##","u":"@@@"}"###);
        let mut request = Vec::new();
        for _ in 0..2 {
            template.fill(7, 1234, &mut request);
            let text = String::from_utf8(request.clone()).unwrap();
            assert!(text.starts_with("POST /x/34 HTTP/1.1\r\n"), "{text}");
            assert!(text.contains("Key: 1234\r\n") && text.ends_with(r#"{"t":"07","u":"234"}"#), "{text}");
            assert!(text.contains("Content-Length: 20\r\n"), "{text}");
        }
    }

    #[test]
    fn an_answer_is_whole_when_its_body_is() {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\nx: y\r\n\r\nhello world";
        assert_eq!(whole(&answer[..30]).unwrap(), None);
        assert_eq!(whole(&answer[..answer.len() - 1]).unwrap(), None);
        assert_eq!(whole(answer).unwrap(), Some(answer.len()));
        assert_eq!(whole(&[answer.as_slice(), b"HTTP"].concat()).unwrap(), Some(answer.len()));
        assert!(whole(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert!(check(answer, ("HTTP/1.1 200", "world")).is_ok());
        assert!(check(answer, ("HTTP/1.1 202", "world")).is_err());
        assert!(check(answer, ("HTTP/1.1 200", "moon")).is_err());
    }
}
