//! One look at a terminal: everything that its regions show, at one moment, in words. Asks the device nothing.

use vinr_domain::{EntryMode, Model, Money};
use vinr_sandbox::deck;
use vinr_wire::link::OfflineStanding;

use super::super::amount;
use super::super::stand::Stand;
use super::super::words::{self, Words};
use super::Looking;
use super::screen::{Asks, Glass, asked, glass};
use crate::printer::Copy;

/// The newest receipts are shown, this many.
const SHEETS: usize = 6;
/// What a till of the page offers; the terminal's own currency comes first.
const CURRENCIES: [&str; 6] = ["EUR", "USD", "GBP", "CHF", "SEK", "JPY"];

pub(super) struct Look<'a> {
    pub(super) id: &'a str,
    pub(super) w: &'static Words,
    token: &'a str,
    by_itself: bool,
    pub(super) model: &'static str,
    pub(super) display_name: &'static str,
    pub(super) has_keys: bool,
    pub(super) has_printer: bool,
    pub(super) powered: bool,
    pub(super) connected: bool,
    pub(super) locked: bool,
    pub(super) live: bool,
    pub(super) https: Option<String>,
    pub(super) open_wire: Option<String>,
    pub(super) serial: String,
    pub(super) version: String,
    pub(super) internet: bool,
    pub(super) network: bool,
    pub(super) paper: bool,
    pub(super) by_hand: bool,
    pub(super) glass: Glass,
    pub(super) asks: Asks,
    pub(super) cards: Vec<CardChoice>,
    pub(super) currencies: Vec<String>,
    pub(super) queue: Option<Queue>,
    pub(super) sheets: Vec<Shown>,
}

/// A test card in the list.
pub(super) struct CardChoice {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) chosen: bool,
}

/// What waits to be forwarded.
pub(super) struct Queue {
    pub(super) count: u32,
    pub(super) amount: String,
    /// For machines and for people.
    pub(super) oldest: Option<(String, String)>,
}

/// A printed receipt.
pub(super) struct Shown {
    pub(super) number: u64,
    pub(super) copy: &'static str,
    pub(super) text: String,
    pub(super) wide: bool,
}

impl<'a> Look<'a> {
    pub(super) fn at(stand: &'a Stand, looking: &'a Looking) -> Self {
        let w = looking.words;
        let model = Model::parse(stand.model()).unwrap_or(Model::Simulator);
        let capabilities = model.capabilities();
        let seen = stand.seen();
        let standing = seen.as_ref().map(|seen| seen.till.standing().borrow().clone());
        let access = seen.as_ref().map(|seen| seen.till.access().borrow().clone());
        let configuration = seen.as_ref().map(|seen| seen.configuration.borrow().clone());
        let lan = stand.lan().borrow().clone();
        let screen = stand.screen().borrow().clone();
        let settles_in = access.as_ref().map(|access| access.settlement_currency.code().to_owned());
        let tips = configuration.and_then(|configuration| configuration.tip.clone());
        let who = seen.as_ref().map(|seen| seen.till.who().clone());
        Self {
            id: stand.terminal(),
            w,
            token: &looking.token,
            by_itself: looking.by_itself,
            model: model.as_str(),
            display_name: capabilities.display_name,
            // The others show their keys on the screen, or have none.
            has_keys: matches!(model, Model::NexgoCt20 | Model::NexgoCt20p | Model::Simulator),
            has_printer: capabilities.printer,
            powered: seen.is_some(),
            connected: standing.as_ref().is_some_and(|standing| standing.online),
            locked: standing.as_ref().is_some_and(|standing| standing.locked),
            live: access.is_some_and(|access| access.livemode),
            https: lan.https.map(|at| format!("https://{at}")),
            open_wire: lan.open_wire.map(|at| format!("http://{at}")),
            serial: who.map(|who| who.serial).unwrap_or_default(),
            version: standing.as_ref().map(|standing| standing.software_version.clone()).unwrap_or_default(),
            internet: seen.as_ref().is_none_or(|seen| *seen.internet.borrow()),
            network: stand.has_network(),
            paper: *stand.printer().paper().borrow(),
            by_hand: stand.hands().are_used(),
            glass: glass(screen.as_ref(), w),
            asks: asked(screen.as_ref(), tips.as_ref(), w),
            cards: cards(stand, w),
            currencies: currencies(settles_in),
            queue: standing.and_then(|standing| queue(&standing.offline, w)),
            sheets: sheets(stand, w),
        }
    }

    /// Opens a form for an act, with what every form carries. Nothing in it was written by somebody else.
    pub(super) fn form(&self, act: &str) -> String {
        let Self { id, token, .. } = self;
        let refresh = if self.by_itself { r#"<input type="hidden" name="refresh" value="1">"# } else { "" };
        format!(
            r#"<form method="post" action="/terminals/{id}/{act}" autocomplete="off" data-live><input type="hidden" name="token" value="{token}">{refresh}"#
        )
    }

    /// Whether a payment waits for its customer.
    pub(super) fn can_cancel(&self) -> bool {
        matches!(self.asks, Asks::Card | Asks::Pin | Asks::Tip { .. })
    }

    /// The switches: path, words, and whether each is on.
    pub(super) fn switches(&self) -> Vec<(&'static str, &'static words::Switch, bool)> {
        let mut switches = vec![
            ("power", &self.w.power, self.powered),
            ("internet", &self.w.internet, self.internet),
            ("network", &self.w.network, self.network),
        ];
        if self.has_printer {
            switches.push(("paper", &self.w.paper, self.paper));
        }
        switches
    }
}

fn cards(stand: &Stand, w: &'static Words) -> Vec<CardChoice> {
    let chosen = stand.last_card();
    let label = |card: &deck::TestCard| {
        let ways: Vec<&str> = card
            .entry_modes()
            .iter()
            .filter(|way| **way != EntryMode::ManualKey)
            .map(|way| w.way(*way))
            .collect();
        let about = (w.cards)(card.name()).unwrap_or(card.about());
        format!(
            "{} •••• {} – {about} ({})",
            words::brand(card.brand()),
            card.last4().as_str(),
            ways.join(", ")
        )
    };
    let choice = |card: &'static deck::TestCard| CardChoice {
        name: card.name(),
        label: label(card),
        chosen: card == chosen,
    };
    deck::documented().map(choice).collect()
}

fn currencies(first: Option<String>) -> Vec<String> {
    let mut currencies: Vec<String> = first.into_iter().collect();
    for code in CURRENCIES {
        if !currencies.iter().any(|known| known == code) {
            currencies.push(code.to_owned());
        }
    }
    currencies
}

fn queue(offline: &OfflineStanding, w: &'static Words) -> Option<Queue> {
    if offline.pending == 0 {
        return None;
    }
    let amount = offline.currency.map(|currency| Money { amount_minor: offline.amount_minor, currency });
    let oldest = offline.oldest_at.map(|at| {
        let machine = jiff::Timestamp::from_second(at.unix_seconds()).unwrap_or_default().to_string();
        let people = machine.replace('T', " ").replace('Z', " UTC");
        (machine, people)
    });
    Some(Queue {
        count: offline.pending,
        amount: amount.map(|amount| amount::written(amount, w)).unwrap_or_default(),
        oldest,
    })
}

fn sheets(stand: &Stand, w: &'static Words) -> Vec<Shown> {
    let sheets = stand.printer().sheets();
    let sheets = sheets.borrow();
    let shown = |sheet: &crate::printer::Sheet| Shown {
        number: sheet.number,
        copy: match sheet.copy {
            Copy::Merchant => w.merchant_copy,
            Copy::Customer => w.customer_copy,
        },
        text: sheet.text.clone(),
        wide: sheet.columns > 40,
    };
    sheets.iter().rev().take(SHEETS).map(shown).collect()
}
