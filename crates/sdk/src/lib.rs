//! Takes in-person card payments with VINR terminals. Owns the client: every call of the API under its documented name,
//! what is sent again and what is looked up instead, webhooks, event streams, and terminals on the local network. Refuses
//! to charge twice: every payment is named before the first byte of it leaves.
//!
//! ```no_run
//! # async fn sell() -> Result<(), vinr_sdk::VinrError> {
//! use vinr_sdk::{CreatePayment, PaymentStatus, Vinr};
//!
//! let vinr = Vinr::new("sk_test_vinr_dev")?;
//! let order = CreatePayment::on("term_test_simulator", 2500, "USD").reference("order_1");
//! let payment = vinr.terminal().payments().create_sync(order).await?;
//! if payment.status == PaymentStatus::Completed {
//!     println!("paid with {:?} {:?}", payment.brand, payment.last4);
//! }
//! # Ok(())
//! # }
//! ```

#![deny(missing_docs)]

pub mod calls;
mod client;
mod clock;
mod config;
mod error;
mod events;
mod exchange;
mod generated;
mod hybrid;
mod identity;
mod list;
mod local;
pub mod models;
mod page;
pub mod params;
mod payments;
mod query;
mod request;
mod response;
mod retry;
mod secret;
mod sending;
mod server_sent;
mod settings;
mod stream;
mod terminal;
mod version;
mod webhooks;
mod words;

pub use client::Vinr;
pub use error::{ErrorFacts, ErrorKind, PaymentSnapshot, VinrError};
pub use events::{Event, EventData};
pub use hybrid::{Connectivity, Delegation, DelegationState, Delegations, Order, Way};
pub use list::List;
pub use local::{
    CreateLocalPayment, Discover, LineItem, Reader, ReaderStatus, Readers, TerminalOptions, TipRequest,
};
pub use models::{LegacyTerminalPayment, TerminalPayment, TerminalPaymentStatus as PaymentStatus};
pub use page::{Listed, NoMore, Page};
pub use params::CreatePayment;
pub use payments::{PaymentOf, TerminalPayments};
pub use request::{CallOptions, Request};
pub use response::Response;
pub use secret::Secret;
pub use settings::VinrBuilder;
pub use stream::EventStream;
pub use terminal::Terminal;
pub use webhooks::{DEFAULT_TOLERANCE, Webhooks};

#[doc(hidden)]
pub use client::Pause;
