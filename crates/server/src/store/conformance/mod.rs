//! One suite for every engine: what a store must do, as tests that know the port only. The engines that it runs on
//! are the model, SQLite, and SQLite without its memory, so that every read reaches the database.

mod batching;
mod changes;
mod events;
pub(super) mod fixtures;
mod lists;
mod lookups;
mod on_disk;
mod purges;
mod races;
mod random;
mod records;

use std::sync::Arc;

use tempfile::TempDir;

use super::{MemoryStore, Options, SqliteStore, Store};

/// A database in a directory that lasts as long as the test.
fn sqlite(options: Options) -> (TempDir, Arc<SqliteStore>) {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&directory.path().join("vinr.db"), fixtures::START, options).unwrap();
    (directory, Arc::new(store))
}

macro_rules! on_every_engine {
    ($($module:ident { $($test:ident),* $(,)? })*) => {
        mod memory {
            use super::*;
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
                $module::$test(store).await;
            })*)*
        }
        mod sqlite_engine {
            use super::*;
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let (_directory, store) = sqlite(Options::default());
                $module::$test(store).await;
            })*)*
        }
        mod sqlite_without_memory {
            use super::*;
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let (_directory, store) = sqlite(Options { cached_payments: 0, ..Options::default() });
                $module::$test(store).await;
            })*)*
        }
    };
}

on_every_engine! {
    changes {
        a_payment_in_every_state_reads_back_as_it_was_written,
        an_update_replaces_what_changes,
        an_update_from_another_revision_is_stale,
        a_terminal_is_assigned_once_and_found_by_it,
        an_update_of_an_unknown_payment_is_stale,
        a_known_id_is_not_inserted_again,
        a_client_token_names_one_payment_for_ever,
        a_token_may_not_be_the_id_of_a_payment_that_has_none,
        an_unfinished_payment_keeps_its_reference_to_itself,
        what_began_at_a_terminal_is_kept_whoever_bears_its_reference,
        a_refused_payment_needs_a_free_reference_too,
        an_event_of_a_known_sequence_is_refused,
        an_unknown_kind_of_event_is_refused,
        an_idempotency_key_is_claimed_once,
        an_open_answer_is_given_once,
        a_transaction_touches_a_row_once,
        a_refused_transaction_leaves_nothing_behind,
        the_first_failing_change_is_the_one_that_is_told,
    }
    batching {
        what_is_completed_and_acknowledged_waits_for_a_batch,
        a_payment_joins_one_batch_once_and_stays_there,
        what_is_not_final_joins_no_batch,
        of_many_batches_that_want_a_payment_one_gets_it,
    }
    lookups {
        a_payment_is_found_by_its_intent,
        nothing_is_seen_from_another_scope,
        the_same_names_may_be_used_in_every_scope,
        events_are_found_by_object_and_sequence,
        due_payments_come_longest_overdue_first,
        unfinished_payments_come_oldest_first,
        payments_are_counted_by_status,
    }
    lists {
        pages_go_from_new_to_old_and_say_whether_there_is_more,
        pages_before_a_payment_are_the_nearest_newer_ones,
        each_filter_shows_what_it_names,
        filters_hold_together_and_on_every_page,
        pages_are_stable_while_payments_arrive,
        a_cursor_need_not_name_a_payment_that_is_there,
    }
    records {
        what_is_registered_reads_back_and_is_replaced,
        a_record_is_inserted_once,
        an_update_needs_the_revision_it_was_derived_from,
        a_unique_key_belongs_to_one_record_of_the_kind,
        lists_are_newest_first_by_insertion,
        lists_by_key_follow_changes_of_the_key,
        due_records_come_longest_overdue_first,
        nothing_is_seen_from_another_scope_or_kind,
        a_refused_transaction_leaves_no_record,
        random_changes_agree_with_the_model,
    }
    events {
        events_are_listed_newest_first_in_both_directions,
        each_filter_of_events_shows_what_it_names,
        followers_miss_nothing_and_see_the_order_of_the_commits,
        the_newest_event_survives_every_purge,
        deliveries_are_kept_listed_and_purged,
    }
    purges {
        settled_payments_go_when_they_are_too_old,
        events_and_keys_go_when_they_are_too_old,
        a_purge_takes_no_more_than_its_limit,
        what_may_stay_for_ever_stays,
    }
    races {
        of_many_inserts_with_one_reference_one_wins,
        of_many_inserts_with_one_token_one_wins,
        of_many_claims_of_one_key_one_wins,
        of_many_updates_from_one_revision_one_wins,
        a_malformed_transaction_hurts_none_of_its_neighbours,
        a_reader_never_goes_back,
    }
}
