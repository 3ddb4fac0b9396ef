//! Why a terminal needs somebody's attention. A list of words; who computes them, and what becomes of them, is
//! decided elsewhere.

/// One reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attention {
    /// The battery will not last.
    BatteryLow,
    /// The printer has no paper; payments go on without a printed receipt.
    PaperOut,
    /// The card reader does not work: no payments.
    ReaderFault,
    /// The device does not know the time well enough to keep to deadlines.
    ClockUnsynced,
    /// There is hardly room for the journal.
    StorageLow,
    /// The device's certificate ends soon and has not been renewed.
    CertificateExpiring,
}

impl Attention {
    /// Every reason, in the order of the documentation.
    pub const ALL: [Self; 6] = [
        Self::BatteryLow,
        Self::PaperOut,
        Self::ReaderFault,
        Self::ClockUnsynced,
        Self::StorageLow,
        Self::CertificateExpiring,
    ];

    /// As the API and the link write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BatteryLow => "battery_low",
            Self::PaperOut => "paper_out",
            Self::ReaderFault => "reader_fault",
            Self::ClockUnsynced => "clock_unsynced",
            Self::StorageLow => "storage_low",
            Self::CertificateExpiring => "certificate_expiring",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }
}
