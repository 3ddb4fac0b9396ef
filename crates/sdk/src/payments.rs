//! Payments on terminals: created, looked at, captured, cancelled. Owns the identity that makes a lost answer harmless.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::Core;
use crate::clock;
use crate::error::{ErrorKind, PaymentSnapshot, VinrError};
use crate::exchange::{Found, json};
use crate::hybrid::{self, Way};
use crate::identity::new_client_token;
use crate::list::List;
use crate::local::{CreateLocalPayment, charge_nearby, fits, retrieve_anywhere};
use crate::models::{LegacyTerminalPayment, ResponseMode, TerminalPayment, TerminalPaymentStatus};
use crate::page::{Listed, Page};
use crate::params::{CapturePayment, CreatePayment, ListTerminalPayments};
use crate::request::{CallOptions, Request, Route};
use crate::response::Response;
use crate::sending::Decoded;
use crate::version::ApiVersion;

pub(crate) const PATH: &str = "/v1/terminal/payments";
/// A customer may take 90 seconds, and the platform holds a sync request for 130.
pub(crate) const SYNC_PATIENCE: Duration = Duration::from_secs(150);
/// A terminal answers from its journal at once.
pub(crate) const LOCAL_LOOK: Duration = Duration::from_secs(5);
const LOOK_UP: Duration = Duration::from_secs(10);
const DAY_S: i64 = 86_400;

/// A payment in one of the two versions of the API.
pub trait PaymentOf:
    Listed + DeserializeOwned + Serialize + Clone + fmt::Debug + Send + 'static + sealed::Version
{
    /// Where it stands.
    fn status(&self) -> &TerminalPaymentStatus;
    /// Its identity on every path.
    fn client_token(&self) -> &str;
    /// Whether its terminal approved it by itself, without a connection.
    fn approved_offline(&self) -> bool;
}

mod sealed {
    use super::PaymentSnapshot;

    /// What only this crate knows of a version.
    pub trait Version {
        #[doc(hidden)]
        const LEGACY: bool;
        #[doc(hidden)]
        fn snapshot(self) -> PaymentSnapshot;
        #[doc(hidden)]
        fn with_mode(self, mode: &str) -> Self;
    }
}

/// The version of the API that a payment is written in.
pub(crate) fn version_of<P: PaymentOf>() -> ApiVersion {
    if P::LEGACY { ApiVersion::Legacy } else { ApiVersion::Current }
}

impl PaymentOf for TerminalPayment {
    fn status(&self) -> &TerminalPaymentStatus {
        &self.status
    }

    fn client_token(&self) -> &str {
        &self.client_token
    }

    fn approved_offline(&self) -> bool {
        self.offline == Some(true)
    }
}

impl sealed::Version for TerminalPayment {
    const LEGACY: bool = false;

    fn snapshot(self) -> PaymentSnapshot {
        PaymentSnapshot::Current(Box::new(self))
    }

    fn with_mode(mut self, mode: &str) -> Self {
        self.metadata.insert("connectionMode".to_owned(), mode.to_owned());
        self
    }
}

impl PaymentOf for LegacyTerminalPayment {
    fn status(&self) -> &TerminalPaymentStatus {
        &self.status
    }

    fn client_token(&self) -> &str {
        &self.client_token
    }

    fn approved_offline(&self) -> bool {
        self.offline == Some(true)
    }
}

impl sealed::Version for LegacyTerminalPayment {
    const LEGACY: bool = true;

    fn snapshot(self) -> PaymentSnapshot {
        PaymentSnapshot::Legacy(Box::new(self))
    }

    fn with_mode(mut self, mode: &str) -> Self {
        self.metadata.insert("connectionMode".to_owned(), mode.to_owned());
        self
    }
}

/// `terminal.payments` and `terminal_payments`: the same calls, in two versions.
#[derive(Debug, Clone)]
pub struct TerminalPayments<P> {
    pub(crate) core: Core,
    payments: PhantomData<fn() -> P>,
}

#[allow(clippy::needless_pass_by_value, reason = "parameters are made for one call and given away")]
impl<P: PaymentOf> TerminalPayments<P> {
    pub(crate) fn new(core: &Core) -> Self {
        Self { core: core.clone(), payments: PhantomData }
    }

    /// Collects a payment on a terminal. It is answered while `pending`, or with `response_mode: sync` with its outcome.
    /// A declined card is a payment that is `failed`, not an error.
    pub fn create(&self, params: CreatePayment) -> Request<P> {
        let core = self.core.clone();
        Request::running(move |options| Box::pin(async move { charge(&core, params, options).await }))
    }

    /// Collects a payment and waits for its outcome: [`Self::create`] with `response_mode: sync`.
    pub fn create_sync(&self, params: CreatePayment) -> Request<P> {
        self.create(params.response_mode(ResponseMode::Sync))
    }

    /// The payment as it is now.
    pub fn retrieve(&self, id: impl AsRef<str>) -> Request<P> {
        let route = Route::read("GET", "/v1/terminal/payments/{0}", &[("id", id.as_ref())]);
        Request::new(&self.core, route.version(version_of::<P>()))
    }

    /// Payments, newest first.
    pub fn list(&self, params: ListTerminalPayments) -> List<P> {
        List::new(&self.core, Route::read("GET", PATH, &[]).version(version_of::<P>()), &params)
    }

    /// Takes what was authorized: all of it, less, or up to the account's tolerance more.
    pub fn capture(&self, id: impl AsRef<str>, params: CapturePayment) -> Request<P> {
        let route = Route::write("POST", "/v1/terminal/payments/{0}/capture", &[("id", id.as_ref())]);
        let route = route.version(version_of::<P>()).body(&params).moves_money();
        Request::new(&self.core, route)
    }

    /// Cancels a payment that waits for a card, or gives up what is held.
    pub fn cancel(&self, id: impl AsRef<str>) -> Request<P> {
        let route = Route::write("POST", "/v1/terminal/payments/{0}/cancel", &[("id", id.as_ref())]);
        Request::new(&self.core, route.version(version_of::<P>()))
    }

    /// The newest payment with this reference: what became of it when its answer was lost.
    pub fn retrieve_by_reference(&self, reference: impl AsRef<str>) -> Request<P> {
        let (core, reference) = (self.core.clone(), reference.as_ref().to_owned());
        Request::running(move |options| {
            Box::pin(async move { retrieve_anywhere(&core, &reference, options).await })
        })
    }

    /// What became of the payment of this client token, after an error in hybrid mode whose outcome is unknown. Asks the
    /// terminal and the platform until one of them knows; creates nothing.
    pub fn resolve(&self, client_token: impl AsRef<str>) -> Request<P> {
        let (core, token) = (self.core.clone(), client_token.as_ref().to_owned());
        Request::running(move |options| {
            Box::pin(async move { hybrid::resolve(&core, &token, options).await })
        })
    }

    /// Collects a payment over the local network, and waits for its outcome.
    pub fn create_local(&self, params: CreateLocalPayment) -> Request<P> {
        let core = self.core.clone();
        Request::running(move |options| Box::pin(async move { charge_nearby(&core, params, options).await }))
    }
}

/// The newest payment with a reference, as the platform knows it.
pub(crate) async fn newest_of<P: PaymentOf>(
    core: &Core,
    reference: &str,
    options: CallOptions,
) -> Result<Response<P>, VinrError> {
    if reference.is_empty() {
        let message = "reference has to be a non-empty string";
        return Err(VinrError::configuration("parameter_missing", message).about("reference"));
    }
    let asked = ListTerminalPayments::new().reference(reference).limit(1);
    let route = Route::read("GET", PATH, &[]).version(version_of::<P>());
    let answer = List::<P>::new(core, route, &asked).options(options).with_response().await?;
    let request_id = answer.request_id.clone();
    let newest = answer.map(|page| page.data.into_iter().next());
    match newest.data {
        Some(_) => {
            let Response { data, status, headers, request_id, replayed } = newest;
            let none = || missing(request_id.clone());
            let data = data.ok_or_else(none)?;
            Ok(Response { data, status, headers, request_id, replayed })
        }
        None => Err(missing(request_id)),
    }
}

fn missing(request_id: Option<String>) -> VinrError {
    let message = "no payment has this reference";
    VinrError::new("invalid_request_error", ErrorKind::InvalidRequest, "not_found", message).with(|facts| {
        facts.status_code = Some(404);
        facts.request_id = request_id;
        facts.param = Some("reference".to_owned());
    })
}

/// Creates a payment on the way that it asks for.
async fn charge<P: PaymentOf>(
    core: &Core,
    params: CreatePayment,
    options: CallOptions,
) -> Result<Response<P>, VinrError> {
    match params.connectivity.unwrap_or_default().mode {
        Way::Cloud => charge_cloud(core, params, options).await,
        Way::Hybrid => hybrid::create(core, params, options).await,
        Way::Local => {
            fits(&params, "local")?;
            charge_nearby(core, params.into(), options).await
        }
    }
}

/// Creates a payment at the platform, under a name of its own.
pub(crate) async fn charge_cloud<P: PaymentOf>(
    core: &Core,
    mut params: CreatePayment,
    options: CallOptions,
) -> Result<Response<P>, VinrError> {
    let token = match params.client_token.take() {
        Some(given) => given,
        None => new_client_token()?,
    };
    params.client_token = Some(token.clone());
    let sync = params.response_mode == Some(ResponseMode::Sync);
    let mut route = Route::charge(PATH).version(version_of::<P>()).body(&params);
    if let Some(card) = &params.simulate_card {
        route = route.ask("simulateCard", card.as_str());
    }
    if let Some(seconds) = params.simulate_delay {
        route = route.ask("simulateDelay", seconds.to_string());
    }
    route.patience = sync.then_some(SYNC_PATIENCE);
    let mut call = route.call(&options, json::<P>)?;
    call.client_token = Some(token.clone());
    let looking = core.clone();
    call.look_up = Some(Box::new(move |options| {
        let (core, params, token) = (looking.clone(), params.clone(), token.clone());
        Box::pin(async move { find::<P>(&core, &params, &token, sync, options).await })
    }));
    core.platform().await?.typed(&call, &options).await
}

/// The payment that bears the token, wherever it may be in the platform.
pub(crate) async fn find_cloud<P: PaymentOf>(
    core: &Core,
    terminal: Option<&str>,
    reference: Option<&str>,
    token: &str,
    since: Option<i64>,
) -> Result<Option<Found>, VinrError> {
    let mut asked = CreatePayment::new(0, String::new());
    asked.terminal_id = terminal.map(str::to_owned);
    asked.reference = reference.map(str::to_owned);
    let from = since.unwrap_or_else(clock::unix_seconds).saturating_sub(DAY_S);
    looked_up::<P>(core, &asked, token, from, CallOptions::default()).await.map(|found| {
        found.map(|(payment, answer)| Found {
            settled: is_settled(payment.status()),
            payment: payment.snapshot(),
            answer,
        })
    })
}

/// The payment that bears the token, read and never created.
async fn find<P: PaymentOf>(
    core: &Core,
    asked: &CreatePayment,
    token: &str,
    sync: bool,
    options: CallOptions,
) -> Result<Option<Found>, VinrError> {
    let from = clock::unix_seconds() - DAY_S;
    let found = looked_up::<P>(core, asked, token, from, options).await?;
    Ok(found.map(|(payment, answer)| {
        let settled = !sync || is_settled(payment.status());
        Found { answer, payment: payment.snapshot(), settled }
    }))
}

async fn looked_up<P: PaymentOf>(
    core: &Core,
    asked: &CreatePayment,
    token: &str,
    from: i64,
    mut options: CallOptions,
) -> Result<Option<(P, Response<Decoded>)>, VinrError> {
    let mut query = ListTerminalPayments::new().from_date(from).limit(100);
    query.terminal_id.clone_from(&asked.terminal_id);
    query.reference.clone_from(&asked.reference);
    options.timeout = Some(LOOK_UP.min(core.platform().await?.peer.timeout));
    let route = Route::read("GET", PATH, &[]).version(version_of::<P>());
    let answer: Response<Page<P>> =
        List::<P>::new(core, route, &query).options(options).with_response().await?;
    let Response { data, status, headers, request_id, .. } = answer;
    let known = data.data.into_iter().find(|one| one.client_token().eq_ignore_ascii_case(token));
    Ok(known.map(|payment| {
        let data: Decoded = Box::new(payment.clone());
        (payment, Response { data, status, headers, request_id, replayed: true })
    }))
}

/// Whether nothing more is to come before a capture.
pub(crate) fn is_settled(status: &TerminalPaymentStatus) -> bool {
    !matches!(status, TerminalPaymentStatus::Pending | TerminalPaymentStatus::Processing)
}
