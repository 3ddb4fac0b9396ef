//! How a customer is asked for a tip, and what each answer comes to. Decides no policy: whoever configures the
//! terminal does; refuses what would lift a payment over what one may ask for.

use crate::money::MAX_AMOUNT_MINOR;
use crate::payment::{Tip, TipMode};

/// How many suggestions a screen shows (terminals reference, `tip.suggestions`).
pub const MAX_TIP_SUGGESTIONS: usize = 4;

/// What a suggestion is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TipBasis {
    /// A percentage of the amount, 1 to 100.
    Percentage,
    /// An amount in minor units of the payment's currency.
    Fixed,
}

impl TipBasis {
    /// As configurations write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Percentage => "percentage",
            Self::Fixed => "fixed",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Percentage, Self::Fixed].into_iter().find(|basis| basis.as_str() == text)
    }

    /// Whether a suggestion of this kind can be shown.
    #[must_use]
    pub fn allows(self, suggestion: u32) -> bool {
        match self {
            Self::Percentage => (1..=100).contains(&suggestion),
            Self::Fixed => (1..=MAX_AMOUNT_MINOR).contains(&i64::from(suggestion)),
        }
    }
}

/// The question before the card: which tip?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TipPrompt {
    /// What the suggestions are of.
    pub basis: TipBasis,
    /// At most [`MAX_TIP_SUGGESTIONS`], in the order of the screen.
    pub suggestions: Vec<u32>,
    /// Whether the customer may enter an amount of their own.
    pub allow_custom: bool,
}

/// What the customer answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TipChoice {
    /// No tip.
    None,
    /// The suggestion at this place of the screen, from 0.
    Suggestion(u8),
    /// An amount of their own, in minor units.
    Custom(i64),
}

/// The answer is not one of those that were offered; the customer is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TipRefused {
    /// No suggestion stands at that place.
    #[error("there is no such suggestion")]
    NoSuchSuggestion,
    /// Amounts of their own are not offered, or this one is negative.
    #[error("an amount of one's own is not offered")]
    NotOffered,
    /// With the tip, the payment would be more than one may ask for.
    #[error("the tip is too large")]
    TooLarge,
}

impl TipPrompt {
    /// Whether there is anything to ask.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.allow_custom || !self.suggestions.is_empty()
    }

    /// Whether every suggestion can be shown, and none too many are there.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.suggestions.len() <= MAX_TIP_SUGGESTIONS
            && self.suggestions.iter().all(|suggestion| self.basis.allows(*suggestion))
    }

    /// What each suggestion comes to for `amount_minor`, in minor units; percentages are rounded half up.
    #[must_use]
    pub fn offers_minor(&self, amount_minor: i64) -> Vec<i64> {
        let offer = |suggestion: &u32| match self.basis {
            TipBasis::Percentage => {
                amount_minor.saturating_mul(i64::from(*suggestion)).saturating_add(50) / 100
            }
            TipBasis::Fixed => i64::from(*suggestion),
        };
        self.suggestions.iter().map(offer).collect()
    }

    /// The tip that `choice` comes to for `amount_minor` (minor units, without a tip).
    ///
    /// # Errors
    /// [`TipRefused`] when the choice was not offered, or comes to more than a payment may ask for.
    pub fn tip(&self, amount_minor: i64, choice: TipChoice) -> Result<Tip, TipRefused> {
        let tip = match choice {
            TipChoice::None => Tip { amount_minor: 0, mode: TipMode::None },
            TipChoice::Suggestion(at) => {
                let offers = self.offers_minor(amount_minor);
                let offer = offers.get(usize::from(at)).ok_or(TipRefused::NoSuchSuggestion)?;
                Tip { amount_minor: *offer, mode: TipMode::Preset }
            }
            TipChoice::Custom(own) if self.allow_custom && own >= 0 => {
                let mode = if own == 0 { TipMode::None } else { TipMode::Custom };
                Tip { amount_minor: own, mode }
            }
            TipChoice::Custom(_) => return Err(TipRefused::NotOffered),
        };
        let fits = amount_minor.saturating_add(tip.amount_minor) <= MAX_AMOUNT_MINOR;
        fits.then_some(tip).ok_or(TipRefused::TooLarge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(basis: TipBasis, suggestions: &[u32], allow_custom: bool) -> TipPrompt {
        TipPrompt { basis, suggestions: suggestions.to_vec(), allow_custom }
    }

    #[test]
    fn percentages_are_of_the_amount_and_rounded_half_up() {
        let asked = prompt(TipBasis::Percentage, &[10, 15, 20], false);
        assert_eq!(asked.offers_minor(2_500), [250, 375, 500]);
        assert_eq!(asked.offers_minor(999), [100, 150, 200]);
        assert_eq!(asked.offers_minor(3), [0, 0, 1]);
        let chosen = asked.tip(2_500, TipChoice::Suggestion(1)).unwrap();
        assert_eq!(chosen, Tip { amount_minor: 375, mode: TipMode::Preset });
    }

    #[test]
    fn only_what_was_offered_can_be_chosen() {
        let asked = prompt(TipBasis::Fixed, &[100, 200], false);
        assert_eq!(asked.tip(500, TipChoice::Suggestion(2)), Err(TipRefused::NoSuchSuggestion));
        assert_eq!(asked.tip(500, TipChoice::Custom(10)), Err(TipRefused::NotOffered));
        assert_eq!(asked.tip(500, TipChoice::None), Ok(Tip { amount_minor: 0, mode: TipMode::None }));
        let free = prompt(TipBasis::Fixed, &[], true);
        assert_eq!(free.tip(500, TipChoice::Custom(-1)), Err(TipRefused::NotOffered));
        assert_eq!(free.tip(500, TipChoice::Custom(33)), Ok(Tip { amount_minor: 33, mode: TipMode::Custom }));
    }

    #[test]
    fn no_tip_lifts_a_payment_over_its_limit() {
        let free = prompt(TipBasis::Percentage, &[100], true);
        assert_eq!(free.tip(MAX_AMOUNT_MINOR, TipChoice::Custom(1)), Err(TipRefused::TooLarge));
        assert_eq!(free.tip(MAX_AMOUNT_MINOR, TipChoice::Suggestion(0)), Err(TipRefused::TooLarge));
        assert_eq!(free.tip(1, TipChoice::Custom(i64::MAX)), Err(TipRefused::TooLarge));
        assert!(free.tip(MAX_AMOUNT_MINOR, TipChoice::None).is_ok());
    }

    #[test]
    fn a_screen_has_room_for_four_suggestions_that_make_sense() {
        assert!(prompt(TipBasis::Percentage, &[5, 10, 15, 100], true).is_valid());
        assert!(!prompt(TipBasis::Percentage, &[5, 10, 15, 20, 25], true).is_valid());
        assert!(!prompt(TipBasis::Percentage, &[0], true).is_valid());
        assert!(!prompt(TipBasis::Percentage, &[101], true).is_valid());
        assert!(!prompt(TipBasis::Fixed, &[100_000_000], true).is_valid());
        assert!(!prompt(TipBasis::Fixed, &[], false).asks());
    }
}
