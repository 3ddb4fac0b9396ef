//! What waits where, and how fast the store answers.

use std::time::Duration;

use vinr_domain::payment::Status;

use super::Oversight;
use crate::refusal::Refusal;
use crate::store::{CommitError, Kind, Transaction};
use crate::webhooks::{EndpointRow, EndpointStatus};

/// Somewhere where something waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// What waits there.
    pub what: Waiting,
    /// How much.
    pub depth: u64,
    /// How much may; `None` where the store is the only limit.
    pub most: Option<u64>,
}

/// What waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// Transactions, for the store's writer.
    Commits,
    /// Events, to be counted into figures.
    Figures,
    /// Events, to be told to the webhook endpoint that is furthest behind.
    Webhooks,
    /// Payments that are not decided.
    Payments,
    /// Payments, for a terminal of their group.
    Groups,
    /// Tasks of the runtime that could run now.
    Ready,
    /// Tasks of the runtime at all.
    Tasks,
}

/// How long the store takes to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answering {
    /// A read.
    pub read: Duration,
    /// Until the writer has had its turn, without writing anything.
    pub turn: Duration,
}

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queues {
    /// In a fixed order.
    pub queues: Vec<Queue>,
    /// The store, tried now.
    pub store: Answering,
    /// How many payments are kept, by status.
    pub payments: Vec<(Status, u64)>,
}

impl Oversight {
    /// What waits now.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn queues(&self) -> Result<Queues, Refusal> {
        let store = &self.office.store;
        let began = tokio::time::Instant::now();
        let payments = store.count_payments_across_accounts().await?;
        let read = began.elapsed();
        let began = tokio::time::Instant::now();
        store.commit(Transaction::default()).await.or_else(|error| match error {
            CommitError::Failed(error) => Err(Refusal::from(error)),
            _ => Ok(()),
        })?;
        let turn = began.elapsed();
        let tail = *store.tail().borrow();
        let undecided =
            payments.iter().filter(|(status, _)| matches!(status, Status::Pending | Status::Processing));
        let undecided = undecided.map(|(_, count)| count).sum();
        let (commits, most) = store.commits_waiting();
        let waiting = store.list_records_across_accounts(Kind::GroupTicket).await?.len();
        let runtime = tokio::runtime::Handle::current().metrics();
        let queue = |what, depth, most| Queue { what, depth, most };
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let queues = vec![
            queue(Waiting::Commits, number(commits), most.map(number)),
            queue(Waiting::Webhooks, self.furthest_behind(tail).await?, None),
            queue(
                Waiting::Figures,
                tail.saturating_sub(crate::figures::counted_up_to(&**store).await?),
                None,
            ),
            queue(Waiting::Payments, undecided, None),
            queue(Waiting::Groups, number(waiting), None),
            queue(Waiting::Ready, number(runtime.global_queue_depth()), None),
            queue(Waiting::Tasks, number(runtime.num_alive_tasks()), None),
        ];
        Ok(Queues { queues, store: Answering { read, turn }, payments })
    }

    /// By how many events the endpoint that is furthest behind is behind. Events that it does not want count too: it may
    /// not have looked at them.
    async fn furthest_behind(&self, tail: u64) -> Result<u64, Refusal> {
        let store = &self.office.store;
        let endpoints = store.all_across_accounts::<EndpointRow>().await?;
        let cursors: std::collections::HashMap<_, _> =
            store.list_cursors_across_accounts().await?.into_iter().collect();
        let enabled = endpoints.iter().filter(|kept| kept.value.status == EndpointStatus::Enabled);
        let behind =
            enabled.map(|kept| tail.saturating_sub(cursors.get(kept.value.name()).copied().unwrap_or(0)));
        Ok(behind.max().unwrap_or(0))
    }
}
