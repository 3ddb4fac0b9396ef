//! What the API can ask of refunds. Every method scopes by the caller first. Dropping one of these futures changes
//! nothing: what has begun goes on in a task of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::oneshot;
use vinr_domain::payment::{self, Payment};
use vinr_domain::refund::{self, Event, Order, accept};
use vinr_domain::{Money, PaymentId, RefundId};
use vinr_wire::rest::error::ErrorCode;
use vinr_wire::rest::refund::{ListRefunds, NewRefund, UpdateRefund};
use vinr_wire::rest::version::ApiVersion;
use vinr_wire::rest::view::RefundView;

use super::pursuit::Pursuit;
use super::record::{PAYMENT, RefundRow};
use super::turns::Turns;
use crate::access::Principal;
use crate::audit::Act;
use crate::office::Office;
use crate::once::{IdempotencyKey, Said, first_answer};
use crate::payments::AdvanceError;
use crate::refusal::Refusal;
#[cfg(feature = "sabotage")]
use crate::store::Transaction;
use crate::store::{CommitError, Kept, RecordCursor, RecordPage, Scope};

/// How often a change is tried again when somebody else was faster.
const TRIES: u32 = 16;

/// A page of refunds.
#[derive(Clone, Debug)]
pub struct RefundsListed {
    /// Newest first.
    pub refunds: Vec<RefundView>,
    /// Whether there is more.
    pub has_more: bool,
}

/// The refunds of all accounts.
#[derive(Clone)]
pub struct Refunds {
    pursuit: Pursuit,
    turns: Turns,
}

impl Refunds {
    /// Refunds that this pursuit asks for.
    #[must_use]
    pub fn new(pursuit: Pursuit) -> Self {
        Self { pursuit, turns: Turns::default() }
    }

    fn office(&self) -> &Office {
        self.pursuit.office()
    }

    /// Reserves the money on the payment and begins to ask the acquirer. The refund is answered while it is pending.
    ///
    /// # Errors
    /// [`Refusal::Illegal`] when nothing was taken or less is left, 404 for a payment of nobody or of somebody else.
    pub async fn create(
        &self,
        who: &Principal,
        new: NewRefund,
        version: ApiVersion,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        if let Some(said) = self.office().once.replay(&who.scope, key.as_ref()).await? {
            return Ok(said);
        }
        let (this, who) = (self.clone(), who.clone());
        let (reply, answer) = oneshot::channel();
        self.office().tasks.spawn(async move {
            // Whoever asked may be gone; what is reserved stays reserved, and is found by the key.
            let _ = reply.send(this.reserve(&who, &new, version, key.as_ref()).await);
        });
        answer.await.map_err(|_ended| Refusal::Unavailable { money_may_have_moved: true })?
    }

    async fn reserve(
        &self,
        who: &Principal,
        new: &NewRefund,
        version: ApiVersion,
        key: Option<&IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        let scope = &who.scope;
        let turn = self.turns.take(new.payment).await;
        let payment = self.pursuit.recovery().reload(scope, new.payment).await.map_err(no_such_payment)?;
        let all_minor = payment.refundable_minor().max(1);
        let amount_minor = new.amount_minor.unwrap_or(all_minor);
        let (row, effects) = self.accepted(&payment, new, amount_minor);
        let mut body = Vec::new();
        RefundView::from(row.refund.as_ref()).render(version, &mut body);
        let said = Said { status: 202, body: body.into(), replayed: false };
        let mut changes = self.pursuit.changes(&row, 0, &effects);
        let mut log = self.office().audit.turn(scope).await?;
        let asked = serde_json::json!({ "payment": new.payment.to_string(), "amount": amount_minor });
        changes.push(log.entry(who, Act::new("refund.created", row.refund.id.to_string()).after(&asked)));
        let now = self.office().now();
        let alongside = |_: &Payment| {
            let claim = key.map(|key| key.claim(scope, &said, now));
            changes.iter().cloned().chain(claim).collect()
        };
        #[cfg(feature = "sabotage")]
        if self.office().settings.sabotage == Some(crate::settings::Sabotage::RefundWithoutReservation)
            && amount_minor <= payment.refundable_minor()
        {
            let changes = alongside(&payment);
            self.office().store.commit(Transaction { changes }).await?;
            self.pursuit.begin(&row, true);
            return Ok(said);
        }
        let event = payment::Event::RefundReserved(amount_minor);
        let reserved = self.pursuit.recovery().apply(scope, new.payment, &event, alongside).await;
        drop((turn, log));
        match (reserved, key) {
            (Ok(_), _) => {
                self.pursuit.begin(&row, true);
                Ok(said)
            }
            (Err(AdvanceError::Commit(CommitError::IdempotencyKeyTaken(row))), Some(key)) => {
                first_answer(&row, key)
            }
            (Err(error), _) => Err(no_such_payment(error)),
        }
    }

    fn accepted(
        &self,
        payment: &Payment,
        new: &NewRefund,
        amount_minor: i64,
    ) -> (RefundRow, Vec<refund::Effect>) {
        let order = Order {
            id: RefundId(self.office().name()),
            account: payment.account.clone(),
            livemode: payment.livemode,
            payment: payment.id,
            // One that waits for a terminal has taken nothing; its step refuses this order.
            terminal: payment.terminal.clone().unwrap_or_default(),
            amount: Money { amount_minor, currency: payment.asked.currency },
            reason: new.reason,
            metadata: Arc::clone(&new.metadata),
        };
        let (refund, effects) = accept(order, self.office().now(), &self.pursuit.terms());
        (RefundRow::new(refund), effects)
    }

    async fn find(&self, scope: &Scope, id: RefundId) -> Result<Kept<RefundRow>, Refusal> {
        let found = self.office().store.get::<RefundRow>(scope, &id.to_string()).await?;
        found.ok_or(Refusal::NoSuch("refund"))
    }

    /// One refund.
    ///
    /// # Errors
    /// [`Refusal::NoSuch`], or that the store cannot answer.
    pub async fn retrieve(&self, who: &Principal, id: RefundId) -> Result<RefundView, Refusal> {
        Ok(RefundView::from(self.find(&who.scope, id).await?.value.refund.as_ref()))
    }

    /// A page of refunds.
    ///
    /// # Errors
    /// [`Refusal::Field`] for a limit out of bounds, or that the store cannot answer.
    pub async fn list(&self, who: &Principal, query: &ListRefunds) -> Result<RefundsListed, Refusal> {
        let limit = u32::from(query.checked_limit()?);
        let cursor = match (query.starting_after, query.ending_before) {
            (Some(id), _) => RecordCursor::After(id.to_string().into()),
            (None, Some(id)) => RecordCursor::Before(id.to_string().into()),
            (None, None) => RecordCursor::Start,
        };
        let payment = query.payment.map(|id: PaymentId| id.to_string());
        let having = payment.as_deref().map(|id| (PAYMENT, id));
        let page = RecordPage { limit, cursor };
        let (rows, has_more) = self.office().store.list::<RefundRow>(&who.scope, having, &page).await?;
        let refunds = rows.iter().map(|kept| RefundView::from(kept.value.refund.as_ref())).collect();
        Ok(RefundsListed { refunds, has_more })
    }

    /// Changes the caller's own key-value pairs, and nothing else.
    ///
    /// # Errors
    /// [`Refusal::NoSuch`], [`Refusal::Field`], or that the store cannot answer.
    pub async fn update(
        &self,
        who: &Principal,
        id: RefundId,
        update: UpdateRefund,
        version: ApiVersion,
        key: Option<IdempotencyKey>,
    ) -> Result<Said, Refusal> {
        if let Some(said) = self.office().once.replay(&who.scope, key.as_ref()).await? {
            return Ok(said);
        }
        for _ in 0..TRIES {
            let kept = self.find(&who.scope, id).await?;
            let metadata = update.applied_to(&kept.value.refund.metadata)?;
            let event = Event::MetadataSet(Arc::new(metadata));
            let now = self.office().now();
            let (next, effects) = refund::step(&kept.value.refund, &event, now, &self.pursuit.terms())
                .map_err(|_meaningless| Refusal::Overloaded)?;
            let row = RefundRow { refund: Arc::new(next), ..kept.value.clone() };
            let mut body = Vec::new();
            RefundView::from(row.refund.as_ref()).render(version, &mut body);
            let said = Said { status: 200, body: body.into(), replayed: false };
            let changes = self.pursuit.changes(&row, kept.revision, &effects);
            let told = |metadata: &BTreeMap<String, String>| serde_json::json!({ "metadata": metadata });
            let act = Act::new("refund.updated", id.to_string())
                .before(&told(&kept.value.refund.metadata))
                .after(&told(&row.refund.metadata));
            let (audit, once) = (&self.office().audit, &self.office().once);
            match audit.try_conclude(once, (&who.scope, who), act, key.as_ref(), changes, &said).await {
                Ok(()) => return Ok(said),
                Err(CommitError::RecordStale { .. }) => {}
                Err(CommitError::IdempotencyKeyTaken(row)) => {
                    return key
                        .as_ref()
                        .map_or(Err(Refusal::IdempotencyKeyReused), |key| first_answer(&row, key));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refusal::stated(
            ErrorCode::ConcurrentChange,
            "Somebody else keeps changing the refund. Nothing was done; send it again.",
        ))
    }
}

/// The payment is named in the body here, not in the path.
fn no_such_payment(error: AdvanceError) -> Refusal {
    match error {
        AdvanceError::NoSuchPayment => Refusal::stated(
            ErrorCode::NotFound,
            "There is no such terminal payment in this account and mode.",
        )
        .param("payment"),
        error => error.into(),
    }
}
