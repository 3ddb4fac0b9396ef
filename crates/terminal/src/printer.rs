//! Receipts: their text, and the port that prints them. Prints only what the journal has; never a card number,
//! of which it knows the last four digits.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use vinr_domain::{CardFacts, Money, PaymentId, Timestamp};

/// How many receipts the simulated printer keeps; older ones fall off.
const KEPT: usize = 32;

/// For whom a receipt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copy {
    /// Stays with the merchant.
    Merchant,
    /// Goes with the customer.
    Customer,
}

/// What a receipt says about an approved payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// For whom.
    pub copy: Copy,
    /// Which terminal.
    pub terminal: String,
    /// Which payment.
    pub payment: PaymentId,
    /// The caller's own name for the order.
    pub reference: Option<String>,
    /// How much was approved.
    pub amount: Money,
    /// How much of it is tip, in minor units; `None` when no tip was asked for.
    pub tip_minor: Option<i64>,
    /// The card.
    pub card: Option<CardFacts>,
    /// The issuer's code; empty while the issuer has not been asked.
    pub auth_code: String,
    /// The terminal approved by itself; the issuer will be asked later.
    pub offline: bool,
    /// Number of the request.
    pub stan: u32,
    /// When, in server time where it is known.
    pub at: Timestamp,
}

impl Receipt {
    /// The printed lines.
    #[must_use]
    pub fn text(&self) -> String {
        let copy = match self.copy {
            Copy::Merchant => "MERCHANT COPY",
            Copy::Customer => "CUSTOMER COPY",
        };
        let mut text = format!("{copy}\nTerminal {}\nPayment  {}\n", self.terminal, self.payment);
        let mut line = |written: std::fmt::Arguments<'_>| {
            // Writing into a string cannot fail.
            let _ = text.write_fmt(written);
        };
        if let Some(reference) = &self.reference {
            line(format_args!("Order    {reference}\n"));
        }
        if let Some(card) = &self.card {
            line(format_args!(
                "Card     {} ****{} ({})\n",
                card.brand.as_str(),
                card.last4.as_str(),
                card.entry_mode.as_str()
            ));
        }
        if let Some(amount_minor) = self.tip_minor {
            line(format_args!("Tip      {}\n", Money { amount_minor, ..self.amount }));
        }
        let approved = if self.offline { "APPROVED OFFLINE" } else { "APPROVED" };
        line(format_args!(
            "Amount   {}\n{}\n",
            self.amount,
            format!("{approved} {}", self.auth_code).trim_end()
        ));
        line(format_args!("Request  {:06}  Time {}\n", self.stan, self.at.unix_seconds()));
        text
    }
}

/// The printer is out of order. The payment stands; its receipt can be printed again elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the printer does not print: {reason}")]
pub struct PrintError {
    /// Out of paper, cover open, and the like.
    pub reason: String,
}

/// Prints receipts. Called from the device loop only; must return at once.
pub trait Printer: Send {
    /// Prints one receipt.
    ///
    /// # Errors
    /// [`PrintError`] when the device cannot.
    fn print(&mut self, receipt: &Receipt) -> Result<(), PrintError>;

    /// Whether there is paper.
    fn has_paper(&self) -> bool {
        true
    }
}

/// A printer whose paper is a list in memory, newest last.
#[derive(Clone, Debug, Default)]
pub struct SimulatedPrinter {
    paper: Arc<Mutex<VecDeque<String>>>,
    is_empty: Arc<AtomicBool>,
}

impl SimulatedPrinter {
    /// What has been printed, oldest first.
    #[must_use]
    pub fn printed(&self) -> Vec<String> {
        self.paper.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Takes the paper out, or puts some in.
    pub fn set_paper(&self, has_paper: bool) {
        self.is_empty.store(!has_paper, Ordering::Relaxed);
    }
}

impl Printer for SimulatedPrinter {
    fn print(&mut self, receipt: &Receipt) -> Result<(), PrintError> {
        if !self.has_paper() {
            return Err(PrintError { reason: "out of paper".to_owned() });
        }
        let mut paper = self.paper.lock().unwrap_or_else(PoisonError::into_inner);
        if paper.len() == KEPT {
            paper.pop_front();
        }
        paper.push_back(receipt.text());
        Ok(())
    }

    fn has_paper(&self) -> bool {
        !self.is_empty.load(Ordering::Relaxed)
    }
}
