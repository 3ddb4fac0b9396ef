//! No key is in what is printed: clients, requests, errors, answers.

use serde_json::json;
use vinr_sdk::params::CreateApiKey;
use vinr_sdk::{CreatePayment, Vinr};

use crate::scripted::{ScriptedServer, free_port};

const CANARY: &str = "canary0000";

#[tokio::test]
async fn nothing_that_is_printed_holds_a_key() {
    let key = format!("sk_test_{CANARY}");
    let answer = json!({ "id": "key_1", "object": "api_key", "secret": format!("rk_test_{CANARY}") });
    let server = ScriptedServer::new(&json!([{ "respond": { "status": 200, "body": answer } }]));
    let port = server.listen(0).await;
    let builder = Vinr::builder(&key).base_url(format!("http://127.0.0.1:{port}"));
    let mut printed = vec![format!("{builder:?}")];
    let vinr = builder.build().unwrap();
    let request = vinr.api_keys().create(CreateApiKey::new("restricted"));
    printed.extend([format!("{vinr:?} {:?} {request:?}", vinr.terminals())]);
    let made = request.await.unwrap();
    assert_eq!(made.secret.as_ref().unwrap().reveal(), format!("rk_test_{CANARY}"));
    printed.push(format!("{made:?}"));
    let nobody = format!("http://127.0.0.1:{}", free_port().await);
    let lonely = Vinr::builder(&key).base_url(nobody).max_retries(0).build().unwrap();
    let error = lonely.terminal().payments().create(CreatePayment::on("term_1", 5, "USD")).await.unwrap_err();
    printed.push(format!("{error} {error:?} {:?}", error.cause));
    let error = Vinr::new(format!("{key} ")).unwrap_err();
    printed.push(format!("{error} {error:?}"));
    for one in &printed {
        assert!(!one.contains(CANARY), "{one}");
    }
    assert!(printed[1].contains("sk_test_…"), "{}", printed[1]);
    server.close();
}
