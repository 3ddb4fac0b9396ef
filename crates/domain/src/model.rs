//! The models of terminals and what each can do: one table, read by configuration, offline limits, receipts and the
//! API. Knows no single terminal and no setting of one.

/// A model of terminal that the platform knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Model {
    /// Nexgo CT20: for the counter.
    NexgoCt20,
    /// Nexgo CT20P: for the counter.
    NexgoCt20p,
    /// Nexgo N92: carried to the customer, prints.
    NexgoN92,
    /// Nexgo N86Pro: carried to the customer, without paper.
    NexgoN86pro,
    /// Ciontek CM30: built in, online only.
    CiontekCm30,
    /// The simulated terminal of the sandbox; can do everything.
    Simulator,
}

/// What a model can do, and how it behaves unless it is configured otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The maker's name for it.
    pub display_name: &'static str,
    /// Whether it has a printer of its own.
    pub printer: bool,
    /// Whether it runs on a battery, and so has a level of charge.
    pub battery: bool,
    /// Whether it may approve without the cloud, and up to where; `None`: never (contract 1.10).
    pub offline: Option<OfflineDefaults>,
    /// Characters in a line of its receipts and of its screen in the receipt's fixed-width type.
    pub columns: u8,
}

/// The limits of payments without the cloud that hold for a model unless they are configured otherwise. They are US
/// dollars: in a terminal that settles in another currency there is no default, and offline stays off (contract 1.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfflineDefaults {
    /// The most that one payment may be, in US cents.
    pub max_amount_minor: i64,
    /// How many payments may wait for the cloud.
    pub max_queue: u32,
}

/// The currency of [`OfflineDefaults`].
pub const OFFLINE_DEFAULTS_CURRENCY: &str = "USD";

/// Lines of 58 mm paper, and of a handheld's screen.
const NARROW: u8 = 32;
/// Lines of 80 mm paper, and of a counter terminal's screen.
const WIDE: u8 = 48;

const COUNTER_OFFLINE: OfflineDefaults = OfflineDefaults { max_amount_minor: 15_000, max_queue: 10 };
const HANDHELD_OFFLINE: OfflineDefaults = OfflineDefaults { max_amount_minor: 10_000, max_queue: 5 };

impl Model {
    /// Every model, in the order of the documentation.
    pub const ALL: [Self; 6] = [
        Self::NexgoCt20,
        Self::NexgoCt20p,
        Self::NexgoN92,
        Self::NexgoN86pro,
        Self::CiontekCm30,
        Self::Simulator,
    ];

    /// As the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NexgoCt20 => "nexgo_ct20",
            Self::NexgoCt20p => "nexgo_ct20p",
            Self::NexgoN92 => "nexgo_n92",
            Self::NexgoN86pro => "nexgo_n86pro",
            Self::CiontekCm30 => "ciontek_cm30",
            Self::Simulator => "simulator",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.as_str() == text)
    }

    /// What it can do.
    #[must_use]
    pub fn capabilities(self) -> Capabilities {
        let of = |display_name, printer, battery, offline, columns| Capabilities {
            display_name,
            printer,
            battery,
            offline,
            columns,
        };
        match self {
            Self::NexgoCt20 => of("Nexgo CT20", true, false, Some(COUNTER_OFFLINE), WIDE),
            Self::NexgoCt20p => of("Nexgo CT20P", true, false, Some(COUNTER_OFFLINE), WIDE),
            Self::NexgoN92 => of("Nexgo N92", true, true, Some(HANDHELD_OFFLINE), NARROW),
            Self::NexgoN86pro => of("Nexgo N86Pro", false, true, Some(HANDHELD_OFFLINE), NARROW),
            Self::CiontekCm30 => of("Ciontek CM30", false, false, None, NARROW),
            Self::Simulator => of("Simulator", true, true, Some(COUNTER_OFFLINE), WIDE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_read_back_and_nothing_else_is_one() {
        for model in Model::ALL {
            assert_eq!(Model::parse(model.as_str()), Some(model));
        }
        for text in ["", "nexgo", "NEXGO_N92", "nexgo_n92 "] {
            assert_eq!(Model::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_documented_limits_and_printers_are_in_the_table() {
        let limits = |model: Model| {
            let offline = model.capabilities().offline;
            offline.map(|limits| (limits.max_amount_minor, limits.max_queue))
        };
        assert_eq!(limits(Model::NexgoCt20), Some((15_000, 10)));
        assert_eq!(limits(Model::NexgoCt20p), Some((15_000, 10)));
        assert_eq!(limits(Model::NexgoN92), Some((10_000, 5)));
        assert_eq!(limits(Model::NexgoN86pro), Some((10_000, 5)));
        assert_eq!(limits(Model::CiontekCm30), None);
        let printing: Vec<Model> =
            Model::ALL.into_iter().filter(|model| model.capabilities().printer).collect();
        assert_eq!(printing, [Model::NexgoCt20, Model::NexgoCt20p, Model::NexgoN92, Model::Simulator]);
    }
}
