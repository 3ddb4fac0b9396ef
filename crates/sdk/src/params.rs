//! What calls take. Everything that has to be there is an argument of `new`; the rest is added by name.

#[allow(clippy::wildcard_imports, reason = "the list is the generated file")]
pub use crate::generated::params::*;

impl CreatePayment {
    /// A payment on one terminal, in the smallest unit of the currency.
    #[must_use]
    pub fn on(terminal_id: impl Into<String>, amount: i64, currency: impl Into<String>) -> Self {
        Self::new(amount, currency).terminal_id(terminal_id)
    }

    /// A payment on the first terminal of these that is free.
    #[must_use]
    pub fn in_group(
        terminals: impl IntoIterator<Item = impl Into<String>>,
        amount: i64,
        currency: impl Into<String>,
    ) -> Self {
        Self::new(amount, currency).terminal_group(terminals)
    }
}
