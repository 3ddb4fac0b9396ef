//! Takes office requests from the links and answers them, a few for each terminal at a time. What a request began goes on
//! when the link ends; the same key finds its answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep};
use vinr_domain::refund::Status;
use vinr_domain::{RefundId, RequestId};
use vinr_wire::link::{OfficeAnswer, OfficeRequest, Operation, ToCloud, ToTerminal};
use vinr_wire::rest::batch::CloseBatch;
use vinr_wire::rest::error::ErrorCode;
use vinr_wire::rest::payment::CapturePayment;
use vinr_wire::rest::version::ApiVersion;

use super::request::{Asked, once};
use crate::access::Principal;
use crate::api::error::refused;
use crate::batches::Batches;
use crate::gateway::{Hearer, Terminal, TerminalKey};
use crate::office::Office;
use crate::once::{IdempotencyKey, Said};
use crate::payments::{Answered, Payments};
use crate::refunds::Refunds;
use crate::refusal::Refusal;
use crate::store::Scope;

/// How many requests of one terminal are dealt with at the same time. A shop has a handful of tills.
const AT_ONCE: usize = 8;

/// How long a refund is waited for: less than a terminal waits for its answer.
const REFUNDED: Duration = Duration::from_secs(10);
/// Between two looks at it.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// The rendering that terminals and tills read.
const VERSION: ApiVersion = ApiVersion::V2026_06_11;

/// The desk.
#[derive(Clone)]
pub struct TillDesk {
    office: Office,
    payments: Payments,
    refunds: Refunds,
    batches: Batches,
    open: Arc<Mutex<BTreeMap<TerminalKey, usize>>>,
}

/// A request that is being dealt with.
struct Place {
    key: TerminalKey,
    open: Arc<Mutex<BTreeMap<TerminalKey, usize>>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.key);
            }
        }
    }
}

impl Hearer for TillDesk {
    fn heard(&self, terminal: &Arc<Terminal>, message: &ToCloud) {
        let ToCloud::OfficeRequest(request) = message else { return };
        let Some(place) = self.place(&terminal.key) else {
            let message = "This terminal asks too much at once. Nothing was done; ask again.";
            let refusal = Refusal::stated(ErrorCode::RateLimited, message);
            return self.answer(terminal, request.request, Err(refusal));
        };
        let (this, terminal, request) = (self.clone(), Arc::clone(terminal), request.clone());
        self.office.tasks.spawn(async move {
            let said = this.deal_with(&terminal, &request).await;
            this.answer(&terminal, request.request, said);
            drop(place);
        });
    }
}

impl TillDesk {
    /// A desk over these services.
    #[must_use]
    pub fn new(office: Office, payments: Payments, refunds: Refunds, batches: Batches) -> Self {
        Self { office, payments, refunds, batches, open: Arc::default() }
    }

    fn place(&self, key: &TerminalKey) -> Option<Place> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(key.clone()).or_default();
        if *count >= AT_ONCE {
            return None;
        }
        *count += 1;
        Some(Place { key: key.clone(), open: Arc::clone(&self.open) })
    }

    async fn deal_with(&self, terminal: &Terminal, request: &OfficeRequest) -> Result<Said, Refusal> {
        let who = Principal::of_terminal(terminal.key.scope.clone(), &terminal.key.id);
        let key = once(terminal, request);
        if key.is_none() && request.operation != Operation::Find {
            let message = "What changes something needs a key, so that it is done once.";
            return Err(Refusal::stated(ErrorCode::ParameterMissing, message).param("Idempotency-Key"));
        }
        let changes = request.operation != Operation::Find;
        // What was done before is answered as it was.
        if changes
            && self.office.book.suspended(&who.scope.account)
            && !self.was_asked(&who.scope, key.as_ref()).await?
        {
            return Err(suspended());
        }
        let asked = Asked::read(&request.body)?;
        match request.operation {
            Operation::Find => {
                let terminal_id = terminal.key.id.to_string();
                let view = asked.looked_for(&self.payments, &who, &terminal_id).await?;
                Ok(rendered(&Answered { view, status: 200, replayed: false }))
            }
            Operation::Capture => {
                let payment = asked.named(&self.payments, &who).await?;
                let amount_minor = CapturePayment { amount: asked.amount }.validate()?;
                Ok(rendered(&self.payments.capture(&who, payment.id, amount_minor, key).await?))
            }
            Operation::Void => {
                let payment = asked.named(&self.payments, &who).await?;
                Ok(rendered(&self.payments.cancel(&who, payment.id, key).await?))
            }
            Operation::Refund => {
                // What was answered before is answered so again, whatever the reference names by now.
                if let Some(said) = self.office.once.replay(&who.scope, key.as_ref()).await? {
                    return Ok(self.with_outcome(&who, said).await);
                }
                let new = asked.refund(&self.payments, &who).await?.validate()?;
                let said = self.refunds.create(&who, new, VERSION, key).await?;
                Ok(self.with_outcome(&who, said).await)
            }
            Operation::CloseBatch => {
                let (terminal_id, reference) = (terminal.key.id.to_string(), asked.reference);
                let close = CloseBatch { terminal_id, reference }.validate()?;
                self.batches.close(&who, close, key).await
            }
            Operation::Unsupported => {
                let message = "This server does not know the operation.";
                Err(Refusal::stated(ErrorCode::NotFound, message).param("operation"))
            }
        }
    }

    async fn was_asked(&self, scope: &Scope, key: Option<&IdempotencyKey>) -> Result<bool, Refusal> {
        let Some(key) = key else { return Ok(false) };
        let known = self.office.store.find_idempotency_key(scope, &key.operation, &key.key).await?;
        Ok(known.is_some())
    }

    /// A cash register asks once and shows what it is told: the refund is answered as it ended, if that is soon.
    async fn with_outcome(&self, who: &Principal, said: Said) -> Said {
        let id = serde_json::from_slice::<serde_json::Value>(&said.body).ok();
        let id = id.and_then(|refund| RefundId::parse(refund["id"].as_str()?).ok());
        let Some(id) = id.filter(|_| said.status < 300) else { return said };
        let until = Instant::now() + REFUNDED;
        while let Ok(view) = self.refunds.retrieve(who, id).await {
            if view.status != Status::Pending {
                let mut body = Vec::with_capacity(512);
                view.render(VERSION, &mut body);
                return Said { status: 200, body: body.into(), replayed: said.replayed };
            }
            if Instant::now() >= until {
                break;
            }
            sleep(LOOK_AGAIN).await;
        }
        said
    }

    /// What was done stays done when the answer does not arrive: the terminal asks again under the same key.
    fn answer(&self, terminal: &Terminal, request: u64, said: Result<Said, Refusal>) {
        let answer = match said {
            Ok(Said { status, body, replayed }) => {
                OfficeAnswer { request, status, body: Bytes::from_owner(body), replayed }
            }
            Err(refusal) => {
                let id = RequestId(self.office.name());
                tracing::info!(terminal = %terminal.key.id, request = %id, %refusal, "a till is refused");
                let body = refused(&refusal, id);
                OfficeAnswer { request, status: body.status(), body: body.to_json().into(), replayed: false }
            }
        };
        terminal.send(ToTerminal::OfficeAnswer(answer));
    }
}

fn suspended() -> Refusal {
    let message =
        "The operator of this server has suspended the account. Nothing can be changed; reading still works.";
    Refusal::stated(ErrorCode::AccountSuspended, message)
}

fn rendered(answered: &Answered) -> Said {
    let mut body = Vec::with_capacity(1024);
    answered.view.render(VERSION, &mut body);
    Said { status: answered.status, body: body.into(), replayed: answered.replayed }
}
