//! The API as a command asks it, over the same connections that webhooks take: one request, one answer, or a stream of
//! pieces. Knows no operation, follows no redirect, and prints no key.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::Value;
use vinr_server::webhooks::{Heard, Line};

use crate::failure::Failure;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where the API is, and who asks.
#[derive(Clone, Debug, Args)]
pub struct ApiArgs {
    /// Where the API is.
    #[arg(long, global = true, default_value = "http://127.0.0.1:8420", value_name = "URL")]
    pub api: String,

    /// The key to ask with. Others on this machine can see it here: prefer --key-file. That of `vinr dev` unless given.
    #[arg(long, global = true, value_name = "KEY", conflicts_with = "key_file")]
    pub key: Option<String>,

    /// A file that holds the key to ask with; `-` reads it from standard input.
    #[arg(long, global = true, value_name = "FILE")]
    pub key_file: Option<PathBuf>,

    /// Certificates (PEM) of authorities to trust beside those of this machine.
    #[arg(long, global = true, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

/// How the answer is printed.
#[derive(Clone, Copy, Debug, Args)]
pub struct PrintArgs {
    /// Print the API's answer as JSON.
    #[arg(long, global = true)]
    pub json: bool,
}

/// The API of one server, asked with one key.
#[derive(Clone)]
pub struct Client {
    line: Line,
    address: String,
    authorization: String,
}

impl Client {
    /// The API that was asked for; `usual_key` is the key of whoever gave none.
    pub fn new(args: &ApiArgs, usual_key: &str) -> Result<Self, Failure> {
        let roots = args.ca.as_deref().map(crate::dev::roots).transpose()?.unwrap_or_default();
        let line =
            Line::to(&args.api, &roots).map_err(|error| Failure::new(format_args!("--api {error}")))?;
        let key = match (&args.key, &args.key_file) {
            (Some(key), _) => key.clone(),
            (None, Some(path)) => read_key(path)?,
            (None, None) => usual_key.to_owned(),
        };
        let key = key.trim();
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Failure::new("what was given as a key is none"));
        }
        Ok(Self { line, address: args.api.clone(), authorization: format!("Bearer {key}") })
    }

    /// What `GET` answers.
    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.ask("GET", path, None).await
    }

    /// What `POST` of this JSON answers.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.ask("POST", path, Some(body)).await
    }

    /// The beginning of what `GET` answers; the rest comes in pieces. However long that takes.
    pub async fn open(&self, path: &str, headers: &[(&'static str, String)]) -> Result<Heard, Failure> {
        let mut all = vec![("authorization", self.authorization.clone())];
        all.extend_from_slice(headers);
        let heard = self.line.send("GET", path, &all, Vec::new()).await.map_err(|e| self.unreachable(&e))?;
        match heard.status {
            200..=299 => Ok(heard),
            status => Err(refused(status, &parsed(heard).await)),
        }
    }

    async fn ask(&self, method: &'static str, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let mut headers = vec![("authorization", self.authorization.clone())];
        if body.is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        let exchange = async {
            let heard = self.line.send(method, path, &headers, body).await;
            let heard = heard.map_err(|error| self.unreachable(&error))?;
            Ok((heard.status, parsed(heard).await))
        };
        let in_time = tokio::time::timeout(PATIENCE, exchange).await;
        let late = |_| Failure::new(format_args!("{} did not answer in time", self.address));
        match in_time.map_err(late)?? {
            (200..=299, Some(answer)) => Ok(answer),
            (status, answer) => Err(refused(status, &answer)),
        }
    }

    fn unreachable(&self, error: &dyn std::fmt::Display) -> Failure {
        Failure::new(format_args!("{} cannot be reached: {error}", self.address))
    }
}

/// `None`: the answer is not JSON.
async fn parsed(heard: Heard) -> Option<Value> {
    serde_json::from_slice(&heard.all().await).ok()
}

fn refused(status: u16, answer: &Option<Value>) -> Failure {
    let Some(answer) = answer else {
        return Failure::new(format_args!("the answer ({status}) is not JSON: is this the VINR API?"));
    };
    let word = |name: &str| answer["error"][name].as_str().unwrap_or("unknown").to_owned();
    let (code, request) = (word("code"), word("request_id"));
    let message = answer["error"]["message"].as_str().unwrap_or("no reason was given");
    Failure::new(message).cure(format_args!("({status} {code}, request {request})"))
}

/// A secret from a file, or from standard input when the file is `-`.
pub fn read_key(path: &Path) -> Result<String, Failure> {
    if path == Path::new("-") {
        let mut key = String::new();
        std::io::stdin().take(1024).read_to_string(&mut key).map_err(Failure::at(path))?;
        return Ok(key);
    }
    std::fs::read_to_string(path).map_err(Failure::at(path))
}
