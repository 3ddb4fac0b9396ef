//! What a sandbox has from the start: an account, a location, and keys; the same everywhere, or one that it draws.

use std::path::Path;

use vinr_domain::{AccountId, LocationId, Model, SoftwareVersion, Timestamp};
use vinr_server::access::{OperatorKeyRow, hash_key, hint_of};
use vinr_server::platform::Platform;
use vinr_server::store::{AccountRow, KeyRow, LocationRow, Scope, Stored};
use vinr_wire::rest::release::{DEFAULT_VALID_DAYS, NewRelease};

use crate::failure::Failure;

/// The secret key of every `vinr dev`. Opens nothing but a sandbox on the machine it runs on.
pub const SECRET_KEY: &str = "sk_test_vinr_dev";

/// The operator key of every `vinr dev`. Opens the operator's side of a sandbox, and nothing else.
pub const OPERATOR_KEY: &str = "ok_vinr_dev";

/// What opens the API of a sandbox from the start.
#[derive(Clone)]
pub struct Keys {
    secret: String,
    operator: Option<&'static str>,
    is_drawn: bool,
}

impl Keys {
    /// Where a drawn secret key is kept.
    pub const FILE: &str = "secret-key";

    /// Those of every `vinr dev`.
    pub fn of_dev() -> Self {
        Self { secret: SECRET_KEY.to_owned(), operator: Some(OPERATOR_KEY), is_drawn: false }
    }

    /// A secret key that only this sandbox knows, and no operator's side. Drawn once for each directory.
    pub fn drawn(dir: &Path) -> Result<Self, Failure> {
        let path = dir.join(Self::FILE);
        let secret = match std::fs::read_to_string(&path) {
            Ok(kept) => kept.trim().to_owned(),
            Err(_) => {
                let drawn = format!("sk_test_{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>());
                super::till::write(&path, drawn.as_bytes())?;
                drawn
            }
        };
        Ok(Self { secret, operator: None, is_drawn: true })
    }

    /// The secret key.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// The secret key, if everybody may see it: a drawn one on a page would be a published one.
    pub fn published(&self) -> Option<&str> {
        (!self.is_drawn).then_some(self.secret.as_str())
    }
}

/// The sandbox's account, in test mode.
pub fn scope() -> Result<Scope, Failure> {
    let account = AccountId::parse("acct_dev").map_err(Failure::new)?;
    Ok(Scope { account, livemode: false })
}

/// The sandbox's one location.
pub fn location() -> Result<LocationId, Failure> {
    LocationId::parse("loc_dev").map_err(Failure::new)
}

/// Registers account, location and keys, those that are not there yet: what was changed since stays changed.
pub async fn account(platform: &Platform, keys: &Keys, now: Timestamp) -> Result<(), Failure> {
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
    let key = KeyRow::new(hash_key(&keys.secret), scope, hint_of(&keys.secret), now);
    if store.get::<KeyRow>(&key.scope, &key.id()).await.map_err(Failure::new)?.is_none() {
        platform.put_key(key).await.map_err(Failure::new)?;
    }
    let Some(operator) = keys.operator else { return Ok(()) };
    let key = OperatorKeyRow::new(operator, "The sandbox's operator", now);
    if store.get::<OperatorKeyRow>(&key.scope, &key.id()).await.map_err(Failure::new)?.is_none() {
        platform.put_operator_key(key).await.map_err(Failure::new)?;
    }
    Ok(())
}

/// A link that signs the sandbox's owner in to the dashboard, once.
pub async fn entry(platform: &Platform, base_url: &str) -> Result<String, Failure> {
    let people = &platform.applications.people;
    let owner = people.provide_owner(("dev@localhost", "Developer"), &scope()?.account, true).await;
    let token = people.entry_token(&owner.map_err(Failure::new)?).await.map_err(Failure::new)?;
    Ok(format!("{base_url}{}/enter?token={token}", vinr_server::dashboard::ROOT))
}

/// Registers a version of the simulator's software that is newer than what runs, so that an update can be tried. It has
/// no image: the simulator plays the installation.
pub async fn release(platform: &Platform) -> Result<(), Failure> {
    let version = concat!(env!("CARGO_PKG_VERSION"), ".1");
    let release = NewRelease {
        model: Model::Simulator,
        version: SoftwareVersion::parse(version).map_err(Failure::new)?,
        sha256: "0".repeat(64),
        size_bytes: 1,
        url: None,
        min_version: None,
        valid_days: DEFAULT_VALID_DAYS,
        rollout_percent: 100,
    };
    if let Err(refusal) = platform.applications.releases.provide(release).await {
        tracing::warn!(%refusal, "there is no update for the simulators");
    }
    Ok(())
}
