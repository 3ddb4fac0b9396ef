//! How people come in, under virtual time: codes of an app are used once and only around their moment, wrong ones lock, proofs
//! grow old, recovery codes work once, and what an account asks for is asked.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use totp_rs::{Builder, Secret};
use vinr_domain::AccountId;
use vinr_server::clock::Clock;
use vinr_server::people::{Entered, Evidence, Missing, NotSignedIn, Origin, People, SignedIn, Way};

use super::office::Office;

const EMAIL: &str = "ada@shop.example";
const PASSWORD: &str = "correct horse battery";

fn account() -> AccountId {
    AccountId::parse("acct_shop").unwrap()
}

fn from(last: u8) -> Origin {
    Origin { address: Some(IpAddr::V4(Ipv4Addr::new(10, 0, 0, last))), browser: "Firefox/140.0".into() }
}

fn people(office: &Office) -> &People {
    &office.platform.applications.people
}

async fn signed_in(office: &Office, token: &str) -> SignedIn {
    people(office).session(token).await.unwrap().unwrap()
}

/// An owner with a password, in a session of their own.
async fn owner(office: &Office) -> SignedIn {
    let people = people(office);
    let id = people.provide_owner((EMAIL, "Ada"), &account(), false).await.unwrap();
    let token = people.entry_token(&id).await.unwrap();
    let token = people.enter(&token, from(1)).await.unwrap();
    let who = signed_in(office, &token).await;
    people.set_password(&who, PASSWORD.into()).await.unwrap();
    signed_in(office, &token).await
}

/// The code that an app with these letters shows, so many steps from now.
fn code(office: &Office, letters: &str, steps: i64) -> String {
    let secret = Secret::try_from_base32(letters.replace(' ', "")).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    let seconds = office.clock.wall().0 / 1_000 + steps * 30;
    totp.generate(u64::try_from(seconds).unwrap()).to_string()
}

/// Sets an app up; gives its letters and the recovery codes.
async fn with_app(office: &Office, who: &SignedIn) -> (String, Vec<String>) {
    let people = people(office);
    people.begin_app(who).await.unwrap();
    let who = people.again(who).await.unwrap().unwrap();
    let letters = people.app_draft(&who).unwrap().secret;
    let codes = people.confirm_app(&who, &code(office, &letters, 0)).await.unwrap();
    (letters, codes)
}

async fn step(office: &Office) -> String {
    match people(office).sign_in(EMAIL, PASSWORD.into(), from(2)).await.unwrap() {
        Entered::Code(token) => token,
        Entered::In(_) => panic!("in without a code"),
    }
}

async fn forward(seconds: u64) {
    tokio::time::advance(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn a_code_is_taken_once_and_only_around_its_moment() {
    let office = Office::open().await;
    let who = owner(&office).await;
    let (letters, _) = with_app(&office, &who).await;
    let token = step(&office).await;
    let used = code(&office, &letters, 0);
    assert_eq!(
        people(&office).finish(&token, &used, from(2)).await,
        Err(NotSignedIn::WrongCode),
        "it confirmed the app"
    );
    forward(90).await;
    let early = code(&office, &letters, 1);
    let session = people(&office).finish(&token, &early, from(2)).await.unwrap();
    let session = signed_in(&office, &session).await.session.value;
    assert_eq!((session.way, session.strong), (Way::App, true));
    let token = step(&office).await;
    for (title, shown) in [
        ("again", early),
        ("of before it", code(&office, &letters, 0)),
        ("two steps early", code(&office, &letters, 2)),
    ] {
        assert_eq!(
            people(&office).finish(&token, &shown, from(2)).await,
            Err(NotSignedIn::WrongCode),
            "{title}"
        );
    }
    forward(60).await;
    let late = code(&office, &letters, -1);
    assert_eq!(
        people(&office).finish(&token, &late, from(2)).await,
        Err(NotSignedIn::WrongCode),
        "of a step that was used"
    );
    people(&office).finish(&token, &code(&office, &letters, 0), from(2)).await.unwrap();
    let over = people(&office).finish(&token, &code(&office, &letters, 1), from(2)).await;
    assert_eq!(over, Err(NotSignedIn::StepOver), "one password, one session");
}

#[tokio::test(start_paused = true)]
async fn a_code_that_comes_too_long_after_the_password_is_too_late() {
    let office = Office::open().await;
    let who = owner(&office).await;
    let (letters, _) = with_app(&office, &who).await;
    let token = step(&office).await;
    forward(299).await;
    let wrong = people(&office).finish(&token, "000000", from(2)).await;
    assert_eq!(wrong, Err(NotSignedIn::WrongCode), "there is still time");
    forward(1).await;
    let late = people(&office).finish(&token, &code(&office, &letters, 0), from(2)).await;
    assert_eq!(late, Err(NotSignedIn::StepOver));
}

#[tokio::test(start_paused = true)]
async fn wrong_codes_lock_the_person_for_whoever_guesses_and_right_passwords_do_not_reset_that() {
    let office = Office::open().await;
    let who = owner(&office).await;
    let (letters, codes) = with_app(&office, &who).await;
    forward(60).await;
    for guess in 0..5_u8 {
        // Each with a new password step and from another address.
        let token = step(&office).await;
        let wrong = people(&office).finish(&token, "000000", from(10 + guess)).await;
        assert_eq!(wrong, Err(NotSignedIn::WrongCode), "guess {guess}");
    }
    let wait = |got| matches!(got, Err(NotSignedIn::Wait { .. }));
    assert!(wait(people(&office).sign_in(EMAIL, PASSWORD.into(), from(2)).await.map(|_| String::new())));
    let evidence = Evidence { password: PASSWORD.into(), code: code(&office, &letters, 0) };
    assert!(wait(people(&office).prove(&who, evidence).await.map(|()| String::new())), "nor in a session");
    forward(30).await;
    let token = step(&office).await;
    people(&office).finish(&token, &codes[0], from(2)).await.unwrap();
    let again = step(&office).await;
    assert_eq!(
        people(&office).finish(&again, &codes[0], from(2)).await,
        Err(NotSignedIn::WrongCode),
        "used up"
    );
    let way = people(&office).finish(&again, &codes[1].to_uppercase(), from(2)).await.unwrap();
    assert_eq!(signed_in(&office, &way).await.session.value.way, Way::Recovery);
}

#[tokio::test(start_paused = true)]
async fn a_proof_is_good_for_ten_minutes_and_needs_the_app_where_there_is_one() {
    let office = Office::open().await;
    let who = owner(&office).await;
    let lately = |who: &SignedIn| who.proved_lately(office.clock.wall());
    assert!(lately(&who));
    forward(600).await;
    assert!(!lately(&who));
    let shown = |password: &str, code: &str| Evidence { password: password.into(), code: code.into() };
    let wrong = people(&office).prove(&who, shown("something else", "")).await;
    assert_eq!(wrong, Err(NotSignedIn::WrongPassword));
    people(&office).prove(&who, shown(PASSWORD, "")).await.unwrap();
    let who = people(&office).again(&who).await.unwrap().unwrap();
    assert!(lately(&who) && !who.session.value.strong);
    let (letters, _) = with_app(&office, &who).await;
    forward(600).await;
    let who = people(&office).again(&who).await.unwrap().unwrap();
    assert_eq!(people(&office).prove(&who, shown(PASSWORD, "")).await, Err(NotSignedIn::WrongCode));
    people(&office).prove(&who, shown(PASSWORD, &code(&office, &letters, 0))).await.unwrap();
    assert!(lately(&people(&office).again(&who).await.unwrap().unwrap()));
}

#[tokio::test(start_paused = true)]
async fn an_account_that_asks_for_a_second_factor_gets_one() {
    let office = Office::open().await;
    let who = owner(&office).await;
    assert_eq!(people(&office).missing(&who).await, Ok(Missing::Nothing));
    people(&office).ask_second_factor(&who, &account(), true).await.unwrap();
    assert_eq!(people(&office).missing(&who).await, Ok(Missing::SettingUp));
    let (letters, _) = with_app(&office, &who).await;
    let now = people(&office).again(&who).await.unwrap().unwrap();
    assert_eq!(people(&office).missing(&now).await, Ok(Missing::Nothing), "it was just shown");
    // A session that began with the password before there was an app has not shown it.
    let mut weak = now.clone();
    weak.session.value.strong = false;
    assert_eq!(people(&office).missing(&weak).await, Ok(Missing::Showing));
    forward(60).await;
    let evidence = Evidence { password: PASSWORD.into(), code: code(&office, &letters, 0) };
    people(&office).prove(&weak, evidence).await.unwrap();
    people(&office).remove_app(&people(&office).again(&who).await.unwrap().unwrap()).await.unwrap();
    let bare = people(&office).again(&who).await.unwrap().unwrap();
    assert_eq!(people(&office).missing(&bare).await, Ok(Missing::SettingUp));
}

#[tokio::test(start_paused = true)]
async fn the_last_way_in_stays_and_another_password_ends_the_other_sessions() {
    let office = Office::open().await;
    let who = owner(&office).await;
    assert!(people(&office).remove_password(&who).await.is_err(), "nothing else lets them in");
    let Ok(Entered::In(other)) = people(&office).sign_in(EMAIL, PASSWORD.into(), from(2)).await else {
        panic!("not in")
    };
    let who = people(&office).again(&who).await.unwrap().unwrap();
    people(&office).set_password(&who, "another horse battery".into()).await.unwrap();
    assert!(people(&office).session(&other).await.unwrap().is_none());
    assert!(people(&office).again(&who).await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn what_an_app_shares_is_sealed_in_the_store() {
    let office = Office::open().await;
    let who = owner(&office).await;
    let (letters, codes) = with_app(&office, &who).await;
    let person = people(&office).again(&who).await.unwrap().unwrap().person.value;
    let kept = serde_json::to_string(&person).unwrap();
    let secret = Secret::try_from_base32(letters.replace(' ', "")).unwrap();
    let digits: String = secret.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(!kept.contains(&digits) && !kept.contains(&letters.replace(' ', "")));
    assert!(codes.iter().all(|code| !kept.contains(code.as_str()) && !kept.contains(&code.replace('-', ""))));
    assert_eq!(person.recovery.len(), 10);
}
