//! Payments that begin at a terminal: what the cloud must know of one before it may be charged, and what an approval
//! without the cloud claims. Knows no byte format.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::CaptureMethod;
use crate::{Money, PaymentId, Timestamp};

/// Where a payment was asked for (contract 3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Channel {
    /// The Cloud API: a server.
    #[default]
    Cloud,
    /// The Local API: a till with a client certificate, on the terminal's network.
    Local,
    /// The Cashless API: an ECR with the shared key, on the terminal's network.
    Cashless,
}

impl Channel {
    /// As it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cloud => "cloud",
            Self::Local => "local",
            Self::Cashless => "cashless",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Cloud, Self::Local, Self::Cashless].into_iter().find(|channel| channel.as_str() == text)
    }
}

/// What a terminal tells of a payment that began there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Who asked; never [`Channel::Cloud`].
    pub channel: Channel,
    /// The name that the terminal gave it.
    pub payment: PaymentId,
    /// What was asked, without a tip.
    pub asked: Money,
    /// When the money moves.
    pub capture_method: CaptureMethod,
    /// The caller's own name for the order.
    pub reference: Option<Arc<str>>,
    /// Free text.
    pub description: Option<Arc<str>>,
    /// The caller's own key-value pairs (contract 2.7).
    pub metadata: Arc<BTreeMap<String, String>>,
    /// When the terminal took it, in server time as the terminal knows it.
    pub created_at: Timestamp,
}

/// That a terminal has approved a payment by itself. The approvals of one generation are numbered and chained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfflineApproval {
    /// When, in server time as the terminal knows it.
    pub approved_at: Timestamp,
    /// 1, 2, 3, ... within the generation.
    pub number: u32,
    /// Hash of the approval before; zeros before the first.
    pub previous: [u8; 32],
    /// Hash over this one.
    pub hash: [u8; 32],
}
