//! What a simulated cardholder does when the terminal asks for a card: which card, when, and how long the PIN
//! takes. Makes plans; waiting is somebody else's job.

use rand::{Rng, RngExt};

use vinr_domain::{TipChoice, TipPrompt};

use crate::deck::{self, TestCard};

/// The word for a cardholder who presents nothing.
pub const NOTHING: &str = "none";

/// What the cardholder holds in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// This card.
    Card(&'static TestCard),
    /// Nothing: the prompt times out.
    Nothing,
}

/// No test card has this name or number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no test card has this name or number")]
pub struct UnknownCard;

impl Choice {
    /// Reads a choice: the name or number of a test card, or `none`. Without one, the usual card.
    ///
    /// # Errors
    /// [`UnknownCard`], which does not repeat the text: it may be the number of a real card.
    pub fn parse(text: Option<&str>) -> Result<Self, UnknownCard> {
        match text {
            None => Ok(Self::Card(deck::usual())),
            Some(NOTHING) => Ok(Self::Nothing),
            Some(text) => deck::find(text).map(Self::Card).ok_or(UnknownCard),
        }
    }
}

/// What a cardholder does when asked for a tip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TipHabit {
    /// Gives none.
    #[default]
    Nothing,
    /// Takes the suggestion at this place of the screen, from 0; none where there is no such place.
    Suggestion(u8),
    /// Enters an amount, in minor units; none where that is not offered.
    Custom(i64),
    /// Does not answer: somebody else presses the key, or the question times out.
    Silent,
}

impl TipHabit {
    /// Reads a habit: `none`, `silent`, the place of a suggestion from 1 (`1` to `4`), or an amount in minor units
    /// with a plus (`+250`).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            NOTHING => Some(Self::Nothing),
            "silent" => Some(Self::Silent),
            "1" | "2" | "3" | "4" => text.parse::<u8>().ok().map(|place| Self::Suggestion(place - 1)),
            _ => text.strip_prefix('+')?.parse().ok().filter(|own| *own >= 0).map(Self::Custom),
        }
    }

    /// The answer to a question for a tip on an amount (minor units); `None`: there is no answer. Only what is
    /// offered is chosen.
    #[must_use]
    pub fn choose(self, prompt: &TipPrompt, amount_minor: i64) -> Option<TipChoice> {
        let wanted = match self {
            Self::Silent => return None,
            Self::Nothing => TipChoice::None,
            Self::Suggestion(place) => TipChoice::Suggestion(place),
            Self::Custom(own) => TipChoice::Custom(own),
        };
        Some(prompt.tip(amount_minor, wanted).map_or(TipChoice::None, |_| wanted))
    }
}

/// What a cardholder does when asked how to get the receipt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReceiptHabit {
    /// Takes the first channel that is offered.
    #[default]
    First,
    /// Wants none.
    Nothing,
    /// Does not answer.
    Silent,
}

/// How fast a cardholder is when nobody says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// From the prompt to the card, in milliseconds.
    pub present_ms: u32,
    /// From the card to the last digit of the PIN, in milliseconds.
    pub pin_ms: u32,
    /// By how much both vary, up or down, in thousandths (at most 1000).
    pub jitter_permille: u16,
}

impl Pace {
    /// The card is there as soon as the terminal asks: for benchmarks.
    pub const AT_ONCE: Self = Self { present_ms: 0, pin_ms: 0, jitter_permille: 0 };
}

impl Default for Pace {
    fn default() -> Self {
        Self { present_ms: 400, pin_ms: 1_200, jitter_permille: 250 }
    }
}

/// What the cardholder is going to do about one prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The card.
    pub card: &'static TestCard,
    /// How long after the prompt it is presented, in milliseconds.
    pub present_after_ms: u32,
    /// How long after the card the PIN is complete, in milliseconds; `None` for a card that asks for none.
    pub pin_takes_ms: Option<u32>,
}

/// Plans what to do about a prompt; `None` when nothing is presented.
///
/// `delay_ms` (contract 2.8, `simulateDelay`) replaces the pace up to the card and is kept to the millisecond. The
/// same generator state gives the same plan, and every call draws as often, so that one choice does not shift the
/// plans after it.
#[must_use]
pub fn plan(choice: Choice, delay_ms: Option<u32>, pace: Pace, rng: &mut impl Rng) -> Option<Plan> {
    let present_ms = varied(pace.present_ms, pace.jitter_permille, rng);
    let pin_ms = varied(pace.pin_ms, pace.jitter_permille, rng);
    let Choice::Card(card) = choice else { return None };
    Some(Plan {
        card,
        present_after_ms: delay_ms.unwrap_or(present_ms),
        pin_takes_ms: card.asks_pin().then_some(pin_ms),
    })
}

fn varied(ms: u32, jitter_permille: u16, rng: &mut impl Rng) -> u32 {
    let jitter = i64::from(jitter_permille.min(1000));
    let permille = 1000 + rng.random_range(-jitter..=jitter);
    u32::try_from(i64::from(ms) * permille / 1000).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    fn card(name: &str) -> Choice {
        Choice::parse(Some(name)).unwrap()
    }

    #[test]
    fn a_tipper_chooses_only_what_is_offered() {
        let suggestions = vec![10, 15];
        let asked = TipPrompt { basis: vinr_domain::TipBasis::Percentage, suggestions, allow_custom: false };
        let chooses = |habit: &str| TipHabit::parse(habit).unwrap().choose(&asked, 1_000);
        assert_eq!(chooses("none"), Some(TipChoice::None));
        assert_eq!(chooses("2"), Some(TipChoice::Suggestion(1)));
        assert_eq!(chooses("3"), Some(TipChoice::None));
        assert_eq!(chooses("+250"), Some(TipChoice::None));
        assert_eq!(chooses("silent"), None);
        for text in ["", "5", "0", "+", "+-1", "250"] {
            assert_eq!(TipHabit::parse(text), None, "{text}");
        }
    }

    #[test]
    fn without_a_choice_the_usual_card_is_tapped() {
        assert_eq!(Choice::parse(None), Ok(card("visa_approved")));
        assert_eq!(Choice::parse(Some("4000 0000-0000 0002")), Ok(card("card_declined")));
        assert_eq!(Choice::parse(Some("4000000000000003")), Err(UnknownCard));
        assert_eq!(Choice::parse(Some("")), Err(UnknownCard));
    }

    #[test]
    fn none_presents_nothing_however_long_one_waits() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        assert_eq!(plan(card(NOTHING), Some(0), Pace::default(), &mut rng), None);
    }

    #[test]
    fn a_stated_delay_is_kept_and_the_pace_varies_within_its_bounds() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let pace = Pace { present_ms: 1000, pin_ms: 2000, jitter_permille: 250 };
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..200 {
            let exact = plan(card("visa_approved"), Some(30_000), pace, &mut rng).unwrap();
            assert_eq!((exact.present_after_ms, exact.pin_takes_ms), (30_000, None));
            let own = plan(card("online_pin"), None, pace, &mut rng).unwrap();
            assert!((750..=1250).contains(&own.present_after_ms), "{own:?}");
            assert!((1500..=2500).contains(&own.pin_takes_ms.unwrap()), "{own:?}");
            seen.insert(own.present_after_ms);
        }
        assert!(seen.len() > 50, "the pace hardly varies: {seen:?}");
        let at_once = plan(card("visa_approved"), None, Pace::AT_ONCE, &mut rng).unwrap();
        assert_eq!(at_once.present_after_ms, 0);
    }

    #[test]
    fn the_same_seed_gives_the_same_plans_whatever_was_chosen_before() {
        let second = |first: &str, seed| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let _ = plan(card(first), None, Pace::default(), &mut rng);
            plan(card("online_pin"), None, Pace::default(), &mut rng)
        };
        assert_eq!(second("visa_approved", 3), second(NOTHING, 3));
        assert_ne!(second("visa_approved", 3), second("visa_approved", 4));
    }
}
