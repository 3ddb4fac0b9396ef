//! The till of the matrix. It asks its terminal, and when that says nothing in time it turns to the cloud under the same
//! name. What it has decided it has written down before anybody sees it: `Local`, then one of `Told` and `Delegated`, for
//! ever. Killed, it starts again on what is written.

use std::future::Future;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rand::RngExt as _;
use tokio::time::{Instant, sleep, timeout};
use vinr_domain::IntentId;
use vinr_wire::rest::view::PaymentView;

use super::setting::Setting;
use crate::world::bug::TillBug;
use crate::world::counter::{self, LET_GO, Plan, Slips, Word};
use crate::world::flag::Flag;
use crate::world::happening::Happening;
use crate::world::streams::stream;
use crate::world::till::Till;

/// Longer than a terminal takes to start again.
const REPEATS_FOR: Duration = Duration::from_secs(180);

/// What is on the till's disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slip {
    /// The terminal is asked.
    Local,
    /// The cloud is asked; nobody else is believed.
    Delegated,
    /// The cashier has been told.
    Told,
}

/// The till.
pub(super) struct Hybrid {
    till: Till,
    plan: Plan,
    setting: Setting,
    seed: u64,
    disk: Mutex<Option<Slip>>,
    /// Raised once: the till is killed.
    killed: Arc<Flag>,
    /// What it has told the cashier on the word of its terminal.
    slips: Slips,
    /// How many screens the first terminal had shown when it said that it has let go.
    let_go: Arc<OnceLock<usize>>,
    bug: Option<TillBug>,
}

impl Hybrid {
    pub(super) fn new(
        till: Till,
        (plan, setting): (Plan, Setting),
        seed: u64,
        killed: Arc<Flag>,
        bug: Option<TillBug>,
    ) -> Self {
        let (slips, let_go) = (Slips::default(), Arc::default());
        Self { till, plan, setting, seed, disk: Mutex::default(), killed, slips, let_go, bug }
    }

    pub(super) fn slips(&self) -> Slips {
        self.slips.clone()
    }

    pub(super) fn let_go(&self) -> Arc<OnceLock<usize>> {
        Arc::clone(&self.let_go)
    }

    /// Serves the sale to its end, through as many lives as it takes.
    pub(super) async fn work(self) {
        let mut may_die = true;
        for life in 0.. {
            let done = tokio::select! {
                biased;
                () = self.killed.raised(), if may_die => false,
                () = Box::pin(self.live(life)) => true,
            };
            if done {
                return self.say("is done");
            }
            may_die = false;
            self.say("is killed");
            sleep(Duration::from_millis(self.setting.till_pause_ms)).await;
        }
    }

    async fn live(&self, life: u64) {
        let begins_as = *self.disk.lock().unwrap_or_else(PoisonError::into_inner);
        if begins_as.is_none() {
            // On disk before the first byte leaves.
            self.write(Slip::Local);
        }
        if begins_as == Some(Slip::Told) {
            return;
        }
        let turned = Arc::new(Flag::default());
        let mut local = Box::pin(self.terminal_says(life, Arc::clone(&turned)));
        let mut listens = begins_as != Some(Slip::Delegated);
        if listens {
            match timeout(Duration::from_millis(self.setting.timeout_ms), &mut local).await {
                Ok(Some(word)) => return self.told(word),
                Ok(None) => listens = false,
                Err(_elapsed) => {}
            }
        }
        if self.bug != Some(TillBug::ForgetDelegation) {
            self.write(Slip::Delegated);
        }
        self.slips.note(self.plan.intent, Word::Delegated);
        turned.raise();
        self.till.log.happened(Happening::TurnedToCloud);
        let mut cloud = Box::pin(self.cloud_says(life));
        loop {
            tokio::select! {
                biased;
                word = &mut local, if listens => {
                    listens = false;
                    self.say(&format!("hears its terminal too late: {word:?}"));
                    if let Some(word) = word.filter(|_| self.bug == Some(TillBug::BelieveBoth)) {
                        return self.told(word);
                    }
                    self.till.log.happened(Happening::LateAnswerIgnored);
                }
                view = &mut cloud => {
                    self.say(&format!("is told by the cloud: {:?}", view.status));
                    return self.write(Slip::Told);
                }
            }
        }
    }

    fn told(&self, word: Word) {
        self.write(Slip::Told);
        self.slips.note(self.plan.intent, word);
        self.say(&format!("is told by its terminal: {word:?}"));
    }

    fn write(&self, slip: Slip) {
        *self.disk.lock().unwrap_or_else(PoisonError::into_inner) = Some(slip);
        self.say(&format!("writes down {slip:?}"));
    }

    fn say(&self, what: &str) {
        self.till.log.say(&self.till.name, format_args!("{what}"));
    }

    fn hand(&self, name: &str, life: u64) -> Till {
        Till { rng: stream(self.seed, name, life), ..self.till.clone() }
    }

    /// The terminal's word. In the first life of the till the shop's network takes its orders and withholds the answers.
    fn terminal_says(&self, life: u64, turned: Arc<Flag>) -> impl Future<Output = Option<Word>> + use<> {
        let (mut hand, plan) = (self.hand("asks its terminal", life), self.plan.clone());
        let withheld = life == 0 || !self.setting.heals;
        let late_ms = self.setting.answer_late_ms;
        async move {
            let word = counter::local(&mut hand, &plan).await;
            if withheld {
                turned.raised().await;
                let Some(ms) = late_ms else { std::future::pending().await };
                sleep(Duration::from_millis(ms)).await;
            }
            word
        }
    }

    /// The cloud's word, however often it has to be asked.
    fn cloud_says(&self, life: u64) -> impl Future<Output = PaymentView> + use<> {
        let mut hand = self.hand("asks the cloud", life);
        let (plan, setting) = (self.plan.clone(), self.setting.clone());
        let (let_go, new_name) = (Arc::clone(&self.let_go), self.bug == Some(TillBug::NewName));
        async move {
            repeat(hand.clone(), plan.clone(), setting.repeat_ms.filter(|_| !setting.abides));
            let mut order = plan.order.clone();
            order.delay_ms = Some(setting.cloud_tap_ms);
            if setting.elsewhere {
                order.terminal = 1;
                if setting.abides {
                    let_go_first(&hand, &plan, &let_go).await;
                }
            }
            if new_name {
                order.token = order.token.map(|IntentId(name)| IntentId(name ^ 1));
                order.key = false;
                order.reference = false;
            }
            loop {
                let Some(id) = hand.open(&order).await else { continue };
                hand.maybe_cancel(&order, id).await;
                if let Some(view) = hand.follow(&order, id).await {
                    return view;
                }
            }
        }
    }
}

/// Waits until the first terminal will never read a card for the sale: it says so, or its prompt is long over.
async fn let_go_first(hand: &Till, plan: &Plan, let_go: &OnceLock<usize>) {
    if counter::called_off(hand, plan).await {
        let shown =
            hand.stations[plan.order.terminal].shown.lock().unwrap_or_else(PoisonError::into_inner).len();
        let _ = let_go.set(shown);
        hand.log.say(&hand.name, format_args!("has called it off at its terminal"));
        // The network delivers the order that it took first once more.
        repeat(hand.clone(), plan.clone(), Some(hand.rng.clone().random_range(2_000..9_000)));
    } else {
        sleep(LET_GO).await;
    }
}

/// The shop's network delivers the order once more, as soon as the terminal is there to take it.
fn repeat(hand: Till, plan: Plan, after_ms: Option<u64>) {
    let Some(ms) = after_ms else { return };
    tokio::spawn(async move {
        sleep(Duration::from_millis(ms)).await;
        let give_up_at = Instant::now() + REPEATS_FOR;
        while Instant::now() < give_up_at {
            if let Some(counter) = hand.stations[plan.order.terminal].counter() {
                let taken = counter.collect(counter::order_of(&plan)).await.map(|_taken| ());
                return hand.log.say(&hand.name, format_args!("its order arrives once more: {taken:?}"));
            }
            sleep(Duration::from_millis(200)).await;
        }
    });
}
