//! The terminal page: simulated terminals in a browser, for a person to be cashier and cardholder. It drives the device
//! code through the same ports as everything else, serves loopback only, and believes no other page. Keeps no PIN and
//! decides nothing about money.

mod acts;
mod amount;
mod answer;
mod feed;
mod form;
mod front;
mod listener;
mod session;
mod shelf;
mod stand;
mod view;
mod words;

pub use listener::{Page, PageHandle};
pub use shelf::Shelf;
pub use stand::{Mains, Seat, Stand, Started, Starting};
