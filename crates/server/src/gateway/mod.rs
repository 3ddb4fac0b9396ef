//! The terminals' side of the cloud: who is connected, one lane per terminal that is busy, one link per connection.

pub(crate) mod directory;
mod hearer;
mod lane;
mod lanes;
mod link;
mod listener;
mod trail;
mod vacancies;
mod websocket;

pub use directory::{Directory, Signs, Terminal, TerminalKey, link_id};
pub use hearer::{Hearer, Hearers};
pub use lanes::{LaneFull, Lanes, Offer, Offered, Submitted};
pub use link::{Gateway, GatewaySettings};
pub use listener::serve as serve_links;
pub use vacancies::Vacancies;
