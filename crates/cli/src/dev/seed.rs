//! What a sandbox has from the start: an account, a location, a key that is the same everywhere.

use vinr_domain::{AccountId, LocationId, Timestamp};
use vinr_server::access::{OperatorKeyRow, hash_key, hint_of};
use vinr_server::platform::Platform;
use vinr_server::store::{AccountRow, KeyRow, LocationRow, Scope, Stored};

use crate::failure::Failure;

/// The secret key of every `vinr dev`. Opens nothing but a sandbox on the machine it runs on.
pub const SECRET_KEY: &str = "sk_test_vinr_dev";

/// The operator key of every `vinr dev`. Opens the operator's side of a sandbox, and nothing else.
pub const OPERATOR_KEY: &str = "ok_vinr_dev";

/// The sandbox's account, in test mode.
pub fn scope() -> Result<Scope, Failure> {
    let account = AccountId::parse("acct_dev").map_err(Failure::new)?;
    Ok(Scope { account, livemode: false })
}

/// The sandbox's one location.
pub fn location() -> Result<LocationId, Failure> {
    LocationId::parse("loc_dev").map_err(Failure::new)
}

/// Registers account, location and key, those that are not there yet: what was changed since stays changed.
pub async fn account(platform: &Platform, now: Timestamp) -> Result<(), Failure> {
    let scope = scope()?;
    let store = &platform.office.store;
    let account = AccountRow::new(scope.account.clone(), "Sandbox", now);
    if store.get::<AccountRow>(&account.scope, scope.account.as_str()).await.map_err(Failure::new)?.is_none()
    {
        platform.put_account(account).await.map_err(Failure::new)?;
    }
    let location = LocationRow::new(location()?, scope.clone(), "Sandbox shop", now);
    if store.get::<LocationRow>(&scope, location.id.as_str()).await.map_err(Failure::new)?.is_none() {
        platform.put_location(location).await.map_err(Failure::new)?;
    }
    let key = KeyRow::new(hash_key(SECRET_KEY), scope, hint_of(SECRET_KEY), now);
    if store.get::<KeyRow>(&key.scope, &key.id()).await.map_err(Failure::new)?.is_none() {
        platform.put_key(key).await.map_err(Failure::new)?;
    }
    let key = OperatorKeyRow::new(OPERATOR_KEY, "The sandbox's operator", now);
    if store.get::<OperatorKeyRow>(&key.scope, &key.id()).await.map_err(Failure::new)?.is_none() {
        platform.put_operator_key(key).await.map_err(Failure::new)?;
    }
    Ok(())
}
