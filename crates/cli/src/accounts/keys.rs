//! `vinr keys`: the keys of the account and mode of the key that asks.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::table::{cell, moment, rows};
use crate::client::{ApiArgs, Client, PrintArgs};
use crate::dev::SECRET_KEY;
use crate::failure::Failure;
use crate::say;

/// What `vinr keys` can be told.
#[derive(Clone, Debug, Args)]
pub struct KeysArgs {
    #[command(flatten)]
    api: ApiArgs,

    #[command(flatten)]
    print: PrintArgs,

    #[command(subcommand)]
    deed: Deed,
}

#[derive(Clone, Debug, Subcommand)]
enum Deed {
    /// List the keys, newest first.
    List {
        /// How many, 1 to 100.
        #[arg(long, default_value_t = 100, value_name = "N")]
        limit: u8,
    },
    /// Create a key: a secret one, or with --scope a restricted one.
    Create {
        /// What people call it.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// What the key may do, such as payments:read. Repeatable.
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
    },
    /// Make a key that takes another one's place.
    Roll {
        /// The key's id, key_….
        id: String,
        /// For how many seconds the old one goes on working.
        #[arg(long, default_value_t = 86_400, value_name = "SECONDS")]
        overlap: u32,
    },
    /// End a key at once and for ever.
    Revoke {
        /// The key's id, key_….
        id: String,
    },
}

/// Does it and says what came of it.
pub async fn run(args: KeysArgs) -> Result<(), Failure> {
    let client = Client::new(&args.api, SECRET_KEY)?;
    let answer = match &args.deed {
        Deed::List { limit } => client.get(&format!("/v1/api-keys?limit={limit}")).await?,
        Deed::Create { name, scopes } => {
            let mut body = json!({ "type": if scopes.is_empty() { "secret" } else { "restricted" } });
            if !scopes.is_empty() {
                body["scopes"] = json!(scopes);
            }
            if let Some(name) = name {
                body["name"] = json!(name);
            }
            client.post("/v1/api-keys", &body).await?
        }
        Deed::Roll { id, overlap } => {
            client.post(&format!("/v1/api-keys/{id}/roll"), &json!({ "expiresIn": overlap })).await?
        }
        Deed::Revoke { id } => client.post(&format!("/v1/api-keys/{id}/revoke"), &json!({})).await?,
    };
    if args.print.json {
        say(&answer.to_string());
    } else if answer["object"] == "list" {
        say(listed(&answer).trim_end());
    } else {
        say(&told(&answer));
    }
    Ok(())
}

fn listed(answer: &Value) -> String {
    let row = |key: &Value| {
        vec![
            cell(&key["id"]),
            cell(&key["name"]),
            cell(&key["hint"]),
            cell(&key["status"]),
            moment(&key["createdAt"]),
            moment(&key["lastUsedAt"]),
            cell(&key["scopes"]),
        ]
    };
    let keys: Vec<Vec<String>> = answer["data"].as_array().into_iter().flatten().map(row).collect();
    rows(&["ID", "NAME", "KEY", "STATUS", "CREATED", "LAST USED", "SCOPES"], &keys)
}

/// One key; with its text when this is the answer that tells it.
pub(super) fn told(key: &Value) -> String {
    let about = format!("{}  {}  {}", cell(&key["id"]), cell(&key["hint"]), cell(&key["status"]));
    match key["secret"].as_str() {
        Some(secret) => {
            format!("{about}\n\n  {secret}\n\nThis is shown once. Keep it where only your server reads it.")
        }
        None => about,
    }
}
