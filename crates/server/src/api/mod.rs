//! The Cloud HTTP API: who asks, what is asked, and how the answer is written. Decides nothing about payments and
//! sees neither the store nor the terminals; every decision is the application's (`crate::payments`).

mod account;
mod actions;
mod api_keys;
mod audit_log;
mod batches;
mod configuration;
mod credentials;
mod document;
pub(crate) mod error;
mod events;
mod front;
mod lan;
mod limits;
mod locations;
mod measure;
mod operator;
mod pages;
mod pairing;
mod refunds;
mod releases;
mod reply;
mod request;
mod routes;
mod terminal_models;
mod terminal_payments;
mod terminals;
mod test_terminals;
mod webhook_endpoints;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use bytes::Bytes;
use metrics_exporter_prometheus::PrometheusHandle;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vinr_domain::RequestId;

pub use measure::recorder;

use crate::access::{KeyRing, OperatorRing};
use crate::accounts::AccountBook;
use crate::clock::Clock;
use crate::events::Events;
use crate::naming::Names;
use crate::payments::Payments;
use crate::platform::Applications;
use crate::settings::RateLimits;
use crate::webhooks::Webhooks;

/// Whether the server can take requests; asked by `/readyz`. `Err` says what is missing, for the operator.
pub type Readiness =
    Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), &'static str>> + Send>> + Send + Sync>;

/// What the API needs from the rest of the server.
#[derive(Clone)]
pub struct Services {
    /// The application.
    pub payments: Payments,
    /// Who may ask.
    pub keys: Arc<KeyRing>,
    /// What is asked about accounts with every request.
    pub book: Arc<AccountBook>,
    /// Who runs the server.
    pub operators: Arc<OperatorRing>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Names for requests.
    pub names: Arc<Names>,
    /// Webhooks.
    pub webhooks: Webhooks,
    /// Events.
    pub events: Events,
    /// How often somebody may ask (contract 2.4).
    pub rate_limits: RateLimits,
    /// Whether requests can be taken.
    pub readiness: Readiness,
    /// The services beside payments.
    pub applications: Applications,
    /// What `/metrics` shows; see [`recorder`].
    pub metrics: Option<PrometheusHandle>,
    /// What the start page tells.
    pub welcome: Welcome,
}

/// What the start page tells a visitor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Welcome {
    /// Under which address this API is reached, `https://127.0.0.1:8443`.
    pub base_url: Option<Arc<str>>,
    /// The seeded test key of the development mode. `None` everywhere else: a key on a page is a published key.
    pub dev_key: Option<Arc<str>>,
    /// The certificate that a client must trust to reach `base_url`, when it is not publicly trusted.
    pub ca_file: Option<Arc<str>>,
    /// Where a person can be cashier and customer of the simulated terminals, when they run in this process.
    pub terminal_page: Option<Arc<str>>,
}

/// The API as the handlers see it.
struct Api {
    services: Services,
    routes: routes::RouteTable,
    limits: limits::Limits,
    upkeep: measure::Upkeep,
    document: Bytes,
    pages: pages::Pages,
}

impl Api {
    fn name_request(&self) -> RequestId {
        RequestId(self.services.names.next(self.services.clock.wall()))
    }
}

/// The whole API as one router: ready to be served by [`crate::listener`], or called in process.
pub fn router(services: Services) -> Router {
    let (router, mut document) = endpoints().split_for_parts();
    document::complete(&mut document);
    let api = Arc::new(Api {
        routes: routes::RouteTable::of(&document),
        limits: limits::Limits::new(&services.rate_limits, Arc::clone(&services.clock)),
        upkeep: measure::Upkeep::new(services.metrics.clone()),
        document: document::to_json(&document),
        pages: pages::Pages::new(&services.welcome),
        services,
    });
    let guard = axum::middleware::from_fn_with_state(Arc::clone(&api), front::guard);
    router.layer(guard).with_state(api)
}

/// The OpenAPI 3.1 document of the API, made from the handlers.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = endpoints().into_openapi();
    document::complete(&mut document);
    document
}

/// Every endpoint. The router, the document and the table of permissions are all read from this one list.
fn endpoints() -> OpenApiRouter<Arc<Api>> {
    OpenApiRouter::with_openapi(document::base())
        .routes(routes!(terminal_payments::create::create, terminal_payments::list::list))
        .routes(routes!(terminal_payments::retrieve::retrieve))
        .routes(routes!(terminal_payments::capture::capture))
        .routes(routes!(terminal_payments::cancel::cancel))
        .routes(routes!(terminals::list::list))
        .routes(routes!(pairing::activate::activate))
        .routes(routes!(pairing::deactivate::deactivate))
        .routes(routes!(pairing::offer::offer))
        .routes(routes!(pairing::look::look))
        .routes(routes!(pairing::confirm::confirm))
        .routes(routes!(pairing::withdraw::withdraw))
        .routes(routes!(terminals::retrieve::retrieve, terminals::update::update))
        .routes(routes!(terminal_models::list))
        .routes(routes!(locations::list::list, locations::create::create))
        .routes(routes!(locations::retrieve::retrieve, locations::update::update, locations::delete::delete))
        .routes(routes!(configuration::terminal::configure))
        .routes(routes!(configuration::effective::effective))
        .routes(routes!(configuration::location::replace, configuration::location::retrieve))
        .routes(routes!(configuration::progress::progress))
        .routes(routes!(configuration::account::replace, configuration::account::retrieve))
        .routes(routes!(actions::create::create, actions::list::list))
        .routes(routes!(actions::retrieve::of_terminal))
        .routes(routes!(actions::cancel::of_terminal))
        .routes(routes!(actions::retrieve::retrieve))
        .routes(routes!(actions::cancel::cancel))
        .routes(routes!(releases::create, releases::list))
        .routes(routes!(releases::retrieve, releases::update))
        .routes(routes!(test_terminals::create::create))
        .routes(routes!(test_terminals::delete::delete))
        .routes(routes!(refunds::create::create, refunds::list::list))
        .routes(routes!(refunds::retrieve::retrieve, refunds::update::update))
        .routes(routes!(batches::list::list))
        .routes(routes!(batches::close::close))
        .routes(routes!(batches::retrieve::retrieve))
        .routes(routes!(test_terminals::present_card::present_card))
        .routes(routes!(account::retrieve, account::update))
        .routes(routes!(api_keys::list, api_keys::create))
        .routes(routes!(api_keys::retrieve))
        .routes(routes!(api_keys::roll))
        .routes(routes!(api_keys::revoke))
        .routes(routes!(audit_log::list))
        .routes(routes!(audit_log::verify))
        .routes(routes!(operator::accounts::list, operator::accounts::create))
        .routes(routes!(operator::accounts::retrieve, operator::accounts::update))
        .routes(routes!(operator::accounts::create_key))
        .routes(routes!(operator::audit_log::list))
        .routes(routes!(operator::audit_log::verify))
        .merge(telling())
        .merge(local_network())
        .routes(routes!(pages::start::start))
        .routes(routes!(pages::docs::docs))
        .routes(routes!(pages::docs::asset))
        .routes(routes!(pages::errors::errors))
        .routes(routes!(pages::operations::openapi_json))
        .routes(routes!(pages::operations::healthz))
        .routes(routes!(pages::operations::readyz))
        .routes(routes!(pages::operations::metrics))
}

/// The endpoints about who may speak to terminals in the merchants' networks.
fn local_network() -> OpenApiRouter<Arc<Api>> {
    use lan::{ca_bundle, cashless_key, client_certificates, settings};
    OpenApiRouter::new()
        .routes(routes!(settings::retrieve, settings::replace))
        .routes(routes!(cashless_key::retrieve, cashless_key::generate, cashless_key::delete))
        .routes(routes!(client_certificates::list, client_certificates::create))
        .routes(routes!(client_certificates::retrieve))
        .routes(routes!(client_certificates::revoke))
        .routes(routes!(ca_bundle::retrieve))
}

/// The endpoints about what is told: to whom, and what.
fn telling() -> OpenApiRouter<Arc<Api>> {
    OpenApiRouter::new()
        .routes(routes!(webhook_endpoints::create::create, webhook_endpoints::list::list))
        .routes(routes!(
            webhook_endpoints::retrieve::retrieve,
            webhook_endpoints::update::update,
            webhook_endpoints::delete::delete
        ))
        .routes(routes!(webhook_endpoints::roll_secret::roll_secret))
        .routes(routes!(webhook_endpoints::test::test))
        .routes(routes!(webhook_endpoints::deliveries::deliveries))
        .routes(routes!(webhook_endpoints::delivery::delivery))
        .routes(routes!(webhook_endpoints::resend::resend))
        .routes(routes!(events::list::list))
        .routes(routes!(events::stream::stream))
        .routes(routes!(events::retrieve::retrieve))
}

#[cfg(test)]
mod tests;
