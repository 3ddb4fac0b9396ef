//! Proof in place: what needs one and has none is asked for on a page that keeps the form, and goes on from there to where the
//! form was sent. Through the router of the dashboard, under virtual time.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use tower::ServiceExt;
use vinr_domain::AccountId;
use vinr_server::dashboard::router;
use vinr_server::people::Origin;

use super::office::Office;

const PASSWORD: &str = "correct horse battery";

struct Browser {
    router: Router,
    cookie: String,
}

struct Page {
    status: u16,
    to: Option<String>,
    text: String,
}

impl Browser {
    async fn ask(&self, method: &str, path: &str, body: &str, referer: &str) -> Page {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "dashboard.example")
            .header("cookie", &self.cookie)
            .header("referer", referer)
            .header("content-type", "application/x-www-form-urlencoded");
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        let to = parts.headers.get("location").map(|value| value.to_str().unwrap().to_owned());
        Page { status: parts.status.as_u16(), to, text }
    }

    async fn get(&self, path: &str) -> Page {
        self.ask("GET", path, "", "").await
    }

    /// A form that is sent from the page of people.
    async fn post(&self, path: &str, body: &str) -> Page {
        self.ask("POST", path, body, "http://dashboard.example/dashboard/people").await
    }

    async fn form_token(&self) -> String {
        let page = self.get("/dashboard/profile").await.text;
        page.split("name=\"form_token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }
}

/// What a browser sends of the page's form: its hidden fields, and what is typed.
fn filled(page: &str, typed: &[(&str, &str)]) -> String {
    let form = page.split("class=\"proof-form\">").nth(1).unwrap().split("</form>").next().unwrap();
    let mut pairs = Vec::new();
    for field in form.split("type=\"hidden\" name=\"").skip(1) {
        let (name, rest) = field.split_once("\" value=\"").unwrap();
        let value = rest.split('"').next().unwrap();
        pairs.push(format!("{name}={}", value.replace('@', "%40").replace('+', "%2B")));
    }
    pairs.extend(typed.iter().map(|(name, value)| format!("{name}={}", value.replace(' ', "+"))));
    pairs.join("&")
}

async fn owner(office: &Office, password: Option<&str>) -> Browser {
    let people = &office.platform.applications.people;
    let account = AccountId::parse("acct_shop").unwrap();
    let id = people.provide_owner(("ada@shop.example", "Ada"), &account, false).await.unwrap();
    let from = Origin { address: None, browser: "".into() };
    let token = people.enter(&people.entry_token(&id).await.unwrap(), from).await.unwrap();
    if let Some(password) = password {
        let who = people.session(&token).await.unwrap().unwrap();
        people.set_password(&who, password.into()).await.unwrap();
    }
    let router = router(office.platform.services(), true);
    Browser { router, cookie: format!("vinr_session={token}") }
}

async fn invited(browser: &Browser, email: &str) -> bool {
    browser.get("/dashboard/people").await.text.contains(email)
}

#[tokio::test(start_paused = true)]
async fn a_form_waits_for_its_proof_and_goes_on() {
    let office = Office::open().await;
    let browser = owner(&office, Some(PASSWORD)).await;
    let token = browser.form_token().await;
    tokio::time::advance(Duration::from_secs(601)).await;
    let form = format!("form_token={token}&email=bob%2Bshop%40shop.example&role=cashier");
    let asked = browser.post("/dashboard/people/invite", &form).await;
    assert_eq!(asked.status, 403);
    assert!(asked.text.contains("action=\"/dashboard/people/invite\""), "goes on to where it was sent");
    assert!(
        asked.text.contains("name=\"email\" value=\"bob+shop@shop.example\"")
            || asked.text.contains("bob&#43;shop"),
        "{}",
        asked.text
    );
    assert!(
        asked.text.contains("name=\"proof_back\" value=\"/dashboard/people\""),
        "and back to where it came from"
    );
    assert!(!invited(&browser, "bob+shop@").await, "nothing was done");

    let wrong =
        browser.post("/dashboard/people/invite", &filled(&asked.text, &[("proof_password", "not it")])).await;
    assert_eq!(wrong.status, 403);
    assert!(wrong.text.contains("This is not your password.") && wrong.text.contains("proof_password"));
    assert!(!wrong.text.contains("not it"), "what was typed wrongly is not shown again");
    assert!(!invited(&browser, "bob").await, "nothing was done");

    let done =
        browser.post("/dashboard/people/invite", &filled(&wrong.text, &[("proof_password", PASSWORD)])).await;
    assert_eq!(done.status, 200);
    assert!(done.text.contains("/dashboard/invitation?token="), "the answer of the form itself");
    assert!(invited(&browser, "bob").await);
    let next = browser.post("/dashboard/people/invite", &form.replace("bob", "eve")).await;
    assert!(next.text.contains("/dashboard/invitation?token="), "a proof is good for ten minutes");
}

#[tokio::test(start_paused = true)]
async fn a_proof_is_taken_from_our_own_page_only_and_leads_nowhere_else() {
    let office = Office::open().await;
    let browser = owner(&office, Some(PASSWORD)).await;
    let token = browser.form_token().await;
    tokio::time::advance(Duration::from_secs(601)).await;
    let proof = format!("proof_password={}", PASSWORD.replace(' ', "+"));
    let foreign =
        browser.post("/dashboard/people/invite", &format!("form_token=x&email=a%40b&{proof}")).await;
    assert_eq!(foreign.status, 403);
    assert!(foreign.text.contains("It was not sent from a page of this session"));
    let still = browser
        .post("/dashboard/people/invite", &format!("form_token={token}&email=a%40b&role=viewer"))
        .await;
    assert!(still.text.contains("proof_password"), "nothing was proved by it");
    let elsewhere = format!(
        "form_token={token}&email=a%40b&role=viewer&proof_password=no&proof_back=https%3A%2F%2Fevil.example"
    );
    let asked = browser.post("/dashboard/people/invite", &elsewhere).await;
    assert!(!asked.text.contains("evil.example"));
    let page = browser
        .ask(
            "POST",
            "/dashboard/people/invite",
            &format!("form_token={token}&email=a%40b"),
            "http://evil.example/dashboard",
        )
        .await;
    assert!(page.text.contains("name=\"proof_back\" value=\"/dashboard\""));
}

#[tokio::test(start_paused = true)]
async fn somebody_with_nothing_to_show_chooses_a_password_and_goes_on() {
    let office = Office::open().await;
    let browser = owner(&office, None).await;
    let token = browser.form_token().await;
    tokio::time::advance(Duration::from_secs(601)).await;
    let form = format!("form_token={token}&email=bob%40shop.example&role=cashier");
    let asked = browser.post("/dashboard/people/invite", &form).await;
    assert!(asked.text.contains("proof_first") && !asked.text.contains("proof_password"));
    let weak = browser
        .post("/dashboard/people/invite", &filled(&asked.text, &[("proof_first", "password1234")]))
        .await;
    assert!(weak.text.contains("is one of the first that a stranger tries"), "{}", weak.text);
    let done =
        browser.post("/dashboard/people/invite", &filled(&weak.text, &[("proof_first", PASSWORD)])).await;
    assert!(done.text.contains("/dashboard/invitation?token="), "{}", done.text);
    tokio::time::advance(Duration::from_secs(601)).await;
    let asked = browser.post("/dashboard/people/invite", &form).await;
    let again = browser
        .post("/dashboard/people/invite", &filled(&asked.text, &[("proof_first", "another horse battery")]))
        .await;
    assert!(
        again.status == 403 && again.text.contains("This is not your password."),
        "no second first password"
    );
}

#[tokio::test(start_paused = true)]
async fn cookies_insist_on_tls_where_there_is_tls() {
    let office = Office::open().await;
    let browser = owner(&office, Some(PASSWORD)).await;
    let out =
        browser.post("/dashboard/sign-out", &format!("form_token={}", browser.form_token().await)).await;
    assert_eq!((out.status, out.to.as_deref()), (303, Some("/dashboard/sign-in")));
    let body = format!("email=ada%40shop.example&password={}", PASSWORD.replace(' ', "+"));
    let request = Request::builder()
        .method("POST")
        .uri("/dashboard/sign-in")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body));
    let answer = browser.router.clone().oneshot(request.unwrap()).await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    for mark in ["vinr_session=", "; Path=/dashboard", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(cookie.contains(mark), "{mark} in {cookie}");
    }
}
