//! What terminals approved alone and nobody may charge any more (I19): it is voided or declined, never forwarded for
//! money, and somebody is told, once for each. Whoever sells on without the cloud has to learn what came to nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use vinr_domain::IntentId;
use vinr_domain::device::State;
use vinr_domain::payment::{Payment, Status};
use vinr_sandbox::issuer::{InquiryReply, RequestKey};
use vinr_server::audit::AuditEntry;
use vinr_server::store::{MemoryStore, Store};
use vinr_terminal::screen::Screen;
use vinr_wire::journal::IntentRecord;

use super::bank::Bank;
use super::happening::Happening;
use super::log::Log;
use super::matrix::waits;
use super::station::Station;
use super::verify::journal_of;

/// As the audit log has it.
const VOIDED: &str = "offline_approval.voided";

/// Whether anything on these terminals waits for the cloud's word.
pub(super) fn anything_waits(stations: &[Arc<Station>]) -> bool {
    stations.iter().any(|station| journal_of(station).values().any(|entry| waits(&entry.state)))
}

/// Every approval that came to nothing has one alarm, and there is no alarm without one (I19).
pub(super) async fn verify(
    payments: &[Arc<Payment>],
    stations: &[Arc<Station>],
    store: &MemoryStore,
    bank: &Bank,
    log: &Log,
) {
    let books: BTreeMap<IntentId, &Arc<Payment>> = payments.iter().map(|p| (p.intent, p)).collect();
    let mut alarms = told(store).await;
    for station in stations {
        let terminal = station.line.identity.terminal().to_string();
        for (intent, entry) in journal_of(station).iter().filter(|(_, entry)| entry.offline.is_some()) {
            let payment = books.get(intent).filter(|payment| payment.is_on(&terminal));
            let charged_here = payment
                .is_some_and(|payment| payment.offline.is_some() && payment.status() == Status::Completed);
            let came_to_nothing = match entry.state {
                State::Voided { .. } => Some(Happening::Orphaned),
                State::Declined { .. } if !was_asked(station, entry, bank) => {
                    Some(Happening::ForwardedTooLate)
                }
                State::Approved { .. } | State::Declined { .. } => None,
                _ => continue,
            };
            let count = alarms.remove(&(terminal.clone(), intent.to_string())).unwrap_or(0);
            if count != usize::from(came_to_nothing.is_some()) {
                log.violated(
                    "I19",
                    format_args!(
                        "{terminal} approved {intent} alone, it is {:?}, and {count} alarms",
                        entry.state
                    ),
                );
            }
            if let Some(happening) = came_to_nothing {
                log.happened(happening);
                if charged_here && !matches!(entry.state, State::Voided { .. }) {
                    log.violated(
                        "I19",
                        format_args!("{intent} came to nothing on {terminal} and is charged"),
                    );
                }
            }
        }
    }
    for station in stations {
        nothing_shown_is_lost(station, log);
    }
    for ((terminal, intent), count) in alarms {
        log.violated(
            "I19",
            format_args!("{count} alarms for {intent} on {terminal}, which approved nothing"),
        );
    }
}

/// Whatever a screen has called approved without the cloud is in the journal, with its card until the cloud has decided.
fn nothing_shown_is_lost(station: &Station, log: &Log) {
    let journal = journal_of(station);
    let kept: Vec<i64> = journal
        .values()
        .filter(|entry| entry.offline.is_some())
        .filter_map(|entry| entry.request.as_ref().map(|request| request.amount_minor))
        .collect();
    let shown = station.shown.lock().unwrap_or_else(PoisonError::into_inner);
    for screen in shown.iter() {
        let Screen::ApprovedOffline { amount, .. } = screen else { continue };
        if !kept.contains(&amount.amount_minor) {
            log.violated("I19", format_args!("{} has lost what it showed: {screen:?}", station.name()));
        }
    }
}

/// Whether the issuer was ever asked for it.
fn was_asked(station: &Station, entry: &IntentRecord, bank: &Bank) -> bool {
    entry.request.as_ref().is_none_or(|request| {
        let key = RequestKey::new(&station.line.identity.to_string(), request.generation, request.stan);
        bank.issuer().inquire(&key) != InquiryReply::NotFound
    })
}

/// The alarms of the audit log: terminal and intent, and how many.
async fn told(store: &MemoryStore) -> BTreeMap<(String, String), usize> {
    let store: &dyn Store = store;
    let mut told = BTreeMap::new();
    for kept in store.all_across_accounts::<AuditEntry>().await.unwrap_or_default() {
        let entry = kept.value;
        if &*entry.action == VOIDED {
            let intent = entry.after.as_ref().and_then(|after| after["intent"].as_str()).unwrap_or_default();
            *told.entry((entry.object_id.to_string(), intent.to_owned())).or_default() += 1;
        }
    }
    told
}
