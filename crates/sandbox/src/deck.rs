//! The test cards (contract 2.8): how each is found, how it is read, how its issuer behaves. Their numbers are
//! private to this crate; everyone else knows a test card by its name.

use std::fmt;

use vinr_domain::{Brand, DeclineCode, EntryMode, Last4};
use vinr_wire::card::{CardData, CardError};

/// The PIN on file for every test card that has one.
pub const PIN: &str = "1234";

/// What accounts hold that are not meant to run out, in minor units of each currency.
const AMPLE_MINOR: i64 = 9_000_000_000_000_000;
/// What the account behind `insufficient_funds` holds: too little for any real sale, yet a balance like any other.
const SCARCE_MINOR: i64 = 10;

const TAP_OR_INSERT: &[EntryMode] = &[EntryMode::Contactless, EntryMode::Chip];
const ANY_WAY: &[EntryMode] =
    &[EntryMode::Contactless, EntryMode::Chip, EntryMode::Swipe, EntryMode::ManualKey];

/// What the issuer does with a request for an authorization on this card, beyond looking at its balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Approves.
    Approves,
    /// Approves when the right PIN came with the card.
    ChecksPin,
    /// Approves half of what is asked, rounded up to a whole minor unit.
    ApprovesHalf,
    /// Declines.
    Declines(DeclineCode),
    /// Approves, and never says so: neither to the request nor to an inquiry. Acknowledges advices.
    NeverAnswers,
    /// Approves, and takes nothing back: refunds are declined.
    TakesNothingBack,
    /// Approves, and says so only after the acquirer has stopped waiting. Answers inquiries.
    AnswersLate,
}

/// A card that exists for tests only.
pub struct TestCard {
    name: &'static str,
    number: &'static str,
    brand: Brand,
    entry_modes: &'static [EntryMode],
    /// What its cardholder types when asked for a PIN; `None` for a card that asks for none.
    typed_pin: Option<&'static str>,
    expiry_yymm: u16,
    opening_minor: i64,
    behaviour: Behaviour,
    about: &'static str,
}

impl TestCard {
    /// The name by which the API, the ledger and the documentation know it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its network.
    #[must_use]
    pub fn brand(&self) -> Brand {
        self.brand
    }

    /// The last four digits of its number.
    #[must_use]
    pub fn last4(&self) -> Last4 {
        Last4::parse(&self.number[self.number.len() - 4..])
            .expect("every number in the deck ends in four digits")
    }

    /// The ways in which it can be read, the usual one first.
    #[must_use]
    pub fn entry_modes(&self) -> &'static [EntryMode] {
        self.entry_modes
    }

    /// Whether its cardholder is asked for a PIN.
    #[must_use]
    pub fn asks_pin(&self) -> bool {
        self.typed_pin.is_some()
    }

    /// How its issuer behaves.
    #[must_use]
    pub fn behaviour(&self) -> Behaviour {
        self.behaviour
    }

    /// What it is for, in one sentence.
    #[must_use]
    pub fn about(&self) -> &'static str {
        self.about
    }

    /// What its account holds at first, in minor units of whichever currency.
    pub(crate) fn opening_minor(&self) -> i64 {
        self.opening_minor
    }

    /// What a reader learns when this card is presented.
    ///
    /// Without an entry mode, or with one in which this card cannot be read, it is read in its usual way. Without a
    /// PIN the cardholder types the usual one; a card that asks for none comes without, whatever is given.
    ///
    /// # Errors
    /// [`CardError::Pin`] when `pin` is not 4 to 12 digits.
    pub fn present(&self, entry_mode: Option<EntryMode>, pin: Option<&str>) -> Result<CardData, CardError> {
        let usual = self.entry_modes[0];
        let entry_mode = entry_mode.filter(|mode| self.entry_modes.contains(mode)).unwrap_or(usual);
        let pin = self.typed_pin.map(|usual| pin.unwrap_or(usual));
        CardData::new(self.number, self.expiry_yymm, pin, entry_mode)
    }
}

impl fmt::Debug for TestCard {
    /// The name alone: a number, even of a test card, is never printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for TestCard {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for TestCard {}

/// The card that is presented when nobody chooses one.
#[must_use]
pub fn usual() -> &'static TestCard {
    &DECK[0]
}

/// Finds a card by its name, or by its number with spaces and hyphens left out.
#[must_use]
pub fn find(text: &str) -> Option<&'static TestCard> {
    if let Some(card) = DECK.iter().find(|card| card.name == text) {
        return Some(card);
    }
    if text.len() > 40 {
        return None;
    }
    let number: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    by_number(&number)
}

/// Every card, in the order of the documentation.
pub fn documented() -> impl Iterator<Item = &'static TestCard> {
    DECK.iter()
}

/// What the chip of a test card says its holder is called; `None` for a card that is not in the deck.
#[must_use]
pub fn cardholder(brand: Brand, last4: Last4) -> Option<&'static str> {
    DECK.iter().any(|card| card.brand == brand && card.last4() == last4).then_some("TEST CARDHOLDER")
}

pub(crate) fn by_number(number: &str) -> Option<&'static TestCard> {
    DECK.iter().find(|card| card.number == number)
}

const fn visa(
    name: &'static str,
    number: &'static str,
    behaviour: Behaviour,
    about: &'static str,
) -> TestCard {
    TestCard {
        name,
        number,
        brand: Brand::Visa,
        entry_modes: ANY_WAY,
        typed_pin: None,
        expiry_yymm: 4912,
        opening_minor: AMPLE_MINOR,
        behaviour,
        about,
    }
}

/// Like [`visa`], with a cardholder who is asked for a PIN and types this one.
const fn with_pin(
    name: &'static str,
    number: &'static str,
    typed: &'static str,
    behaviour: Behaviour,
    about: &'static str,
) -> TestCard {
    TestCard { typed_pin: Some(typed), entry_modes: TAP_OR_INSERT, ..visa(name, number, behaviour, about) }
}

/// The numbers up to `amex_approved` are the contract's; those after it lie in a range that starts with 4000 0000
/// and end in a valid check digit (ISO/IEC 7812-1, the Luhn formula), as the contract's do.
static DECK: &[TestCard] = &[
    visa("visa_approved", "4242424242424242", Behaviour::Approves, "Approved."),
    visa("card_declined", "4000000000000002", Behaviour::Declines(DeclineCode::CardDeclined), "Declined."),
    TestCard {
        opening_minor: SCARCE_MINOR,
        ..visa(
            "insufficient_funds",
            "4000000000009995",
            Behaviour::Approves,
            "Declined: the account holds 10 minor units of each currency, and asks are measured against it.",
        )
    },
    TestCard {
        expiry_yymm: 2001,
        ..visa(
            "expired_card",
            "4000000000000069",
            Behaviour::Declines(DeclineCode::ExpiredCard),
            "Declined: past its expiry date.",
        )
    },
    visa(
        "lost_or_stolen",
        "4100000000000019",
        Behaviour::Declines(DeclineCode::LostOrStolen),
        "Declined: flagged by its network.",
    ),
    TestCard {
        brand: Brand::Mastercard,
        ..visa("mastercard_approved", "5555555555554444", Behaviour::Approves, "Approved; Mastercard.")
    },
    TestCard {
        brand: Brand::Amex,
        ..visa("amex_approved", "378282246310005", Behaviour::Approves, "Approved; American Express.")
    },
    with_pin(
        "online_pin",
        "4000000001000019",
        PIN,
        Behaviour::ChecksPin,
        "Asks for a PIN, which the issuer checks: approved with 1234, otherwise incorrect_pin.",
    ),
    with_pin(
        "incorrect_pin",
        "4000000002000026",
        "0000",
        Behaviour::Declines(DeclineCode::IncorrectPin),
        "Asks for a PIN and is declined: it is always the wrong one.",
    ),
    with_pin(
        "pin_try_exceeded",
        "4000000003000033",
        "0000",
        Behaviour::Declines(DeclineCode::PinTryExceeded),
        "Asks for a PIN and is declined: too many wrong ones before.",
    ),
    visa(
        "partial_approval",
        "4000000004000040",
        Behaviour::ApprovesHalf,
        "Approved for half of the amount, rounded up.",
    ),
    visa(
        "issuer_silent",
        "4000000005000056",
        Behaviour::NeverAnswers,
        "Approved by an issuer that never says so: ends as communication_error, reversed.",
    ),
    visa(
        "issuer_late",
        "4000000006000063",
        Behaviour::AnswersLate,
        "Approved by an issuer that answers after the acquirer has stopped waiting, also to refunds; an inquiry finds it.",
    ),
    visa(
        "refund_declined",
        "4000000008000087",
        Behaviour::TakesNothingBack,
        "Approved; refunds to it are declined.",
    ),
    visa(
        "offline_then_declined",
        "4000000007000070",
        Behaviour::Declines(DeclineCode::CardDeclined),
        "Declined by the issuer, so that what a terminal approved offline is declined later.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn luhn_holds(number: &str) -> bool {
        let sum: u32 = number
            .bytes()
            .rev()
            .enumerate()
            .map(|(i, byte)| {
                let digit = u32::from(byte - b'0') * if i % 2 == 1 { 2 } else { 1 };
                if digit > 9 { digit - 9 } else { digit }
            })
            .sum();
        sum.is_multiple_of(10)
    }

    #[test]
    fn numbers_are_unique_and_end_in_their_check_digit() {
        for (i, card) in DECK.iter().enumerate() {
            assert!(luhn_holds(card.number), "{card:?}");
            assert!(DECK[..i].iter().all(|c| c.number != card.number && c.name != card.name), "{card:?}");
        }
        assert!(!luhn_holds("4242424242424241"));
    }

    #[test]
    fn debug_shows_no_number() {
        for card in DECK {
            assert_eq!(format!("{card:?}"), card.name);
        }
    }
}
