//! `vinr listen`: follows the events of the API and posts them, signed, to a program on this machine. Goes on after every
//! interruption where it ended, and does not pass over an event until the program has answered it.

use std::time::Duration;

use clap::Args;
use tokio::time::{Instant, sleep, timeout};
use vinr_server::clock::{Clock, SystemClock};
use vinr_server::webhooks::{Heard, Line};
use vinr_wire::rest::webhook::{SECRET_BYTES, Signatures, SigningSecret, Topics};

use super::say;
use crate::client::{ApiArgs, Client};
use crate::dev::SECRET_KEY;
use crate::failure::Failure;

/// How long until the next attempt to reach the API or the program.
const PAUSE: Duration = Duration::from_secs(1);
/// How long nothing may come before the stream is taken for dead; something comes every 15 s.
const SILENCE: Duration = Duration::from_secs(40);
/// How long the program may take to answer.
const ANSWER: Duration = Duration::from_secs(30);

/// What `vinr listen` can be told.
#[derive(Clone, Debug, Args)]
pub struct ListenArgs {
    /// Where events are posted to.
    #[arg(long, value_name = "URL")]
    pub forward_to: String,

    /// Which events: types, categories (`terminal.*`), or `*`.
    #[arg(long, value_delimiter = ',', default_value = "*", value_name = "TYPE,…")]
    pub events: Vec<String>,

    /// Where the API is, and who asks.
    #[command(flatten)]
    pub api: ApiArgs,
}

/// Runs until it is interrupted.
pub async fn run(args: ListenArgs) -> Result<(), Failure> {
    let topics = Topics::parse("--events", args.events.clone()).map_err(Failure::new)?;
    let forward = Line::to(&args.forward_to, &[])
        .map_err(|error| Failure::new(format_args!("--forward-to {error}")))?;
    let secret = SigningSecret::from_bytes(rand::random::<[u8; SECRET_BYTES]>().to_vec());
    let api = Client::new(&args.api, SECRET_KEY)?;
    let newest = api.get("/v1/events?limit=1").await?;
    let last = newest["data"][0]["id"].as_str().map(str::to_owned);
    say(format_args!("Ready. Events are posted to {}, signed with", args.forward_to));
    say(secret.reveal());
    let clock = SystemClock::shared();
    let mut listener = Listener { api, forward, secret, topics, last, clock };
    loop {
        match listener.follow().await {
            Ok(()) => {}
            Err(failure) => say(format_args!("{failure}; trying again")),
        }
        sleep(PAUSE).await;
    }
}

struct Listener {
    api: Client,
    forward: Line,
    secret: SigningSecret,
    topics: Topics,
    /// The last event that has been answered, or was there before.
    last: Option<String>,
    clock: std::sync::Arc<dyn Clock>,
}

impl Listener {
    /// Follows the stream until it ends.
    async fn follow(&mut self) -> Result<(), Failure> {
        if self.last.is_none() {
            // There was nothing before; whatever there is now has been missed.
            let missed = self.api.get("/v1/events?limit=100").await?;
            for event in missed["data"].as_array().into_iter().flatten().rev() {
                let id = event["id"].as_str().unwrap_or_default().to_owned();
                let kind = event["type"].as_str().unwrap_or_default();
                if self.topics.want(kind) {
                    self.post(&id, kind, event.to_string().as_bytes()).await;
                }
                self.last = Some(id);
            }
        }
        let headers: Vec<_> = self.last.iter().map(|last| ("last-event-id", last.clone())).collect();
        let topics: Vec<_> = self.topics.as_slice().iter().map(|t| format!("enabled_events[]={t}")).collect();
        let path = format!("/v1/events/stream?{}", topics.join("&").replace('*', "%2A"));
        let heard = self.api.open(&path, &headers).await?;
        self.read(heard).await;
        Ok(())
    }

    async fn read(&mut self, mut heard: Heard) {
        let mut text = Vec::new();
        while let Ok(Some(piece)) = timeout(SILENCE, heard.next()).await {
            text.extend_from_slice(&piece);
            while let Some(end) = text.windows(2).position(|pair| pair == b"\n\n") {
                let block: Vec<u8> = text.drain(..end + 2).collect();
                let block = String::from_utf8_lossy(&block);
                let field =
                    |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                if let (Some(id), Some(kind), Some(data)) = (field("id"), field("event"), field("data")) {
                    self.post(id, kind, data.as_bytes()).await;
                    self.last = Some(id.to_owned());
                }
            }
        }
    }

    /// Posts until the program answers, whatever it answers.
    async fn post(&self, id: &str, kind: &str, body: &[u8]) {
        let mut complained = false;
        loop {
            let now_s = self.clock.wall().0.div_euclid(1000);
            let signed = Signatures::sign(std::slice::from_ref(&self.secret), id, now_s, body);
            let headers = [
                ("content-type", "application/json".to_owned()),
                ("user-agent", "VINR-Webhooks/1".to_owned()),
                ("vinr-signature", signed.vinr),
                ("webhook-id", id.to_owned()),
                ("webhook-timestamp", signed.timestamp),
                ("webhook-signature", signed.standard),
            ];
            let started = Instant::now();
            let why = match timeout(ANSWER, self.forward.send("POST", "", &headers, body.to_vec())).await {
                Ok(Ok(heard)) => {
                    let (status, took) = (heard.status, started.elapsed().as_millis());
                    let _ = timeout(ANSWER, heard.all()).await.is_ok();
                    say(format_args!("{status}  {took:>4} ms  {kind}  {id}"));
                    return;
                }
                Ok(Err(error)) => error.to_string(),
                Err(_) => "no answer within 30 s".to_owned(),
            };
            if !complained {
                complained = true;
                say(format_args!("---  {kind}  {id}: {why}; it is posted again until it is answered"));
            }
            sleep(PAUSE).await;
        }
    }
}
