//! Two accounts, and test and live, see, guess and change nothing of each other. Made from the OpenAPI document: every
//! operation is tried with every id that the caller must not know, and with every kind of key that must not open it. An
//! operation that this file does not know how to try fails the test, so a new one cannot slip past.

use std::collections::BTreeMap;

use axum::body::Body;
use serde_json::{Value, json};
use vinr_domain::payment::Payment;
use vinr_domain::{PaymentId, TerminalId};
use vinr_server::access::{OperatorKeyRow, hash_key, hint_of};
use vinr_server::store::{KeyRow, Scope, TerminalRow};

use super::shop::{Got, LIVE, OTHER, READER, REVOKED, START, Shop, TEST, authorized, bearer, scope};

const OPERATOR: &str = "ok_boss";
/// A restricted key that may do one thing which `READER` may not.
const WATCHER: &str = "rk_test_watcher";

/// Which object the first id in a path names.
const COLLECTIONS: [(&str, &str); 10] = [
    ("/v1/terminal/payments/{id}", "payment"),
    ("/v1/terminals/{id}", "terminal"),
    ("/v1/test/terminals/{id}", "terminal"),
    ("/v1/locations/{id}", "location"),
    ("/v1/api-keys/{id}", "api_key"),
    ("/v1/webhook-endpoints/{id}", "webhook_endpoint"),
    ("/v1/refunds/{id}", "refund"),
    ("/v1/batches/{id}", "batch"),
    ("/v1/events/{id}", "event"),
    ("/v1/terminal-actions/{id}", "action"),
];

/// Which object a field of a request names.
const REFERENCES: [(&str, &str); 7] = [
    ("locationId", "location"),
    ("terminalId", "terminal"),
    ("terminalGroup", "terminal"),
    ("payment", "payment"),
    ("objectId", "payment"),
    ("starting_after", "payment"),
    ("ending_before", "payment"),
];

/// How an object is made that the store is not simply given: kind, path, body. The webhook endpoint wants to be told of
/// what does not happen here, so that nothing is posted anywhere.
const MAKERS: [(&str, &str, &str); 4] = [
    ("location", "/v1/locations", r#"{"displayName": "Shop"}"#),
    ("api_key", "/v1/api-keys", r#"{"type": "restricted", "scopes": ["events:read"]}"#),
    (
        "webhook_endpoint",
        "/v1/webhook-endpoints",
        r#"{"url": "https://example.com/hook", "enabled_events": ["terminal.offline"]}"#,
    ),
    ("action", "/v1/terminals/{terminal}/actions", r#"{"action": "lock"}"#),
];

/// Answers that never end.
const STREAMS: [&str; 1] = ["/v1/events/stream"];

/// What this server, which has neither test terminals nor a certificate authority, refuses without a look at any
/// object, its owner's request too.
const REFUSED_ANYWAY: [(&str, &str); 2] =
    [("deleteTestTerminal", "test_terminals_unavailable"), ("activateTerminal", "unavailable")];

type Ids = BTreeMap<&'static str, String>;

/// One operation of the document.
struct Operation {
    method: String,
    template: String,
    name: String,
    needs: String,
    /// What is sent with it; `None` when it has no body.
    body: Option<Value>,
    /// The fields of its body.
    fields: Vec<String>,
    /// The parameters of its query.
    query: Vec<String>,
}

impl Operation {
    fn kind(&self) -> Option<&'static str> {
        if !self.template.contains('{') {
            return None;
        }
        let known = COLLECTIONS.iter().find(|(prefix, _)| {
            self.template.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        Some(known.unwrap_or_else(|| panic!("which object does {} name?", self.template)).1)
    }

    /// The path with this object, and below it with what belongs to the same owner.
    fn path(&self, id: &str, ids: &Ids) -> String {
        let below = ids.get("action").or_else(|| ids.get("delivery")).map_or("none", String::as_str);
        let path = self.template.replacen("{id}", id, 1);
        match path.split_once('{') {
            Some((start, rest)) => format!("{start}{below}{}", rest.split_once('}').unwrap().1),
            None => path,
        }
    }

    fn own_path(&self, ids: &Ids) -> String {
        match self.kind() {
            Some(kind) => self.path(ids.get(kind).unwrap_or_else(|| panic!("no {kind} was made")), ids),
            None => self.template.clone(),
        }
    }

    async fn send(&self, shop: &Shop, key: &str, path: &str, body: Option<&Value>) -> Got {
        let request = bearer(&self.method, key, path);
        let request = match body {
            Some(body) => {
                request.header("content-type", "application/json").body(Body::from(body.to_string()))
            }
            None => request.body(Body::empty()),
        };
        shop.send(request.unwrap()).await
    }
}

/// Every operation that needs a key.
fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(vinr_server::api::openapi()).unwrap();
    let mut all = Vec::new();
    for (template, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(needs) = operation["x-vinr-scope"].as_str() else { continue };
            let content = &operation["requestBody"]["content"]["application/json"];
            let name = content["schema"]["$ref"].as_str().and_then(|path| path.rsplit('/').next());
            let fields = name.map(|name| &document["components"]["schemas"][name]["properties"]);
            let fields =
                fields.and_then(Value::as_object).into_iter().flat_map(|fields| fields.keys().cloned());
            let example = content.get("example").cloned().unwrap_or_else(|| json!({}));
            let query = operation["parameters"].as_array().into_iter().flatten();
            let query =
                query.filter(|one| one["in"] == "query").map(|one| one["name"].as_str().unwrap().to_owned());
            all.push(Operation {
                method: method.to_uppercase(),
                template: template.clone(),
                name: operation["operationId"].as_str().unwrap().to_owned(),
                needs: needs.to_owned(),
                body: operation.get("requestBody").map(|_| example),
                fields: fields.collect(),
                query: query.collect(),
            });
        }
    }
    assert!(all.len() > 20, "the document is read");
    all
}

/// Gives the owner of the key one object of every kind.
async fn furnish(shop: &Shop, all: &[Operation], key: &str, owner: &Scope, number: u32) -> Ids {
    let mut ids = Ids::new();
    let payment = Payment { account: owner.account.clone(), livemode: owner.livemode, ..authorized(number) };
    let payment = Payment { id: PaymentId(payment.id.0 + 7), ..payment };
    ids.insert("payment", shop.put(payment).await.to_string());
    let id = TerminalId::parse(&format!("term_of_{number}")).unwrap();
    ids.insert("terminal", id.to_string());
    let row = TerminalRow::new(id, owner.clone(), "simulator", &number.to_string(), START);
    shop.platform.put_terminal(row).await.unwrap();
    for (kind, path, body) in MAKERS {
        let template = path.replace("{terminal}", "{id}");
        if !all.iter().any(|operation| operation.template == template && operation.method == "POST") {
            continue;
        }
        let made = shop.post(key, &path.replace("{terminal}", &ids["terminal"]), body).await;
        assert!(made.status.is_success(), "{kind}: {}", made.text());
        ids.insert(kind, made.json()["id"].as_str().unwrap().to_owned());
    }
    give_back(shop, key, owner, number, &mut ids).await;
    // What follows from the others, and is found in its list.
    let renamed =
        shop.post(key, &format!("/v1/terminals/{}", ids["terminal"]), r#"{"displayName": "x"}"#).await;
    assert_eq!(renamed.status, 200, "{}", renamed.text());
    for (kind, list) in [("event", "/v1/events")] {
        if all.iter().any(|operation| operation.template == list && operation.method == "GET") {
            let listed = shop.get(key, list).await.json();
            ids.extend(listed["data"][0]["id"].as_str().map(|id| (kind, id.to_owned())));
        }
    }
    ids
}

/// Makes a refund and a batch: of a payment that has been captured.
async fn give_back(shop: &Shop, key: &str, owner: &Scope, number: u32, ids: &mut Ids) {
    let payment = authorized(number + 10);
    let payment = Payment {
        account: owner.account.clone(),
        livemode: owner.livemode,
        terminal: Some(ids["terminal"].as_str().into()),
        ..payment
    };
    let taken = shop.put(payment).await.to_string();
    let captured = shop.post(key, &format!("/v1/terminal/payments/{taken}/capture"), "{}").await;
    assert_eq!(captured.status, 200, "{}", captured.text());
    let batch = json!({ "terminalId": ids["terminal"] }).to_string();
    let refund = json!({ "payment": taken, "amount": 100 }).to_string();
    for (kind, path, body) in [("refund", "/v1/refunds", refund), ("batch", "/v1/batches/close", batch)] {
        let made = shop.post(key, path, &body).await;
        assert!(made.status.is_success(), "{kind}: {}", made.text());
        ids.insert(
            kind,
            made.json()["id"].as_str().unwrap_or_else(|| panic!("{kind}: {}", made.text())).to_owned(),
        );
    }
}

struct Rig {
    shop: Shop,
    all: Vec<Operation>,
    own: Ids,
    /// Whose key, and what it owns.
    foreign: Vec<(&'static str, Ids)>,
}

async fn rig() -> Rig {
    let (shop, all) = (Shop::open().await, operations());
    shop.platform.put_operator_key(OperatorKeyRow::new(OPERATOR, "Boss", START)).await.unwrap();
    let row = KeyRow::new(hash_key(WATCHER), scope("acct_a", false), hint_of(WATCHER), START);
    let row = KeyRow { grants: vec!["events:read".into()], ..row };
    shop.platform.put_key(row).await.unwrap();
    let own = furnish(&shop, &all, TEST, &scope("acct_a", false), 1).await;
    let other = furnish(&shop, &all, OTHER, &scope("acct_b", false), 2).await;
    let live = furnish(&shop, &all, LIVE, &scope("acct_a", true), 3).await;
    Rig { shop, all, own, foreign: vec![(OTHER, other), (LIVE, live)] }
}

impl Rig {
    fn merchants(&self) -> impl Iterator<Item = &Operation> {
        self.all.iter().filter(|operation| operation.needs != "operator")
    }

    /// Everything that the foreign owners see of their own.
    async fn seen_by_others(&self) -> Vec<String> {
        let mut seen = Vec::new();
        for (key, ids) in &self.foreign {
            for operation in self.merchants().filter(|operation| operation.method == "GET") {
                let known = operation.kind().is_none_or(|kind| ids.contains_key(kind));
                if known && !STREAMS.contains(&operation.template.as_str()) {
                    let got = operation.send(&self.shop, key, &operation.own_path(ids), None).await;
                    if got.status == 200 {
                        seen.push(format!("{} {}", operation.name, got.text()));
                    }
                }
            }
        }
        seen
    }

    /// Nothing of theirs has changed.
    async fn unchanged_since(&self, before: &[String]) {
        let after = self.seen_by_others().await;
        assert_eq!(before.len(), after.len());
        for (before, after) in before.iter().zip(&after) {
            assert!(before == after, "was {before}\n is {after}");
        }
    }

    fn foreign_ids(&self) -> impl Iterator<Item = (&'static str, &String)> {
        self.foreign.iter().flat_map(|(_, ids)| ids.iter().map(|(kind, id)| (*kind, id)))
    }

    fn tells_nothing(&self, operation: &Operation, got: &Got) {
        for (kind, id) in self.foreign_ids() {
            assert!(!got.text().contains(id.as_str()), "{} tells of a foreign {kind}", operation.name);
        }
    }
}

#[tokio::test]
async fn a_foreign_id_in_a_path_is_an_unknown_one_for_every_operation() {
    let rig = rig().await;
    let before = rig.seen_by_others().await;
    let mut tried = 0;
    for operation in rig.merchants().filter(|operation| operation.kind().is_some()) {
        for (kind, id) in rig.foreign_ids() {
            let path = operation.path(id, &rig.own);
            let got = operation.send(&rig.shop, TEST, &path, operation.body.as_ref()).await;
            let told = format!("{} with a foreign {kind}: {}", operation.name, got.text());
            let code = got.code();
            if !REFUSED_ANYWAY.contains(&(operation.name.as_str(), code.as_str())) {
                assert_eq!((got.status.as_u16(), code.as_str()), (404, "not_found"), "{told}");
            }
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried} attempts");
    rig.unchanged_since(&before).await;
}

#[tokio::test]
async fn a_list_shows_what_is_ones_own_and_a_retrieve_finds_it() {
    let rig = rig().await;
    for operation in rig.merchants().filter(|operation| operation.method == "GET") {
        if STREAMS.contains(&operation.template.as_str()) {
            continue;
        }
        let all = if operation.query.iter().any(|name| name == "limit") { "?limit=100" } else { "" };
        let path = operation.own_path(&rig.own) + all;
        let got = operation.send(&rig.shop, TEST, &path, None).await;
        let below = operation.template.matches('{').count() > 1;
        assert!(below || got.status == 200, "{path}: {}", got.text());
        rig.tells_nothing(operation, &got);
        let shown =
            COLLECTIONS.iter().find(|(prefix, _)| *prefix == format!("{}/{{id}}", operation.template));
        if let Some((_, kind)) = shown
            && let Some(id) = rig.own.get(kind)
        {
            assert!(got.text().contains(id.as_str()), "{} shows the caller's own {kind}", operation.name);
        }
    }
}

#[tokio::test]
async fn a_foreign_id_in_a_body_or_query_is_an_unknown_one() {
    let rig = rig().await;
    let before = rig.seen_by_others().await;
    for operation in rig.merchants() {
        let reference =
            |name: &String| REFERENCES.iter().find(|(known, _)| known == name).map(|(_, kind)| *kind);
        for name in operation.fields.iter().chain(&operation.query) {
            let speaks_of_one = name.ends_with("Id") || name.ends_with("Group");
            assert!(
                !speaks_of_one || reference(name).is_some(),
                "what does {name} of {} name?",
                operation.name
            );
        }
        for (key, ids) in &rig.foreign {
            for name in &operation.fields {
                let Some(kind) = reference(name) else { continue };
                let mut body = operation.body.clone().unwrap();
                let id = json!(ids[kind]);
                body[name] = if name == "terminalGroup" { json!([id]) } else { id };
                if name == "terminalGroup" {
                    body.as_object_mut().unwrap().remove("terminalId");
                }
                let path = operation.own_path(&rig.own);
                let got = operation.send(&rig.shop, TEST, &path, Some(&body)).await;
                let told = format!("{} with {name} of {key}: {} {}", operation.name, got.status, got.text());
                if operation.name == "createTerminalPayment" && got.status.is_success() {
                    // A well-formed create makes a payment, which then has failed (contract 1.6).
                    let expected = (json!("failed"), json!("terminal_not_found"));
                    assert_eq!(
                        (got.json()["status"].clone(), got.json()["declineCode"].clone()),
                        expected,
                        "{told}"
                    );
                    continue;
                }
                if !got.status.is_success()
                    && REFUSED_ANYWAY.contains(&(operation.name.as_str(), got.code().as_str()))
                {
                    continue;
                }
                assert!([400, 404, 422].contains(&got.status.as_u16()), "{told}");
            }
            for name in &operation.query {
                let Some(kind) = reference(name) else { continue };
                for id in [ids.get(kind), ids.get("terminal"), ids.get("location")].into_iter().flatten() {
                    let path = format!("{}?{name}={id}", operation.own_path(&rig.own));
                    let got = operation.send(&rig.shop, TEST, &path, operation.body.as_ref()).await;
                    // An id is ordered by time, so a page may begin behind one that names nothing here.
                    let cursor = name.starts_with("starting") || name.starts_with("ending");
                    let shows_none = got.status == 200 && (cursor || got.json()["data"] == json!([]));
                    let told = got.text();
                    assert!(shows_none || [400, 404].contains(&got.status.as_u16()), "{path}: {told}");
                    // An error may say the id that was sent; a list may not know it.
                    if got.status == 200 {
                        rig.tells_nothing(operation, &got);
                    }
                }
            }
        }
    }
    rig.unchanged_since(&before).await;
}

#[tokio::test]
async fn no_operation_opens_to_a_key_that_is_not_for_it() {
    let rig = rig().await;
    for operation in &rig.all {
        let path = match operation.needs.as_str() {
            "operator" => operation.template.replace("{id}", "acct_a"),
            _ => operation.own_path(&rig.own),
        };
        let body = operation.body.as_ref();
        let wrong: &[&str] = if operation.needs == "operator" {
            &[TEST, LIVE, OTHER, READER, REVOKED, "ok_unknown", "sk_test_unknown"]
        } else {
            &[REVOKED, OPERATOR, "sk_test_unknown", "rk_live_unknown"]
        };
        for key in wrong {
            let got = operation.send(&rig.shop, key, &path, body).await;
            assert_eq!(got.status, 401, "{} with {key}: {}", operation.name, got.text());
            rig.tells_nothing(operation, &got);
        }
        if operation.needs != "operator" {
            let lacking = if operation.needs == "events:read" { READER } else { WATCHER };
            for path in [path.clone(), operation.path("none", &rig.own)] {
                let got = operation.send(&rig.shop, lacking, &path, body).await;
                assert_eq!((got.status.as_u16(), got.code().as_str()), (403, "permission_denied"), "{path}");
            }
        }
    }
}
