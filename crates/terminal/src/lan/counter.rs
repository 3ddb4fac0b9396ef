//! What every request at this terminal shares: the handle of the device loop, who may do what, names, the event feed, and
//! the payments that were turned away before anything was kept of them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use vinr_domain::{PaymentId, Timestamp};
use vinr_pki::{DeviceIdentity, listener_host};
use vinr_wire::rest::view::PaymentView;

use super::cashless::Door;
use super::feed::Feed;
use super::guard::Guard;
use super::names::Names;
use crate::till::{DeviceFacts, Till};

/// How many payments that were turned away can still be retrieved.
const TURNED_AWAY: usize = 64;

pub(super) struct Counter {
    pub(super) till: Till,
    pub(super) guard: Guard,
    pub(super) names: Names,
    pub(super) feed: Arc<Feed>,
    pub(super) door: Door,
    /// The terminal's name in multicast DNS, in lower case.
    pub(super) own_host: String,
    /// Names that a `Host` may have besides the terminal's own, in lower case.
    pub(super) hosts: Vec<String>,
    turned_away: Mutex<VecDeque<PaymentView>>,
}

impl Counter {
    pub(super) fn new(till: Till, guard: Guard, names: Names, feed: Arc<Feed>, hosts: Vec<String>) -> Self {
        let own_host = own_host(till.who());
        Self {
            till,
            guard,
            names,
            feed,
            door: Door::default(),
            own_host,
            hosts,
            turned_away: Mutex::default(),
        }
    }

    pub(super) fn who(&self) -> &DeviceFacts {
        self.till.who()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.guard.now()
    }

    pub(super) fn livemode(&self) -> bool {
        self.guard.access().livemode
    }

    /// A payment that could not begin; it can be retrieved for a while.
    pub(super) fn turn_away(&self, view: PaymentView) {
        let mut turned_away = self.turned_away.lock().unwrap_or_else(PoisonError::into_inner);
        if turned_away.len() == TURNED_AWAY {
            turned_away.pop_front();
        }
        turned_away.push_back(view);
    }

    /// The payment of this name, if it was turned away.
    pub(super) fn turned_away(&self, id: PaymentId) -> Option<PaymentView> {
        let turned_away = self.turned_away.lock().unwrap_or_else(PoisonError::into_inner);
        turned_away.iter().find(|view| view.id == id).cloned()
    }

    /// All that can still be retrieved.
    pub(super) fn all_turned_away(&self) -> Vec<PaymentView> {
        self.turned_away.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

/// The terminal's name in multicast DNS: the one in its certificate.
pub(super) fn own_host(who: &DeviceFacts) -> String {
    DeviceIdentity::parse(&who.link_id).map(|identity| listener_host(&identity)).unwrap_or_default()
}
