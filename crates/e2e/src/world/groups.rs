//! Whether payments for groups kept their promise (I14): read from the events in the order of their commits, and from
//! what the terminals have shown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use vinr_domain::payment::Status;
use vinr_domain::{DeclineCode, PaymentId, Timestamp};
use vinr_server::store::{MemoryStore, Store as _};
use vinr_terminal::screen::Screen;
use vinr_wire::rest::view::PaymentView;

use super::happening::Happening;
use super::log::Log;
use super::station::Station;

/// Longer than an offer, its slow commits and the rest of a terminal take together, in milliseconds. Whoever has waited
/// longer than this has not been passed by chance.
const CANNOT_BE_PASSED_MS: i64 = 20_000;

/// What the events say of one payment.
struct Story {
    last: PaymentView,
    /// Since when it waits, if it does.
    waits_since: Option<Timestamp>,
}

/// Every story so far, and which terminals a sale of each amount has been at.
struct Stories<'l> {
    of: BTreeMap<PaymentId, Story>,
    places: BTreeMap<i64, BTreeSet<String>>,
    /// Names and moments are in order.
    steady: bool,
    log: &'l Log,
}

pub(super) async fn verify(store: &MemoryStore, stations: &[Arc<Station>], steady: bool, log: &Log) {
    let mut stories = Stories { of: BTreeMap::new(), places: BTreeMap::new(), steady, log };
    let mut after = 0;
    while let Ok(posted) = store.events_after_across_accounts(after, 1_000).await {
        let Some(last) = posted.last() else { break };
        after = last.ordinal;
        for one in &posted {
            if let Ok(view) = serde_json::from_slice::<PaymentView>(&one.event.data) {
                stories.hear(view, one.event.created_at);
            }
        }
    }
    for station in stations {
        stories.prompts(station);
    }
}

impl Stories<'_> {
    fn hear(&mut self, view: PaymentView, at: Timestamp) {
        let before = self.of.get(&view.id).map(|story| story.last.terminal.clone());
        if let Some(terminal) = &view.terminal {
            let amount = view.amount_minor - view.tip.map_or(0, |tip| tip.amount_minor);
            self.places.entry(amount).or_default().insert(terminal.clone());
        }
        if !view.group.is_empty() {
            self.moved(&view, before.clone(), at);
        }
        let waits = !view.group.is_empty() && view.terminal.is_none() && view.status == Status::Pending;
        let since = self.of.get(&view.id).and_then(|story| story.waits_since);
        let waits_since = waits.then(|| since.unwrap_or(at));
        self.of.insert(view.id, Story { last: view, waits_since });
    }

    fn moved(&self, view: &PaymentView, before: Option<Option<String>>, at: Timestamp) {
        let id = view.id;
        if view.terminal.as_ref().is_some_and(|terminal| !view.group.contains(terminal)) {
            self.log.violated("I14", format_args!("{id} is at {:?}, not of its group", view.terminal));
        }
        match (before, &view.terminal) {
            (Some(Some(before)), Some(now)) if before != *now => {
                self.log.violated("I14", format_args!("{id} went from {before} to {now} at once"));
            }
            (None | Some(None), Some(terminal)) => {
                if self.of.contains_key(&id) {
                    self.log.happened(Happening::Assigned);
                }
                self.passed(view, terminal, at);
            }
            (None, None) if view.status == Status::Pending => self.log.happened(Happening::Waited),
            (Some(None), None) if view.status == Status::Cancelled => {
                self.log.happened(Happening::LeftTheQueue);
            }
            (Some(None), None) if view.decline_code == Some(DeclineCode::TerminalBusy) => {
                self.log.happened(Happening::WaitedInVain);
            }
            (Some(_), Some(_)) | (_, None) => {}
        }
    }

    /// The terminal got this payment although an older one has been waiting for it.
    fn passed(&self, view: &PaymentView, terminal: &String, at: Timestamp) {
        if !self.steady || view.status.is_final() {
            return;
        }
        let older = self.of.range(..view.id).map(|(_, story)| story);
        let long_enough = |since: Timestamp| at.ms_since(since) > CANNOT_BE_PASSED_MS;
        for story in older.filter(|story| story.waits_since.is_some_and(long_enough)) {
            if story.last.group.contains(terminal) {
                let (passed, by) = (story.last.id, view.id);
                self.log
                    .violated("I14", format_args!("{by} got {terminal} before {passed}, which waits for it"));
            }
        }
    }

    /// A terminal prompts only for what is its own, or was ordered there.
    fn prompts(&self, station: &Station) {
        let name = station.line.identity.to_string();
        let shown = station.shown.lock().unwrap_or_else(PoisonError::into_inner);
        for screen in shown.iter() {
            let Screen::Prompt { amount, .. } = screen else { continue };
            let places = self.places.get(&amount.amount_minor);
            if super::counter::may_stand_anywhere(amount.amount_minor) {
                continue;
            }
            if places.is_some_and(|places| !places.contains(&name)) {
                self.log
                    .violated("I14", format_args!("{name} prompted for {amount}, which is at {places:?}"));
            }
        }
    }
}
