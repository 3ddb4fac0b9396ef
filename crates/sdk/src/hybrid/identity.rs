//! Payments in hybrid mode from the caller's side: which name an order gets, what is sent on either way under that name,
//! and how what is not known is found out later.

use std::path::PathBuf;
use std::sync::Arc;

use super::courier::Courier;
use super::delegations::{Delegation, Delegations, Order, name_of};
use super::files::DelegationFiles;
use super::trip::{Errand, Trip};
use crate::client::Core;
use crate::config;
use crate::error::VinrError;
use crate::identity::new_client_token;
use crate::local::fits;
use crate::params::CreatePayment;
use crate::payments::PaymentOf;
use crate::request::CallOptions;
use crate::response::Response;

/// Creates the payment, or goes on with the one that this order was before.
pub(crate) async fn create<P: PaymentOf>(
    core: &Core,
    params: CreatePayment,
    options: CallOptions,
) -> Result<Response<P>, VinrError> {
    fits(&params, "hybrid")?;
    let delegations = delegations(core)?;
    let order = Order {
        terminal_id: params.terminal_id.clone().unwrap_or_default(),
        reference: params.reference.clone(),
        amount: params.amount,
        currency: params.currency.clone(),
    };
    let given = params.client_token.as_deref().map(checked).transpose()?;
    let records = match &given {
        Some(intent) => delegations.load(intent).await?.into_iter().collect(),
        None if order.reference.is_some() => delegations.find(&order).await?,
        None => Vec::new(),
    };
    let (intent, record) = name_of(&order, given.as_deref(), records)?;
    let resumed = record.is_some();
    let record = match record {
        Some(record) => record,
        None => Delegation::new(order, intent.map_or_else(new_client_token, Ok)?),
    };
    core.nearby().charged(record.order.reference.as_deref(), &record.order.terminal_id);
    let errand = Errand { record, resumed, charge: Some(params), options };
    Courier::new(core, delegations).carry(Trip::new(errand)).await
}

/// What became of the payment of this name. Asks both ways, creates nothing.
pub(crate) async fn resolve<P: PaymentOf>(
    core: &Core,
    client_token: &str,
    options: CallOptions,
) -> Result<Response<P>, VinrError> {
    let intent = checked(client_token)?;
    let delegations = delegations(core)?;
    let known = delegations.load(&intent).await?;
    let resumed = known.is_some();
    let nowhere = Order { terminal_id: String::new(), reference: None, amount: 0, currency: String::new() };
    let record = known.unwrap_or_else(|| Delegation::new(nowhere, intent));
    let errand = Errand { record, resumed, charge: None, options };
    Courier::new(core, delegations).carry(Trip::new(errand)).await
}

fn delegations(core: &Core) -> Result<Arc<dyn Delegations>, VinrError> {
    let options = core.nearby().options();
    if let Some(own) = &options.delegations {
        return Ok(Arc::clone(own));
    }
    let usual = || config::state_home().map(|home| home.join("vinr"));
    let directory: Option<PathBuf> = options.state_dir.clone().or_else(usual);
    let directory = directory.ok_or_else(|| {
        let message = "hybrid mode writes down which way a payment went, and there is no place for it";
        VinrError::configuration("state_unusable", message).about("state_dir")
    })?;
    Ok(Arc::new(DelegationFiles::new(directory)))
}

/// A client token in small letters, if it is one.
fn checked(token: &str) -> Result<String, VinrError> {
    let places = [8, 13, 18, 23];
    let fits = token.len() == 36
        && token
            .bytes()
            .enumerate()
            .all(|(at, byte)| if places.contains(&at) { byte == b'-' } else { byte.is_ascii_hexdigit() });
    if fits {
        return Ok(token.to_ascii_lowercase());
    }
    Err(VinrError::configuration("parameter_invalid", "a client token is a UUID").about("client_token"))
}
