//! Who is looking: a random name in a cookie, and the token that forms of this process carry for it (a keyed hash, so that
//! nothing is kept). Lets a form of another page through to nobody.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use hyper::HeaderMap;
use hyper::header::COOKIE;

/// The name of the cookie; cookies of a machine are shared by all of its ports.
const NAME: &str = "vinr_terminal_page";
/// The name of the language's cookie.
const LANGUAGE: &str = "vinr_terminal_page_lang";
/// Bytes of a session's name.
const BYTES: usize = 16;

/// Makes tokens and recognises them.
pub(super) struct Tokens {
    key: hmac::Key,
}

/// One browser.
#[derive(Clone)]
pub(super) struct Session {
    name: String,
    /// The browser does not have it yet.
    is_new: bool,
    pub(super) token: String,
}

impl Tokens {
    /// With a key of this process alone.
    pub(super) fn new(seed: [u8; 32]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, &seed) }
    }

    /// The session that the request belongs to, or a new one.
    pub(super) fn session(&self, headers: &HeaderMap) -> Session {
        let known = cookie(headers, NAME).filter(|name| is_name(name));
        let is_new = known.is_none();
        let name = known.map_or_else(|| hex(&rand::random::<[u8; BYTES]>()), str::to_owned);
        let token = hex(hmac::sign(&self.key, name.as_bytes()).as_ref());
        Session { name, is_new, token }
    }
}

impl Session {
    /// Whether a form of this session's own page says this.
    pub(super) fn admits(&self, token: &str) -> bool {
        !self.is_new && verify_slices_are_equal(self.token.as_bytes(), token.as_bytes()).is_ok()
    }

    /// What the browser is to keep, if it does not yet.
    pub(super) fn cookie(&self) -> Option<String> {
        self.is_new.then(|| format!("{NAME}={}; Path=/; HttpOnly; SameSite=Strict", self.name))
    }
}

/// The language that was chosen, if one was.
pub(super) fn language(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, LANGUAGE)
}

/// Keeps the language.
pub(super) fn language_cookie(tag: &str) -> String {
    format!("{LANGUAGE}={tag}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000")
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

fn is_name(text: &str) -> bool {
    text.len() == 2 * BYTES && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(cookie: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, cookie.parse().unwrap());
        headers
    }

    #[test]
    fn a_token_is_good_for_its_session_and_its_process_alone() {
        let (here, elsewhere) = (Tokens::new([1; 32]), Tokens::new([2; 32]));
        let first = here.session(&HeaderMap::new());
        assert!(
            first
                .cookie()
                .is_some_and(|line| line.contains("SameSite=Strict; ") || line.ends_with("SameSite=Strict"))
        );
        // A request without the cookie is nobody's, whatever its token says.
        assert!(!first.admits(&first.token));
        let kept = with(&format!("other=1; {NAME}={}", first.name));
        let again = here.session(&kept);
        assert!(again.admits(&first.token) && again.cookie().is_none());
        assert!(!again.admits("") && !again.admits(&first.token[1..]));
        assert!(!elsewhere.session(&kept).admits(&first.token));
        assert!(!here.session(&with(&format!("{NAME}={}", "0".repeat(32)))).admits(&first.token));
        assert!(here.session(&with(&format!("{NAME}=<script>"))).cookie().is_some());
    }
}
