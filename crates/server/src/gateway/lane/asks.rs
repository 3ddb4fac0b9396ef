//! The questions to the acquirer that a lane has open. Each ends with an answer, or with none when its time is over or
//! whoever asked is gone.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;
use vinr_domain::PaymentId;
use vinr_domain::payment::Payment;

use crate::acquirer::{Answer, Pending};

/// How many may be open at a time. A terminal has one payment on its screen, and forwards what it approved alone one
/// after another; whoever asks more is answered later.
const MOST: usize = 32;

type Heard = (PaymentId, Option<Answer>);

/// Those that are open.
pub(super) struct Asks {
    open: BTreeMap<PaymentId, Arc<Payment>>,
    sender: mpsc::Sender<Heard>,
    answers: mpsc::Receiver<Heard>,
}

/// Says how a question ended, whatever becomes of the task that asks it.
struct Ending {
    id: PaymentId,
    answer: Option<Answer>,
    sender: mpsc::Sender<Heard>,
}

impl Ending {
    fn ends(&mut self, answer: Option<Answer>) {
        self.answer = answer;
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        // There is a place for each that is open; a lane that has ended needs no answer.
        let _ = self.sender.try_send((self.id, self.answer.take()));
    }
}

impl Asks {
    pub(super) fn new() -> Self {
        let (sender, answers) = mpsc::channel(MOST);
        Self { open: BTreeMap::new(), sender, answers }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.open.len() >= MOST
    }

    pub(super) fn contains(&self, id: PaymentId) -> bool {
        self.open.contains_key(&id)
    }

    /// The task that waits for the answer, for whoever runs tasks.
    pub(super) fn open(
        &mut self,
        payment: &Arc<Payment>,
        answer: Pending<Answer>,
        patience: Duration,
    ) -> impl Future<Output = ()> + Send + use<> {
        self.open.insert(payment.id, Arc::clone(payment));
        let mut ending = Ending { id: payment.id, answer: None, sender: self.sender.clone() };
        async move {
            ending.ends(timeout(patience, answer).await.ok());
        }
    }

    /// The next that ends: the payment as it was when it was asked about.
    pub(super) async fn next(&mut self) -> (Arc<Payment>, Option<Answer>) {
        loop {
            // The lane keeps a sender, so there is always another.
            let Some((id, answer)) = self.answers.recv().await else { std::future::pending().await };
            if let Some(payment) = self.open.remove(&id) {
                return (payment, answer);
            }
        }
    }
}
