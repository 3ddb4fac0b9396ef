//! `vinr listen` and `vinr trigger`: webhooks on a laptop. Both are clients of the API and know nothing that an
//! integrator could not know.

pub mod listen;
pub mod trigger;

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;
use vinr_server::webhooks::Line;

use crate::failure::Failure;

/// Where the API is, and who asks.
#[derive(Clone, Debug, Args)]
pub struct ApiArgs {
    /// Where the API is.
    #[arg(long, default_value = "http://127.0.0.1:8420", value_name = "URL")]
    pub api: String,

    /// The secret key; that of `vinr dev` unless given.
    #[arg(long, default_value = crate::dev::SECRET_KEY, value_name = "KEY", hide_default_value = true)]
    pub key: String,

    /// A certificate authority to trust beside those the machine trusts (PEM).
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

/// The API, as these commands use it.
#[derive(Clone)]
struct Api {
    line: Line,
    key: String,
}

impl Api {
    fn of(args: &ApiArgs) -> Result<Self, Failure> {
        let roots = args.ca.as_deref().map(crate::dev::roots).transpose()?.unwrap_or_default();
        let line =
            Line::to(&args.api, &roots).map_err(|error| Failure::new(format_args!("--api {error}")))?;
        Ok(Self { line, key: args.key.clone() })
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![
            ("authorization", format!("Bearer {}", self.key)),
            ("content-type", "application/json".to_owned()),
        ]
    }

    /// Asks, and takes anything but a success for a failure.
    async fn ask(&self, method: &'static str, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        let heard = self.line.send(method, path, &self.headers(), body).await;
        let heard = heard.map_err(|error| Failure::new(format_args!("the API does not answer: {error}")))?;
        let status = heard.status;
        let answer: Value = serde_json::from_slice(&heard.all().await).unwrap_or(Value::Null);
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        let message = answer["error"]["message"].as_str().unwrap_or("no reason was given");
        Err(Failure::new(format_args!("{method} {path} was answered {status}: {message}")))
    }
}

/// A line for the person at the terminal.
#[expect(clippy::print_stdout, reason = "what these commands are for")]
fn say(line: impl std::fmt::Display) {
    println!("{line}");
}
