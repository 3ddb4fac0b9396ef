//! The acquirer of a world: the sandbox issuer behind a network that loses, delays and repeats. A request that has
//! left arrives, whatever becomes of the server that sent it.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use tokio::sync::oneshot;
use tokio::time::sleep;
use vinr_domain::payment::{AdviceKind, Approval, CaptureMethod};
use vinr_domain::refund::FailureReason;
use vinr_domain::{DeclineCode, Money, RefundId};
use vinr_sandbox::faults::{Fate, Fault, Faults, Message};
use vinr_sandbox::issuer::{
    Authorize, CaptureReply, InquiryReply, Issuer, RefundReply, Reply, RequestKey, ReversalReply, SettleReply,
};
use vinr_server::acquirer::sandbox::refund_answer;
use vinr_server::acquirer::{
    Acquirer, Answer, Ask, Pending, RefundAnswer, RefundSubject, Settlement, Subject,
};

use super::clock::WorldClock;
use super::happening::Happening;
use super::log::Log;

/// The issuer and the way to it.
pub(super) struct Bank {
    issuer: Mutex<Issuer>,
    faults: Mutex<Faults>,
    rng: Mutex<ChaCha8Rng>,
    clock: Arc<WorldClock>,
    log: Log,
    /// A terminal that is out of service.
    retired: OnceLock<String>,
}

/// The server's end of that way.
pub(super) struct BankLine(pub(super) Arc<Bank>);

impl Bank {
    pub(super) fn new(
        issuer: Issuer,
        faults: Faults,
        rng: ChaCha8Rng,
        clock: Arc<WorldClock>,
        log: Log,
    ) -> Self {
        Self {
            issuer: Mutex::new(issuer),
            faults: Mutex::new(faults),
            rng: Mutex::new(rng),
            clock,
            log,
            retired: OnceLock::new(),
        }
    }

    pub(super) fn issuer(&self) -> MutexGuard<'_, Issuer> {
        self.issuer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on every message arrives.
    pub(super) fn clear_up(&self) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).cease();
    }

    /// From now on nobody asks for money in the name of this terminal.
    pub(super) fn expects_nothing_of(&self, terminal: &str) {
        // There is one in a world.
        let _ = self.retired.set(terminal.to_owned());
    }

    fn draw(&self, message: Message) -> Fate {
        let fate = self.faults.lock().unwrap_or_else(PoisonError::into_inner).draw(message);
        let fault = match fate {
            Fate::Delivered => return fate,
            Fate::Silent => Fault::Silent,
            Fate::Late { .. } => Fault::Late,
            Fate::AnswerLost => Fault::AnswerLost,
            Fate::Duplicated => Fault::Duplicated,
        };
        self.log.happened(Happening::Issuer(message, fault));
        self.log.say("bank", format_args!("{message:?} meets {fate:?}"));
        fate
    }

    fn latency(&self) -> Duration {
        Duration::from_millis(self.rng.lock().unwrap_or_else(PoisonError::into_inner).random_range(5..300))
    }

    /// Carries a message to the issuer and its answer back, as fate has it. `act` is what the issuer does; `None`
    /// from it is silence.
    fn carry<T: Send + 'static>(
        self: &Arc<Self>,
        message: Message,
        act: impl Fn(&Bank) -> Option<(Duration, T)> + Send + 'static,
    ) -> Pending<T> {
        let (bank, fate) = (Arc::clone(self), self.draw(message));
        let (there, back) = (self.latency(), self.latency());
        let request_is_late = self.rng.lock().unwrap_or_else(PoisonError::into_inner).random_bool(0.5);
        let (reply, answer) = oneshot::channel();
        tokio::spawn(async move {
            let (delayed_there, delayed_back) = match fate {
                Fate::Silent => return,
                Fate::Late { after_ms } if request_is_late => (u64::from(after_ms), 0),
                Fate::Late { after_ms } => (0, u64::from(after_ms)),
                Fate::Delivered | Fate::AnswerLost | Fate::Duplicated => (0, 0),
            };
            sleep(there + Duration::from_millis(delayed_there)).await;
            let mut said = act(&bank);
            if fate == Fate::Duplicated {
                sleep(back).await;
                said = act(&bank);
            }
            let Some((thinks, said)) = said.filter(|_| fate != Fate::AnswerLost) else { return };
            sleep(back + thinks + Duration::from_millis(delayed_back)).await;
            // Whoever asked may be gone.
            let _ = reply.send(said);
        });
        Box::pin(async move {
            match answer.await {
                Ok(answer) => answer,
                Err(_lost) => std::future::pending().await,
            }
        })
    }

    fn approval(&self, authorized_minor: i64, auth_code: Arc<str>) -> Answer {
        Answer::Approved(Approval { authorized_minor, auth_code, at: self.clock.now() })
    }

    fn authorize(&self, ask: &Ask) -> Option<(Duration, Answer)> {
        let (payment, request) = (&ask.subject.payment, ask.subject.payment.state.request()?);
        let key = key_of(&ask.subject)?;
        let amount = Money { amount_minor: request.amount_minor, currency: payment.asked.currency };
        let told = Authorize {
            key,
            intent: payment.intent,
            payment: payment.id,
            amount,
            capture: payment.capture_method == CaptureMethod::Automatic,
            sealed: &ask.sealed_card,
        };
        let reply = self.issuer().authorize(told, self.clock.now());
        self.log.say("bank", format_args!("authorize {} stan {}: {reply:?}", payment.id, request.stan));
        self.answer(reply, Duration::ZERO)
    }

    fn answer(&self, reply: Reply, thinks: Duration) -> Option<(Duration, Answer)> {
        match reply {
            Reply::Approved { authorized_minor, auth_code } => {
                Some((thinks, self.approval(authorized_minor, auth_code)))
            }
            Reply::Declined(code) => {
                if code == DeclineCode::CommunicationError {
                    self.log.happened(Happening::RequestOvertaken);
                }
                Some((thinks, Answer::Declined(code)))
            }
            Reply::Silent => None,
            Reply::Late { after_ms, answer } => {
                self.answer(*answer, thinks + Duration::from_millis(u64::from(after_ms)))
            }
        }
    }

    fn inquire(&self, subject: &Subject) -> Option<(Duration, Answer)> {
        let (payment, reply) = (&subject.payment, self.issuer().inquire(&key_of(subject)?));
        self.log.say("bank", format_args!("inquire {}: {reply:?}", payment.id));
        let answer = match reply {
            InquiryReply::Approved { authorized_minor, auth_code } => {
                self.approval(authorized_minor, auth_code)
            }
            InquiryReply::Declined(code) => Answer::Declined(code),
            InquiryReply::NotFound => Answer::NotFound,
            InquiryReply::Silent => return None,
        };
        Some((Duration::ZERO, answer))
    }

    fn advise(&self, subject: &Subject, kind: AdviceKind) -> Option<(Duration, ())> {
        let (payment, key, now) = (&subject.payment, key_of(subject)?, self.clock.now());
        let acknowledged = match kind {
            AdviceKind::Reversal => {
                self.issuer().reverse(key, payment.intent, payment.id, now) == ReversalReply::Acknowledged
            }
            AdviceKind::Capture { amount_minor } => {
                let amount = Money { amount_minor, currency: payment.asked.currency };
                let reply = self.issuer().capture(key, amount, now);
                if let CaptureReply::Refused(refusal) = reply {
                    self.log
                        .violated("I2", format_args!("the capture of {} is refused: {refusal}", payment.id));
                }
                reply == CaptureReply::Acknowledged
            }
        };
        self.log.say("bank", format_args!("{kind:?} of {}: {acknowledged}", payment.id));
        acknowledged.then_some((Duration::ZERO, ()))
    }

    fn refund(&self, subject: &RefundSubject) -> Option<(Duration, RefundAnswer)> {
        let refund = &subject.refund;
        let ask = vinr_sandbox::issuer::Refund {
            refund: refund.id,
            key: key_of(&subject.of)?,
            payment: refund.payment,
            amount: refund.amount,
        };
        let reply = self.issuer().refund(ask, self.clock.now());
        self.log.say("bank", format_args!("{} of {}: {reply:?}", refund.id, refund.payment));
        self.refund_answer(refund.id, reply)
    }

    fn inquire_refund(&self, subject: &RefundSubject) -> Option<(Duration, RefundAnswer)> {
        let reply = self.issuer().inquire_refund(subject.refund.id);
        self.log.say("bank", format_args!("inquire {}: {reply:?}", subject.refund.id));
        self.refund_answer(subject.refund.id, reply)
    }

    fn refund_answer(&self, id: RefundId, reply: RefundReply) -> Option<(Duration, RefundAnswer)> {
        let (thinks_ms, reply) = match reply {
            RefundReply::Late { after_ms, answer } => (u64::from(after_ms), *answer),
            at_once => (0, at_once),
        };
        let answer = refund_answer(id, &reply)?;
        if let RefundAnswer::Refused(FailureReason::Rejected) = answer {
            self.log.violated("I2", format_args!("{id} is refused: {reply:?}"));
        }
        Some((Duration::from_millis(thinks_ms), answer))
    }

    fn settle(&self, settlement: &Settlement) -> Option<(Duration, ())> {
        let (batch, now) = (&settlement.batch, self.clock.now());
        let reply = self.issuer().settle(batch.id, &settlement.terminal, batch.currency, batch.totals, now);
        self.log.say("bank", format_args!("settle {}: {reply:?}", batch.id));
        if reply == SettleReply::OutOfBalance {
            self.log.violated("I2", format_args!("the sums of {} cannot be true", batch.id));
        }
        (reply == SettleReply::Agreed).then_some((Duration::ZERO, ()))
    }
}

/// The name of the payment's request.
fn key_of(subject: &Subject) -> Option<RequestKey> {
    let request = subject.payment.state.request()?;
    Some(RequestKey::new(&subject.terminal, request.generation, request.stan))
}

impl Acquirer for BankLine {
    fn authorize(&self, ask: Ask) -> Pending<Answer> {
        let (bank, payment) = (&self.0, ask.subject.payment.id);
        if bank.retired.get().is_some_and(|name| **name == *ask.subject.terminal) {
            bank.log.violated("I16", format_args!("{payment} charges at a terminal out of service"));
        }
        self.0.carry(Message::Authorize, move |bank| bank.authorize(&ask))
    }

    fn inquire(&self, subject: Subject) -> Pending<Answer> {
        self.0.carry(Message::Inquire, move |bank| bank.inquire(&subject))
    }

    fn advise(&self, subject: Subject, kind: AdviceKind) -> Pending<()> {
        let message = match kind {
            AdviceKind::Capture { .. } => Message::Capture,
            AdviceKind::Reversal => Message::Reverse,
        };
        self.0.carry(message, move |bank| bank.advise(&subject, kind))
    }

    fn refund(&self, subject: RefundSubject) -> Pending<RefundAnswer> {
        self.0.carry(Message::Authorize, move |bank| bank.refund(&subject))
    }

    fn inquire_refund(&self, subject: RefundSubject) -> Pending<RefundAnswer> {
        self.0.carry(Message::Inquire, move |bank| bank.inquire_refund(&subject))
    }

    fn settle(&self, settlement: Settlement) -> Pending<()> {
        self.0.carry(Message::Capture, move |bank| bank.settle(&settlement))
    }
}
