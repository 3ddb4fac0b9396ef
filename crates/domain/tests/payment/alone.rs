//! What a terminal approves alone, among all that can happen to a payment.

use std::collections::BTreeMap;

use proptest::prelude::*;
use vinr_domain::payment::{
    AuthorizationRequest, Channel, Event, Forward, OfflineFacts, Origin, Originated, Payment, State,
    StateKind,
};
use vinr_domain::{DeclineCode, PaymentId, Timestamp};

const MAX_AGE_MS: i64 = 4 * 3_600_000;

/// The request that the payment's terminal made of its own, and makes again.
pub fn originated(
    payment: &Payment,
    request: &AuthorizationRequest,
    approved_at: Option<Timestamp>,
    same: bool,
) -> Event {
    let forward = approved_at.map(|approved_at| Forward {
        facts: OfflineFacts { approved_at, number: 1 },
        max_age_ms: MAX_AGE_MS,
        genuine: true,
    });
    let origin = Origin {
        channel: Channel::Local,
        payment: PaymentId(9),
        asked: payment.asked,
        capture_method: payment.capture_method,
        reference: (!same).then(|| "another".into()),
        description: None,
        metadata: BTreeMap::new().into(),
        created_at: payment.created_at,
    };
    let request = AuthorizationRequest { attempt_epoch: 0, ..request.clone() };
    let request = if same { request } else { AuthorizationRequest { stan: 8, ..request } };
    Event::Originated(Box::new(Originated { origin, request, forward }))
}

/// What a terminal approved alone stays so, is never reversed unless it was approved for good, and its no has a name of
/// its own.
pub fn approved_alone(before: &Payment, event: &Event, after: &Payment) -> Result<(), TestCaseError> {
    prop_assert_eq!(after.channel, before.channel);
    if before.offline.is_some() {
        prop_assert_eq!(after.offline, before.offline);
    } else if after.offline.is_some() {
        prop_assert!(matches!((before.state.kind(), event), (StateKind::Pending, Event::Originated(_))));
    }
    if after.offline.is_some() {
        prop_assert!(after.state.kind() != StateKind::Reversing, "the goods are gone");
        prop_assert!(!after.occupies_terminal());
        if let State::Failed { code, .. } = after.state {
            prop_assert_eq!(code, DeclineCode::OfflineAuthDeclined);
        }
    } else {
        prop_assert!(
            (before.state.kind(), after.state.kind()) != (StateKind::Uncertain, StateKind::Authorizing),
            "only what was approved alone is asked again"
        );
    }
    Ok(())
}
