//! `vinr accounts`: all accounts of a server, for whoever runs it.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::keys::told;
use super::table::{cell, moment, rows};
use crate::client::{ApiArgs, Client, PrintArgs};
use crate::dev::OPERATOR_KEY;
use crate::failure::Failure;
use crate::say;

/// What `vinr accounts` can be told.
#[derive(Clone, Debug, Args)]
pub struct AccountsArgs {
    #[command(flatten)]
    api: ApiArgs,

    #[command(flatten)]
    print: PrintArgs,

    #[command(subcommand)]
    deed: Deed,
}

#[derive(Clone, Debug, Subcommand)]
enum Deed {
    /// List the accounts, newest first.
    List {
        /// How many, 1 to 100.
        #[arg(long, default_value_t = 100, value_name = "N")]
        limit: u8,
    },
    /// Open an account.
    Create {
        /// What people call it.
        name: String,
    },
    /// Give an account a secret key; a new account has none.
    Key {
        /// The account's id, acct_….
        id: String,
        /// A live key instead of a test key.
        #[arg(long)]
        live: bool,
        /// What people call the key.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
    },
    /// Stop an account: its keys may look, and change nothing.
    Suspend {
        /// The account's id, acct_….
        id: String,
    },
    /// Let a stopped account go on.
    Resume {
        /// The account's id, acct_….
        id: String,
    },
    /// Cap what an account's terminals take offline; without figures, take the cap away.
    Cap {
        /// The account's id, acct_….
        id: String,
        /// The most that one payment may take, in the smallest unit of the terminal's currency.
        #[arg(long, value_name = "AMOUNT")]
        max_amount: Option<i64>,
        /// The most payments that a terminal may keep.
        #[arg(long, value_name = "N")]
        max_queue: Option<u32>,
        /// The most that a terminal may keep in all, in the smallest unit of its currency.
        #[arg(long, value_name = "AMOUNT")]
        max_total: Option<i64>,
    },
    /// Check an audit log: the platform's own, or an account's.
    Verify {
        /// The account's id, acct_….
        id: Option<String>,
        /// The account's test log instead of its live log.
        #[arg(long)]
        test: bool,
    },
}

/// Does it and says what came of it.
pub async fn run(args: AccountsArgs) -> Result<(), Failure> {
    let client = Client::new(&args.api, OPERATOR_KEY)?;
    let answer = ask(&client, &args.deed).await?;
    let broken = answer["intact"] == json!(false);
    if args.print.json {
        say(&answer.to_string());
    } else {
        say(words(&answer).trim_end());
    }
    // A script that checks a log must not have to read it.
    if broken { Err(Failure::new("the audit log is not what was written")) } else { Ok(()) }
}

async fn ask(client: &Client, deed: &Deed) -> Result<Value, Failure> {
    const ALL: &str = "/v1/operator/accounts";
    match deed {
        Deed::List { limit } => client.get(&format!("{ALL}?limit={limit}")).await,
        Deed::Create { name } => client.post(ALL, &json!({ "displayName": name })).await,
        Deed::Key { id, live, name } => {
            let mut body = json!({ "livemode": live, "type": "secret" });
            if let Some(name) = name {
                body["name"] = json!(name);
            }
            client.post(&format!("{ALL}/{id}/api-keys"), &body).await
        }
        Deed::Suspend { id } => client.post(&format!("{ALL}/{id}"), &json!({ "suspended": true })).await,
        Deed::Resume { id } => client.post(&format!("{ALL}/{id}"), &json!({ "suspended": false })).await,
        Deed::Cap { id, max_amount, max_queue, max_total } => {
            let cap = json!({ "maxAmount": max_amount, "maxQueue": max_queue, "maxTotal": max_total });
            client.post(&format!("{ALL}/{id}"), &json!({ "offlineCap": cap })).await
        }
        Deed::Verify { id, test } => {
            let query = id.as_ref().map(|id| format!("?account={id}&livemode={}", !test)).unwrap_or_default();
            client.get(&format!("/v1/operator/audit-log/verify{query}")).await
        }
    }
}

fn words(answer: &Value) -> String {
    match answer["object"].as_str() {
        Some("list") => listed(answer["data"].as_array().map_or(&[], Vec::as_slice)),
        Some("api_key") => told(answer),
        Some("audit_verification") => {
            let end = match answer["brokenAt"].as_u64() {
                Some(place) => format!("line {place} is not what was written there"),
                None => "intact".to_owned(),
            };
            format!("{} lines in order; {end}. Last hash: {}", answer["entries"], cell(&answer["lastHash"]))
        }
        Some(_) | None => listed(std::slice::from_ref(answer)),
    }
}

fn listed(accounts: &[Value]) -> String {
    let row = |account: &Value| {
        vec![
            cell(&account["id"]),
            cell(&account["displayName"]),
            if account["suspended"] == json!(true) { "suspended" } else { "open" }.to_owned(),
            cell(&account["offlineCap"]["maxAmount"]),
            cell(&account["offlineCap"]["maxQueue"]),
            cell(&account["offlineCap"]["maxTotal"]),
            moment(&account["createdAt"]),
        ]
    };
    let accounts: Vec<Vec<String>> = accounts.iter().map(row).collect();
    rows(&["ID", "NAME", "STATUS", "CAP AMOUNT", "CAP QUEUE", "CAP TOTAL", "OPENED"], &accounts)
}
