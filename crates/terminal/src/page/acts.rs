//! What a person does at a terminal: holds out a card, types, chooses, charges, switches. Every act goes through the port
//! that the device has for it; none is done to a terminal that moves real money.

use std::collections::BTreeMap;
use std::sync::Arc;

use vinr_domain::payment::{CaptureMethod, Channel};
use vinr_domain::{Currency, EntryMode, Money, TipChoice};
use vinr_sandbox::deck;
use vinr_wire::link::ReceiptChannel;

use super::amount;
use super::form::Form;
use super::stand::{Seen, Stand};
use crate::lan::names::Names;
use crate::reader::{Pin, PresentError};
use crate::screen::Screen;
use crate::till::{Copies, Earlier, LineItem, ReprintRefusal, TillOrder, TillRefusal, TillTip};

/// The longest text of an item or a reference, in characters.
const TEXT_CHARS: usize = 120;

/// Why an act had no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    NoPower,
    NotStarted,
    Live,
    NoPrompt,
    AlreadyPresented,
    NotThisWay,
    NoPinAsked,
    BadPin,
    BadTip,
    NoReceiptAsked,
    NothingToCancel,
    BadAmount,
    BadCurrency,
    Busy,
    Locked,
    OutOfService,
    JournalFull,
    Restarting,
    ReferenceTaken,
    NothingToPrint,
    NoPrinter,
    PaperOut,
    UnknownTerminal,
    Unreadable,
    Suspended,
}

impl Notice {
    const ALL: [Self; 25] = [
        Self::NoPower,
        Self::NotStarted,
        Self::Live,
        Self::NoPrompt,
        Self::AlreadyPresented,
        Self::NotThisWay,
        Self::NoPinAsked,
        Self::BadPin,
        Self::BadTip,
        Self::NoReceiptAsked,
        Self::NothingToCancel,
        Self::BadAmount,
        Self::BadCurrency,
        Self::Busy,
        Self::Locked,
        Self::OutOfService,
        Self::JournalFull,
        Self::Restarting,
        Self::ReferenceTaken,
        Self::NothingToPrint,
        Self::NoPrinter,
        Self::PaperOut,
        Self::UnknownTerminal,
        Self::Unreadable,
        Self::Suspended,
    ];

    /// As addresses of the page name it.
    pub(super) fn code(self) -> u8 {
        self as u8
    }

    /// Reads what [`Self::code`] wrote.
    pub(super) fn of_code(code: &str) -> Option<Self> {
        code.parse().ok().and_then(|code: usize| Self::ALL.get(code).copied())
    }
}

/// Something to do at a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Customer,
    Card,
    Pin,
    Tip,
    Receipt,
    Cancel,
    Charge,
    Power,
    Internet,
    Network,
    Paper,
    Upload,
    Reprint,
}

impl Act {
    /// The act of a path's last part.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "customer" => Self::Customer,
            "card" => Self::Card,
            "pin" => Self::Pin,
            "tip" => Self::Tip,
            "receipt" => Self::Receipt,
            "cancel" => Self::Cancel,
            "charge" => Self::Charge,
            "power" => Self::Power,
            "internet" => Self::Internet,
            "network" => Self::Network,
            "paper" => Self::Paper,
            "upload" => Self::Upload,
            "reprint" => Self::Reprint,
            _ => return None,
        })
    }

    /// Does it.
    pub(super) async fn perform(self, stand: &Stand, form: &Form, names: &Names) -> Result<(), Notice> {
        let on = form.text("to") == "on";
        if let Self::Power = self {
            return power(stand, on).await;
        }
        let seen = stand.seen().ok_or(Notice::NoPower)?;
        if seen.till.access().borrow().livemode {
            return Err(Notice::Live);
        }
        match self {
            Self::Power => Ok(()),
            Self::Customer => {
                stand.hands().set_by_hand(on);
                Ok(())
            }
            Self::Card => card(stand, form).await,
            Self::Pin => pin(stand, form).await,
            Self::Tip => tip(stand, form).await,
            Self::Receipt => receipt(stand, form).await,
            Self::Cancel => {
                let cancelled = stand.keys().await.ok_or(Notice::NoPower)?.press_cancel().await;
                cancelled.then_some(()).ok_or(Notice::NothingToCancel)
            }
            Self::Charge => charge(&seen, form, names).await,
            Self::Internet => {
                stand.set_internet(on).await;
                Ok(())
            }
            Self::Network => {
                stand.set_network(on).await;
                Ok(())
            }
            Self::Paper => {
                stand.printer().set_paper(on);
                Ok(())
            }
            Self::Upload => {
                seen.till.flush().await;
                Ok(())
            }
            Self::Reprint => seen.till.reprint(Copies::Both).await.map_err(|refusal| match refusal {
                ReprintRefusal::NoPrinter => Notice::NoPrinter,
                ReprintRefusal::NothingToPrint => Notice::NothingToPrint,
                ReprintRefusal::PaperOut => Notice::PaperOut,
                ReprintRefusal::Stopped => Notice::NoPower,
            }),
        }
    }
}

async fn power(stand: &Stand, on: bool) -> Result<(), Notice> {
    if on {
        return stand.restore_power().await.map_err(|why| {
            tracing::error!(terminal = stand.terminal(), why, "the terminal does not start");
            Notice::NotStarted
        });
    }
    if stand.seen().is_some_and(|seen| seen.till.access().borrow().livemode) {
        return Err(Notice::Live);
    }
    stand.cut_power().await;
    Ok(())
}

async fn card(stand: &Stand, form: &Form) -> Result<(), Notice> {
    let card = deck::find(form.text("card")).ok_or(Notice::Unreadable)?;
    let way = match form.text("way") {
        "tap" => EntryMode::Contactless,
        "insert" => EntryMode::Chip,
        "swipe" => EntryMode::Swipe,
        _ => return Err(Notice::Unreadable),
    };
    stand.remember_card(card);
    let held = stand.keys().await.ok_or(Notice::NoPower)?.hold_out(card.name(), way).await;
    held.map(drop).map_err(|error| refused(&error))
}

async fn pin(stand: &Stand, form: &Form) -> Result<(), Notice> {
    let pin = Pin::new(form.text("pin"));
    stand.keys().await.ok_or(Notice::NoPower)?.enter_pin(pin).await.map_err(|error| refused(&error))
}

fn refused(error: &PresentError) -> Notice {
    match error {
        PresentError::NotPrompting | PresentError::NotSimulated => Notice::NoPrompt,
        PresentError::AlreadyPresented => Notice::AlreadyPresented,
        PresentError::UnknownCard => Notice::Unreadable,
        PresentError::NotThisWay => Notice::NotThisWay,
        PresentError::NoPinAsked => Notice::NoPinAsked,
        PresentError::BadPin => Notice::BadPin,
        PresentError::Stopped => Notice::NoPower,
    }
}

async fn tip(stand: &Stand, form: &Form) -> Result<(), Notice> {
    let choice = match form.text("tip") {
        "none" => TipChoice::None,
        "own" => {
            let Some(Screen::Tip { amount, .. }) = stand.screen().borrow().clone() else {
                return Err(Notice::BadTip);
            };
            TipChoice::Custom(amount::read(form.text("own"), amount.currency).ok_or(Notice::BadTip)?)
        }
        place => TipChoice::Suggestion(place.parse().map_err(|_not_a_place| Notice::Unreadable)?),
    };
    let chosen = stand.keys().await.ok_or(Notice::NoPower)?.choose_tip(choice).await;
    chosen.then_some(()).ok_or(Notice::BadTip)
}

async fn receipt(stand: &Stand, form: &Form) -> Result<(), Notice> {
    let channel = match form.text("channel") {
        "none" => None,
        name => Some(ReceiptChannel::parse(name).ok_or(Notice::Unreadable)?),
    };
    let chosen = stand.keys().await.ok_or(Notice::NoPower)?.choose_receipt(channel).await;
    chosen.then_some(()).ok_or(Notice::NoReceiptAsked)
}

async fn charge(seen: &Seen, form: &Form, names: &Names) -> Result<(), Notice> {
    let currency = Currency::parse(form.text("currency")).map_err(|_unknown| Notice::BadCurrency)?;
    let amount_minor = amount::read(form.text("amount"), currency).filter(|minor| *minor > 0);
    let amount = Money { amount_minor: amount_minor.ok_or(Notice::BadAmount)?, currency };
    let text = |name| {
        let text: String = form.text(name).chars().take(TEXT_CHARS).collect();
        Some(text).filter(|text| !text.is_empty())
    };
    let (intent, payment) = names.payment(None, seen.clock.wall());
    let item = |name| LineItem { name, quantity: 1, amount_minor: amount.amount_minor };
    let order = TillOrder {
        intent,
        payment,
        channel: Channel::Local,
        amount,
        capture_method: CaptureMethod::Automatic,
        reference: text("reference").map(Arc::from),
        description: None,
        metadata: Arc::new(BTreeMap::from([("connectionMode".to_owned(), "local".to_owned())])),
        tip: TillTip::AsConfigured,
        prints: None,
        items: text("item").map(item).into_iter().collect(),
        simulation: None,
        // Its name has just been drawn.
        earlier: Earlier::Never,
    };
    seen.till.collect(order).await.map(drop).map_err(|refusal| match refusal {
        TillRefusal::Busy { .. } => Notice::Busy,
        TillRefusal::Locked => Notice::Locked,
        TillRefusal::OutOfService => Notice::OutOfService,
        TillRefusal::Suspended => Notice::Suspended,
        TillRefusal::JournalFull => Notice::JournalFull,
        TillRefusal::Restarting => Notice::Restarting,
        TillRefusal::TokenReused(_) | TillRefusal::ReferenceTaken(_) | TillRefusal::Earlier(_) => {
            Notice::ReferenceTaken
        }
        TillRefusal::Stopped => Notice::NoPower,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_read_back() {
        for notice in Notice::ALL {
            assert_eq!(Notice::of_code(&notice.code().to_string()), Some(notice));
        }
        assert_eq!(Notice::of_code("99").or(Notice::of_code("x")), None);
    }
}
