//! A payment as the columns of its row, and back. Every field and every state is written out; nothing is skipped.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::{Row, Statement};
use vinr_domain::payment::{
    Advice, AdviceKind, Approval, AuthorizationRequest, CaptureMethod, Channel, OfflineFacts, Payment,
    ResponseMode, State, StateKind, Status, Tip, TipMode,
};
use vinr_domain::{
    Brand, CardFacts, Currency, DeclineCode, EntryMode, IntentId, Last4, LocationId, Money, PaymentId,
    Timestamp,
};

use super::cells::{Cells, Parameters};
use crate::store::port::StoreError;

/// Runs `INSERT_PAYMENT`.
pub(super) fn insert(statement: &mut Statement<'_>, payment: &Payment) -> rusqlite::Result<usize> {
    let mut parameters = Parameters::of(statement);
    put_order(&mut parameters, payment)?;
    put_progress(&mut parameters, payment)?;
    parameters.run()
}

/// Runs `UPDATE_PAYMENT`.
pub(super) fn update(statement: &mut Statement<'_>, payment: &Payment) -> rusqlite::Result<usize> {
    let mut parameters = Parameters::of(statement);
    put_progress(&mut parameters, payment)?;
    put_key(&mut parameters, payment)?;
    parameters.run()
}

/// Runs `PLACE_PAYMENT`.
pub(super) fn place(statement: &mut Statement<'_>, payment: &Payment) -> rusqlite::Result<usize> {
    let mut parameters = Parameters::of(statement);
    let location = payment.location.as_ref().map(LocationId::as_str);
    parameters.put(payment.terminal.as_deref())?.put(location)?;
    put_key(&mut parameters, payment)?;
    parameters.run()
}

/// Binds account, mode and id.
pub(super) fn put_key(parameters: &mut Parameters<'_, '_>, payment: &Payment) -> rusqlite::Result<()> {
    parameters.put(payment.account.as_str())?.put(payment.livemode)?.id(payment.id.0)?;
    Ok(())
}

/// What was asked: written once.
fn put_order(parameters: &mut Parameters<'_, '_>, payment: &Payment) -> rusqlite::Result<()> {
    put_key(parameters, payment)?;
    // An intent that is the id's number was not given by the client: it needs no column and no entry in an index.
    let token = (payment.intent.0 != payment.id.0).then(|| payment.intent.0.to_be_bytes());
    parameters
        .put(token)?
        .put(payment.terminal.as_deref())?
        .put(payment.group.as_deref().map(written_group).transpose()?)?
        .put(payment.location.as_ref().map(LocationId::as_str))?
        .put(payment.asked.amount_minor)?
        .put(payment.asked.currency.code())?
        .put(payment.capture_method.as_str())?
        .put(payment.response_mode.as_str())?
        .put(payment.reference.as_deref())?
        .put(payment.description.as_deref())?
        .put(written_metadata(&payment.metadata)?)?
        .put(payment.created_at.0)?
        // Most payments are the cloud's own: they need no word for it.
        .put(Some(payment.channel).filter(|channel| *channel != Channel::Cloud).map(Channel::as_str))?;
    Ok(())
}

/// How it goes on: written with every change.
fn put_progress(parameters: &mut Parameters<'_, '_>, payment: &Payment) -> rusqlite::Result<()> {
    parameters
        .put(payment.deadline.0)?
        .put(payment.attempt_epoch)?
        .number(payment.sequence)?
        .number(payment.revision)?
        .put(payment.due_at.map(|due| due.0))?;
    put_advice(parameters, payment.advice)?;
    let state = &payment.state;
    parameters
        .put(payment.status().as_str())?
        .put(state_name(state.kind()))?
        .put(state_moment(state).map(|at| at.0))?
        .put(decline_code(state).map(DeclineCode::as_str))?
        .put(captured_minor(state))?;
    put_request(parameters, state.request())?;
    put_approval(parameters, state.approval())?;
    parameters
        .put(payment.refunded_minor)?
        .put(payment.offline.map(|offline| offline.approved_at.0))?
        .put(payment.offline.map(|offline| offline.number))?;
    Ok(())
}

fn put_advice(parameters: &mut Parameters<'_, '_>, advice: Option<Advice>) -> rusqlite::Result<()> {
    let (name, amount_minor) = match advice.map(|advice| advice.kind) {
        None => (None, None),
        Some(AdviceKind::Capture { amount_minor }) => (Some("capture"), Some(amount_minor)),
        Some(AdviceKind::Reversal) => (Some("reversal"), None),
    };
    parameters.put(name)?.put(amount_minor)?.put(advice.map(|advice| advice.attempts))?;
    Ok(())
}

fn put_request(
    parameters: &mut Parameters<'_, '_>,
    request: Option<&AuthorizationRequest>,
) -> rusqlite::Result<()> {
    let tip = request.and_then(|request| request.tip);
    parameters
        .put(request.map(|r| r.stan))?
        .put(request.map(|r| r.generation))?
        .put(request.map(|r| r.attempt_epoch))?
        .put(request.map(|r| r.amount_minor))?
        .put(request.map(|r| r.card.brand.as_str()))?
        .put(request.as_ref().map(|r| r.card.last4.as_str()))?
        .put(request.map(|r| r.card.entry_mode.as_str()))?
        .put(tip.map(|tip| tip.amount_minor))?
        .put(tip.map(|tip| tip.mode.as_str()))?;
    Ok(())
}

fn put_approval(parameters: &mut Parameters<'_, '_>, approval: Option<&Approval>) -> rusqlite::Result<()> {
    parameters
        .put(approval.map(|a| a.authorized_minor))?
        .put(approval.map(|a| &*a.auth_code))?
        .put(approval.map(|a| a.at.0))?;
    Ok(())
}

fn written_metadata(metadata: &BTreeMap<String, String>) -> rusqlite::Result<Option<String>> {
    if metadata.is_empty() {
        return Ok(None);
    }
    serde_json::to_string(metadata)
        .map(Some)
        .map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))
}

fn written_group(group: &[Arc<str>]) -> rusqlite::Result<String> {
    let names: Vec<&str> = group.iter().map(AsRef::as_ref).collect();
    serde_json::to_string(&names).map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))
}

fn read_group(text: &str) -> Option<Arc<[Arc<str>]>> {
    let names: Vec<String> = serde_json::from_str(text).ok()?;
    Some(names.into_iter().map(Arc::from).collect())
}

fn state_name(kind: StateKind) -> &'static str {
    match kind {
        StateKind::Queued => "queued",
        StateKind::Pending => "pending",
        StateKind::Cancelling => "cancelling",
        StateKind::Authorizing => "authorizing",
        StateKind::Uncertain => "uncertain",
        StateKind::Reversing => "reversing",
        StateKind::Authorized => "authorized",
        StateKind::Completed => "completed",
        StateKind::Failed => "failed",
        StateKind::Cancelled => "cancelled",
        StateKind::Expired => "expired",
    }
}

fn state_kind(name: &str) -> Option<StateKind> {
    StateKind::ALL.into_iter().find(|kind| state_name(*kind) == name)
}

/// The one moment that a state bears.
fn state_moment(state: &State) -> Option<Timestamp> {
    match state {
        State::Queued | State::Pending | State::Cancelling => None,
        State::Authorizing { asked_at: at, .. }
        | State::Uncertain { since: at, .. }
        | State::Reversing { since: at, .. }
        | State::Authorized { expires_at: at, .. }
        | State::Completed { at, .. }
        | State::Failed { at, .. }
        | State::Cancelled { at, .. }
        | State::Expired { at, .. } => Some(*at),
    }
}

fn decline_code(state: &State) -> Option<DeclineCode> {
    match state {
        State::Failed { code, .. } => Some(*code),
        State::Queued
        | State::Pending
        | State::Cancelling
        | State::Authorizing { .. }
        | State::Uncertain { .. }
        | State::Reversing { .. }
        | State::Authorized { .. }
        | State::Completed { .. }
        | State::Cancelled { .. }
        | State::Expired { .. } => None,
    }
}

fn captured_minor(state: &State) -> Option<i64> {
    match state {
        State::Completed { captured_minor, .. } => Some(*captured_minor),
        State::Queued
        | State::Pending
        | State::Cancelling
        | State::Authorizing { .. }
        | State::Uncertain { .. }
        | State::Reversing { .. }
        | State::Authorized { .. }
        | State::Failed { .. }
        | State::Cancelled { .. }
        | State::Expired { .. } => None,
    }
}

/// Reads a row of the payment columns.
///
/// # Errors
/// [`StoreError::Engine`] naming the column that does not hold what it should.
pub(super) fn read(row: &Row<'_>) -> Result<Payment, StoreError> {
    let mut cells = Cells::of(row);
    let cells = &mut cells;
    let account = cells.account()?;
    let livemode = cells.boolean()?;
    let id = PaymentId(cells.id()?);
    Ok(Payment {
        id,
        account,
        livemode,
        intent: IntentId(cells.maybe_id()?.unwrap_or(id.0)),
        terminal: cells.maybe_shared()?,
        group: cells.maybe_parsed(read_group)?,
        location: cells.maybe_parsed(|text| LocationId::parse(text).ok())?,
        asked: Money {
            amount_minor: cells.integer()?,
            currency: cells.parsed(|text| Currency::parse(text).ok())?,
        },
        capture_method: cells.parsed(CaptureMethod::parse)?,
        response_mode: cells.parsed(ResponseMode::parse)?,
        reference: cells.maybe_shared()?,
        description: cells.maybe_shared()?,
        metadata: Arc::new(cells.maybe_parsed(|text| serde_json::from_str(text).ok())?.unwrap_or_default()),
        created_at: cells.moment()?,
        channel: cells.maybe_parsed(Channel::parse)?.unwrap_or_default(),
        deadline: cells.moment()?,
        attempt_epoch: cells.number()?,
        sequence: cells.number()?,
        revision: cells.number()?,
        due_at: cells.maybe_moment()?,
        advice: read_advice(cells)?,
        state: read_state(cells)?,
        refunded_minor: cells.integer()?,
        offline: read_offline(cells)?,
    })
}

fn read_offline(cells: &mut Cells<'_, '_>) -> Result<Option<OfflineFacts>, StoreError> {
    match (cells.maybe_moment()?, cells.maybe_number()?) {
        (None, None) => Ok(None),
        (Some(approved_at), Some(number)) => Ok(Some(OfflineFacts { approved_at, number })),
        (None, Some(_)) | (Some(_), None) => Err(unreadable("offline_number")),
    }
}

fn read_advice(cells: &mut Cells<'_, '_>) -> Result<Option<Advice>, StoreError> {
    let name = cells.maybe_text()?;
    let amount_minor = cells.maybe_integer()?;
    let kind = match (name, amount_minor) {
        (None, None) => None,
        (Some("capture"), Some(amount_minor)) => Some(AdviceKind::Capture { amount_minor }),
        (Some("reversal"), None) => Some(AdviceKind::Reversal),
        (None | Some(_), _) => return Err(unreadable("advice")),
    };
    let attempts = cells.maybe_number()?;
    match (kind, attempts) {
        (None, None) => Ok(None),
        (Some(kind), Some(attempts)) => Ok(Some(Advice { kind, attempts })),
        (None, Some(_)) | (Some(_), None) => Err(unreadable("advice_attempts")),
    }
}

/// The columns behind `status`, each as it stands, before the state says which of them must be there.
struct Parts {
    at: Option<Timestamp>,
    code: Option<DeclineCode>,
    captured_minor: Option<i64>,
    request: Option<AuthorizationRequest>,
    approval: Option<Approval>,
}

fn read_state(cells: &mut Cells<'_, '_>) -> Result<State, StoreError> {
    let status = cells.parsed(Status::parse)?;
    let kind = cells.parsed(state_kind)?;
    if kind.status() != status {
        return Err(cells.unreadable());
    }
    let parts = Parts {
        at: cells.maybe_moment()?,
        code: cells.maybe_parsed(DeclineCode::parse)?,
        captured_minor: cells.maybe_integer()?,
        request: read_request(cells)?,
        approval: read_approval(cells)?,
    };
    parts.into_state(kind)
}

fn read_request(cells: &mut Cells<'_, '_>) -> Result<Option<AuthorizationRequest>, StoreError> {
    let (stan, generation, attempt_epoch) =
        (cells.maybe_number()?, cells.maybe_number()?, cells.maybe_number()?);
    let amount_minor = cells.maybe_integer()?;
    let brand = cells.maybe_parsed(Brand::parse)?;
    let last4 = cells.maybe_parsed(Last4::parse)?;
    let entry_mode = cells.maybe_parsed(EntryMode::parse)?;
    let tip = match (cells.maybe_integer()?, cells.maybe_parsed(TipMode::parse)?) {
        (None, None) => None,
        (Some(amount_minor), Some(mode)) => Some(Tip { amount_minor, mode }),
        (None, Some(_)) | (Some(_), None) => return Err(unreadable("tip_mode")),
    };
    let Some(stan) = stan else { return Ok(None) };
    Ok(Some(AuthorizationRequest {
        stan,
        generation: generation.ok_or_else(|| unreadable("request_generation"))?,
        attempt_epoch: attempt_epoch.ok_or_else(|| unreadable("request_epoch"))?,
        card: CardFacts {
            brand: brand.ok_or_else(|| unreadable("card_brand"))?,
            last4: last4.ok_or_else(|| unreadable("card_last4"))?,
            entry_mode: entry_mode.ok_or_else(|| unreadable("card_entry_mode"))?,
        },
        amount_minor: amount_minor.ok_or_else(|| unreadable("request_amount_minor"))?,
        tip,
    }))
}

fn read_approval(cells: &mut Cells<'_, '_>) -> Result<Option<Approval>, StoreError> {
    let authorized_minor = cells.maybe_integer()?;
    let auth_code = cells.maybe_shared()?;
    let at = cells.maybe_moment()?;
    let Some(authorized_minor) = authorized_minor else { return Ok(None) };
    Ok(Some(Approval {
        authorized_minor,
        auth_code: auth_code.ok_or_else(|| unreadable("auth_code"))?,
        at: at.ok_or_else(|| unreadable("approved_at_ms"))?,
    }))
}

impl Parts {
    fn into_state(self, kind: StateKind) -> Result<State, StoreError> {
        let at = self.at.ok_or_else(|| unreadable("state_at_ms"));
        let request = self.request.clone().ok_or_else(|| unreadable("request_stan"));
        let approval = self.approval.clone().ok_or_else(|| unreadable("authorized_minor"));
        Ok(match kind {
            StateKind::Queued => State::Queued,
            StateKind::Pending => State::Pending,
            StateKind::Cancelling => State::Cancelling,
            StateKind::Authorizing => State::Authorizing { request: request?, asked_at: at? },
            StateKind::Uncertain => State::Uncertain { request: request?, since: at? },
            StateKind::Reversing => State::Reversing { request: request?, since: at? },
            StateKind::Authorized => {
                State::Authorized { request: request?, approval: approval?, expires_at: at? }
            }
            StateKind::Completed => State::Completed {
                request: request?,
                approval: approval?,
                captured_minor: self.captured_minor.ok_or_else(|| unreadable("captured_minor"))?,
                at: at?,
            },
            StateKind::Failed => State::Failed {
                code: self.code.ok_or_else(|| unreadable("decline_code"))?,
                request: self.request,
                at: at?,
            },
            StateKind::Cancelled => State::Cancelled { voided: self.request.zip(self.approval), at: at? },
            StateKind::Expired => State::Expired { request: request?, approval: approval?, at: at? },
        })
    }
}

fn unreadable(column: &str) -> StoreError {
    StoreError::Engine(format!("column {column} cannot be read").into())
}
