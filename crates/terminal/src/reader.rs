//! The card reader's port. Card data stays behind it: what comes out is the card's facts and, on demand, a sealed
//! blob that only the acquirer opens (contract 3.6).

mod hands;
mod simulated;

use std::future::Future;

use vinr_domain::{CardFacts, EntryMode, Money, TipChoice, TipPrompt};
use vinr_wire::card::{SealContext, SealedCard};
use vinr_wire::link::{ReceiptChannel, Simulation};

pub use hands::{Hands, Pin};
pub use simulated::SimulatedReader;
pub use vinr_sandbox::cardholder::{Choice, Pace, ReceiptHabit, TipHabit};

/// What a card is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardPrompt {
    /// What is to be paid.
    pub amount: Money,
    /// What a simulated cardholder does; a real reader ignores it.
    pub simulation: Option<Simulation>,
}

/// What happened at the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReaderEvent {
    /// A card is in, and its PIN is being typed.
    PinEntry,
    /// A card was read, and its PIN where one is asked. The reader holds its data until [`Reader::seal`] or
    /// [`Reader::end`].
    CardRead(CardFacts),
    /// The customer pressed cancel.
    CustomerCancelled,
    /// The customer chose a tip, on a device whose customer-facing side asks for it.
    TipChosen(TipChoice),
    /// The customer chose how to get the receipt; `None`: none.
    ReceiptChosen(Option<ReceiptChannel>),
}

/// A simulated card could not be presented.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PresentError {
    /// No prompt is there to present a card to.
    #[error("the terminal does not ask for a card")]
    NotPrompting,
    /// A card has been presented already.
    #[error("a card has been presented already")]
    AlreadyPresented,
    /// The deck has no such card. Does not repeat the text: it may be the number of a real one.
    #[error("no test card has this name or number")]
    UnknownCard,
    /// The card cannot be read in this way.
    #[error("this card cannot be read in this way")]
    NotThisWay,
    /// No card waits for its PIN.
    #[error("no PIN is asked for")]
    NoPinAsked,
    /// What was typed is not 4 to 12 digits.
    #[error("a PIN has 4 to 12 digits")]
    BadPin,
    /// The reader is a real one.
    #[error("the reader of this terminal is not simulated")]
    NotSimulated,
    /// The terminal has stopped.
    #[error("the terminal has stopped")]
    Stopped,
}

/// Reads cards, one prompt at a time. Called from the device loop only.
pub trait Reader: Send {
    /// Starts to wait for a card. A prompt that is still open is replaced.
    fn begin(&mut self, prompt: &CardPrompt);

    /// Waits for the next event of the open prompt; for ever while none is open.
    ///
    /// Must be cancel-safe: a future dropped before it is ready has lost no event.
    fn next(&mut self) -> impl Future<Output = ReaderEvent> + Send;

    /// Seals the card that was read, once, and forgets it. `None` when there is no card.
    fn seal(&mut self, context: SealContext<'_>) -> Option<SealedCard>;

    /// Stops waiting and forgets whatever was read.
    fn end(&mut self);

    /// Asks the customer for a tip on an amount (minor units); [`ReaderEvent::TipChosen`] is the answer. Replaced by
    /// [`Reader::begin`], ended by [`Reader::end`]. A reader without keys leaves it to the screen.
    fn ask_tip(&mut self, prompt: &TipPrompt, amount_minor: i64) {
        let _ = (prompt, amount_minor);
    }

    /// Asks the customer how to get the receipt; [`ReaderEvent::ReceiptChosen`] is the answer.
    fn ask_receipt(&mut self, channels: &[ReceiptChannel]) {
        let _ = channels;
    }

    /// Whether the reader cannot read cards.
    fn is_faulty(&self) -> bool {
        false
    }

    /// Presents a simulated card to the open prompt: `card` is its name in the deck, `None` the default card.
    ///
    /// # Errors
    /// [`PresentError`]; a real reader answers [`PresentError::NotSimulated`].
    fn present(&mut self, card: Option<&str>, entry_mode: Option<EntryMode>) -> Result<(), PresentError> {
        let _ = (card, entry_mode);
        Err(PresentError::NotSimulated)
    }

    /// A person holds out a test card to the open prompt, in this way and no other, and types its PIN, if it asks for
    /// one, by [`Reader::enter_pin`].
    ///
    /// # Errors
    /// [`PresentError`]; a real reader answers [`PresentError::NotSimulated`].
    fn hold_out(&mut self, card: &str, entry_mode: EntryMode) -> Result<(), PresentError> {
        let _ = (card, entry_mode);
        Err(PresentError::NotSimulated)
    }

    /// A person types the PIN of the card that was held out.
    ///
    /// # Errors
    /// [`PresentError::NoPinAsked`], or [`PresentError::BadPin`] and the PIN is still asked for; a real reader answers
    /// [`PresentError::NotSimulated`].
    fn enter_pin(&mut self, pin: &Pin) -> Result<(), PresentError> {
        let _ = pin;
        Err(PresentError::NotSimulated)
    }
}
