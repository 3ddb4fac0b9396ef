//! Why somebody should look after a terminal. Which of them hold is found out by the terminal and by the cloud; here
//! they are only named and collected.

use std::fmt;

use crate::Attention;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident $word:literal;)*) => {
        /// One thing that is wrong with a terminal.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $($(#[$doc])* $name,)*
        }

        impl Reason {
            /// Every reason, in the order in which they are shown.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As the API and the device link write it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }
        }
    };
}

reasons! {
    /// The battery is nearly empty.
    BatteryLow "battery_low";
    /// The printer has no paper.
    PaperOut "paper_out";
    /// The card reader does not work.
    ReaderFault "reader_fault";
    /// The terminal does not know what time it is, and takes no payment from the cloud.
    ClockUnsynced "clock_unsynced";
    /// The terminal's storage is nearly full.
    StorageLow "storage_low";
    /// The terminal's certificate ends soon and has not been renewed.
    CertificateExpiring "certificate_expiring";
    /// The terminal could not apply its configuration.
    ConfigurationRefused "configuration_refused";
    /// The terminal has not been connected for a day.
    OfflineForLong "offline_for_long";
    /// Something that the terminal approved without the cloud is missing, or cannot be true.
    OfflineRecords "offline_records";
    /// Something that the terminal approved without the cloud came to nothing: the payment had ended, or was made
    /// elsewhere.
    OfflineVoided "offline_voided";
}

impl Reason {
    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.as_str() == text)
    }

    fn bit(self) -> u16 {
        1 << (self as u16)
    }
}

/// A set of reasons.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Reasons(u16);

impl Reasons {
    /// Nothing is wrong.
    pub const NONE: Self = Self(0);

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether this is among what is wrong.
    #[must_use]
    pub fn contain(self, reason: Reason) -> bool {
        self.0 & reason.bit() != 0
    }

    /// These and those.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// These but for those.
    #[must_use]
    pub fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// These, with or without that one.
    #[must_use]
    pub fn with(self, reason: Reason, holds: bool) -> Self {
        let one = Self(reason.bit());
        if holds { self.and(one) } else { self.without(one) }
    }

    /// Each of them, in the order in which they are shown.
    pub fn iter(self) -> impl Iterator<Item = Reason> {
        Reason::ALL.iter().copied().filter(move |reason| self.contain(*reason))
    }
}

impl FromIterator<Reason> for Reasons {
    fn from_iter<I: IntoIterator<Item = Reason>>(reasons: I) -> Self {
        reasons.into_iter().fold(Self::NONE, |all, reason| all.with(reason, true))
    }
}

impl fmt::Debug for Reasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl From<Attention> for Reason {
    /// What the terminal says of itself.
    fn from(said: Attention) -> Self {
        match said {
            Attention::BatteryLow => Self::BatteryLow,
            Attention::PaperOut => Self::PaperOut,
            Attention::ReaderFault => Self::ReaderFault,
            Attention::ClockUnsynced => Self::ClockUnsynced,
            Attention::StorageLow => Self::StorageLow,
            Attention::CertificateExpiring => Self::CertificateExpiring,
        }
    }
}
