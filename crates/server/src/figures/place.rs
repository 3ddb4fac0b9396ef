//! How far has been counted: up to which event, and of which rows. Written in the transaction of the sums that it is true
//! of, so a crash between two of them loses nothing and counts nothing twice.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vinr_domain::{PaymentId, Timestamp};

use crate::store::{EventRow, Kind, Scope, Stored, spelling};

/// The one record of it.
pub(super) const NAME: &str = "all";

/// Rows up to this one, in the order of account, mode and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Behind {
    pub(super) scope: Scope,
    /// Names sort as their objects do.
    pub(super) id: Arc<str>,
}

/// What is counted so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reach {
    /// Of the payments those up to here, as of the event; no refund.
    Payments(Option<Behind>),
    /// All payments, and of the refunds those up to here.
    Refunds(Option<Behind>),
    /// All of them.
    Everything,
}

/// How far has been counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PlaceRow {
    /// The place of the newest event that has been looked at, with all before it.
    pub(super) event: u64,
    /// Whose events were counted.
    pub(super) reach: Reach,
    /// When counting began.
    #[serde(with = "spelling::moment")]
    pub(super) began_at: Timestamp,
}

impl PlaceRow {
    /// Nothing counted.
    pub(super) fn new(began_at: Timestamp) -> Self {
        Self { event: 0, reach: Reach::Payments(None), began_at }
    }

    /// Whether the object of the event has been counted as of the event before.
    pub(super) fn has_counted(&self, event: &EventRow) -> bool {
        let up_to = |behind: &Option<Behind>| {
            behind.as_ref().is_some_and(|last| (&event.scope, &*event.object_id) <= (&last.scope, &*last.id))
        };
        let is_refund = event.kind.starts_with("refund.");
        match &self.reach {
            Reach::Payments(behind) => !is_refund && up_to(behind),
            Reach::Refunds(behind) => !is_refund || up_to(behind),
            Reach::Everything => true,
        }
    }

    /// The payment up to which has been counted.
    pub(super) fn last_payment(behind: &Option<Behind>) -> Option<(Scope, PaymentId)> {
        let last = behind.as_ref()?;
        PaymentId::parse(&last.id).ok().map(|id| (last.scope.clone(), id))
    }
}

impl Stored for PlaceRow {
    const KIND: Kind = Kind::CountingPlace;

    fn scope(&self) -> &Scope {
        static PLATFORM: std::sync::LazyLock<Scope> = std::sync::LazyLock::new(Scope::platform);
        &PLATFORM
    }

    fn id(&self) -> Arc<str> {
        NAME.into()
    }

    fn created_at(&self) -> Timestamp {
        self.began_at
    }
}
