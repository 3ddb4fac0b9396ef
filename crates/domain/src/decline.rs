//! Why a well-formed payment did not go through (contract 1.6). Not an error: an outcome.

/// The reason on a failed payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeclineCode {
    /// The account has no such terminal.
    TerminalNotFound,
    /// The terminal has not been heard of for 60 s or more.
    TerminalOffline,
    /// Another payment is active on the terminal.
    TerminalBusy,
    /// The terminal is locked against new transactions.
    TerminalLocked,
    /// The issuer declined without a more precise reason.
    CardDeclined,
    /// The card's account holds too little.
    InsufficientFunds,
    /// The card is past its expiry date.
    ExpiredCard,
    /// The card is flagged by its network.
    LostOrStolen,
    /// The PIN was wrong.
    IncorrectPin,
    /// The PIN was wrong too often.
    PinTryExceeded,
    /// The outcome could not be learned; whatever had been reserved was given back.
    CommunicationError,
    /// Approved by the terminal alone, declined by the issuer later.
    OfflineAuthDeclined,
    /// More than the terminal may approve by itself.
    OfflineLimitExceeded,
    /// The operator of the server has stopped the account.
    AccountSuspended,
}

impl DeclineCode {
    /// Every code, in the order of the documentation.
    pub const ALL: [Self; 14] = [
        Self::TerminalNotFound,
        Self::TerminalOffline,
        Self::TerminalBusy,
        Self::TerminalLocked,
        Self::CardDeclined,
        Self::InsufficientFunds,
        Self::ExpiredCard,
        Self::LostOrStolen,
        Self::IncorrectPin,
        Self::PinTryExceeded,
        Self::CommunicationError,
        Self::OfflineAuthDeclined,
        Self::OfflineLimitExceeded,
        Self::AccountSuspended,
    ];

    /// The code as the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TerminalNotFound => "terminal_not_found",
            Self::TerminalOffline => "terminal_offline",
            Self::TerminalBusy => "terminal_busy",
            Self::TerminalLocked => "terminal_locked",
            Self::CardDeclined => "card_declined",
            Self::InsufficientFunds => "insufficient_funds",
            Self::ExpiredCard => "expired_card",
            Self::LostOrStolen => "lost_or_stolen",
            Self::IncorrectPin => "incorrect_pin",
            Self::PinTryExceeded => "pin_try_exceeded",
            Self::CommunicationError => "communication_error",
            Self::OfflineAuthDeclined => "offline_auth_declined",
            Self::OfflineLimitExceeded => "offline_limit_exceeded",
            Self::AccountSuspended => "account_suspended",
        }
    }

    /// The code written as `text`, if there is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }
}
