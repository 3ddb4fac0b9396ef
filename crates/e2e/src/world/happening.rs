//! What can go wrong in a world, and what tills do to it: names, for counting. A fault that never happens is a test
//! that tests nothing.

use vinr_sandbox::faults::{Fault, Message};
use vinr_terminal::CrashPoint;

macro_rules! happenings {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Something that happened in a world.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Happening {
            $($(#[$doc])* $name,)*
            /// A till of the matrix that had turned to the cloud heard its terminal all the same, and did not believe it.
            LateAnswerIgnored,
            /// A terminal lost power at a named moment.
            PowerLostAt(CrashPoint),
            /// A message between acquirer and issuer met a fault.
            Issuer(Message, Fault),
        }

        impl Happening {
            /// Everything that can happen in the world of a seed.
            #[must_use]
            pub fn all() -> Vec<Self> {
                let mut all = vec![$(Self::$name,)*];
                all.extend(CrashPoint::ALL.map(Self::PowerLostAt));
                let messages = Message::ALL.into_iter();
                all.extend(messages.flat_map(|message| Fault::ALL.map(|fault| Self::Issuer(message, fault))));
                all
            }
        }
    };
}

happenings! {
    /// A frame was lost.
    FrameLost,
    /// A frame arrived twice.
    FrameDuplicated,
    /// A frame was overtaken by later ones.
    FrameReordered,
    /// A frame took long, and those behind it too.
    FrameDelayed,
    /// A connection broke, and both sides noticed.
    LinkCut,
    /// A connection broke, and one side did not notice.
    LinkHalfOpen,
    /// A terminal was cut off for a while.
    Partitioned,
    /// The server was not there to be connected to.
    ConnectionRefused,
    /// The server died with a transaction that was not applied.
    CrashedBeforeCommit,
    /// The server died with a transaction that was applied and not answered.
    CrashedAfterCommit,
    /// The server died at any other moment.
    Crashed,
    /// The server was restarted in order.
    Restarted,
    /// A transaction took long.
    SlowCommit,
    /// The server's wall clock was set.
    ServerClockSet,
    /// A terminal's wall clock was set.
    TerminalClockSet,
    /// A terminal lost power between two named moments.
    PowerLost,
    /// A terminal was restarted in order.
    TerminalRestarted,
    /// A power loss took bytes that had not been synced.
    JournalTorn,
    /// A request for authorization reached the issuer after its reversal.
    RequestOvertaken,
    /// A request of a till did not reach the server.
    TillRequestLost,
    /// An answer did not reach the till.
    TillAnswerLost,
    /// A till hung up before the answer.
    HungUp,
    /// A till asked again with the same key or token.
    AskedAgain,
    /// A till asked twice at the same time.
    AskedTwice,
    /// A till found its payment by its reference.
    LookedUp,
    /// A till asked to cancel.
    CancelAsked,
    /// The payment was cancelled on a till's request.
    CancelWon,
    /// A till asked to cancel too late.
    CancelTooLate,
    /// A customer pressed cancel.
    CancelPressed,
    /// A payment was captured.
    Captured,
    /// More was captured than the tolerance allows; it was refused.
    CaptureRefused,
    /// A hold was voided.
    Voided,
    /// A hold expired.
    HoldExpired,
    /// A payment failed because its terminal was busy.
    TerminalBusy,
    /// A payment failed because its terminal was offline.
    TerminalOffline,
    /// A payment for a group waited for a terminal.
    Waited,
    /// A payment that waited got a terminal.
    Assigned,
    /// A payment was cancelled while it waited.
    LeftTheQueue,
    /// No terminal was free in time.
    WaitedInVain,
    /// A till ordered at the terminal itself.
    OrderedAtTerminal,
    /// A terminal approved a sale without the cloud.
    ApprovedAlone,
    /// What a terminal approved alone became money.
    ForwardedForMoney,
    /// What a terminal approved alone was charged elsewhere, or its sale was over: it came to nothing.
    Orphaned,
    /// What a terminal approved alone was too old when it was forwarded.
    ForwardedTooLate,
    /// A till that heard nothing of its terminal in time turned to the cloud.
    TurnedToCloud,
    /// Money was given back.
    Refunded,
    /// A refund was declined.
    RefundFailed,
    /// More was to be given back than is left; it was refused.
    RefundTooLarge,
    /// Several refunds of one payment were under way together.
    RefundsRaced,
    /// A till asked for a refund again with the same key.
    RefundAskedAgain,
    /// A terminal was taken out of service.
    Deactivated,
    /// A terminal was taken out of service in the middle of a payment.
    DeactivatedMidPayment,
    /// A webhook receiver could not be connected to.
    ReceiverDown,
    /// A webhook receiver answered with an error.
    ReceiverFailed,
    /// A webhook receiver did not answer.
    ReceiverHung,
    /// A webhook receiver broke the connection in the middle of its answer.
    ReceiverReset,
    /// A webhook receiver answered byte by byte.
    ReceiverDripped,
    /// A webhook receiver was told something again.
    ToldTwice,
    /// An endpoint's owner held its events back for a while.
    HeldBack,
    /// A payment was declined by the issuer.
    Declined,
    /// A payment was approved in part.
    ApprovedInPart,
    /// A payment's outcome was unknown for a while.
    OutcomeUnknown,
    /// A payment ended because nobody presented a card.
    NobodyPaid,
    /// A payment ended reversed.
    Reversed,
}
