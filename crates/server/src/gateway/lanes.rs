//! The lanes that are running. A lane runs while its terminal has a payment that occupies it; an idle terminal has
//! none and costs no task. Knows nothing of what a lane does.

use std::sync::{Arc, PoisonError};

use tokio::sync::{mpsc, oneshot};
use vinr_domain::PaymentId;
use vinr_domain::payment::{Order, Payment};
use vinr_wire::link::{Simulation, ToCloud};

use super::directory::Terminal;
use super::lane::Lane;
use super::vacancies::Vacancies;
use crate::acquirer::Acquirer;
use crate::offline::OfflineLedger;
use crate::payments::{AdvanceError, Books, Recovery};
use crate::store::{Change, CommitError};
use crate::tasks::Tasks;

/// How many inputs may wait in a lane. A terminal sends a handful of frames per payment; more is a fault or a flood.
const MAILBOX: usize = 64;

/// What a lane is told.
#[derive(Debug)]
pub(super) enum LaneInput {
    /// Collect this, or say why not.
    Create(Box<Submitted>),
    /// Take this, which waited, if you are free.
    Offer(Box<Offered>),
    /// Cancel it; `alongside` becomes true when the wish does.
    Cancel {
        id: PaymentId,
        alongside: Vec<Change>,
        reply: oneshot::Sender<Result<Arc<Payment>, AdvanceError>>,
    },
    /// A message from the terminal.
    FromTerminal(Box<ToCloud>),
    /// The terminal has (re)connected.
    LinkUp,
    /// This payment was unfinished when the server started.
    Adopt(Arc<Payment>),
}

/// An order on its way into a lane.
#[derive(Debug)]
pub struct Submitted {
    /// What is to be collected.
    pub order: Order,
    /// What a simulated cardholder does.
    pub simulation: Option<Simulation>,
    /// What becomes true at the same moment.
    pub alongside: Vec<Change>,
    /// Whether a terminal that is not free refuses the order, or leaves it to whoever submits it.
    pub only_if_free: bool,
    /// Where the payment goes, once it is durable; `None` when the order is left.
    pub reply: oneshot::Sender<Result<Option<Arc<Payment>>, CommitError>>,
}

/// A payment that waits for a terminal, on its way into a lane.
#[derive(Debug)]
pub struct Offered {
    /// The payment.
    pub payment: Arc<Payment>,
    /// What a simulated cardholder does.
    pub simulation: Option<Simulation>,
    /// What became of it.
    pub reply: oneshot::Sender<Offer>,
}

/// What became of a payment that was offered to a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// It is the terminal's, durably.
    Taken,
    /// The terminal is not free; the payment is as it was.
    NotFree,
    /// Somebody else moved the payment first.
    Moved,
    /// It could not be written; the payment is as it was.
    Failed,
}

/// The lane takes no more; nothing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lane takes no more")]
pub struct LaneFull;

/// All lanes, and what they need.
#[derive(Clone)]
pub struct Lanes {
    pub(super) books: Books,
    pub(super) acquirer: Arc<dyn Acquirer>,
    pub(super) recovery: Recovery,
    pub(super) tasks: Tasks,
    pub(super) vacancies: Arc<dyn Vacancies>,
    pub(super) offline: OfflineLedger,
    #[cfg(feature = "sabotage")]
    pub(super) sabotage: Option<crate::settings::Sabotage>,
}

impl Lanes {
    /// Lanes over these books.
    #[must_use]
    pub fn new(
        books: Books,
        acquirer: Arc<dyn Acquirer>,
        recovery: Recovery,
        tasks: Tasks,
        vacancies: Arc<dyn Vacancies>,
        offline: OfflineLedger,
        #[cfg_attr(not(feature = "sabotage"), expect(unused_variables, reason = "only bugs are set here"))]
        settings: &crate::settings::Settings,
    ) -> Self {
        Self {
            books,
            acquirer,
            recovery,
            tasks,
            vacancies,
            offline,
            #[cfg(feature = "sabotage")]
            sabotage: settings.sabotage,
        }
    }

    /// Collect this on that terminal.
    ///
    /// # Errors
    /// [`LaneFull`]: nothing happened.
    pub fn submit(&self, terminal: &Arc<Terminal>, submitted: Submitted) -> Result<(), LaneFull> {
        self.tell(terminal, LaneInput::Create(Box::new(submitted)))
    }

    /// Offers a payment that waits.
    ///
    /// # Errors
    /// [`LaneFull`]: nothing happened.
    pub fn offer(&self, terminal: &Arc<Terminal>, offered: Offered) -> Result<(), LaneFull> {
        self.tell(terminal, LaneInput::Offer(Box::new(offered)))
    }

    /// Cancel that payment. The answer is the payment with the wish durable; the outcome follows.
    ///
    /// # Errors
    /// [`LaneFull`]: nothing happened.
    pub fn cancel(
        &self,
        terminal: &Arc<Terminal>,
        id: PaymentId,
        alongside: Vec<Change>,
    ) -> Result<oneshot::Receiver<Result<Arc<Payment>, AdvanceError>>, LaneFull> {
        let (reply, answer) = oneshot::channel();
        self.tell(terminal, LaneInput::Cancel { id, alongside, reply })?;
        Ok(answer)
    }

    /// Takes over a payment that was unfinished when the server started.
    ///
    /// # Errors
    /// [`LaneFull`]: recovery ends the payment when its lease is over.
    pub fn adopt(&self, terminal: &Arc<Terminal>, payment: Arc<Payment>) -> Result<(), LaneFull> {
        self.tell(terminal, LaneInput::Adopt(payment))
    }

    pub(super) fn hear(&self, terminal: &Arc<Terminal>, message: ToCloud) -> Result<(), LaneFull> {
        self.tell(terminal, LaneInput::FromTerminal(Box::new(message)))
    }

    /// Only a lane that is running has something to send again.
    pub(super) fn link_up(&self, terminal: &Arc<Terminal>) {
        let lane = terminal.lane.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mailbox) = lane.as_ref() {
            let _ = mailbox.try_send(LaneInput::LinkUp);
            return;
        }
        drop(lane);
        self.vacancies.free(&terminal.key);
    }

    /// Puts the input into the lane, starting the lane if it does not run. A lane leaves the directory under the same
    /// lock and only with an empty mailbox, so no input is lost between the two.
    fn tell(&self, terminal: &Arc<Terminal>, input: LaneInput) -> Result<(), LaneFull> {
        let mut lane = terminal.lane.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mailbox) = lane.as_ref() {
            return mailbox.try_send(input).map_err(|_full| LaneFull);
        }
        let (mailbox, inputs) = mpsc::channel(MAILBOX);
        mailbox.try_send(input).map_err(|_full| LaneFull)?;
        *lane = Some(mailbox);
        self.tasks.spawn(Lane::new(self.clone(), Arc::clone(terminal), inputs).run());
        Ok(())
    }
}
