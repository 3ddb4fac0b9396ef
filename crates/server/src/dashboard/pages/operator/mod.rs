//! Platform: what whoever runs the server sees and does. To everybody else there is nothing at these addresses.

mod accounts;
mod audit;
mod health;
mod speed;

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::routing::get;

pub(super) use self::audit::{LogPage, lines_of, query_of};
use super::super::Dashboard;
use super::super::page::Trouble;
use super::super::visit::Visit;
use super::overview::nowhere;
use crate::access::{KeyId, Operator, hash_key};

pub(super) const ROOT: &str = "/dashboard/operator";

pub(in crate::dashboard) fn routes() -> Router<Arc<Dashboard>> {
    // Whatever else is asked of these addresses is answered as at an address where nothing is.
    Router::new()
        .route(ROOT, get(health::show).fallback(nowhere))
        .route("/dashboard/operator/accounts", get(accounts::list).post(accounts::open).fallback(nowhere))
        .route(
            "/dashboard/operator/accounts/{id}",
            get(accounts::show).post(accounts::change).fallback(nowhere),
        )
        .route("/dashboard/operator/audit-log", get(audit::show).fallback(nowhere))
}

/// A visitor who runs the server. Comes before everything else that a handler asks for, so that nobody else learns whether
/// there is anything.
pub(super) struct Operating {
    pub(super) visit: Visit,
    pub(super) who: Operator,
}

impl FromRequestParts<Arc<Dashboard>> for Operating {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Dashboard>) -> Result<Self, Trouble> {
        let visit = parts.extensions.get::<Visit>().cloned().ok_or(Trouble::Unguarded)?;
        let person = &visit.who.person.value;
        if !person.operates {
            return Err(Trouble::NoSuchPage);
        }
        let who = Operator {
            key: KeyId::of(&hash_key(&person.id)),
            hint: Arc::clone(&person.id),
            name: Arc::clone(&person.name),
            person: Some(Arc::clone(&person.id)),
            request: Some(visit.request),
        };
        Ok(Self { visit, who })
    }
}

impl Operating {
    /// For what others feel: they must have shown lately who they are.
    fn surely(&self, dashboard: &Dashboard) -> Result<&Operator, Trouble> {
        match self.visit.who.proved_lately(dashboard.services.clock.wall()) {
            true => Ok(&self.who),
            false => Err(Trouble::Unproved),
        }
    }
}
