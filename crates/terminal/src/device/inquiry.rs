//! Orders whose name the journal may have forgotten: while the customer sees the prompt, the cloud is asked whether it
//! knows the order from before. No card is read until it has answered, or has been given its time (ADR 0017). Nothing is
//! kept of such an order before that, and whoever asked is answered after it.

use serde_json::Value;
use tokio::sync::oneshot;
use vinr_domain::{IntentId, Timestamp};
use vinr_wire::link::{Operation, PresentCard};

use super::{Device, Request, Stop};
use crate::journal::Disk;
use crate::reader::Reader;
use crate::till::{OfficeAsk, OfficeFault, OfficeReply, Serving, Taken, TillAsk, TillOrder, TillRefusal};

/// How many things that somebody does to the prompt wait for the answer. A customer has two hands.
const WAITING: usize = 16;

/// The answer of an order.
pub(super) type Answer = oneshot::Sender<Result<Taken, TillRefusal>>;

/// An order that the cloud is asked about.
#[derive(Debug)]
pub(super) struct Inquiry {
    order: Box<TillOrder>,
    /// Whoever has sent it, the first first.
    answers: Vec<Answer>,
    heard: oneshot::Receiver<Result<OfficeReply, OfficeFault>>,
    /// On the monotonic clock.
    until_ms: i64,
    since: Timestamp,
    /// What was done to the prompt meanwhile, in order.
    waiting: Vec<Waiting>,
}

/// Something that is done to a prompt, and waits until it is known whether there is to be one.
#[derive(Debug)]
enum Waiting {
    Request(Request),
    Present(PresentCard),
}

impl Inquiry {
    /// The order, as the payment that has the screen.
    pub(super) fn serving(&self) -> Serving {
        Serving {
            intent: self.order.intent,
            payment: self.order.payment,
            reference: self.order.reference.clone(),
            since: self.since,
        }
    }

    /// When it is given up, on the monotonic clock.
    pub(super) fn until_ms(&self) -> i64 {
        self.until_ms
    }
}

impl<D: Disk, R: Reader> Device<D, R> {
    /// Shows the prompt and asks the cloud, if it is to be asked and can be; else gives the answer's sender back.
    pub(super) fn inquire(
        &mut self,
        order: Box<TillOrder>,
        answer: Answer,
    ) -> Result<(), (Box<TillOrder>, Answer)> {
        let Some(question) = order.earlier.question(&order).filter(|_| self.link.is_ok()) else {
            return Err((order, answer));
        };
        let (said, heard) = oneshot::channel();
        let body = question.to_string().into();
        self.ask_office(OfficeAsk { operation: Operation::Find, key: None, body, answer: said });
        self.show_sought(&order.as_ref().into());
        let until_ms = self.now_ms() + self.parts.settings.inquiry_patience_ms;
        let (since, waiting) = (self.stamp(), Vec::new());
        self.inquiry = Some(Inquiry { order, answers: vec![answer], heard, until_ms, since, waiting });
        Ok(())
    }

    /// The order that is asked about comes again, or another under its names.
    pub(super) fn join_inquiry(&mut self, order: &TillOrder, answer: Answer) -> Option<Answer> {
        let Some(inquiry) = &mut self.inquiry else { return Some(answer) };
        let asked = &inquiry.order;
        if asked.intent == order.intent {
            let same = asked.amount == order.amount
                && asked.capture_method == order.capture_method
                && asked.reference == order.reference;
            if same && inquiry.answers.len() < WAITING {
                inquiry.answers.push(answer);
            } else {
                let _ = answer.send(Err(TillRefusal::TokenReused(asked.payment)));
            }
            return None;
        }
        if order.reference.is_some() && asked.reference == order.reference {
            let _ = answer.send(Err(TillRefusal::ReferenceTaken(asked.payment)));
            return None;
        }
        Some(answer)
    }

    /// What is done to the prompt waits while nobody knows whether there is to be one; comes back when it need not.
    pub(super) fn after_inquiry(&mut self, asked: Request) -> Option<Request> {
        let waits = match &asked {
            Request::Present { .. }
            | Request::HoldOut { .. }
            | Request::PressCancel { .. }
            | Request::ChooseTip { .. }
            | Request::Till(TillAsk::Cancel { .. }) => true,
            Request::EnterPin { .. }
            | Request::ChooseReceipt { .. }
            | Request::SetBattery { .. }
            | Request::Till(_) => false,
        };
        match &mut self.inquiry {
            Some(inquiry) if waits => {
                if inquiry.waiting.len() < WAITING {
                    inquiry.waiting.push(Waiting::Request(asked));
                }
                None
            }
            _ => Some(asked),
        }
    }

    /// The same for a card that the cloud presents.
    pub(super) fn present_after_inquiry(&mut self, present: PresentCard) {
        match &mut self.inquiry {
            Some(inquiry) if inquiry.waiting.len() < WAITING => {
                inquiry.waiting.push(Waiting::Present(present));
            }
            _ => self.present_for_cloud(&present),
        }
    }

    /// The cloud itself commands what is being asked about: it does not know it from before.
    pub(super) async fn commanded(&mut self, intent: IntentId) -> Result<(), Stop> {
        if self.inquiry.as_ref().is_some_and(|inquiry| inquiry.order.intent == intent) {
            self.conclude(None).await?;
        }
        Ok(())
    }

    /// Goes on when the cloud has answered, when its time is up, and when there is nobody left to answer.
    pub(super) async fn settle_inquiry(&mut self) -> Result<(), Stop> {
        let now_ms = self.now_ms();
        let Some(inquiry) = &mut self.inquiry else { return Ok(()) };
        let known = match inquiry.heard.try_recv() {
            Ok(Ok(reply)) => inquiry.order.earlier.found(reply),
            Err(oneshot::error::TryRecvError::Empty) if self.link.is_ok() && now_ms < inquiry.until_ms => {
                return Ok(());
            }
            Ok(Err(_)) | Err(_) => {
                let intent = inquiry.order.intent;
                tracing::warn!(%intent, "whether an order is known from before could not be learned in time");
                None
            }
        };
        self.conclude(known).await
    }

    async fn conclude(&mut self, known: Option<Value>) -> Result<(), Stop> {
        let Some(inquiry) = self.inquiry.take() else { return Ok(()) };
        let taken = match known {
            Some(object) => {
                tracing::info!(intent = %inquiry.order.intent, "an order that was carried out before is not repeated");
                Err(TillRefusal::Earlier(Box::new(object)))
            }
            None => self.take_now(&inquiry.order).await?,
        };
        if taken.is_err() {
            self.show_rest();
        }
        let joined = taken.clone().map(|taken| Taken::Joined(taken.sale().clone()));
        for (at, answer) in inquiry.answers.into_iter().enumerate() {
            // Whoever asked may be gone; the payment is in the journal all the same.
            let _ = answer.send(if at == 0 { taken.clone() } else { joined.clone() });
        }
        for waiting in inquiry.waiting {
            match waiting {
                Waiting::Request(asked) => self.serve_now(asked).await?,
                Waiting::Present(present) => self.present_for_cloud(&present),
            }
        }
        Ok(())
    }
}
