//! Receipts: their text, and the port that prints them. Prints only what the journal has; never a card number,
//! of which it knows the last four digits.

pub mod image;
mod paper;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

pub use paper::Paper;

use crate::till::{ReceiptFacts, RefundFacts};

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

/// One sheet: what became of a payment, for one reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// For whom.
    pub copy: Copy,
    /// Which terminal.
    pub terminal: String,
    /// Characters in a line.
    pub columns: u8,
    /// What it says.
    pub about: About,
}

/// What a receipt is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A payment, whatever became of it.
    Payment(ReceiptFacts),
    /// Money that was given back.
    Refund(RefundFacts),
}

impl Receipt {
    /// The printed lines.
    #[must_use]
    pub fn text(&self) -> String {
        Paper { terminal: &self.terminal, columns: self.columns }.of(&self.about, self.copy)
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
    /// The text of each sheet, and its width in characters.
    paper: Arc<Mutex<VecDeque<(String, u8)>>>,
    is_empty: Arc<AtomicBool>,
}

impl SimulatedPrinter {
    /// What has been printed, oldest first.
    #[must_use]
    pub fn printed(&self) -> Vec<String> {
        let paper = self.paper.lock().unwrap_or_else(PoisonError::into_inner);
        paper.iter().map(|(text, _)| text.clone()).collect()
    }

    /// The same as pictures: PNG.
    #[must_use]
    pub fn pictures(&self) -> Vec<Vec<u8>> {
        let sheets: Vec<_> =
            self.paper.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect();
        sheets.iter().map(|(text, columns)| image::png(text, *columns)).collect()
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
        paper.push_back((receipt.text(), receipt.columns));
        Ok(())
    }

    fn has_paper(&self) -> bool {
        !self.is_empty.load(Ordering::Relaxed)
    }
}
