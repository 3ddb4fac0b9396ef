//! The named moments at which a terminal may lose power, and the hook through which a simulated world makes it
//! happen exactly there. In production the hook does nothing.

/// A moment between two things that must not be torn apart, in the order of a payment's life. A request that is
/// cut inside a frame is not among them: the link delivers frames whole or not at all, so that it looks to the
/// cloud like [`CrashPoint::RequestSynced`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CrashPoint {
    /// The command is in the journal, not synced; nothing was answered.
    CommandReceived,
    /// An order of a till is in the journal, not synced; the customer is not asked.
    OrderNotSynced,
    /// An order of a till is durable; the customer is not asked.
    OrderSynced,
    /// The customer is asked; the till has not been answered.
    OrderNotAnswered,
    /// The cancel or the end is appended to the journal, not synced.
    EndNotSynced,
    /// The end is durable; the cloud has not been told.
    EndNotReported,
    /// The request for authorization is appended to the journal, not synced.
    RequestNotSynced,
    /// The request is durable; nothing was sent.
    RequestSynced,
    /// The request was sent; there is no answer yet.
    RequestSent,
    /// The terminal has approved alone; its journal has not been synced.
    OfflineNotSynced,
    /// The approval is durable in the journal; its mark is not.
    OfflineSynced,
    /// The approval and its mark are durable; nothing is shown.
    OfflineMarked,
    /// The screen says approved; the till has not been answered.
    OfflineNotAnswered,
    /// The till has been answered and there is a link; the approval is about to be forwarded.
    ForwardNotSent,
    /// The verdict was read; the journal does not have it.
    AnswerReceived,
    /// The verdict is appended to the journal, not synced.
    OutcomeNotSynced,
    /// The verdict is durable; the screen does not show it.
    OutcomeNotShown,
    /// The screen shows the verdict; the cloud has no confirmation.
    OutcomeNotConfirmed,
    /// Old entries are marked as erased, not synced.
    EraseNotSynced,
    /// A configuration, a lock or an action is decided; the terminal's memory does not have it.
    MemoryNotWritten,
    /// The terminal's memory has it; nothing was said and nothing done.
    MemoryWritten,
}

impl CrashPoint {
    /// The points beside payments.
    pub const UPKEEP: [Self; 2] = [Self::MemoryNotWritten, Self::MemoryWritten];

    /// The points of approvals without the cloud, beside those of every payment.
    pub const OFFLINE: [Self; 4] =
        [Self::OfflineNotSynced, Self::OfflineSynced, Self::OfflineMarked, Self::OfflineNotAnswered];

    /// The points of payments that a till asks for, beside those of every payment.
    pub const ORDERS: [Self; 3] = [Self::OrderNotSynced, Self::OrderSynced, Self::OrderNotAnswered];

    /// The points of payments.
    pub const ALL: [Self; 11] = [
        Self::CommandReceived,
        Self::EndNotSynced,
        Self::EndNotReported,
        Self::RequestNotSynced,
        Self::RequestSynced,
        Self::RequestSent,
        Self::AnswerReceived,
        Self::OutcomeNotSynced,
        Self::OutcomeNotShown,
        Self::OutcomeNotConfirmed,
        Self::EraseNotSynced,
    ];
}

/// What becomes of the terminal at a crash point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It goes on.
    Live,
    /// It loses power: nothing further is written, sent or shown.
    Die,
}

/// Asked at every crash point.
pub trait Faults: Send + Sync {
    /// Whether the terminal survives this moment.
    fn at(&self, point: CrashPoint) -> Fate;
}

/// Production: the terminal always goes on.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFaults;

impl Faults for NoFaults {
    fn at(&self, _point: CrashPoint) -> Fate {
        Fate::Live
    }
}
