//! The bugs that a lane can be told to have, so that the simulated world can show that it finds them. Never in the product.

use std::sync::Arc;
use std::time::Duration;

use vinr_domain::payment::{AuthorizationRequest, Payment, State};

use super::Lane;
use crate::acquirer::Ask;

impl Lane {
    pub(super) async fn take_all_the_same(&mut self, payment: &Payment) {
        if self.all.sabotage == Some(crate::settings::Sabotage::AssignTwice) {
            let stored = self.all.books.reload(&self.terminal.key.scope, payment.id).await.ok();
            self.current = stored.filter(|stored| matches!(stored.state, State::Pending));
            self.send_again();
        }
    }

    pub(super) async fn ask_before_commit(&self, payment: &Arc<Payment>, request: &AuthorizationRequest) {
        let planted = self.all.sabotage == Some(crate::settings::Sabotage::AskBeforeCommit);
        if let Some(sealed_card) = self.sealed_card.clone().filter(|_| planted) {
            let state = State::Authorizing { request: request.clone(), asked_at: payment.created_at };
            let payment = Arc::new(Payment { state, ..payment.as_ref().clone() });
            let ask = Ask { subject: self.subject(&payment), sealed_card };
            let _ = tokio::time::timeout(Duration::from_secs(1), self.all.acquirer.authorize(ask)).await;
        }
    }
}
