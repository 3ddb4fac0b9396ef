//! What programs asked of the API, by account and mode: a log that developers read. Written beside the requests and never in
//! their way: what cannot be taken in time is counted instead. Holds no body, and no text that could be a key or a card number.

mod line;
mod log;
mod masked;
mod pages;

pub use line::{Filter, Line, Statuses};
pub use log::{Asked, Found, RequestLog};
pub use pages::PageRow;
