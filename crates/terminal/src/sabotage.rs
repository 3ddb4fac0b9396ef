//! Planted protocol bugs, one at a time, for the tests that show that the simulated world finds them. Exists only
//! with the feature `sabotage`, which no release build has.

/// A bug to plant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sabotage {
    /// The request for authorization leaves before the journal is on disk: power loss forgets the stan.
    SkipJournalSync,
    /// A repeated command starts the intent over, with a new stan.
    RestartKnownIntent,
    /// A cancel for an intent that has not been seen leaves nothing behind.
    IgnoreTombstone,
    /// The screen says approved before an approval that the terminal gave alone is on disk.
    ShowAloneUnsynced,
    /// Whoever cancels is told so before the end is on disk: power loss brings the sale back.
    TombstoneUnsynced,
}

impl Sabotage {
    /// Every bug.
    pub const ALL: [Self; 5] = [
        Self::SkipJournalSync,
        Self::RestartKnownIntent,
        Self::IgnoreTombstone,
        Self::ShowAloneUnsynced,
        Self::TombstoneUnsynced,
    ];
}
