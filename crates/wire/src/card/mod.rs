//! Card data: its one type, and the seal under which it travels from the reader to the acquirer (contract 3.6).
//! Writes card data nowhere in the clear.

mod data;
pub mod kept;
mod seal;

pub use data::{CardData, CardError, IssuerView};
pub use kept::StorageKey;
pub use seal::{ReaderKey, SealContext, SealError, SealedCard, open, seal};
