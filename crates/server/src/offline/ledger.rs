//! What a lane must know of an approval that its terminal gave alone, before it takes it. Reads; what it says is to be
//! written goes into the lane's own transaction.

use vinr_domain::payment::{Forward, OfflineApproval, OfflineFacts};
use vinr_wire::link::Authorize;
use vinr_wire::link::chain::approval_hash;

use super::chain::{ChainRow, Finding};
use crate::configuration::offline_max_age_ms;
use crate::gateway::Terminal;
use crate::office::Office;
use crate::store::{Change, Kept, StoreError};

/// The longest that an approval may have waited, whatever the configuration says, in milliseconds (contract 1.10: 24 h).
const OLDEST_MS: i64 = 24 * 3_600_000;

/// The chains of all terminals.
#[derive(Clone)]
pub struct OfflineLedger {
    office: Office,
}

/// What is to be thought of an approval.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// What the payment is told of it.
    pub forward: Forward,
    kept: Option<Kept<ChainRow>>,
    next: ChainRow,
    first_time: bool,
    too_old: bool,
}

impl OfflineLedger {
    /// Over the office's store.
    #[must_use]
    pub fn new(office: Office) -> Self {
        Self { office }
    }

    /// Holds the approval against what has been seen of its chain, and against the terminal's configuration.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn assess(
        &self,
        terminal: &Terminal,
        authorize: &Authorize,
        approval: &OfflineApproval,
    ) -> Result<Assessment, StoreError> {
        let Authorize { intent, request, sealed_card, .. } = authorize;
        let genuine = approval_hash(*intent, request, approval, sealed_card) == approval.hash;
        let scope = &terminal.key.scope;
        let name = ChainRow::name(&terminal.key.id, request.generation);
        let kept = self.office.store.get::<ChainRow>(scope, &name).await?;
        let fresh = || {
            let (scope, id) = (scope.clone(), terminal.key.id.clone());
            ChainRow::new(scope, id, request.generation, self.office.now())
        };
        let mut next = kept.as_ref().map_or_else(fresh, |kept| kept.value.clone());
        let first_time = next.take(approval, genuine);
        let max_age_ms = offline_max_age_ms(&self.office, &terminal.row()).await?.min(OLDEST_MS);
        let too_old = self.office.now().ms_since(approval.approved_at) > max_age_ms;
        let forward = Forward { facts: OfflineFacts::from(approval), max_age_ms, genuine };
        Ok(Assessment { forward, kept, next, first_time, too_old })
    }
}

impl Assessment {
    /// Takes note that the approval comes to nothing, if it does so by its age.
    pub fn age(&mut self, authorize: &Authorize) {
        if self.first_time && self.too_old {
            let amount_minor = authorize.request.amount_minor;
            self.next.find(Finding::TooOld { intent: authorize.intent, amount_minor });
        }
    }

    /// Takes note that the approval comes to nothing, because its payment has ended or was made elsewhere.
    pub fn void(&mut self, authorize: &Authorize) {
        if self.first_time {
            let (intent, amount_minor) = (authorize.intent, authorize.request.amount_minor);
            // One alarm for one approval.
            self.next.findings.retain(|finding| *finding != Finding::TooOld { intent, amount_minor });
            self.next.find(Finding::Voided { intent, amount_minor });
        }
    }

    /// What is to be written with the payment; nothing for an approval that came before. A chain that somebody else
    /// has written to in the meantime refuses the transaction: it is to be assessed again.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        let change = match &self.kept {
            Some(kept) => Change::update(&self.next, kept.revision),
            None => Change::insert(&self.next),
        };
        self.first_time.then_some(change).into_iter().collect()
    }
}
