//! A reader without a card slot: a cardholder of the sandbox presents test cards to it, by plan or on demand. Card
//! data lives here from the tap to the seal and nowhere else on the terminal.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use tokio::time::Instant;
use vinr_domain::{EntryMode, TipPrompt};
use vinr_sandbox::cardholder::{Choice, Pace, ReceiptHabit, TipHabit, plan};
use vinr_sandbox::deck::{self, TestCard};
use vinr_wire::card::{CardData, ReaderKey, SealContext, SealedCard, seal};
use vinr_wire::link::ReceiptChannel;

use super::{CardPrompt, Hands, Pin, PresentError, Reader, ReaderEvent};

/// The simulated reader.
pub struct SimulatedReader {
    key: ReaderKey,
    /// What the cardholder does when the command does not say.
    usual: Choice,
    pace: Pace,
    rng: ChaCha8Rng,
    prompt: Prompt,
    tips: TipHabit,
    receipts: ReceiptHabit,
    /// What the cardholder presses next, and when.
    key_press: Option<(Instant, ReaderEvent)>,
    faulty: Arc<AtomicBool>,
    hands: Hands,
}

/// Where the open prompt stands.
enum Prompt {
    /// There is none.
    Closed,
    /// A card will be presented, or nobody has one.
    Open { next: Option<Approach> },
    /// A person's card is in, and they have not typed its PIN.
    TypingPin { card: &'static TestCard, entry_mode: EntryMode },
    /// A card is in, its PIN is being typed until `done_at`.
    Pin { card: CardData, done_at: Instant },
    /// A card was read.
    Read { card: CardData },
}

/// A card on its way to the reader.
#[derive(Clone, Copy)]
struct Approach {
    card: &'static TestCard,
    entry_mode: Option<EntryMode>,
    at: Instant,
    pin_takes: Option<Duration>,
    /// A person holds it out, and types its PIN.
    by_hand: bool,
}

impl SimulatedReader {
    /// A reader that seals with `key`. `usual` and `pace` say what its cardholder does when a command does not.
    #[must_use]
    pub fn new(key: ReaderKey, usual: Choice, pace: Pace, rng: ChaCha8Rng) -> Self {
        Self {
            key,
            usual,
            pace,
            rng,
            prompt: Prompt::Closed,
            tips: TipHabit::default(),
            receipts: ReceiptHabit::default(),
            key_press: None,
            faulty: Arc::default(),
            hands: Hands::default(),
        }
    }

    /// The same with a cardholder who answers questions like this.
    #[must_use]
    pub fn with_habits(mut self, tips: TipHabit, receipts: ReceiptHabit) -> Self {
        (self.tips, self.receipts) = (tips, receipts);
        self
    }

    /// The same with a cardholder whom a person may stand in for.
    #[must_use]
    pub fn with_hands(mut self, hands: Hands) -> Self {
        self.hands = hands;
        self
    }

    /// Breaks the reader while it is true.
    #[must_use]
    pub fn breaker(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.faulty)
    }

    /// As long as a card takes, without hesitation: the questions are rare, and a draw would shift every plan.
    fn press(&mut self, event: ReaderEvent) {
        let at = Instant::now() + Duration::from_millis(self.pace.present_ms.into());
        self.key_press = Some((at, event));
    }

    fn approach(&mut self, choice: Choice, delay_ms: Option<u32>) -> Option<Approach> {
        let planned = plan(choice, delay_ms, self.pace, &mut self.rng)?;
        Some(Approach {
            card: planned.card,
            entry_mode: None,
            at: Instant::now() + Duration::from_millis(planned.present_after_ms.into()),
            pin_takes: planned.pin_takes_ms.map(|ms| Duration::from_millis(ms.into())),
            by_hand: false,
        })
    }

    /// What happens next, and when; `None` while nothing will by itself.
    fn due_at(&self) -> Option<Instant> {
        if let Some((at, _)) = self.key_press {
            return Some(at);
        }
        match &self.prompt {
            Prompt::Open { next } => next.map(|approach| approach.at),
            Prompt::Pin { done_at, .. } => Some(*done_at),
            Prompt::Closed | Prompt::TypingPin { .. } | Prompt::Read { .. } => None,
        }
    }

    /// Carries out what was due.
    fn proceed(&mut self) -> Option<ReaderEvent> {
        if let Some((_, event)) = self.key_press.take() {
            return Some(event);
        }
        match std::mem::replace(&mut self.prompt, Prompt::Closed) {
            Prompt::Open {
                next: Some(Approach { card, entry_mode: Some(entry_mode), by_hand: true, .. }),
            } if card.asks_pin() => {
                self.prompt = Prompt::TypingPin { card, entry_mode };
                Some(ReaderEvent::PinEntry)
            }
            Prompt::Open { next: Some(approach) } => {
                let Ok(card) = approach.card.present(approach.entry_mode, None) else {
                    tracing::error!(card = approach.card.name(), "reader: the deck's own PIN is not one");
                    self.prompt = Prompt::Open { next: None };
                    return None;
                };
                if let Some(takes) = approach.pin_takes {
                    self.prompt = Prompt::Pin { card, done_at: Instant::now() + takes };
                    return Some(ReaderEvent::PinEntry);
                }
                Some(self.hold(card))
            }
            Prompt::Pin { card, .. } => Some(self.hold(card)),
            other => {
                self.prompt = other;
                None
            }
        }
    }

    fn hold(&mut self, card: CardData) -> ReaderEvent {
        let facts = card.facts();
        self.prompt = Prompt::Read { card };
        ReaderEvent::CardRead(facts)
    }
}

impl Reader for SimulatedReader {
    fn begin(&mut self, prompt: &CardPrompt) {
        let (card, delay_ms) = prompt
            .simulation
            .as_ref()
            .map_or((None, None), |simulation| (simulation.card.as_deref(), simulation.delay_ms));
        let choice = match card {
            None if self.hands.are_used() => Choice::Nothing,
            None => self.usual,
            // The cloud checks names before it sends them. Whoever asks for a card that is not there gets none.
            Some(name) => Choice::parse(Some(name)).unwrap_or_else(|error| {
                tracing::warn!(%error, "reader: nobody presents a card");
                Choice::Nothing
            }),
        };
        self.key_press = None;
        let next = self.approach(choice, delay_ms);
        self.prompt = Prompt::Open { next };
    }

    fn ask_tip(&mut self, prompt: &TipPrompt, amount_minor: i64) {
        self.end();
        if self.hands.are_used() {
            return;
        }
        if let Some(choice) = self.tips.choose(prompt, amount_minor) {
            self.press(ReaderEvent::TipChosen(choice));
        }
    }

    fn ask_receipt(&mut self, channels: &[ReceiptChannel]) {
        self.end();
        if self.hands.are_used() {
            return;
        }
        match self.receipts {
            ReceiptHabit::First => self.press(ReaderEvent::ReceiptChosen(channels.first().copied())),
            ReceiptHabit::Nothing => self.press(ReaderEvent::ReceiptChosen(None)),
            ReceiptHabit::Silent => {}
        }
    }

    fn is_faulty(&self) -> bool {
        self.faulty.load(Ordering::Relaxed)
    }

    async fn next(&mut self) -> ReaderEvent {
        // All that is waited for stands in `self`, so that a future that is dropped takes nothing with it.
        loop {
            match self.due_at() {
                // The timer counts in milliseconds and rounds up; a card that is there already need not wait for it.
                Some(at) if at <= Instant::now() => {}
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
            if let Some(event) = self.proceed() {
                return event;
            }
        }
    }

    fn seal(&mut self, context: SealContext<'_>) -> Option<SealedCard> {
        match std::mem::replace(&mut self.prompt, Prompt::Closed) {
            Prompt::Read { card } => Some(seal(&card, &self.key, context)),
            other => {
                self.prompt = other;
                None
            }
        }
    }

    fn end(&mut self) {
        self.key_press = None;
        self.prompt = Prompt::Closed;
    }

    fn present(&mut self, card: Option<&str>, entry_mode: Option<EntryMode>) -> Result<(), PresentError> {
        match self.prompt {
            Prompt::Closed => return Err(PresentError::NotPrompting),
            Prompt::TypingPin { .. } | Prompt::Pin { .. } | Prompt::Read { .. } => {
                return Err(PresentError::AlreadyPresented);
            }
            Prompt::Open { .. } => {}
        }
        let choice = Choice::parse(card).map_err(|_| PresentError::UnknownCard)?;
        // Nothing presented is nothing done: the plan stands.
        let Some(approach) = self.approach(choice, Some(0)) else { return Ok(()) };
        self.prompt = Prompt::Open { next: Some(Approach { entry_mode, ..approach }) };
        Ok(())
    }

    fn hold_out(&mut self, card: &str, entry_mode: EntryMode) -> Result<(), PresentError> {
        match self.prompt {
            Prompt::Closed => return Err(PresentError::NotPrompting),
            Prompt::TypingPin { .. } | Prompt::Pin { .. } | Prompt::Read { .. } => {
                return Err(PresentError::AlreadyPresented);
            }
            Prompt::Open { .. } => {}
        }
        let card = deck::find(card).ok_or(PresentError::UnknownCard)?;
        if !card.entry_modes().contains(&entry_mode) {
            return Err(PresentError::NotThisWay);
        }
        let (entry_mode, at) = (Some(entry_mode), Instant::now());
        let approach = Approach { card, entry_mode, at, pin_takes: None, by_hand: true };
        self.prompt = Prompt::Open { next: Some(approach) };
        Ok(())
    }

    fn enter_pin(&mut self, pin: &Pin) -> Result<(), PresentError> {
        let Prompt::TypingPin { card, entry_mode } = self.prompt else {
            return Err(PresentError::NoPinAsked);
        };
        let card =
            card.present(Some(entry_mode), Some(pin.digits())).map_err(|_not_one| PresentError::BadPin)?;
        self.prompt = Prompt::Pin { card, done_at: Instant::now() };
        Ok(())
    }
}

impl fmt::Debug for SimulatedReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prompt = match self.prompt {
            Prompt::Closed => "closed",
            Prompt::Open { .. } => "open",
            Prompt::TypingPin { .. } | Prompt::Pin { .. } => "pin",
            Prompt::Read { .. } => "read",
        };
        f.debug_struct("SimulatedReader").field("prompt", &prompt).finish_non_exhaustive()
    }
}
