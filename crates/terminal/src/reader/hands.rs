//! A person in the place of the simulated cardholder: the switch between the two, and the PIN that a person types. Keeps
//! no PIN: it goes into the card's data, which wipes itself, and from there under the seal.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;
use zeroize::Zeroizing;

/// Who is the cardholder of a simulated terminal: the simulated one, or a person. Cheap to clone; outlives the
/// terminal's lives.
#[derive(Clone, Debug)]
pub struct Hands {
    by_hand: Arc<watch::Sender<bool>>,
}

impl Default for Hands {
    fn default() -> Self {
        Self { by_hand: Arc::new(watch::Sender::new(false)) }
    }
}

impl Hands {
    /// Leaves it to a person (`true`) or to the simulated cardholder, from the next question on.
    pub fn set_by_hand(&self, by_hand: bool) {
        self.by_hand.send_replace(by_hand);
    }

    /// Whether a person is the cardholder.
    #[must_use]
    pub fn are_used(&self) -> bool {
        *self.by_hand.borrow()
    }

    /// The same, now and whenever it changes.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<bool> {
        self.by_hand.subscribe()
    }
}

/// A PIN that a person has typed. Overwritten when dropped; has no text form.
pub struct Pin(Zeroizing<Box<str>>);

impl Pin {
    /// Takes what was typed.
    #[must_use]
    pub fn new(typed: &str) -> Self {
        Self(Zeroizing::new(Box::from(typed)))
    }

    pub(super) fn digits(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(..)")
    }
}
