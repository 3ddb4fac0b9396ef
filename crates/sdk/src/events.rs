//! Events: what happened, one type of content for each kind. Webhooks, lists and streams have the same.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::calls::EventsCalls;
use crate::models::{Batch, Refund, Terminal, TerminalAction, TerminalPayment, WebhookEndpoint};
use crate::params::StreamEvents;
use crate::stream::EventStream;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Told")]
#[non_exhaustive]
pub struct Event {
    /// Its name. An event may come twice: remember this.
    pub id: String,
    /// `event`.
    pub object: String,
    /// What happened: `terminal_payment.completed`.
    #[serde(rename = "type")]
    pub type_: String,
    /// Whether it is about real money.
    pub livemode: bool,
    /// When, in Unix seconds.
    pub created: i64,
    /// Its place among the events of its object.
    pub sequence: i64,
    /// What it is about.
    pub data: EventData,
}

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum EventData {
    /// `terminal_payment.*`
    Payment {
        /// The payment as it was then.
        object: Box<TerminalPayment>,
    },
    /// `refund.*`
    Refund {
        /// The refund as it was then.
        object: Box<Refund>,
    },
    /// `terminal.*`
    Terminal(Box<Terminal>),
    /// `terminal_action.*`
    TerminalAction(Box<TerminalAction>),
    /// `batch.*`
    Batch(Box<Batch>),
    /// `webhook_endpoint.*`
    WebhookEndpoint(Box<WebhookEndpoint>),
    /// A kind that this version does not know.
    Other(Value),
}

impl EventData {
    fn of(kind: &str, data: Value) -> Self {
        let read = match kind.split('.').next() {
            Some("terminal_payment") => of(&data["object"]).map(|object| Self::Payment { object }),
            Some("refund") => of(&data["object"]).map(|object| Self::Refund { object }),
            Some("terminal") => of(&data).map(Self::Terminal),
            Some("terminal_action") => of(&data).map(Self::TerminalAction),
            Some("batch") => of(&data).map(Self::Batch),
            Some("webhook_endpoint") => of(&data).map(Self::WebhookEndpoint),
            _ => None,
        };
        read.unwrap_or(Self::Other(data))
    }

    /// The payment, when it is about one.
    #[must_use]
    pub fn payment(&self) -> Option<&TerminalPayment> {
        match self {
            Self::Payment { object } => Some(object),
            _ => None,
        }
    }

    /// The refund, when it is about one.
    #[must_use]
    pub fn refund(&self) -> Option<&Refund> {
        match self {
            Self::Refund { object } => Some(object),
            _ => None,
        }
    }
}

fn of<T: for<'de> Deserialize<'de>>(data: &Value) -> Option<Box<T>> {
    T::deserialize(data).ok().map(Box::new)
}

/// An event as the API writes it.
#[derive(Deserialize)]
struct Told {
    id: String,
    #[serde(default)]
    object: String,
    #[serde(rename = "type", default)]
    type_: String,
    #[serde(default)]
    livemode: bool,
    #[serde(default)]
    created: i64,
    #[serde(default)]
    sequence: i64,
    #[serde(default)]
    data: Value,
}

impl From<Told> for Event {
    fn from(told: Told) -> Self {
        let Told { id, object, type_, livemode, created, sequence, data } = told;
        let data = EventData::of(&type_, data);
        Self { id, object, type_, livemode, created, sequence, data }
    }
}

impl EventsCalls {
    /// Events as they happen, each once and in order: a connection that is lost is made again and goes on after the last
    /// event. Ends with an error when the platform refuses, or when `max_retries` connections in a row fail.
    pub fn stream(&self, params: StreamEvents) -> EventStream {
        EventStream::new(&self.core, params)
    }
}
