//! Webhooks as bytes (contract 2.5): which types of events there are, what is posted, how it is signed, where it may be
//! posted to. Opens no connection, resolves no name and keeps no secret.

mod address;
mod endpoint;
mod envelope;
mod list;
mod signature;
mod target;
mod topic;

pub use address::is_public;
pub use endpoint::{
    CreateEndpoint, EndpointChanges, EndpointCreation, MAX_ROLL_SECONDS, RollSecret, TestEndpoint,
    UpdateEndpoint,
};
pub use envelope::{Envelope, render_event, render_events};
pub use list::{EventQuery, ListDeliveries, ListEndpoints, ListEvents, Stretch};
pub use signature::{
    MIN_SECRET_BYTES, Refused, SECRET_BYTES, SIGNATURE_HEADER, Signatures, SigningSecret, TOLERANCE_S, verify,
};
pub use target::{Host, Policy, Target, TargetError};
pub use topic::{EVENT_TYPES, PROGRESS_TYPE, Topics, known_type};
