//! What the platform asks of an acquirer. Whether it answers in time is the caller's business: implementations may
//! wait for ever, and their futures may be dropped at any moment.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use vinr_domain::DeclineCode;
use vinr_domain::batch::Batch;
use vinr_domain::payment::{AdviceKind, Approval, Payment};
use vinr_domain::refund::{FailureReason, Refund};
use vinr_wire::card::SealedCard;

/// A boxed future, so that an acquirer can be a trait object.
pub type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A payment whose request the acquirer knows, or is about to. Durable, and past `Pending`.
#[derive(Clone)]
pub struct Subject {
    /// The payment.
    pub payment: Arc<Payment>,
    /// The name of its terminal as the link knows it: with generation and stan, the name of the request.
    pub terminal: Arc<str>,
}

/// A request for authorization. The payment is in `Authorizing`, durable.
#[derive(Clone)]
pub struct Ask {
    /// What is asked, and for whom.
    pub subject: Subject,
    /// Card data, sealed by the reader; passed on, never kept.
    pub sealed_card: SealedCard,
}

/// What the acquirer says.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Yes.
    Approved(Approval),
    /// No.
    Declined(DeclineCode),
    /// It knows no such request. Only ever said to an inquiry.
    NotFound,
}

/// A refund that the acquirer is asked for or about. Durable, and pending; the payment's capture is acknowledged.
#[derive(Clone)]
pub struct RefundSubject {
    /// The refund.
    pub refund: Arc<Refund>,
    /// The payment whose request took the money.
    pub of: Subject,
}

/// What the acquirer says about a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundAnswer {
    /// The money is given back, now or before.
    Acknowledged,
    /// It is not, and will not be under this name.
    Refused(FailureReason),
    /// It knows no such refund. Only ever said to an inquiry.
    NotFound,
}

/// A batch whose sums are final and durable.
#[derive(Clone)]
pub struct Settlement {
    /// The batch.
    pub batch: Arc<Batch>,
    /// The name of its terminal as the link knows it.
    pub terminal: Arc<str>,
}

/// An acquirer. Requests are named by (terminal, generation, stan); the same name is the same request for ever.
pub trait Acquirer: Send + Sync + 'static {
    /// Asks for an authorization; for automatic capture, a purchase.
    fn authorize(&self, ask: Ask) -> Pending<Answer>;

    /// Asks what became of the payment's request.
    fn inquire(&self, subject: Subject) -> Pending<Answer>;

    /// Tells it to capture or to reverse; resolves when it has acknowledged.
    fn advise(&self, subject: Subject, kind: AdviceKind) -> Pending<()>;

    /// Asks for a refund. It is named by its id: the same name gives money back once, for ever.
    fn refund(&self, subject: RefundSubject) -> Pending<RefundAnswer>;

    /// Asks what became of a refund.
    fn inquire_refund(&self, subject: RefundSubject) -> Pending<RefundAnswer>;

    /// Tells it the sums of a batch; resolves when it agrees. The same batch may be told again.
    fn settle(&self, settlement: Settlement) -> Pending<()>;

    /// What a simulated reader of the terminal seals cards with. Only a sandbox can say: other readers bring a key that
    /// was put into them where they were made.
    fn reader_key(&self, _terminal: &str) -> Option<[u8; 32]> {
        None
    }
}
