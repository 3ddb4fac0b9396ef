//! Names for payments that begin here, and for requests: UUIDv7 (RFC 9562 section 5.7), and the identity that an
//! `Idempotency-Key` stands for. Knows nothing of what it names.

use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest::{Context, SHA256};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;
use vinr_domain::{IntentId, PaymentId, RequestId, Timestamp};

/// The source of names of one process. Names made in the same millisecond rise, because what is newer is told by them.
#[derive(Debug)]
pub(crate) struct Names(Mutex<Source>);

#[derive(Debug)]
struct Source {
    rng: ChaCha12Rng,
    last: u128,
}

impl Names {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self(Mutex::new(Source { rng: ChaCha12Rng::from_seed(seed), last: 0 }))
    }

    fn next(&self, now: Timestamp) -> u128 {
        let mut source = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let random = (u128::from(source.rng.next_u64()) << 64) | u128::from(source.rng.next_u64());
        let time = u128::from(now.0.clamp(0, 0xFFFF_FFFF_FFFF).unsigned_abs()) << 80;
        let random_bits = (0xFFF_u128 << 64) | ((1_u128 << 62) - 1);
        let name = time | (0x7_u128 << 76) | (0b10_u128 << 62) | (random & random_bits);
        let same_moment = name >> 80 == source.last >> 80;
        source.last = if same_moment { name.max(source.last + 1) } else { name };
        source.last
    }

    /// A number with nothing in it.
    pub(super) fn draw(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).rng.next_u64()
    }

    pub(super) fn request(&self, now: Timestamp) -> RequestId {
        RequestId(self.next(now))
    }

    /// A payment of this identity, or of a new one: the payment bears the number of an identity that is a UUIDv7.
    pub(crate) fn payment(&self, intent: Option<IntentId>, now: Timestamp) -> (IntentId, PaymentId) {
        match intent {
            Some(intent) if is_v7(intent.0) => (intent, PaymentId(intent.0)),
            Some(intent) => (intent, PaymentId(self.next(now))),
            None => {
                let name = self.next(now);
                (IntentId(name), PaymentId(name))
            }
        }
    }
}

/// Whether a name tells when it was made.
pub(super) fn is_v7(uuid: u128) -> bool {
    uuid >> 76 & 0xF == 0x7 && uuid >> 62 & 0b11 == 0b10
}

/// The moment in a name.
pub(super) fn made_at(name: u128) -> Timestamp {
    Timestamp(i64::try_from(name >> 80).unwrap_or(i64::MAX))
}

/// The identity that a key stands for: the same for the same key at the same terminal, so that the journal, which
/// knows identities, knows a request that is sent again, across restarts too. A UUIDv8 (RFC 9562 section 5.8).
pub(super) fn intent_of_key(link_id: &str, key: &str) -> IntentId {
    let mut context = Context::new(&SHA256);
    for part in ["vinr idempotency key", link_id, key] {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    let hash = context.finish();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    let cleared = u128::from_be_bytes(bytes) & !(0xF_u128 << 76) & !(0b11_u128 << 62);
    IntentId(cleared | (0x8_u128 << 76) | (0b10_u128 << 62))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_bears_the_number_of_its_identity_where_that_tells_a_time() {
        let names = Names::new([7; 32]);
        let now = Timestamp(1_790_000_000_000);
        let (intent, payment) = names.payment(None, now);
        assert_eq!(intent.0, payment.0);
        assert!(is_v7(intent.0));
        assert_eq!(made_at(payment.0), now);
        assert_eq!(names.payment(Some(intent), now), (intent, payment));
        let random = IntentId::parse("6f1d2c3b-4a59-4687-8a5b-1c2d3e4f5a6b").unwrap();
        let (kept, payment) = names.payment(Some(random), now);
        assert_eq!(kept, random);
        assert!(payment.0 != random.0 && made_at(payment.0) == now);
    }

    #[test]
    fn names_rise_within_a_moment() {
        let names = Names::new([7; 32]);
        let made: Vec<u128> = (0..100).map(|_| names.next(Timestamp(5))).collect();
        assert!(made.is_sorted_by(|a, b| a < b) && made.iter().all(|name| is_v7(*name)));
    }

    #[test]
    fn a_key_is_one_identity_at_one_terminal() {
        let one = intent_of_key("term_1", "a");
        assert_eq!(one, intent_of_key("term_1", "a"));
        assert_ne!(one, intent_of_key("term_1", "b"));
        assert_ne!(one, intent_of_key("term_2", "a"));
        assert_eq!(one.to_string().as_bytes()[14], b'8');
    }
}
