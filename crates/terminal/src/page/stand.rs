//! One simulated terminal with everything around it that a person can switch: its power, the internet, the shop's
//! network, its paper, and who its cardholder is. Outlives the terminal's power cuts; decides nothing about payments.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{RwLock, RwLockReadGuard, watch};
use tokio::task::JoinSet;
use vinr_sandbox::deck::{self, TestCard};
use vinr_wire::link::DeviceConfiguration;

use crate::clock::Clock;
use crate::device::Stop;
use crate::lan::{Lan, LanHandle, LanSettings, LanState};
use crate::printer::SimulatedPrinter;
use crate::reader::Hands;
use crate::runtime::TerminalHandle;
use crate::screen::Screen;
use crate::till::Till;

/// How often the power is switched on again while the disk is still in use by the life before, and the pause between.
const TRIES: u32 = 20;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// A terminal that has just been started.
pub struct Started {
    /// The terminal.
    pub handle: TerminalHandle,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
}

/// A terminal on its way; the text says why there is none.
pub type Starting<'a> = Pin<Box<dyn Future<Output = Result<Started, String>> + Send + 'a>>;

/// Where a terminal gets its power: starts its software on its disk, as after a power loss.
pub trait Mains: Send + Sync {
    /// Starts it.
    fn start(&self) -> Starting<'_>;
}

/// What a terminal on a stand is made of.
pub struct Seat {
    /// Its name, `term_…`.
    pub terminal: String,
    /// Its model, as the API writes it.
    pub model: String,
    /// Who starts it.
    pub mains: Box<dyn Mains>,
    /// The switch of its reader.
    pub hands: Hands,
    /// Its printer.
    pub printer: SimulatedPrinter,
    /// Where it is served in the merchant's network.
    pub lan: LanSettings,
}

/// A simulated terminal and its switches.
pub struct Stand {
    terminal: String,
    model: String,
    mains: Box<dyn Mains>,
    hands: Hands,
    printer: SimulatedPrinter,
    power: RwLock<Power>,
    seen: watch::Sender<Option<Seen>>,
    shown: Shown,
    /// Whether there is a network in the shop.
    has_network: AtomicBool,
    last_card: Mutex<&'static TestCard>,
}

/// What is behind the switches.
struct Power {
    life: Option<Life>,
    settings: LanSettings,
    /// Whether the internet is there for the next life.
    internet: bool,
}

struct Life {
    handle: TerminalHandle,
    clock: Arc<dyn Clock>,
    lan: Option<LanHandle>,
    /// Tell what changes; end with the life.
    tellers: JoinSet<()>,
}

/// What may be looked at while there is power.
#[derive(Clone)]
pub(super) struct Seen {
    pub(super) till: Till,
    pub(super) internet: watch::Receiver<bool>,
    pub(super) configuration: watch::Receiver<Arc<DeviceConfiguration>>,
    pub(super) clock: Arc<dyn Clock>,
}

/// What others follow, from one life to the next.
#[derive(Clone)]
struct Shown {
    /// `None` without power.
    screen: watch::Sender<Option<Screen>>,
    lan: watch::Sender<LanState>,
    /// The software has ended by itself.
    ended: watch::Sender<bool>,
    /// Rises with every change of anything.
    revision: watch::Sender<u64>,
}

impl Shown {
    fn changed(&self) {
        self.revision.send_modify(|revision| *revision += 1);
    }
}

impl Stand {
    /// Puts a terminal on its stand and switches it on.
    ///
    /// # Errors
    /// Why it does not start.
    pub async fn power_up(seat: Seat) -> Result<Arc<Self>, String> {
        let Seat { terminal, model, mains, hands, printer, lan } = seat;
        let shown = Shown {
            screen: watch::Sender::new(None),
            lan: watch::Sender::new(LanState::default()),
            ended: watch::Sender::new(false),
            revision: watch::Sender::new(0),
        };
        // Both end when the switches are no more.
        tokio::spawn(tell(hands.watch(), shown.clone()));
        tokio::spawn(tell(printer.sheets(), shown.clone()));
        tokio::spawn(tell(printer.paper(), shown.clone()));
        let power = Power { life: None, settings: lan, internet: true };
        let stand = Arc::new(Self {
            terminal,
            model,
            mains,
            hands,
            printer,
            power: RwLock::new(power),
            seen: watch::Sender::new(None),
            shown,
            has_network: AtomicBool::new(true),
            last_card: Mutex::new(deck::usual()),
        });
        stand.switch_on(1).await?;
        Ok(stand)
    }

    /// Its name.
    #[must_use]
    pub fn terminal(&self) -> &str {
        &self.terminal
    }

    pub(super) fn model(&self) -> &str {
        &self.model
    }

    /// What the screen shows, now and whenever that changes; `None` without power.
    #[must_use]
    pub fn screen(&self) -> watch::Receiver<Option<Screen>> {
        self.shown.screen.subscribe()
    }

    /// Where tills reach it, now and whenever that changes.
    #[must_use]
    pub fn lan(&self) -> watch::Receiver<LanState> {
        self.shown.lan.subscribe()
    }

    /// Whether its software has ended by itself.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        *self.shown.ended.borrow()
    }

    /// What the listeners in the merchant's network speak to; `None` without power.
    #[must_use]
    pub fn till(&self) -> Option<Till> {
        self.seen().map(|seen| seen.till)
    }

    /// Whether it is without power, or its software has ended by itself.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.shown.screen.borrow().is_none()
    }

    pub(super) fn revision(&self) -> watch::Receiver<u64> {
        self.shown.revision.subscribe()
    }

    pub(super) fn seen(&self) -> Option<Seen> {
        self.seen.borrow().clone().filter(|_| !self.is_stopped())
    }

    pub(super) fn hands(&self) -> &Hands {
        &self.hands
    }

    pub(super) fn printer(&self) -> &SimulatedPrinter {
        &self.printer
    }

    pub(super) fn has_network(&self) -> bool {
        self.has_network.load(Ordering::Relaxed)
    }

    pub(super) fn last_card(&self) -> &'static TestCard {
        *self.last_card.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn remember_card(&self, card: &'static TestCard) {
        *self.last_card.lock().unwrap_or_else(PoisonError::into_inner) = card;
    }

    /// The terminal itself, to press its keys; nothing is switched meanwhile. `None` without power.
    pub(super) async fn keys(&self) -> Option<RwLockReadGuard<'_, TerminalHandle>> {
        let power = self.power.read().await;
        RwLockReadGuard::try_map(power, |power| power.life.as_ref().map(|life| &life.handle)).ok()
    }

    /// Brings the power back; does nothing while it is there.
    ///
    /// # Errors
    /// Why the terminal does not start.
    pub(super) async fn restore_power(&self) -> Result<(), String> {
        self.switch_on(TRIES).await
    }

    async fn switch_on(&self, tries: u32) -> Result<(), String> {
        let mut power = self.power.write().await;
        if power.life.as_ref().is_some_and(|life| !life.handle.is_stopped()) {
            return Ok(());
        }
        self.end_life(&mut power).await;
        let Started { handle, clock } = self.started(tries).await?;
        if !power.internet {
            handle.set_internet(false);
        }
        self.shown.ended.send_replace(false);
        let mut tellers = JoinSet::new();
        let till = handle.till();
        tellers.spawn(tell(till.standing(), self.shown.clone()));
        tellers.spawn(tell(till.access(), self.shown.clone()));
        tellers.spawn(tell(handle.internet(), self.shown.clone()));
        tellers.spawn(show_screen(handle.screen(), self.shown.clone()));
        self.shown.screen.send_replace(Some(handle.screen().borrow().clone()));
        self.seen.send_replace(Some(Seen {
            till,
            internet: handle.internet(),
            configuration: handle.configuration(),
            clock: Arc::clone(&clock),
        }));
        let mut life = Life { handle, clock, lan: None, tellers };
        if self.has_network() {
            self.serve(&mut life, &power.settings);
        }
        power.life = Some(life);
        self.shown.changed();
        Ok(())
    }

    /// The life before may hold the journal a moment longer.
    async fn started(&self, mut tries: u32) -> Result<Started, String> {
        loop {
            tries -= 1;
            match self.mains.start().await {
                Err(_) if tries > 0 => tokio::time::sleep(BETWEEN_TRIES).await,
                started => return started,
            }
        }
    }

    fn serve(&self, life: &mut Life, settings: &LanSettings) {
        let lan = Lan::serve(life.handle.till(), settings.clone(), Arc::clone(&life.clock), rand::random());
        life.tellers.spawn(show_lan(lan.state(), self.shown.clone()));
        life.lan = Some(lan);
    }

    /// Cuts the power: no goodbye to anybody, and nothing that was not synced stays on the disk.
    pub(super) async fn cut_power(&self) {
        let mut power = self.power.write().await;
        self.end_life(&mut power).await;
    }

    async fn end_life(&self, power: &mut Power) {
        let Some(mut life) = power.life.take() else { return };
        life.tellers.shutdown().await;
        power.internet = *life.handle.internet().borrow();
        self.keep_addresses(power);
        life.handle.kill().await;
        if let Some(lan) = life.lan {
            lan.cut().await;
        }
        self.dark();
    }

    fn dark(&self) {
        self.seen.send_replace(None);
        self.shown.screen.send_replace(None);
        self.shown.lan.send_replace(LanState::default());
        self.shown.changed();
    }

    /// Tills find it again where it was.
    fn keep_addresses(&self, power: &mut Power) {
        let state = self.shown.lan.borrow().clone();
        power.settings.address = state.https.unwrap_or(power.settings.address);
        power.settings.open_wire = state.open_wire.unwrap_or(power.settings.open_wire);
    }

    /// Switches the shop's network on or off.
    pub(super) async fn set_network(&self, is_there: bool) {
        let mut power = self.power.write().await;
        self.has_network.store(is_there, Ordering::Relaxed);
        self.keep_addresses(&mut power);
        let settings = power.settings.clone();
        if let Some(life) = &mut power.life {
            match life.lan.take() {
                Some(lan) if is_there => life.lan = Some(lan),
                Some(lan) => lan.cut().await,
                None if is_there => self.serve(life, &settings),
                None => {}
            }
        }
        if !is_there {
            self.shown.lan.send_replace(LanState::default());
        }
        self.shown.changed();
    }

    /// Switches the internet on or off, for this life and the next.
    pub async fn set_internet(&self, is_there: bool) {
        let mut power = self.power.write().await;
        power.internet = is_there;
        if let Some(life) = &power.life {
            life.handle.set_internet(is_there);
        }
    }

    /// Closes the listeners, says goodbye to the cloud and stops.
    ///
    /// # Errors
    /// [`Stop`] when the terminal had stopped, or its journal could not be written.
    pub async fn shutdown(&self) -> Result<(), Stop> {
        let mut power = self.power.write().await;
        let Some(mut life) = power.life.take() else { return Ok(()) };
        life.tellers.shutdown().await;
        if let Some(lan) = life.lan {
            lan.shutdown().await;
        }
        let stopped = life.handle.shutdown().await;
        self.dark();
        stopped
    }
}

/// Passes on that something has changed.
async fn tell<T>(mut from: watch::Receiver<T>, shown: Shown) {
    while from.changed().await.is_ok() {
        from.mark_unchanged();
        shown.changed();
    }
}

async fn show_screen(mut from: watch::Receiver<Screen>, shown: Shown) {
    while from.changed().await.is_ok() {
        let screen = from.borrow_and_update().clone();
        shown.screen.send_replace(Some(screen));
        shown.changed();
    }
    // When somebody ends it, this task goes first.
    shown.ended.send_replace(true);
    shown.screen.send_replace(None);
    shown.changed();
}

async fn show_lan(mut from: watch::Receiver<LanState>, shown: Shown) {
    loop {
        let state = from.borrow_and_update().clone();
        shown.lan.send_if_modified(|said| {
            let changed = *said != state;
            *said = state;
            changed
        });
        shown.changed();
        if from.changed().await.is_err() {
            return;
        }
    }
}
