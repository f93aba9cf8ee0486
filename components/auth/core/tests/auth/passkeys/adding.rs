//! Adding one: what a browser brings is what was asked for, by this session, just now.

use super::{BEGIN, FINISH, add, begin, begin_login, finish, finish_login, login, owner};
use crate::authenticator::Authenticator;
use crate::support::{PASSWORD, fixture, is_problem};
use auth_core::Error;
use axum::http::{Method, StatusCode};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::time::Duration;

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
    // One is begun while there is room for it, and another one takes that.
    let made = Authenticator::new(20).make(&begin(&fixture, &token).await);
    let sql = "INSERT INTO passkeys SELECT 'x', account_id, name, X'00112233445566778899AABBCCDDEEFF', transports, static_state, dynamic_state, \
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
async fn a_session_that_has_ended_meanwhile_adds_nothing() {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let made = Authenticator::new(1).make(&begin(&fixture, &token).await);
    let actor = fixture.auth.actor(&fixture.verifier.verify(&token).unwrap()).await.unwrap();
    fixture.auth.revoke_session(actor, actor.session).await.unwrap();
    assert_eq!(fixture.auth.finish_passkey(actor, None, &made).await, Err(Error::SessionEnded));
    assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM passkeys").await, 0);
}

/// A member of `response` that is cut off at `at`, or has another byte there.
fn broken(credential: &Value, member: &str, at: usize, cut: bool) -> Value {
    let mut bytes = URL_SAFE_NO_PAD.decode(credential["response"][member].as_str().unwrap()).unwrap();
    // A signature may be a byte shorter than the one before.
    let at = at.min(bytes.len() - 1);
    if cut {
        bytes.truncate(at);
    } else {
        bytes[at] ^= 0xff;
    }
    let mut broken = credential.clone();
    broken["response"][member] = json!(URL_SAFE_NO_PAD.encode(bytes));
    broken
}

fn length(credential: &Value, member: &str) -> usize {
    URL_SAFE_NO_PAD.decode(credential["response"][member].as_str().unwrap()).unwrap().len()
}

#[tokio::test]
async fn whatever_is_broken_in_it_is_refused() {
    let (fixture, token, mut owned) = owner().await;
    let made = Authenticator::new(2).make(&begin(&fixture, &token).await);
    for at in (0..length(&made, "attestationObject")).step_by(5) {
        for cut in [true, false] {
            let made = Authenticator::new(2).make(&begin(&fixture, &token).await);
            let answer = finish(&fixture, &token, &broken(&made, "attestationObject", at, cut)).await;
            // Another byte may be one of the id, which is for the authenticator to choose.
            let taken = !cut && answer.status == StatusCode::CREATED;
            assert!(taken || answer.status == StatusCode::UNPROCESSABLE_ENTITY, "{at}, {cut}: {answer:?}");
            fixture.db.execute("DELETE FROM passkeys WHERE used_at IS NULL AND name = 'my phone'", []).await.unwrap();
        }
    }
    add(&fixture, &token, &mut owned).await;
    owned.counter += 1;
    for member in ["authenticatorData", "clientDataJSON", "signature"] {
        for at in (0..length(&owned.sign(&begin_login(&fixture).await), member)).step_by(5) {
            for cut in [true, false] {
                let answer = owned.sign(&begin_login(&fixture).await);
                let answer = finish_login(&fixture, &broken(&answer, member, at, cut)).await;
                let refused = matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::UNPROCESSABLE_ENTITY);
                assert!(refused, "{member}, {at}, {cut}: {answer:?}");
            }
        }
    }
    assert_eq!(login(&fixture, &owned).await.status, StatusCode::OK);
}
