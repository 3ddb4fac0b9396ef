//! Receipts: their text, and the port that prints them. Prints only what the journal has; never a card number,
//! of which it knows the last four digits.

pub mod image;
mod paper;

use std::collections::VecDeque;
use std::sync::Arc;

pub use paper::Paper;
use tokio::sync::watch;
pub use vinr_wire::receipt::Copy;

use crate::till::{ReceiptFacts, RefundFacts};

/// How many receipts the simulated printer keeps; older ones fall off.
const KEPT: usize = 32;

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
    Payment(Box<ReceiptFacts>),
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

/// A sheet of the simulated printer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Counts all sheets of this printer, from 1.
    pub number: u64,
    /// For whom.
    pub copy: Copy,
    /// The printed lines.
    pub text: String,
    /// Characters in a line.
    pub columns: u8,
}

impl Sheet {
    /// The same as a picture: PNG.
    #[must_use]
    pub fn picture(&self) -> Vec<u8> {
        image::png(&self.text, self.columns)
    }
}

/// A printer whose paper is a list in memory, newest last. Cheap to clone; outlives the terminal's lives.
#[derive(Clone, Debug)]
pub struct SimulatedPrinter {
    paper: Arc<watch::Sender<VecDeque<Sheet>>>,
    has_paper: Arc<watch::Sender<bool>>,
}

impl Default for SimulatedPrinter {
    fn default() -> Self {
        Self {
            paper: Arc::new(watch::Sender::new(VecDeque::new())),
            has_paper: Arc::new(watch::Sender::new(true)),
        }
    }
}

impl SimulatedPrinter {
    /// What has been printed, oldest first, now and whenever something is.
    #[must_use]
    pub fn sheets(&self) -> watch::Receiver<VecDeque<Sheet>> {
        self.paper.subscribe()
    }

    /// What has been printed, oldest first.
    #[must_use]
    pub fn printed(&self) -> Vec<String> {
        self.paper.borrow().iter().map(|sheet| sheet.text.clone()).collect()
    }

    /// The same as pictures: PNG.
    #[must_use]
    pub fn pictures(&self) -> Vec<Vec<u8>> {
        let sheets = self.paper.borrow().clone();
        sheets.iter().map(Sheet::picture).collect()
    }

    /// Takes the paper out, or puts some in.
    pub fn set_paper(&self, has_paper: bool) {
        self.has_paper.send_replace(has_paper);
    }

    /// Whether there is paper, now and whenever that changes.
    #[must_use]
    pub fn paper(&self) -> watch::Receiver<bool> {
        self.has_paper.subscribe()
    }
}

impl Printer for SimulatedPrinter {
    fn print(&mut self, receipt: &Receipt) -> Result<(), PrintError> {
        if !self.has_paper() {
            return Err(PrintError { reason: "out of paper".to_owned() });
        }
        self.paper.send_modify(|paper| {
            let number = paper.back().map_or(0, |sheet| sheet.number) + 1;
            if paper.len() == KEPT {
                paper.pop_front();
            }
            let Receipt { copy, columns, .. } = *receipt;
            paper.push_back(Sheet { number, copy, text: receipt.text(), columns });
        });
        Ok(())
    }

    fn has_paper(&self) -> bool {
        *self.has_paper.borrow()
    }
}
