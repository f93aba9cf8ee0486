//! Logging in with one.

use super::{BEGIN, FINISH_LOGIN, PASSKEYS, add, begin, begin_login, finish, finish_login, login, noted, owner};
use crate::authenticator::Authenticator;
use crate::support::{PASSWORD, fixture, is_problem};
use axum::http::{Method, StatusCode};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_passkey_is_added_and_logs_in() {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let options = begin(&fixture, &token).await;
    assert_eq!(options["rp"]["id"], "vitrine.example");
    assert_eq!(options["user"]["name"], "ada");
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(options["timeout"], 300_000);
    let mut authenticator = Authenticator::new(1);
    let added = finish(&fixture, &token, &authenticator.make(&options)).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    assert_eq!((added.text("/name"), &added.body["lastUsedAt"]), ("my phone".to_owned(), &Value::Null));
    assert_eq!(noted(&fixture, &token, "passkey-added").await, ["my phone"]);
    // The authenticator that has one is not asked for another.
    let options = begin(&fixture, &token).await;
    assert_eq!(options["excludeCredentials"][0]["id"], json!(authenticator.id()));
    assert_eq!(options["excludeCredentials"][0]["transports"], json!(["internal"]));
    // Nobody says who logs in: the passkey tells.
    let options = begin_login(&fixture).await;
    assert_eq!((&options["userVerification"], &options["rpId"]), (&json!("required"), &json!("vitrine.example")));
    assert_eq!(options["allowCredentials"], json!([]));
    authenticator.counter = 1;
    fixture.clock.advance(Duration::from_secs(60));
    let answer = finish_login(&fixture, &authenticator.sign(&options)).await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"), "{answer:?}");
    assert_eq!(answer.text("/account/handle"), "ada");
    let access = answer.text("/tokens/accessToken");
    assert!(fixture.live.is_live(fixture.session_of(&access)).await.unwrap());
    assert_eq!(fixture.me(Some(&format!("Bearer {access}"))).await.status, StatusCode::OK);
    assert_eq!(fixture.refresh(&answer.text("/tokens/refreshToken")).await.status, StatusCode::OK);
    let list = fixture.act(Method::GET, &access, PASSKEYS, &Value::Null).await;
    assert_eq!(list.text("/items/0/lastUsedAt"), "2026-01-31T12:01:00.000Z");
    assert_eq!(noted(&fixture, &token, "passkey-used").await.len(), 1);
    // A device that is known stays that.
    authenticator.counter = 2;
    let (credential, device) = (authenticator.sign(&begin_login(&fixture).await), answer.text("/deviceToken"));
    let cookie = format!("__Host-vitrine_device={device}");
    let body = json!({ "credential": credential });
    let again = fixture.call(Method::POST, FINISH_LOGIN, &[("cookie", &cookie)], &body).await;
    assert_eq!(again.text("/deviceToken"), device);
}

#[tokio::test]
async fn a_passkey_counts_as_two_factors_and_gives_cookies_if_asked() {
    let (fixture, token, mut authenticator) = owner().await;
    let begun = fixture.act(Method::POST, &token, "/api/v1/auth/totp/begin", &json!({ "password": PASSWORD })).await;
    let secret = totp_rs::Secret::try_from_base32(begun.text("/secret")).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    let now = u64::try_from(vitrine_clock::Clock::now(&fixture.clock).as_seconds()).unwrap();
    let code = json!({ "code": totp.generate(now).to_string() });
    let confirmed = fixture.act(Method::POST, &token, "/api/v1/auth/totp/confirm", &code).await;
    assert_eq!(confirmed.status, StatusCode::OK);
    assert_eq!(fixture.login("ada", PASSWORD).await.body["reason"], "totp_required");
    // Which is why another one is not added without a code.
    let begun = fixture.act(Method::POST, &token, BEGIN, &json!({ "password": PASSWORD })).await;
    is_problem(&begun, StatusCode::FORBIDDEN);
    assert_eq!(begun.body["reason"], "totp_required");
    let wrong = json!({ "password": PASSWORD, "totp": "000000" });
    let begun = fixture.act(Method::POST, &token, BEGIN, &wrong).await;
    is_problem(&begun, StatusCode::FORBIDDEN);
    assert_eq!(begun.body["reason"], "totp_invalid");
    fixture.clock.advance(Duration::from_secs(30));
    let code = totp.generate(now + 30).to_string();
    let right = json!({ "password": PASSWORD, "totp": code });
    assert_eq!(fixture.act(Method::POST, &token, BEGIN, &right).await.status, StatusCode::OK);
    authenticator.counter += 1;
    let credential = authenticator.sign(&begin_login(&fixture).await);
    let answer = fixture.post(FINISH_LOGIN, &json!({ "credential": credential, "cookies": true })).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert!(answer.body["tokens"].get("accessToken").is_none());
    assert!(answer.cookie("__Host-vitrine_refresh").is_some());
}

#[tokio::test]
async fn a_login_is_refused_whatever_is_wrong_and_its_owner_reads_why() {
    let (fixture, token, owned) = owner().await;
    let mut genuine = owned.clone();
    genuine.counter = 8;
    type Change = fn(&mut Authenticator);
    let wrong: [(&str, &str, Change); 5] = [
        ("another origin", "not an allowed origin", |it| it.origin = "https://vitrine.example.evil.example".to_owned()),
        ("without encryption", "not an allowed origin", |it| it.origin = "http://vitrine.example".to_owned()),
        ("another app", "hash of the RP ID", |it| it.rp_id = "evil.example".to_owned()),
        ("an owner not seen", "user was not verified", |it| it.verified = false),
        ("somebody else's", "user handle does not match", |it| it.user = Some(URL_SAFE_NO_PAD.encode([9; 16]))),
    ];
    for (what, why, change) in wrong {
        let mut authenticator = genuine.clone();
        let options = begin_login(&fixture).await;
        change(&mut authenticator);
        is_problem(&finish_login(&fixture, &authenticator.sign(&options)).await, StatusCode::UNAUTHORIZED);
        let details = noted(&fixture, &token, "passkey-refused").await;
        assert!(details[0].contains(why), "{what}: {}", details[0]);
        fixture.clock.advance(Duration::from_millis(1));
    }
    assert_eq!(noted(&fixture, &token, "passkey-refused").await.len(), wrong.len());
    // A signature that is one of something else.
    let mut forged = genuine.sign(&begin_login(&fixture).await);
    forged["response"]["signature"] = genuine.sign(&begin_login(&fixture).await)["response"]["signature"].clone();
    is_problem(&finish_login(&fixture, &forged).await, StatusCode::UNAUTHORIZED);
    // One with another key.
    let mut thief = Authenticator::new(9);
    thief.user.clone_from(&genuine.user);
    let mut forged = thief.sign(&begin_login(&fixture).await);
    for member in ["id", "rawId"] {
        forged[member] = json!(genuine.id());
    }
    is_problem(&finish_login(&fixture, &forged).await, StatusCode::UNAUTHORIZED);
    // A passkey that nobody has.
    is_problem(&login(&fixture, &thief).await, StatusCode::UNAUTHORIZED);
    // And right.
    assert_eq!(login(&fixture, &genuine).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_challenge_of_a_login_is_used_once_and_in_time() {
    let (fixture, token, mut authenticator) = owner().await;
    authenticator.counter = 8;
    let options = begin_login(&fixture).await;
    let answer = authenticator.sign(&options);
    assert_eq!(finish_login(&fixture, &answer).await.status, StatusCode::OK);
    is_problem(&finish_login(&fixture, &answer).await, StatusCode::UNAUTHORIZED);
    authenticator.counter = 9;
    is_problem(&finish_login(&fixture, &authenticator.sign(&options)).await, StatusCode::UNAUTHORIZED);
    // Also after an answer that was wrong.
    let options = begin_login(&fixture).await;
    let mut stranger = authenticator.clone();
    stranger.origin = "https://evil.example".to_owned();
    is_problem(&finish_login(&fixture, &stranger.sign(&options)).await, StatusCode::UNAUTHORIZED);
    is_problem(&finish_login(&fixture, &authenticator.sign(&options)).await, StatusCode::UNAUTHORIZED);
    // In time.
    let options = begin_login(&fixture).await;
    fixture.clock.advance(Duration::from_secs(5 * 60));
    is_problem(&finish_login(&fixture, &authenticator.sign(&options)).await, StatusCode::UNAUTHORIZED);
    // One that was never asked.
    let made_up = json!({ "challenge": URL_SAFE_NO_PAD.encode([7; 16]) });
    is_problem(&finish_login(&fixture, &authenticator.sign(&made_up)).await, StatusCode::UNAUTHORIZED);
    // That of adding one is none for a login.
    let options = begin(&fixture, &token).await;
    is_problem(&finish_login(&fixture, &authenticator.sign(&options)).await, StatusCode::UNAUTHORIZED);
    // What has expired is forgotten.
    fixture.clock.advance(Duration::from_secs(5 * 60));
    begin_login(&fixture).await;
    assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM passkey_challenges").await, 1);
}

#[tokio::test]
async fn a_counter_that_goes_back_is_refused_and_noted() {
    let (fixture, token, mut authenticator) = owner().await;
    for (counter, status) in [(9, 200), (9, 401), (8, 401), (0, 401), (10, 200)] {
        authenticator.counter = counter;
        assert_eq!(login(&fixture, &authenticator).await.status, status, "{counter}");
    }
    let noted = noted(&fixture, &token, "passkey-refused").await;
    assert_eq!(noted, ["its counter went back: there may be a copy of it"; 3]);
    // Those that do not count tell 0, always.
    let mut plain = Authenticator::new(2);
    add(&fixture, &token, &mut plain).await;
    for _ in 0..2 {
        assert_eq!(login(&fixture, &plain).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn of_two_with_one_counter_one_is_refused() {
    let (fixture, _, mut authenticator) = owner().await;
    authenticator.counter = 8;
    let (one, other) = (begin_login(&fixture).await, begin_login(&fixture).await);
    let (one, other) = (authenticator.sign(&one), authenticator.sign(&other));
    let (one, other) = tokio::join!(finish_login(&fixture, &one), finish_login(&fixture, &other));
    let mut statuses = [one.status, other.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::UNAUTHORIZED]);
}
