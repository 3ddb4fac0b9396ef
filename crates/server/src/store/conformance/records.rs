//! Records: names, fences, unique keys, lists, and both engines under the same random changes.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use serde::{Deserialize, Serialize};
use vinr_domain::Timestamp;

use super::fixtures::*;
use crate::access::hint_of;
use crate::store::{
    AccountRow, Change, CommitError, KeyRow, Kind, LocationRow, MemoryStore, RecordCursor, RecordKey,
    RecordPage, Scope, Store, Stored, TerminalRow, spelling,
};

type Engine = Arc<dyn Store>;

/// A record with everything that can be set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Note {
    scope: Scope,
    id: Arc<str>,
    text: String,
    shelf: Option<Arc<str>>,
    title: Option<Arc<str>>,
    #[serde(with = "spelling::moment_option")]
    due: Option<Timestamp>,
}

impl Stored for Note {
    const KIND: Kind = Kind::Action;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn id(&self) -> Arc<str> {
        self.id.clone()
    }

    fn created_at(&self) -> Timestamp {
        START
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.due
    }

    fn keys(&self) -> Vec<RecordKey> {
        let shelf = self.shelf.clone().map(|shelf| RecordKey::index("shelf", shelf));
        let title = self.title.clone().map(|title| RecordKey::unique("title", title));
        shelf.into_iter().chain(title).collect()
    }
}

fn note(n: u64) -> Note {
    Note {
        scope: scope(),
        id: format!("note_{n}").into(),
        text: n.to_string(),
        shelf: None,
        title: None,
        due: None,
    }
}

fn first(limit: u32) -> RecordPage {
    RecordPage { limit, cursor: RecordCursor::Start }
}

async fn listed(store: &dyn Store, shelf: Option<&str>, page: &RecordPage) -> (Vec<String>, bool) {
    let (notes, more) =
        store.list::<Note>(&scope(), shelf.map(|shelf| ("shelf", shelf)), page).await.unwrap();
    (notes.into_iter().map(|kept| kept.value.text).collect(), more)
}

fn taken(id: &str) -> CommitError {
    CommitError::RecordTaken { kind: Kind::Action, id: id.into() }
}

fn stale(id: &str) -> CommitError {
    CommitError::RecordStale { kind: Kind::Action, id: id.into() }
}

pub(super) async fn what_is_registered_reads_back_and_is_replaced(store: Engine) {
    let account = AccountRow::new(scope().account, "Café", START);
    let key = KeyRow::new([1; 32], scope(), hint_of("sk_test_0001"), START);
    let location = LocationRow::new(location_id(1), scope(), "Bar", START);
    let newer = (
        AccountRow { suspended: true, display_name: "".into(), ..account.clone() },
        KeyRow { grants: vec!["payments:read".into()], revoked_at: Some(moment(1)), ..key.clone() },
        LocationRow { display_name: "Grill".into(), ..location.clone() },
        TerminalRow { location: None, last_seen_at: Some(moment(2)), session_epoch: 8, ..terminal(1) },
    );
    for (account, key, location, terminal) in [(account, key, location, terminal(1)), newer] {
        let changes =
            [Change::put(&account), Change::put(&key), Change::put(&location), Change::put(&terminal)];
        given(&*store, changes).await;
        let own = Scope::of_account(scope().account);
        assert_eq!(store.get::<AccountRow>(&own, "acct_one").await.unwrap().unwrap().value, account);
        assert_eq!(store.get::<LocationRow>(&scope(), "loc_1").await.unwrap().unwrap().value, location);
        assert_eq!(store.get::<TerminalRow>(&scope(), "term_1").await.unwrap().unwrap().value, terminal);
        let keys = store.all_across_accounts::<KeyRow>().await.unwrap();
        assert_eq!(keys.into_iter().map(|kept| kept.value).collect::<Vec<_>>(), [key]);
    }
}

pub(super) async fn a_record_is_inserted_once(store: Engine) {
    given(&*store, [Change::insert(&note(1))]).await;
    let again = Note { text: "other".into(), ..note(1) };
    assert_eq!(commit(&*store, [Change::insert(&again)]).await, Err(taken("note_1")));
    let kept = store.get::<Note>(&scope(), "note_1").await.unwrap().unwrap();
    assert_eq!((kept.revision, kept.value), (1, note(1)));
    given(&*store, [Change::delete::<Note>(&scope(), "note_1"), Change::delete::<Note>(&scope(), "none")])
        .await;
    assert_eq!(store.get::<Note>(&scope(), "note_1").await, Ok(None));
    given(&*store, [Change::insert(&again)]).await;
}

pub(super) async fn an_update_needs_the_revision_it_was_derived_from(store: Engine) {
    assert_eq!(commit(&*store, [Change::update(&note(1), 1)]).await, Err(stale("note_1")));
    given(&*store, [Change::insert(&note(1))]).await;
    let second = Note { text: "second".into(), due: Some(START), ..note(1) };
    given(&*store, [Change::update(&second, 1)]).await;
    assert_eq!(commit(&*store, [Change::update(&note(1), 1)]).await, Err(stale("note_1")));
    let kept = store.get::<Note>(&scope(), "note_1").await.unwrap().unwrap();
    assert_eq!((kept.revision, kept.value), (2, second));
    given(&*store, [Change::put(&note(1))]).await;
    assert_eq!(store.get::<Note>(&scope(), "note_1").await.unwrap().unwrap().revision, 3);
}

pub(super) async fn a_unique_key_belongs_to_one_record_of_the_kind(store: Engine) {
    let titled = |n, title: &str| Note { title: Some(title.into()), ..note(n) };
    given(&*store, [Change::insert(&titled(1, "one")), Change::insert(&note(2))]).await;
    // In no account, by none of the three ways.
    let elsewhere = Note { scope: other_account(), ..titled(3, "one") };
    assert_eq!(commit(&*store, [Change::insert(&elsewhere)]).await, Err(taken("note_1")));
    assert_eq!(commit(&*store, [Change::update(&titled(2, "one"), 1)]).await, Err(taken("note_1")));
    assert_eq!(commit(&*store, [Change::put(&titled(2, "one"))]).await, Err(taken("note_1")));
    // It stays with its record, moves with it, and is free when the record is gone.
    given(&*store, [Change::put(&titled(1, "one"))]).await;
    given(&*store, [Change::put(&titled(1, "uno"))]).await;
    assert_eq!(store.find_across_accounts::<Note>("title", "one").await, Ok(None));
    let found = store.find_across_accounts::<Note>("title", "uno").await.unwrap().unwrap();
    assert_eq!((found.revision, found.value), (3, titled(1, "uno")));
    given(&*store, [Change::put(&titled(2, "one")), Change::delete::<Note>(&scope(), "note_1")]).await;
    given(&*store, [Change::insert(&Note { scope: other_account(), ..titled(4, "uno") })]).await;
}

pub(super) async fn lists_are_newest_first_by_insertion(store: Engine) {
    for n in [3, 1, 4, 2, 5] {
        given(&*store, [Change::insert(&note(n))]).await;
    }
    // A change does not move a record.
    given(&*store, [Change::put(&note(3))]).await;
    assert_eq!(listed(&*store, None, &first(10)).await.0, ["5", "2", "4", "1", "3"]);
    assert_eq!(listed(&*store, None, &first(2)).await, (vec!["5".into(), "2".into()], true));
    let after = |id: &str| RecordPage { limit: 2, cursor: RecordCursor::After(id.into()) };
    let before = |id: &str| RecordPage { limit: 2, cursor: RecordCursor::Before(id.into()) };
    assert_eq!(listed(&*store, None, &after("note_2")).await, (vec!["4".into(), "1".into()], true));
    assert_eq!(listed(&*store, None, &after("note_1")).await, (vec!["3".into()], false));
    assert_eq!(listed(&*store, None, &before("note_3")).await, (vec!["4".into(), "1".into()], true));
    assert_eq!(listed(&*store, None, &before("note_2")).await, (vec!["5".into()], false));
    assert_eq!(listed(&*store, None, &after("note_9")).await, (vec![], false));
}

pub(super) async fn lists_by_key_follow_changes_of_the_key(store: Engine) {
    let on = |n, shelf: &str| Note { shelf: Some(shelf.into()), ..note(n) };
    given(&*store, [on(1, "a"), on(2, "b"), on(3, "a"), note(4)].map(|note| Change::insert(&note))).await;
    assert_eq!(listed(&*store, Some("a"), &first(10)).await.0, ["3", "1"]);
    assert_eq!(listed(&*store, Some("a"), &first(1)).await, (vec!["3".into()], true));
    given(&*store, [on(1, "b"), on(4, "a")].map(|note| Change::put(&note))).await;
    assert_eq!(listed(&*store, Some("a"), &first(10)).await.0, ["4", "3"]);
    assert_eq!(listed(&*store, Some("b"), &first(10)).await.0, ["2", "1"]);
    given(&*store, [Change::delete::<Note>(&scope(), "note_3"), Change::put(&note(4))]).await;
    assert_eq!(listed(&*store, Some("a"), &first(10)).await, (vec![], false));
}

pub(super) async fn due_records_come_longest_overdue_first(store: Engine) {
    let due = |n, at: u64| Note { due: Some(moment(at)), ..note(n) };
    given(&*store, [due(1, 5), due(2, 3), note(3), due(4, 9)].map(|note| Change::insert(&note))).await;
    let texts = async |now, limit| {
        let found = store.due_across_accounts::<Note>(now, limit).await.unwrap();
        found.into_iter().map(|kept| kept.value.text).collect::<Vec<_>>()
    };
    assert_eq!(texts(moment(8), 10).await, ["2", "1"]);
    assert_eq!(texts(moment(9), 1).await, ["2"]);
    given(&*store, [Change::put(&note(2))]).await;
    assert_eq!(texts(moment(9), 10).await, ["1", "4"]);
}

pub(super) async fn nothing_is_seen_from_another_scope_or_kind(store: Engine) {
    given(&*store, [Change::insert(&note(1))]).await;
    for eye in [other_account(), other_mode()] {
        assert_eq!(store.get::<Note>(&eye, "note_1").await, Ok(None));
        assert_eq!(store.list::<Note>(&eye, None, &first(10)).await.unwrap().0, []);
        let behind = RecordPage { limit: 10, cursor: RecordCursor::Before("note_1".into()) };
        assert_eq!(store.list::<Note>(&eye, None, &behind).await.unwrap().0, []);
        given(&*store, [Change::delete::<Note>(&eye, "note_1")]).await;
        let stolen = Note { scope: eye, ..note(1) };
        assert_eq!(commit(&*store, [Change::update(&stolen, 1)]).await, Err(stale("note_1")));
    }
    assert!(store.get_record(&scope(), Kind::Batch, "note_1").await.unwrap().is_none());
    assert_eq!(store.get::<Note>(&scope(), "note_1").await.unwrap().unwrap().value, note(1));
}

pub(super) async fn a_refused_transaction_leaves_no_record(store: Engine) {
    given(&*store, [Change::insert(&note(1))]).await;
    let changes = [Change::insert(&note(2)), Change::put(&note(3)), Change::insert(&note(1))];
    assert_eq!(commit(&*store, changes).await, Err(taken("note_1")));
    assert_eq!(listed(&*store, None, &first(10)).await.0, ["1"]);
}

#[derive(Clone, Debug)]
enum Act {
    Insert(Note),
    Update(Note, u64),
    Put(Note),
    Delete(u64),
}

fn any_note() -> impl Strategy<Value = Note> {
    let maybe = || proptest::option::of(0..3_u8);
    (0..4_u64, maybe(), maybe(), proptest::option::of(0..5_u64), any::<u8>()).prop_map(
        |(n, shelf, title, due, text)| Note {
            shelf: shelf.map(|shelf| shelf.to_string().into()),
            title: title.map(|title| title.to_string().into()),
            due: due.map(moment),
            text: text.to_string(),
            ..note(n)
        },
    )
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        any_note().prop_map(Act::Insert),
        (any_note(), 1..4_u64).prop_map(|(note, revision)| Act::Update(note, revision)),
        any_note().prop_map(Act::Put),
        (0..4_u64).prop_map(Act::Delete),
    ]
}

fn change(act: &Act) -> Change {
    match act {
        Act::Insert(note) => Change::insert(note),
        Act::Update(note, revision) => Change::update(note, *revision),
        Act::Put(note) => Change::put(note),
        Act::Delete(n) => Change::delete::<Note>(&scope(), &note(*n).id),
    }
}

pub(super) async fn random_changes_agree_with_the_model(store: Engine) {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let acts = prop::collection::vec(any_act(), 300);
    let acts = acts.new_tree(&mut runner).unwrap().current();
    let model: Engine = Arc::new(MemoryStore::new());
    for act in acts {
        let outcome = commit(&*store, [change(&act)]).await;
        assert_eq!(outcome, commit(&*model, [change(&act)]).await, "{act:?}");
        for shelf in [None, Some("0"), Some("1"), Some("2")] {
            assert_eq!(
                listed(&*store, shelf, &first(3)).await,
                listed(&*model, shelf, &first(3)).await,
                "{act:?}"
            );
        }
        for title in ["0", "1", "2"] {
            let found = store.find_across_accounts::<Note>("title", title).await;
            assert_eq!(found, model.find_across_accounts::<Note>("title", title).await, "{act:?}");
        }
        let due = store.due_across_accounts::<Note>(moment(3), 10).await.unwrap().len();
        assert_eq!(due, model.due_across_accounts::<Note>(moment(3), 10).await.unwrap().len());
    }
}
