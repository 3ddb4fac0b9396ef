//! The prompt of a payment: the tip first, where one is asked for, then the card. The tip is chosen anew after a
//! power loss, because nothing has left the terminal by then.

use vinr_domain::payment::Tip;
use vinr_domain::{IntentId, Money, Timestamp, TipChoice, TipPrompt};
use vinr_wire::link::{Collect, Progress, ProgressStage, Simulation, ToCloud};

use super::{Active, Device, Stage};
use crate::journal::Disk;
use crate::reader::{CardPrompt, Reader};
use crate::screen::Screen;

impl Active {
    /// What is to be paid, with the tip that has been chosen.
    pub(super) fn total(&self) -> Money {
        let tip_minor = self.tip.map_or(0, |tip| tip.amount_minor);
        Money { amount_minor: self.amount.amount_minor.saturating_add(tip_minor), ..self.amount }
    }

    /// The lease of a payment that waits for its customer.
    pub(super) fn lease(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::ChoosingTip { deadline, .. } | Stage::Prompting { deadline, .. } => Some(deadline),
            Stage::Asking { .. } => None,
        }
    }
}

impl<D: Disk, R: Reader> Device<D, R> {
    /// Takes the screen and the reader for a payment, and asks for what is asked first.
    pub(super) fn prompt(&mut self, collect: &Collect) {
        self.drop_receipt_question();
        self.outcome_until_ms = None;
        let asked = collect.tip.clone().or_else(|| self.configuration.tip.clone());
        let simulation: Option<Simulation> = collect.simulation.clone();
        self.customer = Customer { reference: collect.reference.as_deref().map(str::to_owned), simulation };
        let (until_ms, deadline) = (self.prompt_until_ms(), collect.deadline);
        let (intent, amount) = (collect.intent, collect.amount);
        match asked.filter(TipPrompt::asks) {
            Some(prompt) => {
                self.parts.display.show(&tip_screen(amount, &prompt));
                self.parts.reader.ask_tip(&prompt, amount.amount_minor);
                let stage = Stage::ChoosingTip { until_ms, deadline, prompt };
                self.active = Some(Active { intent, amount, tip: None, stage });
                self.progress(intent, ProgressStage::ChoosingTip);
            }
            None => {
                let stage = Stage::Prompting { until_ms, deadline };
                self.active = Some(Active { intent, amount, tip: None, stage });
                self.ask_card(amount);
            }
        }
    }

    /// Whether the choice could be taken: a tip is being asked for, and this answer was offered.
    pub(super) fn tip_chosen(&mut self, choice: TipChoice) -> bool {
        let until_ms = self.prompt_until_ms();
        let Some(active) = &mut self.active else { return false };
        let Stage::ChoosingTip { deadline, prompt, .. } = &active.stage else { return false };
        let tip: Tip = match prompt.tip(active.amount.amount_minor, choice) {
            Ok(tip) => tip,
            Err(refused) => {
                tracing::info!(intent = %active.intent, %refused, "the tip is asked for again");
                return false;
            }
        };
        active.tip = Some(tip);
        active.stage = Stage::Prompting { until_ms, deadline: *deadline };
        let (intent, total) = (active.intent, active.total());
        self.ask_card(total);
        self.progress(intent, ProgressStage::AwaitingCard);
        true
    }

    fn ask_card(&mut self, amount: Money) {
        let Customer { reference, simulation } = self.customer.clone();
        self.parts.display.show(&Screen::Prompt { amount, reference });
        self.parts.reader.begin(&CardPrompt { amount, simulation });
    }

    fn prompt_until_ms(&self) -> i64 {
        self.now_ms() + self.parts.settings.prompt_timeout_ms
    }

    /// Says how far the payment is, for whoever watches.
    pub(super) fn progress(&mut self, intent: IntentId, stage: ProgressStage) {
        self.say(ToCloud::Progress(Progress { intent, stage }));
    }
}

/// What the command says about the customer in front of the terminal.
#[derive(Clone, Debug, Default)]
pub(super) struct Customer {
    reference: Option<String>,
    simulation: Option<Simulation>,
}

fn tip_screen(amount: Money, prompt: &TipPrompt) -> Screen {
    let offers = prompt.offers_minor(amount.amount_minor);
    let offers = offers.into_iter().map(|amount_minor| Money { amount_minor, ..amount }).collect();
    Screen::Tip { amount, offers, allow_custom: prompt.allow_custom }
}
