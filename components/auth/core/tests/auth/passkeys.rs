//! Passkeys.

use crate::authenticator::Authenticator;
use crate::support::{Answer, Fixture, PASSWORD, fixture, is_problem, settings};
use auth_core::{RelyingParty, Settings};
use axum::http::{Method, StatusCode};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::time::Duration;

const PASSKEYS: &str = "/api/v1/auth/passkeys";
const BEGIN: &str = "/api/v1/auth/passkeys/register/begin";
const FINISH: &str = "/api/v1/auth/passkeys/register/finish";
const BEGIN_LOGIN: &str = "/api/v1/auth/passkeys/login/begin";
const FINISH_LOGIN: &str = "/api/v1/auth/passkeys/login/finish";
const REMOVE: &str = "/api/v1/auth/passkeys/remove";

/// What the browser is told that adds a passkey.
async fn begin(fixture: &Fixture, token: &str) -> Value {
    let begun = fixture.act(Method::POST, token, BEGIN, &json!({ "password": PASSWORD })).await;
    assert_eq!((begun.status, begun.header("cache-control")), (StatusCode::OK, "no-store"), "{begun:?}");
    begun.body["publicKey"].clone()
}

async fn finish(fixture: &Fixture, token: &str, credential: &Value) -> Answer {
    fixture.act(Method::POST, token, FINISH, &json!({ "name": "my phone", "credential": credential })).await
}

/// Adds a passkey. Gives back its id.
async fn add(fixture: &Fixture, token: &str, authenticator: &mut Authenticator) -> String {
    let made = authenticator.make(&begin(fixture, token).await);
    let added = finish(fixture, token, &made).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    added.text("/id")
}

/// What the browser is told that logs in.
async fn begin_login(fixture: &Fixture) -> Value {
    let begun = fixture.post(BEGIN_LOGIN, &Value::Null).await;
    assert_eq!((begun.status, begun.header("cache-control")), (StatusCode::OK, "no-store"), "{begun:?}");
    begun.body["publicKey"].clone()
}

async fn finish_login(fixture: &Fixture, credential: &Value) -> Answer {
    fixture.post(FINISH_LOGIN, &json!({ "credential": credential })).await
}

async fn login(fixture: &Fixture, authenticator: &Authenticator) -> Answer {
    finish_login(fixture, &authenticator.sign(&begin_login(fixture).await)).await
}

/// What is in the audit log about a kind, the last one first.
async fn noted(fixture: &Fixture, token: &str, kind: &str) -> Vec<String> {
    let log = fixture.act(Method::GET, token, "/api/v1/auth/audit", &Value::Null).await;
    let entries = log.body["items"].as_array().unwrap().iter().filter(|entry| entry["kind"] == kind);
    entries.map(|entry| entry["detail"].as_str().unwrap().to_owned()).collect()
}

/// An account with a passkey.
async fn owner() -> (Fixture, String, Authenticator) {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let mut authenticator = Authenticator::new(1);
    authenticator.counter = 7;
    add(&fixture, &token, &mut authenticator).await;
    (fixture, token, authenticator)
}

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
    authenticator.counter += 1;
    let credential = authenticator.sign(&begin_login(&fixture).await);
    let answer = fixture.post(FINISH_LOGIN, &json!({ "credential": credential, "cookies": true })).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert!(answer.body["tokens"].get("accessToken").is_none());
    assert!(answer.cookie("__Host-vitrine_refresh").is_some());
}

#[tokio::test]
async fn what_is_not_what_was_asked_for_is_not_added() {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    type Change = fn(&mut Authenticator);
    let wrong: [(&str, Change); 4] = [
        ("another origin", |it| it.origin = "https://vitrine.example.evil.example".to_owned()),
        ("another port", |it| it.origin = "https://vitrine.example:8443".to_owned()),
        ("another app", |it| it.rp_id = "evil.example".to_owned()),
        ("an owner not seen", |it| it.verified = false),
    ];
    for (what, change) in wrong {
        let mut authenticator = Authenticator::new(1);
        change(&mut authenticator);
        let made = authenticator.make(&begin(&fixture, &token).await);
        let answer = finish(&fixture, &token, &made).await;
        is_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.text("/errors/0/field"), "credential", "{what}");
        // The challenge has had its answer.
        is_problem(&finish(&fixture, &token, &made).await, StatusCode::NOT_FOUND);
    }
    for garbage in [json!(null), json!({}), json!([]), json!("x"), json!({ "id": "x", "response": {} })] {
        is_problem(&finish(&fixture, &token, &garbage).await, StatusCode::UNPROCESSABLE_ENTITY);
        is_problem(&finish_login(&fixture, &garbage).await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM passkeys").await, 0);
}

#[tokio::test]
async fn a_challenge_is_for_one_answer_of_one_session_for_five_minutes() {
    let (fixture, token, _) = owner().await;
    let bob = fixture.register("bob").await.tokens.access_token;
    let other_session = fixture.login("ada", PASSWORD).await.text("/tokens/accessToken");
    // Of another account, and of another session of the same.
    for thief in [&bob, &other_session] {
        let made = Authenticator::new(2).make(&begin(&fixture, &token).await);
        is_problem(&finish(&fixture, thief, &made).await, StatusCode::NOT_FOUND);
    }
    // Once.
    let made = Authenticator::new(2).make(&begin(&fixture, &token).await);
    assert_eq!(finish(&fixture, &token, &made).await.status, StatusCode::CREATED);
    is_problem(&finish(&fixture, &token, &made).await, StatusCode::NOT_FOUND);
    // The last one that was asked for.
    let made = Authenticator::new(3).make(&begin(&fixture, &token).await);
    begin(&fixture, &token).await;
    is_problem(&finish(&fixture, &token, &made).await, StatusCode::NOT_FOUND);
    // In time.
    let made = Authenticator::new(3).make(&begin(&fixture, &token).await);
    fixture.clock.advance(Duration::from_secs(5 * 60));
    is_problem(&finish(&fixture, &token, &made).await, StatusCode::NOT_FOUND);
    // That of a login is none for adding.
    let mut options = begin(&fixture, &token).await;
    options["challenge"] = begin_login(&fixture).await["challenge"].clone();
    is_problem(&finish(&fixture, &token, &Authenticator::new(3).make(&options)).await, StatusCode::NOT_FOUND);
    assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM passkeys").await, 2);
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

#[tokio::test]
async fn adding_and_removing_need_the_password_and_a_session() {
    let (fixture, token, mut authenticator) = owner().await;
    let list = fixture.act(Method::GET, &token, PASSKEYS, &Value::Null).await;
    assert_eq!((list.status, list.header("cache-control")), (StatusCode::OK, "no-store"));
    let id = list.text("/items/0/id");
    let wrong = json!({ "id": id, "password": "not the password" });
    for path in [BEGIN, REMOVE] {
        let answer = fixture.act(Method::POST, &token, path, &wrong).await;
        is_problem(&answer, StatusCode::FORBIDDEN);
        assert_eq!(answer.body["reason"], "wrong_password");
    }
    let right = json!({ "id": id, "password": PASSWORD });
    let body = json!({ "name": "a script", "scopes": ["account:read"], "password": PASSWORD });
    let key = fixture.act(Method::POST, &token, "/api/v1/auth/api-keys", &body).await.text("/key");
    let (program, _) = fixture.auth.exchange(&key).await.unwrap();
    for (method, path) in
        [(Method::POST, BEGIN), (Method::POST, FINISH), (Method::POST, REMOVE), (Method::GET, PASSKEYS)]
    {
        let body = if method == Method::GET { Value::Null } else { right.clone() };
        is_problem(&fixture.call(method.clone(), path, &[], &body).await, StatusCode::UNAUTHORIZED);
        is_problem(&fixture.act(method, &program, path, &body).await, StatusCode::FORBIDDEN);
    }
    // Of somebody else there is none.
    let bob = fixture.register("bob").await.tokens.access_token;
    is_problem(&fixture.act(Method::POST, &bob, REMOVE, &right).await, StatusCode::NOT_FOUND);
    authenticator.counter = 8;
    assert_eq!(login(&fixture, &authenticator).await.status, StatusCode::OK);
    assert_eq!(fixture.act(Method::POST, &token, REMOVE, &right).await.status, StatusCode::NO_CONTENT);
    is_problem(&fixture.act(Method::POST, &token, REMOVE, &right).await, StatusCode::NOT_FOUND);
    assert_eq!(noted(&fixture, &token, "passkey-removed").await, ["my phone"]);
    authenticator.counter = 9;
    is_problem(&login(&fixture, &authenticator).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn passwords_are_tried_slowly_here_too() {
    let (fixture, token, _) = owner().await;
    let wrong = json!({ "password": "not the password" });
    for _ in 0..5 {
        is_problem(&fixture.act(Method::POST, &token, BEGIN, &wrong).await, StatusCode::FORBIDDEN);
    }
    is_problem(&fixture.act(Method::POST, &token, BEGIN, &wrong).await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn an_account_has_twenty_and_each_once() {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let bob = fixture.register("bob").await.tokens.access_token;
    add(&fixture, &token, &mut Authenticator::new(1)).await;
    // The same once more, for either.
    for token in [&token, &bob] {
        let made = Authenticator::new(1).make(&begin(&fixture, token).await);
        is_problem(&finish(&fixture, token, &made).await, StatusCode::CONFLICT);
    }
    for number in 2..20 {
        add(&fixture, &token, &mut Authenticator::new(number)).await;
    }
    // Two are begun while there is room for one: by two sessions, since a session has one at a time.
    let made = Authenticator::new(20).make(&begin(&fixture, &token).await);
    let sql = "INSERT INTO passkeys SELECT 'x', account_id, name, X'00', transports, static_state, dynamic_state, \
               created_at, used_at FROM passkeys LIMIT 1";
    fixture.db.execute(sql, []).await.unwrap();
    is_problem(&finish(&fixture, &token, &made).await, StatusCode::CONFLICT);
    let body = json!({ "password": PASSWORD });
    is_problem(&fixture.act(Method::POST, &token, BEGIN, &body).await, StatusCode::CONFLICT);
}

#[tokio::test]
async fn names_are_checked_and_may_be_left_out() {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let credential = Authenticator::new(1).make(&begin(&fixture, &token).await);
    for name in ["", " ", "a\nb", "a\u{0}", &"x".repeat(51)] {
        let body = json!({ "name": name, "credential": credential });
        let answer = fixture.act(Method::POST, &token, FINISH, &body).await;
        is_problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.text("/errors/0/field"), "name");
    }
    let added = fixture.act(Method::POST, &token, FINISH, &json!({ "credential": credential })).await;
    assert_eq!((added.status, added.text("/name")), (StatusCode::CREATED, "passkey".to_owned()));
}

#[tokio::test]
async fn they_are_told_in_the_export_and_end_with_the_password_and_the_account() {
    let (fixture, token, mut authenticator) = owner().await;
    let export = fixture.act(Method::GET, &token, "/api/v1/auth/export", &Value::Null).await;
    assert_eq!(export.text("/passkeys/0/name"), "my phone");
    // A reset takes them away, since whoever knew the password may have added some.
    begin(&fixture, &token).await;
    fixture.auth.deliver_mail().await.unwrap();
    fixture.clock.advance(Duration::from_secs(1));
    fixture.auth.request_password_reset("ada@example.org").await.unwrap();
    let secret = fixture.secret("ada@example.org").await;
    fixture.auth.reset_password(&secret, "new and better words").await.unwrap();
    authenticator.counter = 8;
    is_problem(&login(&fixture, &authenticator).await, StatusCode::UNAUTHORIZED);
    for table in ["passkeys", "passkey_challenges"] {
        let sql = format!("SELECT COUNT(*) AS n FROM {table} WHERE account_id IS NOT NULL");
        assert_eq!(fixture.count(&sql).await, 0, "{table}");
    }
    // So does the end of the account.
    let bob = fixture.register("bob").await.tokens.access_token;
    let mut other = Authenticator::new(2);
    add(&fixture, &bob, &mut other).await;
    let body = json!({ "password": PASSWORD });
    let gone = fixture.act(Method::POST, &bob, "/api/v1/auth/delete-account", &body).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    is_problem(&login(&fixture, &other).await, StatusCode::UNAUTHORIZED);
    assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM passkeys").await, 0);
}

#[tokio::test]
async fn it_is_the_same_over_trpc() {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let call = |procedure: &'static str, body: Value| {
        let (fixture, token) = (&fixture, token.as_str());
        async move {
            let method = if body.is_null() { Method::GET } else { Method::POST };
            fixture.act(method, token, &format!("/api/auth/passkeys.{procedure}"), &body).await
        }
    };
    let data = |answer: Answer| {
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.body["result"]["data"].clone()
    };
    let mut authenticator = Authenticator::new(1);
    let options = data(call("beginRegister", json!({ "password": PASSWORD })).await);
    let credential = authenticator.make(&options["publicKey"]);
    let added = data(call("finishRegister", json!({ "name": "my phone", "credential": credential })).await);
    assert_eq!(data(call("list", Value::Null).await), json!([added]));
    let options = data(call("beginLogin", json!({})).await);
    let credential = authenticator.sign(&options["publicKey"]);
    let login = json!({ "credential": credential, "cookies": true });
    let answer = call("finishLogin", login.clone()).await;
    assert!(answer.cookie("__Host-vitrine_access").is_some());
    assert_eq!(data(answer)["account"]["handle"], "ada");
    let refused = call("finishLogin", login).await;
    assert_eq!(refused.body["error"]["data"]["code"], "UNAUTHORIZED", "{refused:?}");
    data(call("remove", json!({ "id": added["id"], "password": PASSWORD })).await);
    assert_eq!(data(call("list", Value::Null).await), json!([]));
    // Answers are not tried ten at a time.
    let (one, path) = (json!({ "credential": {} }), "/api/auth/passkeys.finishLogin,passkeys.finishLogin?batch=1");
    let batch = fixture.call(Method::POST, path, &[], &json!({ "0": one, "1": one })).await;
    assert!(!batch.body.to_string().contains("is not what was asked for"), "{batch:?}");
}

#[test]
fn passkeys_are_made_for_names_reached_with_encryption_and_for_this_machine() {
    for made in [
        "https://vitrine.example",
        "https://vitrine.example:8443/",
        " https://Vitrine.Example ",
        "https://bücher.example",
        "http://localhost:3000",
        "http://app.localhost:3000",
        "http://127.0.0.1:3000",
        "http://[::1]:3000",
    ] {
        assert!(RelyingParty::of(made).unwrap().is_some(), "{made}");
    }
    for none in ["http://vitrine.example", "https://203.0.113.7", "http://192.168.0.2:3000", "https://[2001:db8::1]"] {
        assert!(RelyingParty::of(none).unwrap().is_none(), "{none}");
    }
    for wrong in [
        "",
        "vitrine.example",
        "ftp://vitrine.example",
        "https://vitrine.example/app",
        "https://a@b.example",
        "https://vitrine.example?x",
        "https://a..b",
    ] {
        let error = RelyingParty::of(wrong).unwrap_err().to_string();
        assert!(error.contains("public_url") && error.contains(&format!("`{wrong}`")), "{error}");
    }
}

#[tokio::test]
async fn on_this_machine_they_are_for_localhost() {
    let relying_party = RelyingParty::of("http://127.0.0.1:3000").unwrap();
    let fixture = Fixture::with(Settings { relying_party, ..settings() }).await;
    let token = fixture.register("ada").await.tokens.access_token;
    let options = begin(&fixture, &token).await;
    assert_eq!(options["rp"]["id"], "localhost");
    let mut authenticator = Authenticator::new(1);
    authenticator.rp_id = "localhost".to_owned();
    authenticator.origin = "http://localhost:3000".to_owned();
    assert_eq!(finish(&fixture, &token, &authenticator.make(&options)).await.status, StatusCode::CREATED);
    assert_eq!(login(&fixture, &authenticator).await.status, StatusCode::OK);
    authenticator.origin = "http://localhost:8080".to_owned();
    is_problem(&login(&fixture, &authenticator).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn where_browsers_make_none_that_is_said() {
    let fixture = Fixture::with(Settings { relying_party: None, ..settings() }).await;
    let token = fixture.register("ada").await.tokens.access_token;
    let begun = fixture.act(Method::POST, &token, BEGIN, &json!({ "password": PASSWORD })).await;
    is_problem(&begun, StatusCode::FORBIDDEN);
    assert!(begun.text("/detail").contains("without encryption"));
    is_problem(&fixture.post(BEGIN_LOGIN, &Value::Null).await, StatusCode::FORBIDDEN);
    for path in [FINISH, FINISH_LOGIN] {
        let answer = fixture.act(Method::POST, &token, path, &json!({ "credential": {} })).await;
        is_problem(&answer, StatusCode::FORBIDDEN);
    }
}
