//! What a sandbox has from the start: an account, a location, a key that is the same everywhere.

use vinr_domain::{AccountId, LocationId, Timestamp};
use vinr_server::access::{hash_key, hint_of};
use vinr_server::platform::Platform;
use vinr_server::store::{AccountRow, KeyRow, LocationRow, Scope};

use crate::failure::Failure;

/// The secret key of every `vinr dev`. Opens nothing but a sandbox on the machine it runs on.
pub const SECRET_KEY: &str = "sk_test_vinr_dev";

/// The sandbox's account, in test mode.
pub fn scope() -> Result<Scope, Failure> {
    let account = AccountId::parse("acct_dev").map_err(Failure::new)?;
    Ok(Scope { account, livemode: false })
}

/// The sandbox's one location.
pub fn location() -> Result<LocationId, Failure> {
    LocationId::parse("loc_dev").map_err(Failure::new)
}

/// Registers account, location and key. Doing it again changes nothing.
pub async fn account(platform: &Platform, now: Timestamp) -> Result<(), Failure> {
    let scope = scope()?;
    let account = AccountRow {
        id: scope.account.clone(),
        display_name: "Sandbox".into(),
        over_capture_percent: 20,
        created_at: now,
    };
    platform.put_account(account).await.map_err(Failure::new)?;
    let location = LocationRow {
        id: location()?,
        scope: scope.clone(),
        display_name: "Sandbox shop".into(),
        created_at: now,
    };
    platform.put_location(location).await.map_err(Failure::new)?;
    let key = KeyRow {
        hash: hash_key(SECRET_KEY),
        scope,
        grants: Vec::new(),
        hint: hint_of(SECRET_KEY),
        created_at: now,
        revoked_at: None,
    };
    platform.put_key(key).await.map_err(Failure::new)
}
