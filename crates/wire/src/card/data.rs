//! The one type for card data. It cannot be copied, printed or encoded, and wipes itself; only the seal and the
//! sandbox issuer look inside.

use vinr_domain::{Brand, CardFacts, EntryMode, Last4};
use zeroize::Zeroizing;

/// Longest card number (ISO/IEC 7812-1).
pub(super) const PAN_MAX_DIGITS: usize = 19;
const PAN_MIN_DIGITS: usize = 12;
/// Longest PIN (ISO 9564-1).
pub(super) const PIN_MAX_DIGITS: usize = 12;
const PIN_MIN_DIGITS: usize = 4;

/// What the reader learned of a card: number, expiry, PIN. Lives on the heap, so that moving it leaves nothing
/// behind, and is overwritten when dropped.
pub struct CardData {
    pan: Zeroizing<Box<str>>,
    pin: Option<Zeroizing<Box<str>>>,
    expiry_yymm: u16,
    entry_mode: EntryMode,
}

/// What was read is not a card. Says nothing of what it was instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// The number is not 12 to 19 digits.
    #[error("a card number has 12 to 19 digits")]
    Number,
    /// The expiry is not a year and a month.
    #[error("an expiry is a year and a month, yymm")]
    Expiry,
    /// The PIN is not 4 to 12 digits.
    #[error("a PIN has 4 to 12 digits")]
    Pin,
}

/// What the issuer decides on; lives only as long as the call that shows it.
pub struct IssuerView<'a> {
    /// The card number.
    pub pan: &'a str,
    /// Year and month, 2807 for July 2028.
    pub expiry_yymm: u16,
    /// The PIN, when one was entered.
    pub pin: Option<&'a str>,
    /// How the card was read.
    pub entry_mode: EntryMode,
}

impl CardData {
    /// Takes what the reader read: a number in digits only, the expiry as year and month (2807 for July 2028), the
    /// PIN if one was entered.
    ///
    /// # Errors
    /// [`CardError`] names the part that cannot be of a card. The check digit is not looked at: that is for the
    /// issuer, as is everything else about the number.
    pub fn new(
        pan: &str,
        expiry_yymm: u16,
        pin: Option<&str>,
        entry_mode: EntryMode,
    ) -> Result<Self, CardError> {
        if !digits(pan, PAN_MIN_DIGITS, PAN_MAX_DIGITS) {
            return Err(CardError::Number);
        }
        if !(1..=12).contains(&(expiry_yymm % 100)) || expiry_yymm > 9912 {
            return Err(CardError::Expiry);
        }
        if pin.is_some_and(|pin| !digits(pin, PIN_MIN_DIGITS, PIN_MAX_DIGITS)) {
            return Err(CardError::Pin);
        }
        let wiped = |text: &str| Zeroizing::new(Box::<str>::from(text));
        Ok(Self { pan: wiped(pan), pin: pin.map(wiped), expiry_yymm, entry_mode })
    }

    /// What may be known of the card outside the reader and the acquirer.
    #[must_use]
    pub fn facts(&self) -> CardFacts {
        let last4 = Last4::parse(&self.pan[self.pan.len() - 4..]);
        let last4 = last4.expect("a card number ends in four digits: the constructor counted them");
        CardFacts { brand: brand(&self.pan), last4, entry_mode: self.entry_mode }
    }

    /// Shows the card to an issuer. For the sandbox issuer alone; whatever `look` returns must not hold any of it.
    pub fn issuer_view<R>(&self, look: impl FnOnce(IssuerView<'_>) -> R) -> R {
        look(self.view())
    }

    pub(super) fn view(&self) -> IssuerView<'_> {
        IssuerView {
            pan: &self.pan,
            expiry_yymm: self.expiry_yymm,
            pin: self.pin.as_ref().map(|pin| &***pin),
            entry_mode: self.entry_mode,
        }
    }
}

fn digits(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The network, by the ranges of issuer numbers that the networks publish.
fn brand(pan: &str) -> Brand {
    let first4: u16 = pan.get(..4).and_then(|digits| digits.parse().ok()).unwrap_or(0);
    match first4 {
        4000..=4999 => Brand::Visa,
        5100..=5599 | 2221..=2720 => Brand::Mastercard,
        3400..=3499 | 3700..=3799 => Brand::Amex,
        _ => Brand::Other,
    }
}
