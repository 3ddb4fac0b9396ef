//! A terminal's screen in words and amounts, and what it asks of the person in front of it.

use vinr_domain::{Money, TipBasis, TipPrompt};
use vinr_wire::link::ReceiptChannel;

use super::super::amount;
use super::super::words::Words;
use crate::screen::Screen;
use crate::till::LineItem;

/// What the device says while nothing else is configured.
const READY: &str = "Ready";

/// What the glass shows.
pub(super) struct Glass {
    /// Names the kind of screen, for its looks.
    pub(super) kind: &'static str,
    pub(super) title: &'static str,
    pub(super) amount: Option<String>,
    /// In the page's language.
    pub(super) line: Option<String>,
    /// In the device's.
    pub(super) said: Option<String>,
    pub(super) items: Vec<Item>,
}

/// One line of a cart.
pub(super) struct Item {
    pub(super) name: String,
    pub(super) quantity: u32,
    pub(super) amount: String,
}

/// What somebody in front of the terminal is asked for.
pub(super) enum Asks {
    Nothing,
    Card,
    Pin,
    Tip {
        /// The place of each offer, and what it says.
        offers: Vec<(usize, String)>,
        allow_custom: bool,
    },
    Receipt(Vec<(&'static str, &'static str)>),
}

impl Glass {
    fn of(kind: &'static str, title: &'static str) -> Self {
        Self { kind, title, amount: None, line: None, said: None, items: Vec::new() }
    }

    fn about(self, money: Money, w: &Words) -> Self {
        Self { amount: Some(amount::written(money, w)), ..self }
    }

    fn saying(self, message: &str) -> Self {
        Self { said: Some(message.to_owned()), ..self }
    }

    fn line(self, line: impl Into<String>) -> Self {
        Self { line: Some(line.into()), ..self }
    }
}

/// The screen; `None` without power.
pub(super) fn glass(screen: Option<&Screen>, w: &'static Words) -> Glass {
    let Some(screen) = screen else { return Glass::of("dark", w.no_power).line(w.dark) };
    match screen {
        Screen::Idle { message } if message == READY => Glass::of("idle", w.ready),
        Screen::Idle { message } => Glass::of("idle", w.ready).saying(message),
        Screen::Offline { message } => Glass::of("offline", w.offline).saying(message),
        Screen::OutOfService { message } => Glass::of("out-of-service", w.out_of_service).saying(message),
        Screen::Locked { message } => Glass::of("locked", w.locked).saying(message),
        Screen::Tip { amount, .. } => Glass::of("tip", w.tip_question).about(*amount, w),
        Screen::Prompt { amount: money, reference, items } => {
            let item = |item: &LineItem| Item {
                name: item.name.clone(),
                quantity: item.quantity,
                amount: amount::written(Money { amount_minor: item.amount_minor, ..*money }, w),
            };
            let glass = Glass::of("prompt", w.present_card).about(*money, w).line(w.present_how);
            Glass { items: items.iter().map(item).collect(), said: reference.clone(), ..glass }
        }
        Screen::PinEntry { amount } => Glass::of("pin", w.enter_pin).about(*amount, w),
        Screen::Authorizing { amount } => Glass::of("authorizing", w.authorizing).about(*amount, w),
        Screen::Approved { amount, last4, auth_code } => {
            let card = last4.map(|last4| format!("•••• {}, ", last4.as_str())).unwrap_or_default();
            let line = format!("{card}{} {auth_code}", w.code);
            Glass::of("approved", w.approved).about(*amount, w).line(line)
        }
        Screen::ApprovedOffline { amount, .. } => {
            Glass::of("approved-offline", w.approved_offline).about(*amount, w).line(w.asked_later)
        }
        Screen::Receipt { amount, .. } => {
            Glass::of("receipt", w.approved).about(*amount, w).line(w.receipt_question)
        }
        Screen::Declined { code } => {
            Glass::of("declined", w.declined).line((w.declines)(*code)).saying(code.as_str())
        }
        Screen::Cancelled { cause } => {
            let (kind, title) = if cause.decline_code().is_some() {
                ("declined", w.declined)
            } else {
                ("cancelled", w.cancelled)
            };
            Glass::of(kind, title).line((w.ends)(*cause))
        }
        Screen::Unknown { amount } => Glass::of("unknown", w.unknown).about(*amount, w).line(w.no_other_card),
    }
}

/// What the screen asks; `tips` is what the terminal is configured to offer.
pub(super) fn asked(screen: Option<&Screen>, tips: Option<&TipPrompt>, w: &'static Words) -> Asks {
    match screen {
        Some(Screen::Prompt { .. }) => Asks::Card,
        Some(Screen::PinEntry { .. }) => Asks::Pin,
        Some(Screen::Tip { offers, allow_custom, .. }) => {
            let percentages = tips.filter(|tips| tips.basis == TipBasis::Percentage);
            let offer = |(place, offer): (usize, &Money)| {
                let percent = percentages.and_then(|tips| tips.suggestions.get(place));
                let amount = amount::written(*offer, w);
                (place, percent.map_or(amount.clone(), |percent| format!("{percent} % – {amount}")))
            };
            let offers = offers.iter().enumerate().map(offer).collect();
            Asks::Tip { offers, allow_custom: *allow_custom }
        }
        Some(Screen::Receipt { channels, .. }) => {
            let channel = |channel: &ReceiptChannel| (channel.as_str(), (w.channels)(*channel));
            Asks::Receipt(channels.iter().map(channel).collect())
        }
        _ => Asks::Nothing,
    }
}
