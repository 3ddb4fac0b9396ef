//! The dashboard: pages for the people of a merchant and for whoever runs the platform. Every page is made here and is
//! whole without a script; decisions are the application's, as for the API.

mod assets;
mod charts;
mod csv;
mod device;
mod exports;
mod form;
mod live;
mod page;
mod pages;
mod places;
mod proof;
mod qr;
mod screen;
mod sheets;
mod site;
mod typed;
mod visit;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::{any, get, post};

use crate::api::Services;
use crate::people::People;

/// Where the dashboard begins.
pub const ROOT: &str = "/dashboard";

/// What the pages are made of.
pub(in crate::dashboard) struct Dashboard {
    services: Services,
    people: People,
    /// Whether browsers reach it over TLS only, so that cookies may insist on it.
    secure: bool,
    /// The exports that run.
    exports: exports::Exports,
}

/// The dashboard as one router, to stand beside the API's. `secure` says that browsers reach it over TLS.
pub fn router(services: Services, secure: bool) -> Router {
    let people = services.applications.people.clone();
    let dashboard = Arc::new(Dashboard { services, people, secure, exports: exports::Exports::default() });
    let guard = middleware::from_fn_with_state(Arc::clone(&dashboard), visit::guard);
    let open = Router::new()
        .route("/dashboard/sign-in", get(pages::sign_in::show).post(pages::sign_in::submit))
        .route("/dashboard/sign-in/code", get(pages::sign_in::ask_code).post(pages::sign_in::finish))
        .route("/dashboard/sign-in/passkey", post(pages::sign_in::show_passkey))
        .route("/dashboard/sign-in/passkey/begin", post(pages::sign_in::ask_passkey))
        .route("/dashboard/enter", get(pages::sign_in::enter))
        .route("/dashboard/invitation", get(pages::people::invitation).post(pages::people::accept))
        .route("/dashboard/assets/{file}", get(assets::asset));
    let signed_in = Router::new()
        .route("/dashboard", get(pages::overview::show))
        .route("/dashboard/sign-out", post(pages::sign_in::sign_out))
        .route("/dashboard/mode", post(pages::sign_in::switch_mode))
        .route("/dashboard/account", post(pages::sign_in::switch_account))
        .route(
            proof::SECOND_FACTOR,
            get(pages::sign_in::second_factor).post(pages::sign_in::show_second_factor),
        )
        .route("/dashboard/live", get(live::stream))
        .merge(pages::terminals::routes())
        .merge(pages::terminal::routes())
        .merge(pages::hardware::routes())
        .merge(pages::certificates::routes())
        .merge(pages::requests::routes())
        .merge(pages::payments::routes())
        .merge(pages::payment::routes())
        .merge(pages::refunds::routes())
        .merge(pages::batches::routes())
        .merge(pages::exports::routes())
        .merge(pages::events::routes())
        .merge(pages::keys::routes())
        .merge(pages::location::routes())
        .merge(pages::configuration::account::routes())
        .merge(pages::webhooks::routes())
        .merge(pages::people::routes())
        .merge(pages::profile::routes())
        .merge(pages::audit_log::routes())
        .merge(pages::operator::routes())
        .merge(pages::ways::routes())
        .route("/dashboard/{*rest}", any(pages::overview::nowhere))
        .route_layer(guard);
    open.merge(signed_in).route_layer(middleware::from_fn(visit::seal)).with_state(dashboard)
}
