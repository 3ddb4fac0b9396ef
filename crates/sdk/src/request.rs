//! What every call gives back: a request that is sent when it is awaited. Owns the options of one call.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::client::Core;
use crate::error::VinrError;
use crate::exchange::{Call, json, text};
use crate::identity::{idempotency_key, segment};
use crate::query::{self, Pairs};
use crate::response::Response;
use crate::retry::Kind;
use crate::sending::Decode;
use crate::version::ApiVersion;

/// What can be said about one call.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// How long one attempt may take.
    pub timeout: Option<Duration>,
    /// How often it may be sent again.
    pub max_retries: Option<u32>,
    /// The name of this change: the same key is carried out once. Made by the SDK unless given.
    pub idempotency_key: Option<String>,
    /// Fields of the body that this version of the SDK has no name for, as the API writes them.
    pub extra_body: Map<String, Value>,
}

/// The work of a request, begun when it is awaited.
type Run<T> = Box<dyn FnOnce(CallOptions) -> BoxFuture<'static, Result<Response<T>, VinrError>> + Send>;

/// A request that is sent when it is awaited: `vinr.terminals().retrieve(id).await?`. Dropped before that, it is nothing.
/// Dropped while it is awaited, what has been sent is not taken back.
#[must_use = "a request is sent when it is awaited"]
pub struct Request<T> {
    run: Run<T>,
    options: CallOptions,
}

impl<T: Send + 'static> Request<T> {
    pub(crate) fn running(
        run: impl FnOnce(CallOptions) -> BoxFuture<'static, Result<Response<T>, VinrError>> + Send + 'static,
    ) -> Self {
        Self { run: Box::new(run), options: CallOptions::default() }
    }

    pub(crate) fn of(core: &Core, route: Route, decode: Decode) -> Self {
        let core = core.clone();
        Self::running(move |options| {
            Box::pin(async move {
                let call = route.call(&options, decode)?;
                core.platform().await?.typed(&call, &options).await
            })
        })
    }

    /// How long one attempt may take.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// How often it may be sent again.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.options.max_retries = Some(retries);
        self
    }

    /// The name of this change: the same key is carried out once.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.options.idempotency_key = Some(key.into());
        self
    }

    /// A field of the body that this version of the SDK has no name for, as the API writes it.
    pub fn extra_body(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.options.extra_body.insert(name.into(), value.into());
        self
    }

    /// All options at once.
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// Sends it; the result beside status, headers and request id.
    ///
    /// # Errors
    /// A [`VinrError`] that says who has to act, and whether the request may have been carried out.
    pub async fn with_response(self) -> Result<Response<T>, VinrError> {
        (self.run)(self.options).await
    }
}

impl<T: DeserializeOwned + Send + 'static> Request<T> {
    pub(crate) fn new(core: &Core, route: Route) -> Self {
        Self::of(core, route, json::<T>)
    }
}

impl Request<String> {
    pub(crate) fn text(core: &Core, route: Route) -> Self {
        Self::of(core, route, text)
    }
}

impl<T: Send + 'static> IntoFuture for Request<T> {
    type Output = Result<T, VinrError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.with_response().await.map(|response| response.data) })
    }
}

impl<T> fmt::Debug for Request<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").finish_non_exhaustive()
    }
}

/// Where a call goes and what it carries, before it has names of its own.
#[derive(Clone)]
pub(crate) struct Route {
    kind: Kind,
    money: bool,
    method: &'static str,
    path: Result<String, VinrError>,
    query: Pairs,
    body: Option<Value>,
    version: ApiVersion,
    accept: &'static str,
    pub(crate) patience: Option<Duration>,
}

impl Route {
    fn new(kind: Kind, method: &'static str, template: &str, places: &[(&str, &str)]) -> Self {
        let filled = places.iter().enumerate().try_fold(template.to_owned(), |path, (at, (name, id))| {
            Ok(path.replace(&format!("{{{at}}}"), &segment(name, id)?))
        });
        let body = matches!(kind, Kind::Write | Kind::Charge).then(|| Value::Object(Map::new()));
        Self {
            kind,
            money: kind == Kind::Charge,
            method,
            path: filled,
            query: Vec::new(),
            body,
            version: ApiVersion::Current,
            accept: "application/json",
            patience: None,
        }
    }

    pub(crate) fn read(method: &'static str, template: &str, places: &[(&str, &str)]) -> Self {
        Self::new(Kind::Read, method, template, places)
    }

    pub(crate) fn write(method: &'static str, template: &str, places: &[(&str, &str)]) -> Self {
        Self::new(Kind::Write, method, template, places)
    }

    pub(crate) fn delete(method: &'static str, template: &str, places: &[(&str, &str)]) -> Self {
        Self::new(Kind::Delete, method, template, places)
    }

    pub(crate) fn charge(template: &str) -> Self {
        Self::new(Kind::Charge, "POST", template, &[])
    }

    pub(crate) fn version(mut self, version: ApiVersion) -> Self {
        self.version = version;
        self
    }

    pub(crate) fn moves_money(mut self) -> Self {
        self.money = true;
        self
    }

    pub(crate) fn accept(mut self, media: &'static str) -> Self {
        self.accept = media;
        self
    }

    pub(crate) fn body(mut self, body: &impl Serialize) -> Self {
        self.body = serde_json::to_value(body).ok();
        self
    }

    pub(crate) fn query(mut self, parameters: &impl Serialize) -> Self {
        self.query = query::pairs(parameters);
        self
    }

    pub(crate) fn ask(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    /// The pairs of the query, to be changed for the next page.
    pub(crate) fn asked(&mut self) -> &mut Pairs {
        &mut self.query
    }

    /// The call, with the names that every attempt carries.
    pub(crate) fn call(self, options: &CallOptions, decode: Decode) -> Result<Call, VinrError> {
        let keyed = matches!(self.kind, Kind::Write | Kind::Charge);
        let key = keyed.then(|| idempotency_key(options.idempotency_key.as_deref())).transpose()?;
        let mut body = self.body;
        if let Some(Value::Object(fields)) = &mut body {
            fields.extend(options.extra_body.clone());
        }
        Ok(Call {
            kind: self.kind,
            money: self.money,
            method: self.method,
            path: self.path?,
            query: query::encoded(&self.query),
            body: body.map(|body| body.to_string().into_bytes()),
            version: self.version,
            accept: self.accept,
            patience: self.patience,
            idempotency_key: key,
            client_token: None,
            decode,
            look_up: None,
        })
    }
}
