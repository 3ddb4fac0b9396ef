//! The sandbox issuer behind the acquirer port: the same silence, lateness and refusals as the real thing, without the
//! network. Decides nothing itself.

use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::sleep;
use vinr_domain::payment::{AdviceKind, Approval, CaptureMethod};
use vinr_domain::refund::FailureReason;
use vinr_domain::{Money, RefundId};
use vinr_sandbox::issuer::{
    self, Authorize, CaptureReply, InquiryReply, Issuer, RefundRefusal, RefundReply, Reply, RequestKey,
    ReversalReply, SettleReply,
};
use vinr_sandbox::keys::SandboxKeys;

use super::port::{Acquirer, Answer, Ask, Pending, RefundAnswer, RefundSubject, Settlement, Subject};
use crate::clock::Clock;

/// The sandbox issuer as an acquirer.
pub struct SandboxAcquirer {
    issuer: Arc<Mutex<Issuer>>,
    clock: Arc<dyn Clock>,
    readers: Option<SandboxKeys>,
}

impl SandboxAcquirer {
    /// Puts the issuer behind the port.
    #[must_use]
    pub fn new(issuer: Issuer, clock: Arc<dyn Clock>) -> Self {
        Self { issuer: Arc::new(Mutex::new(issuer)), clock, readers: None }
    }

    /// Gives newly paired terminals what their readers need.
    #[must_use]
    pub fn with_readers(mut self, keys: SandboxKeys) -> Self {
        self.readers = Some(keys);
        self
    }

    /// The issuer, to look at.
    #[must_use]
    pub fn issuer(&self) -> Arc<Mutex<Issuer>> {
        Arc::clone(&self.issuer)
    }

    fn with<R>(&self, act: impl FnOnce(&mut Issuer) -> R) -> R {
        act(&mut self.issuer.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn key_of(subject: &Subject) -> Option<RequestKey> {
    let request = subject.payment.state.request()?;
    Some(RequestKey::new(&subject.terminal, request.generation, request.stan))
}

impl Acquirer for SandboxAcquirer {
    fn authorize(&self, ask: Ask) -> Pending<Answer> {
        let clock = Arc::clone(&self.clock);
        let Ask { subject, sealed_card } = ask;
        let Some(key) = key_of(&subject) else { return Box::pin(pending()) };
        let payment = &subject.payment;
        let authorize = Authorize {
            key,
            intent: payment.intent,
            payment: payment.id,
            amount: Money { amount_minor: payment.amount_minor(), currency: payment.asked.currency },
            capture: payment.capture_method == CaptureMethod::Automatic,
            sealed: &sealed_card,
        };
        let now = clock.wall();
        let reply = self.with(|issuer| issuer.authorize(authorize, now));
        Box::pin(async move {
            match reply {
                Reply::Late { after_ms, answer } => {
                    sleep(Duration::from_millis(after_ms.into())).await;
                    said(*answer, &clock).await
                }
                at_once => said(at_once, &clock).await,
            }
        })
    }

    fn inquire(&self, subject: Subject) -> Pending<Answer> {
        let Some(key) = key_of(&subject) else { return Box::pin(pending()) };
        let at = self.clock.wall();
        match self.with(|issuer| issuer.inquire(&key)) {
            InquiryReply::Approved { authorized_minor, auth_code } => {
                Box::pin(async move { Answer::Approved(Approval { authorized_minor, auth_code, at }) })
            }
            InquiryReply::Declined(code) => Box::pin(async move { Answer::Declined(code) }),
            InquiryReply::NotFound => Box::pin(async { Answer::NotFound }),
            InquiryReply::Silent => Box::pin(pending()),
        }
    }

    fn advise(&self, subject: Subject, kind: AdviceKind) -> Pending<()> {
        let Some(key) = key_of(&subject) else { return Box::pin(pending()) };
        let payment = &subject.payment;
        let (intent, id, now) = (payment.intent, payment.id, self.clock.wall());
        let currency = payment.asked.currency;
        let acknowledged = self.with(|issuer| match kind {
            AdviceKind::Reversal => issuer.reverse(key, intent, id, now) == ReversalReply::Acknowledged,
            AdviceKind::Capture { amount_minor } => {
                match issuer.capture(key, Money { amount_minor, currency }, now) {
                    CaptureReply::Acknowledged => true,
                    CaptureReply::Refused(refusal) => {
                        tracing::error!(payment = %id, %refusal, "the issuer refuses a capture");
                        false
                    }
                    CaptureReply::Silent => false,
                }
            }
        });
        Box::pin(async move {
            if !acknowledged {
                pending::<()>().await;
            }
        })
    }

    fn refund(&self, subject: RefundSubject) -> Pending<RefundAnswer> {
        let Some(refund) = refund_of(&subject) else { return Box::pin(pending()) };
        let now = self.clock.wall();
        say_refund(subject.refund.id, self.with(|issuer| issuer.refund(refund, now)))
    }

    fn inquire_refund(&self, subject: RefundSubject) -> Pending<RefundAnswer> {
        let id = subject.refund.id;
        say_refund(id, self.with(|issuer| issuer.inquire_refund(id)))
    }

    fn settle(&self, settlement: Settlement) -> Pending<()> {
        let (batch, now) = (&settlement.batch, self.clock.wall());
        let agreed = self
            .with(|issuer| issuer.settle(batch.id, &settlement.terminal, batch.currency, batch.totals, now));
        if agreed == SettleReply::OutOfBalance {
            tracing::error!(batch = %batch.id, "the issuer does not agree to the sums of a batch");
        }
        Box::pin(async move {
            if agreed != SettleReply::Agreed {
                pending::<()>().await;
            }
        })
    }

    fn reader_key(&self, terminal: &str) -> Option<[u8; 32]> {
        self.readers.as_ref().map(|keys| *keys.reader_key(terminal).to_bytes())
    }
}

fn refund_of(subject: &RefundSubject) -> Option<issuer::Refund> {
    let key = key_of(&subject.of)?;
    let refund = &subject.refund;
    Some(issuer::Refund { refund: refund.id, key, payment: refund.payment, amount: refund.amount })
}

fn say_refund(refund: RefundId, reply: RefundReply) -> Pending<RefundAnswer> {
    Box::pin(async move {
        let reply = match reply {
            RefundReply::Late { after_ms, answer } => {
                sleep(Duration::from_millis(after_ms.into())).await;
                *answer
            }
            at_once => at_once,
        };
        match refund_answer(refund, &reply) {
            Some(answer) => answer,
            None => pending().await,
        }
    })
}

/// What the issuer's reply means to the platform; `None` for silence.
#[must_use]
pub fn refund_answer(refund: RefundId, reply: &RefundReply) -> Option<RefundAnswer> {
    match reply {
        RefundReply::Accepted => Some(RefundAnswer::Acknowledged),
        RefundReply::Refused(RefundRefusal::Declined) => Some(RefundAnswer::Refused(FailureReason::Declined)),
        RefundReply::Refused(refusal) => {
            tracing::error!(%refund, %refusal, "the issuer refuses a refund that the platform is sure of");
            Some(RefundAnswer::Refused(FailureReason::Rejected))
        }
        RefundReply::NotFound => Some(RefundAnswer::NotFound),
        RefundReply::Silent | RefundReply::Late { .. } => None,
    }
}

async fn said(reply: Reply, clock: &Arc<dyn Clock>) -> Answer {
    match reply {
        Reply::Approved { authorized_minor, auth_code } => {
            Answer::Approved(Approval { authorized_minor, auth_code, at: clock.wall() })
        }
        Reply::Declined(code) => Answer::Declined(code),
        Reply::Silent | Reply::Late { .. } => pending().await,
    }
}
