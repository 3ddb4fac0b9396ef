//! The prompt of a payment: the tip first, where one is asked for, then the card. The tip is chosen anew after a
//! power loss, because nothing has left the terminal by then.

use vinr_domain::payment::{Tip, TipMode};
use vinr_domain::{IntentId, Money, Timestamp, TipChoice, TipPrompt};
use vinr_wire::link::{Progress, ProgressStage, Simulation, ToCloud};

use super::till::Sought;
use super::{Active, Device, Stage};
use crate::journal::Disk;
use crate::reader::{CardPrompt, Reader};
use crate::screen::Screen;
use crate::till::{LineItem, TillTip};

/// How many lines of a cart the screen is given, and how long a name may be, in characters.
const ITEMS: usize = 50;
const ITEM_CHARS: usize = 60;

impl Active {
    /// What is to be paid, with the tip that has been chosen.
    pub(super) fn total(&self) -> Money {
        let tip_minor = self.tip.map_or(0, |tip| tip.amount_minor);
        Money { amount_minor: self.amount.amount_minor.saturating_add(tip_minor), ..self.amount }
    }

    /// The lease of a payment that waits for its customer, if it has one.
    pub(super) fn lease(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::ChoosingTip { lease, .. } | Stage::Prompting { lease, .. } => lease,
            Stage::Asking { .. } => None,
        }
    }
}

impl<D: Disk, R: Reader> Device<D, R> {
    /// Takes the screen and the reader for a payment, and asks for what is asked first.
    pub(super) fn prompt(&mut self, sought: Sought) {
        self.drop_receipt_question();
        self.outcome_until_ms = None;
        let Sought { intent, amount, lease, tip, reference, simulation, items } = sought;
        self.orphans.remove(&intent);
        let (asked, tip) = match tip {
            TillTip::AsConfigured => (self.configuration.tip.clone(), None),
            TillTip::Ask(prompt) => (Some(prompt), None),
            TillTip::Fixed(minor) => (None, Some(fixed(minor))),
        };
        let reference = reference.as_deref().map(str::to_owned);
        self.customer = Customer { reference, simulation, items: shown(items) };
        let (until_ms, since) = (self.prompt_until_ms(), self.stamp());
        match asked.filter(TipPrompt::asks) {
            Some(prompt) => {
                self.parts.display.show(&tip_screen(amount, &prompt));
                self.parts.reader.ask_tip(&prompt, amount.amount_minor);
                let stage = Stage::ChoosingTip { until_ms, lease, prompt };
                self.active = Some(Active { intent, amount, tip, stage, since });
                self.progress(intent, ProgressStage::ChoosingTip);
            }
            None => {
                let stage = Stage::Prompting { until_ms, lease };
                let active = Active { intent, amount, tip, stage, since };
                let total = active.total();
                self.active = Some(active);
                self.stage = Some((intent, ProgressStage::AwaitingCard));
                self.ask_card(total);
                self.tell_progress(intent, ProgressStage::AwaitingCard);
            }
        }
    }

    /// Shows what is asked first, without taking the reader for it.
    pub(super) fn show_sought(&mut self, sought: &Sought) {
        self.drop_receipt_question();
        self.outcome_until_ms = None;
        let Sought { amount, tip, reference, items, .. } = sought;
        let asked = match tip {
            TillTip::AsConfigured => self.configuration.tip.clone(),
            TillTip::Ask(prompt) => Some(prompt.clone()),
            TillTip::Fixed(_) => None,
        };
        let screen = match asked.filter(TipPrompt::asks) {
            Some(prompt) => tip_screen(*amount, &prompt),
            None => {
                let tip_minor = match tip {
                    TillTip::Fixed(minor) => fixed(*minor).amount_minor,
                    TillTip::AsConfigured | TillTip::Ask(_) => 0,
                };
                Screen::Prompt {
                    amount: Money { amount_minor: amount.amount_minor.saturating_add(tip_minor), ..*amount },
                    reference: reference.as_deref().map(str::to_owned),
                    items: shown(items.clone()),
                }
            }
        };
        self.parts.display.show(&screen);
    }

    /// Whether the choice could be taken: a tip is being asked for, and this answer was offered.
    pub(super) fn tip_chosen(&mut self, choice: TipChoice) -> bool {
        let until_ms = self.prompt_until_ms();
        let Some(active) = &mut self.active else { return false };
        let Stage::ChoosingTip { lease, prompt, .. } = &active.stage else { return false };
        let tip: Tip = match prompt.tip(active.amount.amount_minor, choice) {
            Ok(tip) => tip,
            Err(refused) => {
                tracing::info!(intent = %active.intent, %refused, "the tip is asked for again");
                return false;
            }
        };
        active.tip = Some(tip);
        active.stage = Stage::Prompting { until_ms, lease: *lease };
        let (intent, total) = (active.intent, active.total());
        self.ask_card(total);
        self.progress(intent, ProgressStage::AwaitingCard);
        true
    }

    fn ask_card(&mut self, amount: Money) {
        let Customer { reference, simulation, items } = self.customer.clone();
        self.parts.display.show(&Screen::Prompt { amount, reference, items });
        self.parts.reader.begin(&CardPrompt { amount, simulation });
    }

    fn prompt_until_ms(&self) -> i64 {
        self.now_ms() + self.parts.settings.prompt_timeout_ms
    }

    /// Says how far the payment is, for whoever watches.
    pub(super) fn progress(&mut self, intent: IntentId, stage: ProgressStage) {
        self.tell_progress(intent, stage);
        self.reach(intent, stage);
    }

    /// The same for the cloud alone.
    pub(super) fn tell_progress(&mut self, intent: IntentId, stage: ProgressStage) {
        let command = self.parts.journal.entry(intent).and_then(|record| record.command.as_ref());
        let payment = command.map(|command| command.payment_id);
        self.say(ToCloud::Progress(Progress { intent, payment, stage }));
    }
}

/// What the command says about the customer in front of the terminal.
#[derive(Clone, Debug, Default)]
pub(super) struct Customer {
    reference: Option<String>,
    simulation: Option<Simulation>,
    items: Vec<LineItem>,
}

/// A tip that the cashier has entered.
fn fixed(minor: i64) -> Tip {
    let mode = if minor > 0 { TipMode::Custom } else { TipMode::None };
    Tip { amount_minor: minor.max(0), mode }
}

/// What the screen is given of a cart.
fn shown(mut items: Vec<LineItem>) -> Vec<LineItem> {
    items.truncate(ITEMS);
    for item in &mut items {
        if let Some((at, _)) = item.name.char_indices().nth(ITEM_CHARS) {
            item.name.truncate(at);
        }
    }
    items
}

fn tip_screen(amount: Money, prompt: &TipPrompt) -> Screen {
    let offers = prompt.offers_minor(amount.amount_minor);
    let offers = offers.into_iter().map(|amount_minor| Money { amount_minor, ..amount }).collect();
    Screen::Tip { amount, offers, allow_custom: prompt.allow_custom }
}
