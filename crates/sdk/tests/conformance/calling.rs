//! Makes calls with arguments as the shared files have them, and shows what came of them in the names of those files.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use vinr_sdk::{CallOptions, ErrorKind, List, Listed, Request, VinrError};

/// What came of a call.
#[derive(Debug, Default)]
pub struct Outcome {
    pub result: Value,
    pub items: Vec<Value>,
    pub error: Option<VinrError>,
}

/// A call that has not been awaited.
pub type Made = BoxFuture<'static, Outcome>;

/// What a call is made with.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    args: Vec<Value>,
    options: CallOptions,
    /// For lists: read to the end, or so many items; a page when neither.
    items: Option<usize>,
}

impl Arguments {
    /// From `args` and `options` of a vector or a scenario.
    pub fn new(args: &Value, options: &Value) -> Self {
        let args = args.as_array().cloned().unwrap_or_default();
        let mut said = CallOptions::default();
        said.timeout = options["timeoutMs"].as_u64().map(Duration::from_millis);
        said.max_retries = options["maxRetries"].as_u64().map(|retries| retries.try_into().unwrap());
        said.idempotency_key = options["idempotencyKey"].as_str().map(str::to_owned);
        Self { args, options: said, items: None }
    }

    /// Reads items instead of a page.
    pub fn reading(mut self, items: usize) -> Self {
        self.items = Some(items);
        self
    }

    /// The id in this place.
    pub fn text(&self, at: usize) -> String {
        self.args[at].as_str().unwrap_or_else(|| panic!("{:?} is no id", self.args[at])).to_owned()
    }

    /// The parameters in this place; what their type has no name for goes along as it is.
    pub fn params<P: DeserializeOwned + Serialize>(mut self, at: usize) -> (P, Self) {
        let given = self.args.get(at).cloned().unwrap_or_else(|| Value::Object(Map::new()));
        let params: P =
            serde_json::from_value(given.clone()).unwrap_or_else(|error| panic!("{given}: {error}"));
        let said = serde_json::to_value(&params).unwrap();
        for (name, value) in given.as_object().unwrap() {
            let elsewhere = ["simulateCard", "simulateDelay", "startingAfter", "endingBefore"];
            if said.get(name).is_none() && !value.is_null() && !elsewhere.contains(&name.as_str()) {
                self.options.extra_body.insert(name.clone(), value.clone());
            }
        }
        (params, self)
    }

    /// The same for a body that the API takes in snake case.
    pub fn snaked<P: DeserializeOwned + Serialize>(mut self, at: usize) -> (P, Self) {
        if let Some(Value::Object(fields)) = self.args.get_mut(at) {
            *fields = std::mem::take(fields).into_iter().map(|(name, one)| (snake(&name), one)).collect();
        }
        self.params(at)
    }

    /// Whether it is only to be tried out.
    pub fn dry_run(&self, at: usize) -> bool {
        self.args.get(at).is_some_and(|given| given["dryRun"] == true)
    }

    /// Without a parameter that is none in Rust.
    pub fn without(mut self, name: &str, at: usize) -> Self {
        self.args[at].as_object_mut().unwrap().remove(name);
        self
    }
}

/// Makes a call that answers an object.
pub fn request<T: Serialize + Send + 'static>(request: Request<T>, arguments: Arguments) -> Made {
    Box::pin(async move {
        match request.options(arguments.options).await {
            Ok(value) => Outcome { result: shown(&value), ..Outcome::default() },
            Err(error) => Outcome { error: Some(error), ..Outcome::default() },
        }
    })
}

/// Makes a call that answers a list.
pub fn list<T, M>(list: List<T, M>, arguments: Arguments) -> Made
where
    T: Listed + Serialize + DeserializeOwned + Send + 'static,
    M: Serialize + DeserializeOwned + Send + 'static,
{
    let list = list.options(arguments.options);
    Box::pin(async move {
        let Some(most) = arguments.items else {
            return match list.await {
                Ok(page) => Outcome { result: shown(&page), ..Outcome::default() },
                Err(error) => Outcome { error: Some(error), ..Outcome::default() },
            };
        };
        let mut outcome = Outcome::default();
        let mut stream = list.stream();
        while outcome.items.len() < most {
            match stream.next().await {
                Some(Ok(item)) => outcome.items.push(shown(&item)),
                Some(Err(error)) => {
                    outcome.error = Some(error);
                    break;
                }
                None => break,
            }
        }
        outcome
    })
}

/// A value in the names of the shared files: camel case, but for what somebody else named.
pub fn shown(value: &impl Serialize) -> Value {
    camel(serde_json::to_value(value).unwrap())
}

/// Every field in camel case.
pub fn camel(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(camel).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, inner)| {
                let opaque = ["metadata", "before", "after"].contains(&name.as_str());
                (camel_name(&name), if opaque { inner } else { camel(inner) })
            })
            .collect(),
        other => other,
    }
}

fn camel_name(name: &str) -> String {
    let mut written = String::new();
    let mut upper = false;
    for letter in name.chars() {
        if letter == '_' {
            upper = true;
        } else {
            written.push(if upper { letter.to_ascii_uppercase() } else { letter });
            upper = false;
        }
    }
    written
}

fn snake(name: &str) -> String {
    name.chars()
        .flat_map(|letter| {
            let under = letter.is_ascii_uppercase().then_some('_');
            under.into_iter().chain([letter.to_ascii_lowercase()])
        })
        .collect()
}

/// An error in the names of the shared files.
pub fn told(error: &VinrError) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            fields.insert(name.to_owned(), value);
        }
    };
    let text = |one: &Option<String>| one.clone().map(Value::from);
    put("class", Some(error.kind().name().into()));
    put("type", Some(error.type_.clone().into()));
    put("code", Some(error.code.clone().into()));
    put("message", Some(error.message.clone().into()));
    put("declineCode", text(&error.decline_code));
    // What the SDK itself refuses is named as this language writes it.
    let own = error.kind() == ErrorKind::Configuration;
    put("param", error.param.as_ref().map(|name| if own { camel_name(name) } else { name.clone() }.into()));
    put("requestId", text(&error.request_id));
    put("statusCode", error.status_code.map(Value::from));
    put("retryAfter", error.retry_after.map(Value::from));
    put("outcomeUnknown", Some(error.outcome_unknown.into()));
    put("moneyMayHaveMoved", Some(error.money_may_have_moved.into()));
    put("paymentId", text(&error.payment_id));
    put("docUrl", text(&error.doc_url));
    put("clientToken", text(&error.client_token));
    put("idempotencyKey", text(&error.idempotency_key));
    put("payment", error.payment.as_ref().map(shown));
    Value::Object(fields)
}

/// Whether an error is of this class, or of one below it.
pub fn is_class(error: &VinrError, class: &str) -> bool {
    let own = error.kind().name() == class;
    own || class == "VinrError" || (class == "ApiConnectionError" && error.kind().is_connection())
}
