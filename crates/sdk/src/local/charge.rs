//! Payments over the local network: a charge under a name of its own, looked up in the terminal's journal when its answer
//! is lost.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::nearby::FIND;
use crate::client::Core;
use crate::error::{ErrorKind, VinrError};
use crate::exchange::{Exchange, Found, json};
use crate::identity::new_client_token;
use crate::models::{CaptureMethod, SimulateCard};
use crate::page::Page;
use crate::params::{CreatePayment, ListTerminalPayments};
use crate::payments::{LOCAL_LOOK, PATH, PaymentOf, SYNC_PATIENCE, is_settled, newest_of, version_of};
use crate::request::{CallOptions, Route};
use crate::response::Response;
use crate::sending::Decoded;

const LOCAL_PAY: &str = "/v1/pay";

/// How a customer is asked for a tip.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TipRequest {
    /// `percentage` or `fixed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// What is suggested: percents, or amounts in the smallest unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestions: Option<Vec<i64>>,
    /// Whether the customer may choose another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_custom: Option<bool>,
}

/// One thing that is sold, for the display.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LineItem {
    /// What it is called.
    pub name: String,
    /// How many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<i64>,
    /// What it costs, in the smallest unit.
    pub amount: i64,
}

/// A payment at a terminal on the local network. Fields that are `None` are left to the terminal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CreateLocalPayment {
    /// The terminal, as `readers.discover` names it.
    #[serde(rename = "terminalId", alias = "readerId")]
    pub reader_id: String,
    /// What to collect, in the smallest unit of the currency.
    pub amount: i64,
    /// Three-letter ISO 4217 code.
    pub currency: String,
    /// Your own name for the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it is captured at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture_method: Option<CaptureMethod>,
    /// Your own key-value pairs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// The payment's identity on every path; made by the SDK unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_token: Option<String>,
    /// How this customer is asked for a tip; as the terminal is configured unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tip_config: Option<TipRequest>,
    /// What is sold, for the display.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub line_items: Vec<LineItem>,
    /// Test terminals only: the card that is presented.
    #[serde(default, skip_serializing)]
    pub simulate_card: Option<SimulateCard>,
    /// Test terminals only: how long the customer takes, in seconds.
    #[serde(default, skip_serializing)]
    pub simulate_delay: Option<i64>,
}

impl CreateLocalPayment {
    /// With what has to be there.
    #[must_use]
    pub fn new(reader_id: impl Into<String>, amount: i64, currency: impl Into<String>) -> Self {
        Self {
            reader_id: reader_id.into(),
            amount,
            currency: currency.into(),
            reference: None,
            description: None,
            capture_method: None,
            metadata: BTreeMap::new(),
            client_token: None,
            tip_config: None,
            line_items: Vec::new(),
            simulate_card: None,
            simulate_delay: None,
        }
    }

    /// Your own name for the order.
    #[must_use]
    pub fn reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = Some(reference.into());
        self
    }

    /// The payment's identity on every path.
    #[must_use]
    pub fn client_token(mut self, token: impl Into<String>) -> Self {
        self.client_token = Some(token.into());
        self
    }

    /// Whether it is captured at once.
    #[must_use]
    pub fn capture_method(mut self, method: impl Into<CaptureMethod>) -> Self {
        self.capture_method = Some(method.into());
        self
    }

    /// Test terminals only: the card that is presented.
    #[must_use]
    pub fn simulate_card(mut self, card: impl Into<SimulateCard>) -> Self {
        self.simulate_card = Some(card.into());
        self
    }
}

impl From<CreatePayment> for CreateLocalPayment {
    fn from(asked: CreatePayment) -> Self {
        Self {
            reference: asked.reference,
            description: asked.description,
            capture_method: asked.capture_method,
            metadata: asked.metadata.unwrap_or_default(),
            client_token: asked.client_token,
            simulate_card: asked.simulate_card,
            simulate_delay: asked.simulate_delay,
            ..Self::new(asked.terminal_id.unwrap_or_default(), asked.amount, asked.currency)
        }
    }
}

/// The request of a charge at a terminal.
pub(crate) fn local_route<P: PaymentOf>(params: &CreateLocalPayment) -> Route {
    let mut route = Route::charge(LOCAL_PAY).version(version_of::<P>()).body(params);
    if let Some(card) = &params.simulate_card {
        route = route.ask("simulateCard", card.as_str());
    }
    if let Some(seconds) = params.simulate_delay {
        route = route.ask("simulateDelay", seconds.to_string());
    }
    route.patience = Some(SYNC_PATIENCE);
    route
}

/// Charges at a terminal of the local network, and waits for the outcome.
pub(crate) async fn charge_nearby<P: PaymentOf>(
    core: &Core,
    mut params: CreateLocalPayment,
    options: CallOptions,
) -> Result<Response<P>, VinrError> {
    let token = params.client_token.take().map_or_else(new_client_token, Ok)?;
    params.client_token = Some(token.clone());
    let mut call = local_route::<P>(&params).call(&options, json::<P>)?;
    call.client_token = Some(token.clone());
    let way = core.nearby().find(core, &params.reader_id, FIND).await?;
    core.nearby().charged(params.reference.as_deref(), &params.reader_id);
    let (looking, reference) = (Arc::clone(&way), params.reference.clone());
    call.look_up = Some(Box::new(move |options| {
        let (way, reference, token) = (Arc::clone(&looking), reference.clone(), token.clone());
        Box::pin(async move { look_up::<P>(&way, reference.as_deref(), &token, options).await })
    }));
    let answer = way.typed(&call, &options).await;
    if answer
        .as_ref()
        .is_err_and(|error| error.kind() == ErrorKind::LocalConnection && !error.outcome_unknown)
    {
        core.nearby().forget(&params.reader_id);
    }
    answer
}

/// The payment that bears the token, in the terminal's own journal.
pub(crate) async fn look_up<P: PaymentOf>(
    way: &Exchange,
    reference: Option<&str>,
    token: &str,
    options: CallOptions,
) -> Result<Option<Found>, VinrError> {
    let mut query = ListTerminalPayments::new().limit(100);
    query.reference = reference.map(str::to_owned);
    let Response { data, status, headers, request_id, .. } = read::<P>(way, &query, options).await?;
    let known = data.data.into_iter().find(|one| one.client_token().eq_ignore_ascii_case(token));
    Ok(known.map(|payment| {
        // What a terminal approved by itself is over for the till.
        let settled = is_settled(payment.status()) || payment.approved_offline();
        let data: Decoded = Box::new(payment.clone());
        let answer = Response { data, status, headers, request_id, replayed: true };
        Found { answer, payment: payment.snapshot(), settled }
    }))
}

async fn read<P: PaymentOf>(
    way: &Exchange,
    query: &ListTerminalPayments,
    mut options: CallOptions,
) -> Result<Response<Page<P>>, VinrError> {
    options.timeout = Some(options.timeout.unwrap_or(LOCAL_LOOK));
    let route = Route::read("GET", PATH, &[]).version(version_of::<P>()).query(query);
    way.typed(&route.call(&options, json::<Page<P>>)?, &options).await
}

/// The newest payment with this reference: at the terminal that charged it here, at the platform, or at any terminal that
/// was found here when the platform cannot tell.
pub(crate) async fn retrieve_anywhere<P: PaymentOf>(
    core: &Core,
    reference: &str,
    options: CallOptions,
) -> Result<Response<P>, VinrError> {
    if let Some(terminal) = core.nearby().charged_at(reference)
        && let Some(found) = newest_at::<P>(core, &terminal, reference, &options).await
    {
        return Ok(found);
    }
    let error = match newest_of::<P>(core, reference, options.clone()).await {
        Ok(found) => return Ok(found),
        Err(error) => error,
    };
    if error.kind().is_connection() || error.code == "not_found" {
        for terminal in core.nearby().all() {
            if let Some(found) = newest_at::<P>(core, &terminal, reference, &options).await {
                return Ok(found);
            }
        }
    }
    Err(error)
}

/// The newest at one terminal; one that cannot be asked is not the last word.
async fn newest_at<P: PaymentOf>(
    core: &Core,
    terminal: &str,
    reference: &str,
    options: &CallOptions,
) -> Option<Response<P>> {
    let way = core.nearby().find(core, terminal, FIND).await.ok()?;
    let query = ListTerminalPayments::new().reference(reference).limit(1);
    let Response { data, status, headers, request_id, replayed } =
        read::<P>(&way, &query, options.clone()).await.ok()?;
    let data = data.data.into_iter().next()?;
    Some(Response { data, status, headers, request_id, replayed })
}

/// Whether a terminal can be asked for it over the local network: a group has no address.
pub(crate) fn fits(params: &CreatePayment, mode: &str) -> Result<(), VinrError> {
    if params.terminal_id.as_deref().is_some_and(|id| !id.is_empty()) {
        return Ok(());
    }
    let message = format!("{mode} mode needs the terminal: terminal_id");
    Err(VinrError::configuration("parameter_missing", message).about("terminal_id"))
}
