//! What tills ask the cloud through their terminals: captures, voids, refunds, batches, and what became of a payment. Asks
//! the services that the API asks, as the terminal; sees nothing but its account and mode.

mod desk;
mod request;

pub use desk::TillDesk;
