//! `vinr trigger`: makes an event happen in the sandbox by doing what causes it. What cannot be caused at will is said so,
//! and a test event is sent to the webhook endpoints instead.

use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use vinr_wire::rest::webhook::{EVENT_TYPES, known_type};

use super::say;
use crate::client::{ApiArgs, Client};
use crate::dev::SECRET_KEY;
use crate::failure::Failure;

const PAYMENTS: &str = "/v1/terminal/payments";
/// How often the event is looked for, and how long in between.
const LOOKS: usize = 150;
const PAUSE: Duration = Duration::from_millis(200);

/// What `vinr trigger` can be told.
#[derive(Clone, Debug, Args)]
pub struct TriggerArgs {
    /// The type of event, `terminal_payment.completed`.
    #[arg(value_name = "TYPE")]
    pub kind: String,

    /// The simulated terminal that it happens on.
    #[arg(long, default_value = "term_test_simulator", value_name = "TERMINAL_ID")]
    pub terminal: String,

    /// Where the API is, and who asks.
    #[command(flatten)]
    pub api: ApiArgs,
}

/// Causes the event, waits until it is there, and names it.
pub async fn run(args: TriggerArgs) -> Result<(), Failure> {
    let kind = known_type(&args.kind).ok_or_else(|| {
        Failure::new(format_args!("there is no event {}; there are: {}", args.kind, EVENT_TYPES.join(", ")))
    })?;
    let api = Client::new(&args.api, SECRET_KEY)?;
    let newest = newest(&api, kind).await?;
    let sandbox = Sandbox { api: &api, terminal: &args.terminal };
    if !sandbox.cause(kind).await? {
        say(format_args!("{kind} cannot be caused at will; a test event is sent instead"));
        return sandbox.test().await;
    }
    for _ in 0..LOOKS {
        let found = self::newest(&api, kind).await?;
        if found.is_some() && found != newest {
            say(format_args!("{kind}  {}", found.unwrap_or_default()));
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(Failure::new(format_args!("what causes {kind} was done, but the event did not come")))
}

async fn newest(api: &Client, kind: &str) -> Result<Option<String>, Failure> {
    let page = api.get(&format!("/v1/events?limit=1&type={kind}")).await?;
    Ok(page["data"][0]["id"].as_str().map(str::to_owned))
}

struct Sandbox<'a> {
    api: &'a Client,
    terminal: &'a str,
}

impl Sandbox<'_> {
    /// Does what causes the event; `false` when nothing at hand does.
    async fn cause(&self, kind: &str) -> Result<bool, Failure> {
        match kind {
            "terminal_payment.created" | "terminal_payment.updated" | "terminal_payment.completed" => {
                self.pay("visa_approved", json!({ "responseMode": "sync" })).await?;
            }
            "terminal_payment.failed" => {
                self.pay("card_declined", json!({ "responseMode": "sync" })).await?;
            }
            "terminal_payment.authorized" => {
                self.pay("visa_approved", json!({ "responseMode": "sync", "captureMethod": "manual" }))
                    .await?;
            }
            "terminal_payment.cancelled" => {
                let payment = self.pay("none", json!({})).await?;
                self.post(&format!("{PAYMENTS}/{}/cancel", id(&payment)), json!({})).await?;
            }
            "refund.created" | "refund.updated" => {
                let payment = self.pay("visa_approved", json!({ "responseMode": "sync" })).await?;
                let refund = self.post("/v1/refunds", json!({ "payment": id(&payment) })).await?;
                if kind == "refund.updated" {
                    let path = format!("/v1/refunds/{}", id(&refund));
                    self.post(&path, json!({ "metadata": { "triggered": "yes" } })).await?;
                }
            }
            "terminal.updated" => {
                let terminal = self.api.get(&format!("/v1/terminals/{}", self.terminal)).await?;
                let name =
                    if terminal["displayName"] == "Triggered" { "Triggered again" } else { "Triggered" };
                self.post(&format!("/v1/terminals/{}", self.terminal), json!({ "displayName": name }))
                    .await?;
            }
            "terminal.online" | "terminal.offline" | "terminal_action.updated" => {
                let path = format!("/v1/terminals/{}/actions", self.terminal);
                self.post(&path, json!({ "action": "reboot" })).await?;
            }
            "webhook_endpoint.test" => self.test().await?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    async fn pay(&self, card: &str, more: Value) -> Result<Value, Failure> {
        let mut order = json!({ "terminalId": self.terminal, "amount": 4200, "currency": "EUR" });
        if let (Some(order), Value::Object(more)) = (order.as_object_mut(), more) {
            order.extend(more);
        }
        self.post(&format!("{PAYMENTS}?simulateCard={card}"), order).await
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value, Failure> {
        self.api.post(path, &body).await
    }

    /// Sends a test event to every webhook endpoint.
    async fn test(&self) -> Result<(), Failure> {
        let page = self.api.get("/v1/webhook-endpoints?limit=100").await?;
        let endpoints = page["data"].as_array().cloned().unwrap_or_default();
        if endpoints.is_empty() {
            return Err(Failure::new("there is no webhook endpoint that a test event could be sent to"));
        }
        for endpoint in endpoints {
            let path = format!("/v1/webhook-endpoints/{}/test", id(&endpoint));
            let delivery = self.post(&path, json!({})).await?;
            say(format_args!("webhook_endpoint.test  {}  {}", id(&endpoint), delivery["status"]));
        }
        Ok(())
    }
}

fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap_or_default()
}
