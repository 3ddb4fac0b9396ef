//! What a client is made with, checked before anything is sent. Keeps the key where neither a log nor an error finds it.

use std::fmt;
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::redirect::Policy;

use crate::client::{Pause, Vinr};
use crate::config;
use crate::error::VinrError;
use crate::local::TerminalOptions;
use crate::version::USER_AGENT;

const DEFAULT_BASE_URL: &str = "https://api.vinr.com";
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
const DEFAULT_RETRIES: u32 = 2;
const MOST_RETRIES: u32 = 10;

/// Makes a client. Everything but the key has a default.
pub struct VinrBuilder {
    secret_key: String,
    base_url: Option<String>,
    timeout: Duration,
    max_retries: u32,
    http_client: Option<reqwest::Client>,
    pause: Pause,
    terminal: TerminalOptions,
}

impl VinrBuilder {
    pub(crate) fn new(secret_key: String) -> Self {
        Self {
            secret_key,
            base_url: None,
            timeout: DEFAULT_TIMEOUT,
            max_retries: DEFAULT_RETRIES,
            http_client: None,
            pause: Pause::real(),
            terminal: TerminalOptions::new(),
        }
    }

    /// Where the API is; unless given what `VINR_BASE_URL` in the environment says, or `https://api.vinr.com`.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// How long one attempt may take; 30 seconds unless given. A sync payment has 150 seconds of its own.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How often a request is sent again where that is safe; 2 unless given, 10 at most.
    #[must_use]
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = retries;
        self
    }

    /// What sends requests to the platform: a proxy, a pool, other roots. It is to follow no redirects
    /// (`reqwest::redirect::Policy::none()`).
    #[must_use]
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http_client = Some(client);
        self
    }

    /// How terminals on the local network are reached.
    #[must_use]
    pub fn terminal(mut self, options: TerminalOptions) -> Self {
        self.terminal = options;
        self
    }

    /// Replaces the waiting between attempts, for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn pause(mut self, pause: Pause) -> Self {
        self.pause = pause;
        self
    }

    /// The client.
    ///
    /// # Errors
    /// A [`VinrError`] of the kind `Configuration` when the key, the URL or a limit is none.
    pub fn build(self) -> Result<Vinr, VinrError> {
        checked_key(&self.secret_key)?;
        if self.terminal.simulator && !self.secret_key.contains("_test_") {
            let message = "the simulator takes test keys only: sk_test_… or rk_test_…";
            return Err(VinrError::configuration("test_mode_only", message).about("secret_key"));
        }
        let given = self.base_url.or_else(config::base_url);
        let simulated = self.terminal.simulator && given.is_none();
        let url = given.unwrap_or_else(|| DEFAULT_BASE_URL.to_owned());
        let base_url = checked_url(&url, &self.secret_key)?;
        timeout(self.timeout)?;
        let client = match self.http_client {
            Some(client) => client,
            None => reqwest::Client::builder().redirect(Policy::none()).build().map_err(|_| {
                VinrError::configuration("http_client", "no HTTP client can be made on this machine")
            })?,
        };
        let authorization = bearer(&self.secret_key)?;
        let settings = Settings {
            base_url,
            timeout: self.timeout,
            max_retries: retries(self.max_retries)?,
            authorization,
            key_hint: hint(&self.secret_key),
            simulated,
        };
        Ok(Vinr::with(settings, client, self.pause, self.terminal))
    }
}

impl fmt::Debug for VinrBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VinrBuilder").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// What a client was made with.
pub(crate) struct Settings {
    /// Without a slash at its end.
    pub base_url: String,
    pub timeout: Duration,
    pub max_retries: u32,
    /// The header that carries the key.
    pub authorization: HeaderValue,
    /// Which kind of key it is, without saying it.
    pub key_hint: String,
    /// Whether the platform is the simulator's.
    pub simulated: bool,
}

/// The header that carries a key, and is not printed.
pub(crate) fn bearer(key: &str) -> Result<HeaderValue, VinrError> {
    let value = HeaderValue::try_from(format!("Bearer {key}"));
    let mut value = value.map_err(|_| invalid("secret_key", "the secret key cannot be a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// What every request of this SDK says about itself.
pub(crate) fn user_agent() -> HeaderValue {
    HeaderValue::from_static(USER_AGENT)
}

/// A time limit, if it is one.
pub(crate) fn timeout(given: Duration) -> Result<Duration, VinrError> {
    if given.is_zero() { Err(invalid("timeout", "a time limit is above 0")) } else { Ok(given) }
}

/// A number of retries, if it is one.
pub(crate) fn retries(given: u32) -> Result<u32, VinrError> {
    if given > MOST_RETRIES {
        return Err(invalid("max_retries", "max_retries is a number from 0 to 10"));
    }
    Ok(given)
}

fn invalid(param: &str, message: &str) -> VinrError {
    VinrError::configuration("parameter_invalid", message).about(param)
}

fn checked_key(key: &str) -> Result<(), VinrError> {
    if key.is_empty() {
        let message = "the secret key is empty: is the environment variable there?";
        return Err(VinrError::configuration("parameter_missing", message).about("secret_key"));
    }
    let prefixes = ["sk_test_", "sk_live_", "rk_test_", "rk_live_", "ok_"];
    let rest = prefixes.iter().find_map(|prefix| key.strip_prefix(prefix));
    let letters = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if rest.is_some_and(|rest| !rest.is_empty() && letters(rest)) {
        return Ok(());
    }
    let blank = key.contains(char::is_whitespace);
    let why = if blank { "has white space in it" } else { "is none of sk_…, rk_… and ok_…" };
    Err(invalid("secret_key", &format!("the secret key {why}")))
}

fn hint(key: &str) -> String {
    let parts: Vec<&str> = key.splitn(3, '_').collect();
    match parts.as_slice() {
        [kind, mode @ ("test" | "live"), _] => format!("{kind}_{mode}_…"),
        [kind, ..] => format!("{kind}_…"),
        [] => "…".to_owned(),
    }
}

fn checked_url(text: &str, key: &str) -> Result<String, VinrError> {
    let url = reqwest::Url::parse(text).map_err(|_| invalid("base_url", "the base URL is not a URL"))?;
    let host = url.host_str().unwrap_or_default();
    let more = url.query().is_some() || url.fragment().is_some();
    if !url.username().is_empty() || url.password().is_some() || more {
        return Err(invalid("base_url", "the base URL is scheme, host and port alone"));
    }
    let plain = host.trim_start_matches('[').trim_end_matches(']');
    let here = plain == "localhost" || plain.parse().is_ok_and(|one: std::net::IpAddr| one.is_loopback());
    let allowed = match url.scheme() {
        "https" => true,
        "http" => here || key.contains("_test_"),
        _ => false,
    };
    if !allowed {
        let message = "the base URL begins with https:// unless it is this machine or the key is a test key";
        return Err(invalid("base_url", message));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_live_key_goes_over_tls_alone() {
        assert!(checked_url("http://api.example", "sk_live_a").is_err());
        assert!(checked_url("http://127.0.0.1:8420", "sk_live_a").is_ok());
        assert!(checked_url("http://[::1]:8420/", "sk_live_a").is_ok());
        assert!(checked_url("http://api.example", "sk_test_a").is_ok());
        assert_eq!(
            checked_url("https://api.example/base/", "sk_live_a").unwrap(),
            "https://api.example/base"
        );
        assert!(checked_url("https://a:b@api.example", "sk_live_a").is_err());
        assert!(checked_url("ftp://api.example", "sk_test_a").is_err());
    }

    #[test]
    fn a_key_is_one_of_three_kinds_and_is_never_shown() {
        for key in ["", "pk_test_a", "sk_test_", "sk_test_a b", "sk_a", "sk_test_a\n"] {
            let error = checked_key(key).unwrap_err();
            assert!(key.len() < 4 || !format!("{error:?} {error}").contains(key), "{error:?}");
        }
        assert_eq!((hint("sk_test_abc").as_str(), hint("ok_abc").as_str()), ("sk_test_…", "ok_…"));
    }
}
