//! What may be known of a card outside the reader and the acquirer: brand, last four digits, how it was read.
//! The card number itself has no type in this crate.

/// The card's network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Brand {
    /// Visa.
    Visa,
    /// Mastercard.
    Mastercard,
    /// American Express.
    Amex,
    /// Any other network.
    Other,
}

impl Brand {
    /// The brand as the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Visa => "visa",
            Self::Mastercard => "mastercard",
            Self::Amex => "amex",
            Self::Other => "other",
        }
    }

    /// The brand written as `text`, if there is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Visa, Self::Mastercard, Self::Amex, Self::Other].into_iter().find(|b| b.as_str() == text)
    }
}

/// How the card was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryMode {
    /// Tapped.
    Contactless,
    /// Inserted.
    Chip,
    /// Magnetic stripe.
    Swipe,
    /// Typed in.
    ManualKey,
}

impl EntryMode {
    /// The mode as the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contactless => "contactless",
            Self::Chip => "chip",
            Self::Swipe => "swipe",
            Self::ManualKey => "manual_key",
        }
    }

    /// The mode written as `text`, if there is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Contactless, Self::Chip, Self::Swipe, Self::ManualKey].into_iter().find(|m| m.as_str() == text)
    }
}

/// The last four digits of a card number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Last4([u8; 4]);

impl Last4 {
    /// Takes exactly four ASCII digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: [u8; 4] = text.as_bytes().try_into().ok()?;
        digits.iter().all(u8::is_ascii_digit).then_some(Self(digits))
    }

    /// The four digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("0000")
    }
}

impl std::fmt::Debug for Last4 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the platform remembers of the card that was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CardFacts {
    /// The card's network.
    pub brand: Brand,
    /// Its last four digits.
    pub last4: Last4,
    /// How it was read.
    pub entry_mode: EntryMode,
}
