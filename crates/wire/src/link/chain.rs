//! The hash that ties an approval given without the cloud to the one before it. Both sides compute it over the same
//! bytes; what a break in the chain means is decided elsewhere.

use aws_lc_rs::digest::{Context, SHA256};
use vinr_domain::IntentId;
use vinr_domain::payment::{AuthorizationRequest, OfflineApproval};

use crate::card::SealedCard;

/// What stands before the first approval of a generation.
pub const FIRST: [u8; 32] = [0; 32];

/// The hash of an approval, over all that it says but the hash itself (`OfflineApproval` in link.proto).
#[must_use]
pub fn approval_hash(
    intent: IntentId,
    request: &AuthorizationRequest,
    approval: &OfflineApproval,
    sealed_card: &SealedCard,
) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    context.update(&approval.previous);
    context.update(&intent.0.to_be_bytes());
    context.update(&request.generation.to_be_bytes());
    context.update(&request.stan.to_be_bytes());
    context.update(&approval.number.to_be_bytes());
    context.update(&request.amount_minor.to_be_bytes());
    context.update(&approval.approved_at.0.to_be_bytes());
    context.update(sealed_card.as_bytes());
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use vinr_domain::{Brand, CardFacts, EntryMode, Last4, Timestamp};

    use super::*;

    #[test]
    fn every_part_of_an_approval_is_in_its_hash() {
        let card = CardFacts {
            brand: Brand::Visa,
            last4: Last4::parse("4242").unwrap(),
            entry_mode: EntryMode::Chip,
        };
        let request = AuthorizationRequest {
            stan: 2,
            generation: 1,
            attempt_epoch: 0,
            card,
            amount_minor: 500,
            tip: None,
        };
        let approval =
            OfflineApproval { approved_at: Timestamp(7), number: 1, previous: FIRST, hash: [9; 32] };
        let sealed = SealedCard::from(vec![1, 2, 3]);
        let known = approval_hash(IntentId(5), &request, &approval, &sealed);
        // SHA-256 of the bytes as link.proto lays them out, made by another program.
        let bytes = "f76fa4a7b04f5a400682e1ef927d188a0e7a2459611d442865cd871cc201b340";
        let written: String = known.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(written, bytes);
        let others = [
            approval_hash(IntentId(6), &request, &approval, &sealed),
            approval_hash(
                IntentId(5),
                &AuthorizationRequest { stan: 3, ..request.clone() },
                &approval,
                &sealed,
            ),
            approval_hash(
                IntentId(5),
                &AuthorizationRequest { generation: 2, ..request.clone() },
                &approval,
                &sealed,
            ),
            approval_hash(
                IntentId(5),
                &AuthorizationRequest { amount_minor: 501, ..request.clone() },
                &approval,
                &sealed,
            ),
            approval_hash(IntentId(5), &request, &OfflineApproval { number: 2, ..approval }, &sealed),
            approval_hash(
                IntentId(5),
                &request,
                &OfflineApproval { approved_at: Timestamp(8), ..approval },
                &sealed,
            ),
            approval_hash(IntentId(5), &request, &OfflineApproval { previous: [1; 32], ..approval }, &sealed),
            approval_hash(IntentId(5), &request, &approval, &SealedCard::from(vec![1, 2, 4])),
        ];
        assert!(others.iter().all(|other| *other != known));
        let same =
            approval_hash(IntentId(5), &request, &OfflineApproval { hash: [0; 32], ..approval }, &sealed);
        assert_eq!(same, known);
    }
}
