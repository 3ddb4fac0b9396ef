//! What a payment's terminal said on its way: for people who want to know where the time went. Nothing is decided by it.

use vinr_domain::Timestamp;

/// How far a payment had come at its terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The order was put on the terminal's link.
    Dispatched,
    /// The terminal said that it prompts.
    Acknowledged,
    /// The screen asked for a tip.
    ChoosingTip,
    /// The screen asked for a card.
    AwaitingCard,
    /// A card was there: as the terminal said, or at the latest when its request for authorization came.
    CardPresented,
    /// The customer entered the PIN.
    PinEntry,
}

impl Stage {
    /// Every stage, in the order in which a payment passes them.
    pub const ALL: [Self; 6] = [
        Self::Dispatched,
        Self::Acknowledged,
        Self::ChoosingTip,
        Self::AwaitingCard,
        Self::CardPresented,
        Self::PinEntry,
    ];

    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dispatched => "dispatched",
            Self::Acknowledged => "acknowledged",
            Self::ChoosingTip => "choosing_tip",
            Self::AwaitingCard => "awaiting_card",
            Self::CardPresented => "card_presented",
            Self::PinEntry => "pin_entry",
        }
    }
}

/// A stage that a payment has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    /// Which.
    pub stage: Stage,
    /// When the cloud learned it.
    pub at: Timestamp,
}

/// As one text, `dispatched 1795000000000,acknowledged 1795000000012`.
pub(super) fn written(moments: &[Passed]) -> String {
    let words: Vec<String> =
        moments.iter().map(|passed| format!("{} {}", passed.stage.as_str(), passed.at.0)).collect();
    words.join(",")
}

/// Reads what [`written`] wrote. What it does not know it leaves out: nothing depends on it.
pub(super) fn read(text: &str) -> Vec<Passed> {
    let passed = |word: &str| {
        let (stage, at) = word.split_once(' ')?;
        let stage = Stage::ALL.into_iter().find(|known| known.as_str() == stage)?;
        Some(Passed { stage, at: Timestamp(at.parse().ok()?) })
    };
    text.split(',').filter_map(passed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_read_back_as_they_were_written_and_strange_ones_are_left_out() {
        let all: Vec<Passed> = Stage::ALL
            .into_iter()
            .zip(1..)
            .map(|(stage, at)| Passed { stage, at: Timestamp(1_795_000_000_000 + at) })
            .collect();
        assert_eq!(read(&written(&all)), all);
        assert_eq!(read(&format!("tea 5,{},dispatched x,", written(&all[..1]))), all[..1]);
        assert_eq!(read(""), []);
    }
}
