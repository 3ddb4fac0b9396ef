//! Protocol bugs to plant, one at a time: a world that cannot fail shows nothing.

/// A protocol bug to plant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// Into the server.
    Server(vinr_server::settings::Sabotage),
    /// Into every terminal.
    Terminal(vinr_terminal::Sabotage),
    /// Into the till of the matrix.
    Till(TillBug),
}

/// What a till can get wrong about a sale on two paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TillBug {
    /// It does not write down that it has turned to the cloud: started again, it asks its terminal.
    ForgetDelegation,
    /// It believes whoever answers first, also after it has turned to the cloud.
    BelieveBoth,
    /// It asks the cloud under a new name.
    NewName,
}

impl Bug {
    /// Every bug.
    pub const ALL: [Self; 19] = {
        use vinr_server::settings::Sabotage as S;
        use vinr_terminal::Sabotage as T;
        [
            Self::Server(S::SilenceIsDecline),
            Self::Server(S::AskBeforeCommit),
            Self::Server(S::ReverseOnce),
            Self::Server(S::KeyAfterCommit),
            Self::Server(S::AssignTwice),
            Self::Server(S::RefundWithoutReservation),
            Self::Server(S::ForwardPastFence),
            Self::Server(S::OwnRequestAnywhere),
            Self::Server(S::DeactivationWithoutCut),
            Self::Server(S::CursorBeforeDelivery),
            Self::Server(S::RetryOutOfTurn),
            Self::Terminal(T::SkipJournalSync),
            Self::Terminal(T::RestartKnownIntent),
            Self::Terminal(T::IgnoreTombstone),
            Self::Terminal(T::ShowAloneUnsynced),
            Self::Terminal(T::TombstoneUnsynced),
            Self::Till(TillBug::ForgetDelegation),
            Self::Till(TillBug::BelieveBoth),
            Self::Till(TillBug::NewName),
        ]
    };

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Server(bug) => format!("{bug:?}"),
            Self::Terminal(bug) => format!("{bug:?}"),
            Self::Till(bug) => format!("{bug:?}"),
        }
    }

    /// The bug of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bug| bug.name().eq_ignore_ascii_case(name))
    }
}
