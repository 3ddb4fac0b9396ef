//! The keys of a configuration: one list for what is read, merged, compared and shown.

use std::fmt;

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident $section:literal $word:literal;)*) => {
        /// One key of a configuration.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Key {
            $($(#[$doc])* $name,)*
        }

        impl Key {
            /// Every key, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The object that it stands in.
            #[must_use]
            pub fn section(self) -> &'static str {
                match self { $(Self::$name => $section),* }
            }

            /// Its name there.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }
        }
    };
}

keys! {
    /// What tip suggestions are of.
    TipMode "tip" "mode";
    /// The tips on the screen.
    TipSuggestions "tip" "suggestions";
    /// Whether customers may enter a tip of their own.
    TipAllowCustom "tip" "allowCustom";
    /// How receipts can be had.
    ReceiptChannels "receipt" "channels";
    /// Whether the customer is asked before a receipt goes anywhere.
    ReceiptRequireConsent "receipt" "requireConsent";
    /// What the idle screen says.
    DisplayIdleMessage "display" "idleMessage";
    /// Whether payments are taken without the cloud.
    OfflineEnabled "offlineMode" "enabled";
    /// The most that one of them may be.
    OfflineMaxAmount "offlineMode" "maxAmount";
    /// How many may wait.
    OfflineMaxQueue "offlineMode" "maxQueue";
    /// How much may wait.
    OfflineMaxTotal "offlineMode" "maxTotal";
    /// How long they may wait.
    OfflineMaxAge "offlineMode" "maxAgeSeconds";
    /// Whether the merchant's network can ask for payments.
    LocalApiEnabled "localApi" "enabled";
    /// Whether it may do so without TLS.
    LocalApiPlainHttp "localApi" "plainHttp";
    /// Whether an existing ECR can ask for payments with a shared key.
    CashlessApiEnabled "cashlessApi" "enabled";
}

impl fmt::Display for Key {
    /// In bracket notation, as errors name it: `offlineMode[maxAmount]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.section(), self.word())
    }
}
