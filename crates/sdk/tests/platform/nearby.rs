//! Terminals on the local network, against `vinr simulator`: found, proven, charged, charged through the cloud when they are
//! not there, and never twice.

use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use vinr_sdk::{
    Connectivity, CreateLocalPayment, CreatePayment, ErrorKind, PaymentStatus, TerminalOptions, Vinr,
};

use crate::config;
use crate::program::{Running, nobody};

const TERMINAL: &str = "term_local_simulator";

/// What reaches the simulator's terminal at this address.
fn options(simulator: &Running, host: &str) -> TerminalOptions {
    TerminalOptions::new()
        .local_cert(simulator.text("clientP12"), simulator.text("clientP12Passphrase"))
        .static_hosts([host])
}

fn client(simulator: &Running, options: TerminalOptions) -> Vinr {
    Vinr::builder(simulator.text("secretKey"))
        .base_url(simulator.text("api"))
        .terminal(options)
        .max_retries(0)
        .build()
        .unwrap()
}

fn at(simulator: &Running) -> String {
    format!("127.0.0.1:{}", simulator.ready["port"])
}

/// The only record in a directory.
fn record(state: &Path) -> Value {
    let files: Vec<_> = std::fs::read_dir(state).unwrap().map(|one| one.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    serde_json::from_slice(&std::fs::read(&files[0]).unwrap()).unwrap()
}

#[tokio::test]
async fn a_simulator_is_started_found_charged_and_ended() {
    let options = TerminalOptions::new().local_simulator().simulator_path(config::program());
    let vinr = Vinr::builder("sk_test_a").terminal(options).build().unwrap();
    let readers = vinr.terminal().readers().discover().await.unwrap();
    assert_eq!(readers.len(), 1);
    assert_eq!((readers[0].id.as_str(), readers[0].model.as_str()), (TERMINAL, "simulator"));
    assert_eq!((readers[0].ip.as_str(), readers[0].status.as_str()), ("127.0.0.1", "online"));
    let order = CreateLocalPayment::new(TERMINAL, 1000, "USD").reference("local_test_001");
    let payments = vinr.terminal().payments();
    let paid = payments.create_local(order).await.unwrap();
    assert_eq!((paid.status, paid.amount), (PaymentStatus::Completed, 1000));
    let found = payments.retrieve_by_reference("local_test_001").await.unwrap();
    assert_eq!(found.client_token, paid.client_token);
    // The cloud behind it is the simulator's, under a key that it drew.
    let listed = vinr.terminals().retrieve(TERMINAL).await.unwrap();
    assert_eq!(listed.id, TERMINAL);
    vinr.close().await;
    let gone = payments.create_local(CreateLocalPayment::new(TERMINAL, 5, "USD")).max_retries(0).await;
    assert_eq!(gone.unwrap_err().layer, Some("port"), "it is still there");
}

#[tokio::test]
async fn a_kiosk_sells_without_the_internet() {
    let options = TerminalOptions::new().simulate_offline().simulator_path(config::program());
    let vinr = Vinr::builder("rk_test_a").terminal(options).build().unwrap();
    let order = CreateLocalPayment::new(TERMINAL, 1000, "USD").reference("ticket_1");
    let paid = vinr.terminal().payments().create_local(order).await.unwrap();
    assert_eq!((paid.status, paid.offline), (PaymentStatus::Processing, Some(true)));
    vinr.close().await;
    let live = Vinr::builder("sk_live_a").terminal(TerminalOptions::new().local_simulator()).build();
    assert_eq!(live.unwrap_err().code, "test_mode_only");
    let nothing = TerminalOptions::new().local_simulator().simulator_path("/nowhere/vinr");
    let error =
        Vinr::builder("sk_test_a").terminal(nothing).build().unwrap().terminal().readers().discover().await;
    assert_eq!(error.unwrap_err().code, "simulator_not_available");
}

#[tokio::test]
async fn a_terminal_proves_who_it_is_before_anything_is_said_to_it() {
    let (simulator, other) = tokio::join!(Running::simulator(), Running::simulator());
    let vinr = client(&simulator, options(&simulator, &at(&other)));
    let order = CreateLocalPayment::new(TERMINAL, 1000, "USD").reference("secret_order");
    let error = vinr.terminal().payments().create_local(order.clone()).await.unwrap_err();
    assert_eq!((error.kind(), error.code.as_str()), (ErrorKind::LocalConnection, "tls_untrusted"));
    assert_eq!((error.layer, error.outcome_unknown), (Some("certificate"), false));
    let found = vinr.terminal().readers().discover().await.unwrap_err();
    assert_eq!(found.code, "tls_untrusted");
    // The other one of the same platform, under a name that it does not have.
    let vinr = client(&simulator, options(&simulator, &at(&simulator)));
    let wrong = CreateLocalPayment::new("term_another", 1000, "USD");
    let error = vinr.terminal().payments().create_local(wrong).await.unwrap_err();
    assert_eq!((error.code.as_str(), error.layer), ("reader_unknown", Some("name")));
    let spoiled = TerminalOptions::new()
        .local_cert(simulator.text("clientP12"), "wrong")
        .static_hosts([at(&simulator)]);
    let error = client(&simulator, spoiled).terminal().payments().create_local(order).await.unwrap_err();
    assert_eq!(error.code, "local_cert_passphrase");
    assert!(!format!("{error:?} {error}").contains(simulator.text("clientP12Passphrase")));
}

#[tokio::test]
async fn hybrid_payments_go_locally_and_through_the_cloud_when_nobody_is_there() {
    let simulator = Running::simulator().await;
    let state = tempfile::tempdir().unwrap();
    let vinr = client(&simulator, options(&simulator, &at(&simulator)).state_dir(state.path().join("a")));
    let order = |reference: &str| {
        CreatePayment::on(TERMINAL, 2500, "USD").reference(reference).connectivity(Connectivity::hybrid())
    };
    let paid = vinr.terminal().payments().create(order("order_1")).await.unwrap();
    assert_eq!((paid.status, paid.metadata["connectionMode"].as_str()), (PaymentStatus::Completed, "local"));
    let written = record(&state.path().join("a"));
    assert_eq!(
        (&written["state"], &written["intent"]),
        (&"final_local".into(), &paid.client_token.clone().into())
    );
    let resolved = vinr.terminal().payments().resolve(&paid.client_token).await.unwrap();
    assert_eq!(resolved.status, PaymentStatus::Completed);

    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = Arc::clone(&told);
    let lonely = options(&simulator, &nobody().await)
        .state_dir(state.path().join("b"))
        .on_local_failure(move |layer, _| heard.lock().unwrap().push(layer.to_owned()));
    let vinr = client(&simulator, lonely);
    let paid = vinr.terminal().payments().create(order("order_2")).await.unwrap();
    assert_eq!((paid.status, paid.metadata["connectionMode"].as_str()), (PaymentStatus::Completed, "cloud"));
    assert_eq!(*told.lock().unwrap(), ["port"]);
    assert_eq!(record(&state.path().join("b"))["state"], "final_cloud");
    let unknown =
        vinr.terminal().payments().resolve("0197a000-0000-7000-8000-00000000beef").await.unwrap_err();
    assert_eq!((unknown.code.as_str(), unknown.outcome_unknown), ("payment_not_found", false));
}

#[tokio::test]
async fn a_payment_that_was_delegated_is_gone_on_with_and_not_made_again() {
    let simulator = Running::simulator().await;
    let state = tempfile::tempdir().unwrap();
    let token = "0197a000-0000-7000-8000-000000000bad";
    let order = CreatePayment::on(TERMINAL, 2500, "USD").reference("order_3");
    let vinr = client(&simulator, options(&simulator, &at(&simulator)).state_dir(state.path()));
    let payments = vinr.terminal().payments();
    // As a program leaves it that was killed while it waited for the cloud.
    let first = payments.create_sync(order.clone().client_token(token)).await.unwrap();
    let left = serde_json::json!({ "v": 1, "intent": token, "terminalId": TERMINAL, "reference": "order_3", "amount": 2500,
        "currency": "USD", "state": "delegated", "createdAt": 1, "updatedAt": 1 });
    std::fs::write(state.path().join(format!("{token}.json")), left.to_string()).unwrap();
    let again = payments.create(order.connectivity(Connectivity::hybrid())).await.unwrap();
    assert_eq!((&again.id, again.metadata["connectionMode"].as_str()), (&first.id, "cloud"));
    assert_eq!(record(state.path())["state"], "final_cloud");
    let all =
        payments.list(vinr_sdk::params::ListTerminalPayments::new().reference("order_3")).await.unwrap();
    assert_eq!(all.data.len(), 1, "it was charged twice");
}

#[tokio::test]
async fn when_nobody_answers_the_error_says_whether_something_may_have_happened() {
    let simulator = Running::simulator().await;
    let state = tempfile::tempdir().unwrap();
    let nowhere =
        options(&simulator, &nobody().await).state_dir(state.path()).local_ca(simulator.text("caBundle"));
    let vinr = Vinr::builder("sk_test_a")
        .base_url(format!("http://{}", nobody().await))
        .terminal(nowhere)
        .max_retries(0)
        .build()
        .unwrap();
    let order =
        CreatePayment::on(TERMINAL, 2500, "USD").reference("order_4").connectivity(Connectivity::hybrid());
    let error = vinr.terminal().payments().create(order).await.unwrap_err();
    // Nobody was connected to, neither here nor there.
    assert_eq!((error.code.as_str(), error.outcome_unknown), ("not_connected", false));
    assert_eq!(error.local_failure.as_ref().unwrap().0, "port");
    assert_eq!(std::fs::read_dir(state.path()).unwrap().count(), 0, "the record is still there");
}

/// Announces what the simulator would on a shop's network.
fn announced(simulator: &Running, id: &str) -> mdns_sd::ServiceDaemon {
    let daemon = mdns_sd::ServiceDaemon::new().unwrap();
    daemon.disable_interface(mdns_sd::IfKind::All).unwrap();
    daemon.enable_interface(mdns_sd::IfKind::LoopbackV4).unwrap();
    let port = u16::try_from(simulator.ready["port"].as_u64().unwrap()).unwrap();
    let facts = [("id", id), ("model", "simulator"), ("modes", "local"), ("protocol", "1")];
    let (kind, name) = ("_vinr-terminal._tcp.local.", format!("{id}-{port}"));
    let host = format!("{name}.local.");
    let service = mdns_sd::ServiceInfo::new(kind, &name, &host, "127.0.0.1", port, &facts[..]).unwrap();
    daemon.register(service).unwrap();
    daemon
}

#[tokio::test]
async fn who_announces_itself_is_found_when_it_proves_who_it_is() {
    let simulator = Running::simulator().await;
    let daemon = announced(&simulator, TERMINAL);
    let proves =
        TerminalOptions::new().local_cert(simulator.text("clientP12"), simulator.text("clientP12Passphrase"));
    let vinr = client(&simulator, proves.local_ca(simulator.text("caBundle")));
    let port = u16::try_from(simulator.ready["port"].as_u64().unwrap()).unwrap();
    let readers = vinr.terminal().readers().discover().await.unwrap();
    let found = readers.iter().find(|one| one.port == port).unwrap_or_else(|| panic!("{readers:?}"));
    assert_eq!((found.id.as_str(), found.verified), (TERMINAL, true));
    // It is remembered: a charge needs no address.
    let order = CreateLocalPayment::new(TERMINAL, 700, "USD").reference("announced");
    let paid = vinr.terminal().payments().create_local(order).await.unwrap();
    assert_eq!(paid.status, PaymentStatus::Completed);
    daemon.shutdown().unwrap();
}
