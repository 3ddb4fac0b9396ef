//! What the customer and the cashier see, as data, and the port that shows it. Decides nothing: the device loop
//! says what to show, after the journal has it.

use tokio::sync::watch;
use vinr_domain::payment::EndCause;
use vinr_domain::{DeclineCode, Last4, Money};
use vinr_wire::link::ReceiptChannel;

use crate::till::LineItem;

/// The whole content of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Screen {
    /// Connected, nothing to do.
    Idle {
        /// For the cashier.
        message: String,
    },
    /// No link to the cloud, nothing to do.
    Offline {
        /// Why, for the cashier.
        message: String,
    },
    /// The cloud has taken the terminal out of service, or never knew it: no payments before it is paired anew.
    OutOfService {
        /// Why, for the cashier.
        message: String,
    },
    /// Which tip?
    Tip {
        /// What is to be paid, without a tip.
        amount: Money,
        /// What each suggestion comes to.
        offers: Vec<Money>,
        /// Whether the customer may enter an amount of their own.
        allow_custom: bool,
    },
    /// Present a card.
    Prompt {
        /// What is to be paid.
        amount: Money,
        /// The caller's own name for the order.
        reference: Option<String>,
        /// What is being bought, where a till has said; shown beside, never asked about.
        items: Vec<LineItem>,
    },
    /// A card is in, its PIN is being typed.
    PinEntry {
        /// What is to be paid.
        amount: Money,
    },
    /// The issuer is being asked.
    Authorizing {
        /// What is to be paid.
        amount: Money,
    },
    /// The issuer approved.
    Approved {
        /// How much it approved.
        amount: Money,
        /// The card's last four digits.
        last4: Option<Last4>,
        /// The issuer's code.
        auth_code: String,
    },
    /// The terminal approved by itself, because nobody could be asked; the issuer will be, later.
    ApprovedOffline {
        /// How much.
        amount: Money,
        /// The card's last four digits.
        last4: Option<Last4>,
    },
    /// The issuer approved; how does the customer want the receipt?
    Receipt {
        /// How much it approved.
        amount: Money,
        /// What is offered; the customer may also take none.
        channels: Vec<ReceiptChannel>,
    },
    /// The issuer declined, or the cloud reversed.
    Declined {
        /// Why.
        code: DeclineCode,
    },
    /// The payment ended before a card was charged.
    Cancelled {
        /// Why.
        cause: EndCause,
    },
    /// The outcome is not known yet. Neither approved nor declined: the cashier must not ask for another card.
    Unknown {
        /// What was to be paid.
        amount: Money,
    },
    /// No payment can be taken until somebody acts.
    Locked {
        /// What is wrong, for the cashier.
        message: String,
    },
}

/// Shows screens. Called from the device loop only; must return at once.
pub trait Display: Send {
    /// Replaces what is shown.
    fn show(&mut self, screen: &Screen);
}

/// A screen that is not there: its content goes to the log. Anybody in the process can look at what would be shown
/// through [`crate::TerminalHandle::screen`], as with every other screen.
#[derive(Clone, Copy, Debug, Default)]
pub struct SimulatedScreen;

impl Display for SimulatedScreen {
    fn show(&mut self, screen: &Screen) {
        tracing::debug!(?screen, "screen");
    }
}

/// Publishes what a screen shows.
pub(crate) struct Published {
    display: Box<dyn Display>,
    current: watch::Sender<Screen>,
}

impl Published {
    /// Wraps a screen; the receiver sees what it shows.
    pub(crate) fn new(display: Box<dyn Display>) -> (Self, watch::Receiver<Screen>) {
        let (current, seen) = watch::channel(Screen::Offline { message: "Starting".to_owned() });
        (Self { display, current }, seen)
    }
}

impl Display for Published {
    fn show(&mut self, screen: &Screen) {
        self.display.show(screen);
        self.current.send_replace(screen.clone());
    }
}
