//! A till that is driven line by line: what the fault matrix (tests/outside/94_hybrid_matrix.py) runs, kills and starts
//! again. First line: how its client is made. Then one call a line, one answer a line.

#![allow(clippy::print_stdout, reason = "the answers are its output")]

use serde_json::{Value, json};
use tokio::task::{JoinSet, spawn_blocking};
use vinr_sdk::{CreateLocalPayment, CreatePayment, TerminalOptions, Vinr, VinrError};

/// The next line as JSON; nothing at the end of the input.
async fn line() -> Option<Value> {
    let text = spawn_blocking(|| std::io::stdin().lines().next()).await.ok()??.ok()?;
    serde_json::from_str(&text).ok()
}

fn client(told: &Value) -> Result<Vinr, VinrError> {
    let text = |name: &str| told[name].as_str().map(str::to_owned);
    let mut terminal = TerminalOptions::new();
    if let Some(path) = text("p12") {
        terminal = terminal.local_cert(path, text("passphrase").unwrap_or_default());
    }
    if let Some(path) = text("caBundle") {
        terminal = terminal.local_ca(path);
    }
    if let Some(hosts) = told["staticHosts"].as_array() {
        terminal = terminal.static_hosts(hosts.iter().filter_map(Value::as_str));
    }
    if let Some(path) = text("stateDir") {
        terminal = terminal.state_dir(path);
    }
    if told["localSimulator"] == true {
        terminal = terminal.local_simulator();
    }
    if told["simulateOffline"] == true {
        terminal = terminal.simulate_offline();
    }
    if let Some(path) = text("simulatorPath") {
        terminal = terminal.simulator_path(path);
    }
    let mut builder = Vinr::builder(text("secretKey").unwrap_or_default()).terminal(terminal);
    if let Some(url) = text("baseUrl") {
        builder = builder.base_url(url);
    }
    builder.build()
}

/// Parameters that cannot be read are the driver's fault, and said as such.
fn params<T: serde::de::DeserializeOwned>(args: &Value) -> Result<T, Value> {
    serde_json::from_value(args.clone())
        .map_err(|error| json!({ "class": "TypeError", "code": error.to_string() }))
}

async fn call(vinr: &Vinr, name: &str, args: &Value) -> Result<Value, Value> {
    let payments = vinr.terminal().payments();
    let shown = |payment: &vinr_sdk::TerminalPayment| json!(payment);
    let text = |name: &str| {
        args[name].as_str().or(args.as_str()).or(args[0].as_str()).unwrap_or_default().to_owned()
    };
    match name {
        "create" => payments.create(params::<CreatePayment>(args)?).await.map(|one| shown(&one)),
        "createLocal" => payments.create_local(params::<CreateLocalPayment>(args)?).await.map(|one| shown(&one)),
        "retrieveByReference" => payments.retrieve_by_reference(text("reference")).await.map(|one| shown(&one)),
        "resolve" => payments.resolve(text("clientToken")).await.map(|one| shown(&one)),
        "discover" => vinr.terminal().readers().discover().await.map(|found| {
            let each = found.iter().map(|one| {
                json!({ "id": one.id, "ip": one.ip, "port": one.port, "model": one.model, "status": one.status.as_str() })
            });
            each.collect()
        }),
        other => return Err(json!({ "class": "TypeError", "code": format!("no call {other}") })),
    }
    .map_err(|error| told(&error))
}

fn told(error: &VinrError) -> Value {
    json!({
        "class": error.kind().name(),
        "code": error.code,
        "layer": error.layer.or(error.local_failure.as_ref().map(|(layer, _)| *layer)),
        "outcomeUnknown": error.outcome_unknown,
        "clientToken": error.client_token,
        "message": error.message,
    })
}

#[tokio::main]
async fn main() -> Result<(), VinrError> {
    let Some(how) = line().await else { return Ok(()) };
    let vinr = client(&how)?;
    let mut running = JoinSet::new();
    while let Some(asked) = line().await {
        let vinr = vinr.clone();
        running.spawn(async move {
            let answer = match call(&vinr, asked["call"].as_str().unwrap_or_default(), &asked["args"]).await {
                Ok(value) => json!({ "id": asked["id"], "ok": value }),
                Err(error) => json!({ "id": asked["id"], "error": error }),
            };
            println!("{answer}");
        });
    }
    while running.join_next().await.is_some() {}
    vinr.close().await;
    Ok(())
}
