//! Whether the platform kept its promises, once a world has come to rest: the books, the issuer's ledger, the
//! terminals' journals and screens, and what the tills were told, each against the others.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use vinr_domain::device;
use vinr_domain::payment::{Payment, State, Status, capture_ceiling_minor};
use vinr_domain::{IntentId, PaymentId};
use vinr_sandbox::ledger::Charges;
use vinr_server::store::{Cursor, MemoryStore, Page, PaymentFilter, Scope, Store as _};
use vinr_terminal::screen::Screen;
use vinr_wire::journal::{IntentRecord, Record, Tail, scan};
use vinr_wire::rest::view::PaymentView;

use super::bank::Bank;
use super::card_number;
use super::claims::Claims;
use super::counter;
use super::log::Log;
use super::station::Station;

/// Every payment of the books.
pub(super) async fn payments(store: &MemoryStore, scope: &Scope) -> Vec<Arc<Payment>> {
    let (mut all, mut cursor) = (Vec::new(), Cursor::Start);
    loop {
        let page = Page { limit: 100, cursor };
        let Ok(listed) = store.list_payments(scope, &PaymentFilter::default(), &page).await else {
            return all;
        };
        cursor = listed.payments.last().map_or(cursor, |last| Cursor::After(last.id));
        all.extend(listed.payments);
        if !listed.has_more {
            return all;
        }
    }
}

/// Nothing is left to be done (I5); holds may stand if `holds`.
pub(super) fn is_at_rest(payments: &[Arc<Payment>], holds: bool) -> bool {
    payments.iter().all(|payment| {
        let held = holds && payment.status() == Status::Authorized;
        payment.advice.is_none() && (held || payment.status().is_final())
    })
}

pub(super) fn unrest(payments: &[Arc<Payment>], log: &Log) {
    for payment in payments.iter().filter(|payment| !is_at_rest(std::slice::from_ref(payment), false)) {
        log.violated(
            "I5",
            format_args!("unfinished: {} {:?} {:?}", payment.id, payment.state, payment.advice),
        );
    }
}

/// The money (I1, I2, I4, I9): the books against the issuer's ledger.
pub(super) fn money(payments: &[Arc<Payment>], bank: &Bank, log: &Log) {
    let issuer = bank.issuer();
    let (mut of_payment, mut of_intent): (BTreeMap<PaymentId, Charges>, BTreeMap<IntentId, u32>) =
        Default::default();
    for (name, charges) in issuer.net_charges() {
        *of_intent.entry(name.intent).or_default() += charges.count;
        let sums = of_payment.entry(name.payment).or_default();
        sums.count += charges.count;
        sums.captured_minor += charges.captured_minor;
    }
    for (intent, count) in of_intent.iter().filter(|(_, count)| **count > 1) {
        log.violated("I1", format_args!("intent {intent} is charged {count} times"));
    }
    for payment in payments {
        let charges = of_payment.remove(&payment.id).unwrap_or_default();
        charged_as_said(payment, charges, log);
    }
    for (id, charges) in of_payment.iter().filter(|(_, charges)| charges.count > 0) {
        log.violated("I1", format_args!("{id} is charged and not in the books: {charges:?}"));
    }
    for (anomaly, count) in issuer.anomalies() {
        log.violated("I9", format_args!("{anomaly:?}, {count} times"));
    }
}

fn charged_as_said(payment: &Payment, charges: Charges, log: &Log) {
    let (id, status) = (payment.id, payment.status());
    if charges.count > 1 {
        log.violated("I1", format_args!("{id} is charged {} times", charges.count));
    }
    let expected = match status {
        Status::Completed => (1, payment.captured_minor()),
        Status::Authorized => (1, 0),
        Status::Failed | Status::Cancelled | Status::Expired => (0, 0),
        // Said elsewhere: it is unfinished.
        Status::Pending | Status::Processing => return,
    };
    if (charges.count, charges.captured_minor) != expected {
        log.violated(
            "I2",
            format_args!("{id} is {status:?}, to be {expected:?}, and the issuer has {charges:?}"),
        );
    }
    if let State::Completed { approval, captured_minor, .. } = &payment.state {
        let most = capture_ceiling_minor(approval.authorized_minor, 20);
        let asked = payment.asked.amount_minor;
        if *captured_minor > most || *captured_minor < 1 || approval.authorized_minor > asked {
            log.violated("I4", format_args!("{id}: asked {asked}, {approval:?}, captured {captured_minor}"));
        }
    }
}

/// A sale is one payment, however often its till asked (I1, I7). No two sales of a world have the same amount.
pub(super) fn sales(payments: &[Arc<Payment>], log: &Log) {
    let mut of_amount: BTreeMap<i64, Vec<PaymentId>> = BTreeMap::new();
    let mut paid: BTreeMap<i64, u32> = BTreeMap::new();
    for payment in payments {
        of_amount.entry(payment.asked.amount_minor).or_default().push(payment.id);
        let has_moved = matches!(payment.status(), Status::Authorized | Status::Completed);
        *paid.entry(payment.asked.amount_minor).or_default() += u32::from(has_moved);
    }
    for (amount, ids) in of_amount.iter().filter(|(_, ids)| ids.len() > 1) {
        log.violated("I7", format_args!("the sale of {amount} has become {} payments: {ids:?}", ids.len()));
    }
    for (amount, count) in paid.iter().filter(|(_, count)| **count > 1) {
        log.violated("I1", format_args!("the sale of {amount} is paid {count} times"));
    }
}

/// Events are gap-free, in order, and tell the payment's story to its end (I3, I6).
pub(super) async fn events(payments: &[Arc<Payment>], store: &MemoryStore, scope: &Scope, log: &Log) {
    for payment in payments {
        let id = payment.id.to_string();
        let mut last = Status::Pending;
        for sequence in 1..=payment.sequence + 1 {
            let found = store.find_event(scope, &id, sequence).await.ok().flatten();
            if found.is_some() != (sequence <= payment.sequence) {
                log.violated(
                    "I6",
                    format_args!("{id} has {} steps; event {sequence}: {found:?}", payment.sequence),
                );
            }
            let Some(event) = found else { continue };
            if card_number::stands_in(&event.data) {
                log.violated("I11", format_args!("a card number is in event {sequence} of {id}"));
            }
            let Ok(view) = serde_json::from_slice::<PaymentView>(&event.data) else {
                log.violated("I6", format_args!("event {sequence} of {id} cannot be read"));
                continue;
            };
            if view.status < last || (last.is_final() && view.status != last) || view.sequence != sequence {
                log.violated(
                    "I6",
                    format_args!("event {sequence} of {id}: {:?} after {last:?}", view.status),
                );
            }
            last = view.status;
        }
        if last != payment.status() {
            log.violated("I6", format_args!("{id} is {:?}, its last event says {last:?}", payment.status()));
        }
        if card_number::stands_in(format!("{payment:?}").as_bytes()) {
            log.violated("I11", format_args!("a card number is in the row of {id}"));
        }
    }
}

/// What tills were told is so (I3, I7, I12).
pub(super) fn claims(payments: &[Arc<Payment>], claims: &Claims, log: &Log) {
    let books: BTreeMap<PaymentId, &Arc<Payment>> = payments.iter().map(|p| (p.id, p)).collect();
    for (id, told) in &claims.said().payments {
        let Some(payment) = books.get(id) else {
            log.violated("I7", format_args!("{id} was answered for {:?} and does not exist", told.orders));
            continue;
        };
        let is = (payment.status(), payment.captured_minor());
        if told.end.is_some_and(|end| end != is) {
            let promise =
                if told.end.is_some_and(|(end, _)| end == Status::Cancelled) { "I12" } else { "I7" };
            log.violated(promise, format_args!("{id} was said to be {:?} and is {is:?}", told.end));
        }
        if told.authorized && payment.state.approval().is_none() {
            log.violated("I7", format_args!("{id} was said to be authorized and is {is:?}"));
        }
    }
}

/// Journals and screens never contradict the books (I8), and hold no card numbers (I11).
pub(super) fn terminals(payments: &[Arc<Payment>], stations: &[Arc<Station>], log: &Log) {
    for station in stations {
        let bytes = station.disk.bytes();
        if card_number::stands_in(&bytes) {
            log.violated("I11", format_args!("a card number is in the journal of {}", station.name()));
        }
        let found = scan(&bytes);
        if matches!(found.tail, Tail::Broken { .. }) {
            log.violated(
                "I10",
                format_args!("the journal of {} is damaged: {:?}", station.name(), found.tail),
            );
        }
        let journal = latest(found.records);
        let terminal = station.line.identity.to_string();
        let here = payments.iter().filter(|payment| payment.is_on(&terminal));
        let here: Vec<&Payment> = here.map(AsRef::as_ref).collect();
        for payment in &here {
            journal_agrees(payment, journal.get(&payment.intent), station.name(), log);
        }
        screens_agree(&here, station, log);
    }
}

/// The last that a terminal's journal says of each intent.
pub(super) fn journal_of(station: &Station) -> BTreeMap<IntentId, IntentRecord> {
    latest(scan(&station.disk.bytes()).records)
}

/// The last that the journal says of each intent. The file of a world is never compacted, so that what the terminal
/// has been allowed to forget can still be read.
fn latest(records: Vec<Record>) -> BTreeMap<IntentId, IntentRecord> {
    let mut journal = BTreeMap::new();
    for record in records {
        match record {
            Record::Opened(_) | Record::Erased(_) => {}
            Record::Intent(entry) => {
                journal.insert(entry.intent, *entry);
            }
        }
    }
    journal
}

fn journal_agrees(payment: &Payment, entry: Option<&IntentRecord>, name: &str, log: &Log) {
    let approved = payment.state.approval().map(|approval| approval.authorized_minor);
    let agrees = match entry.map(|entry| &entry.state) {
        Some(device::State::Approved { authorized_minor, .. }) => approved == Some(*authorized_minor),
        Some(device::State::Declined { .. }) => payment.status() == Status::Failed,
        // A payment whose command or card never got through.
        Some(device::State::Ended { .. } | device::State::Waiting { .. }) | None => approved.is_none(),
        // It has been asked for often enough to know by now.
        Some(
            device::State::AuthSent { .. }
            | device::State::Unknown { .. }
            | device::State::ApprovedAlone { .. },
        ) => false,
        // Approved here and charged nowhere by this terminal, whatever another made of it.
        Some(device::State::Voided { stan }) => {
            payment.state.request().is_none_or(|request| request.stan != *stan)
        }
    };
    if !agrees {
        let (id, kind) = (payment.id, payment.state.kind());
        let state = entry.map(|entry| &entry.state);
        log.violated(
            "I8",
            format_args!("{id} is {kind:?} (approved {approved:?}); the journal of {name}: {state:?}"),
        );
    }
}

/// An approval on the screen bears its code. Any other outcome belongs to the prompt that it directly follows.
fn screens_agree(payments: &[&Payment], station: &Station, log: &Log) {
    let shown = station.shown.lock().unwrap_or_else(PoisonError::into_inner);
    let mut prompting = None;
    for screen in shown.iter() {
        let approvals = payments.iter().filter_map(|payment| payment.state.approval());
        match screen {
            Screen::Tip { amount, .. }
            | Screen::Prompt { amount, .. }
            | Screen::PinEntry { amount }
            | Screen::Authorizing { amount } => {
                prompting = Some(*amount);
                continue;
            }
            Screen::Approved { amount, auth_code, .. } => {
                let mut same = approvals.filter(|a| *a.auth_code == **auth_code);
                if !same.any(|a| a.authorized_minor == amount.amount_minor) {
                    log.violated("I8", format_args!("{} showed {screen:?}, which is not so", station.name()));
                }
            }
            Screen::ApprovedOffline { amount, .. } if counter::may_stand_anywhere(amount.amount_minor) => {}
            Screen::ApprovedOffline { .. } => {
                log.violated(
                    "I8",
                    format_args!("{} approved alone what the cloud commanded", station.name()),
                );
            }
            Screen::Declined { .. } | Screen::Cancelled { .. } => {
                let of_prompt = |payment: &&&Payment| Some(payment.asked) == prompting;
                if let Some(payment) =
                    payments.iter().filter(of_prompt).find(|p| p.state.approval().is_some())
                {
                    let (id, name) = (payment.id, station.name());
                    log.violated("I8", format_args!("{name} showed {screen:?} for {id}, which is approved"));
                }
            }
            // A receipt is asked for after its approval was shown.
            Screen::Receipt { .. }
            | Screen::Idle { .. }
            | Screen::Offline { .. }
            | Screen::OutOfService { .. }
            | Screen::Unknown { .. }
            | Screen::Locked { .. } => {}
        }
        prompting = None;
    }
}
