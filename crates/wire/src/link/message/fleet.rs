//! What the two sides say beside payments: configuration, actions, certificates, how the device is. Checks neither a
//! configuration nor a signature: those who apply them do.

use std::collections::BTreeSet;

use bytes::Bytes;
use vinr_domain::{ActionId, Attention, IntentId, PaymentId, Timestamp};

/// The terminal's effective configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configure {
    /// 1, 2, 3, …; rises whenever the content changes.
    pub version: u64,
    /// JSON, at most [`super::super::MAX_CONFIG_BYTES`].
    pub config: Bytes,
}

/// What became of a [`Configure`]. Durable on the terminal before it is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigApplied {
    /// Which version.
    pub version: u64,
    /// Why it is not in force, naming the key; `None` when it is.
    pub error: Option<String>,
}

/// Do something besides payments. Said again until an [`ActionReport`] says that it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Perform {
    /// Which action.
    pub action: ActionId,
    /// Server time from which on it must not be begun.
    pub expires_at: Timestamp,
    /// What to do.
    pub order: Order,
}

/// What a terminal can be told to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Start over.
    Reboot,
    /// Install other software.
    Update(SignedManifest),
    /// No new payments until unlocked.
    Lock,
    /// Payments again.
    Unlock,
    /// Forward every payment that was approved without the cloud, now.
    Flush,
    /// Something that this version does not know; it is answered as failed.
    Unsupported,
}

/// What software to install, and who says so. Not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedManifest {
    /// JSON; the signature is over exactly these bytes.
    pub manifest: Vec<u8>,
    /// ECDSA P-256 with SHA-256, ASN.1 DER.
    pub signature: Vec<u8>,
    /// The signer's certificate and its issuers, PEM, signer first.
    pub signer_chain_pem: String,
}

/// How an action stands. Durable on the terminal before it is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionReport {
    /// Which action.
    pub action: ActionId,
    /// How it stands.
    pub state: ActionProgress,
    /// Of the software that runs now.
    pub software_version: String,
}

/// How an action stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionProgress {
    /// Begun, or waiting for the payment on the screen to end.
    Processing,
    /// Done.
    Completed,
    /// Not done, and never will be.
    Failed {
        /// Why, for whoever asked for it.
        reason: String,
    },
}

/// How the device is. Said after every greeting and whenever it changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceStatus {
    /// In percent; `None` when mains-powered.
    pub battery_percent: Option<u8>,
    /// Why somebody must look after it. Reasons that this version does not know are left out.
    pub needs_attention: BTreeSet<Attention>,
    /// Whether it takes no new payments until it is unlocked.
    pub locked: bool,
    /// Of the software that runs.
    pub software_version: String,
    /// Room left for the journal, in bytes; `None` when not known.
    pub storage_free_bytes: Option<u64>,
}

/// How far the payment at the terminal is. For whoever watches; nothing may depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Which payment.
    pub intent: IntentId,
    /// Its name on the API; `None` from terminals that do not say it.
    pub payment: Option<PaymentId>,
    /// How far.
    pub stage: ProgressStage,
}

/// What the customer and the terminal are doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProgressStage {
    /// The screen asks for a tip.
    ChoosingTip,
    /// The screen asks for a card.
    AwaitingCard,
    /// A card is there.
    CardPresented,
    /// The customer enters the PIN.
    PinEntry,
    /// The issuer is being asked.
    Authorizing,
}

impl ProgressStage {
    /// As the APIs write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ChoosingTip => "choosing_tip",
            Self::AwaitingCard => "awaiting_card",
            Self::CardPresented => "card_presented",
            Self::PinEntry => "pin_entry",
            Self::Authorizing => "authorizing",
        }
    }
}
