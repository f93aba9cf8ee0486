//! Mail: sent after the response, tried again, and nobody's business.

use crate::support::{ADMIN_TOKEN, fixture, is_problem};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;
use vitrine_mailer::MailError;

const MAILBOX: &str = "/api/v1/auth/admin/mailbox";
const ADA: &str = "ada@example.org";

#[tokio::test]
async fn it_is_sent_after_the_response_of_whatever_asks_for_it() {
    let fixture = fixture().await;
    let body = json!({ "email": ADA, "handle": "ada", "password": "correct horse" });
    assert_eq!(fixture.post("/api/v1/auth/register", &body).await.status, StatusCode::CREATED);
    assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM mails").await, 1);
    fixture.run_spawned().await;
    assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM mails").await, 0);
    let bearer = format!("Bearer {ADMIN_TOKEN}");
    let answer = fixture.call(Method::GET, MAILBOX, &[("authorization", bearer.as_str())], &Value::Null).await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"));
    assert_eq!(answer.text("/items/0/to"), ADA);
    assert!(answer.text("/items/0/text").contains("https://vitrine.example/verify-email?token="));
}

#[tokio::test]
async fn only_operators_see_the_mailbox() {
    let fixture = fixture().await;
    let user = format!("Bearer {}", fixture.verified("root").await.tokens.access_token);
    let admin = format!("Bearer {ADMIN_TOKEN}");
    let get = |path: String, authorization: Option<&str>| {
        let headers: Vec<_> = authorization.map(|it| ("authorization", it.to_owned())).into_iter().collect();
        let fixture = &fixture;
        async move {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            fixture.call(Method::GET, &path, &headers, &Value::Null).await
        }
    };
    for authorization in [None, Some(user.as_str()), Some("Bearer x")] {
        is_problem(&get(MAILBOX.to_owned(), authorization).await, StatusCode::UNAUTHORIZED);
    }
    for query in ["limit=0", "limit=101", "limit=x", "to=%00"] {
        is_problem(&get(format!("{MAILBOX}?{query}"), Some(&admin)).await, StatusCode::BAD_REQUEST);
    }
    let all = get(format!("{MAILBOX}?limit=1"), Some(&admin)).await;
    assert_eq!(all.body["items"].as_array().unwrap().len(), 1);
    let none = get(format!("{MAILBOX}?to=nobody%40example.org"), Some(&admin)).await;
    assert_eq!(none.body, json!({ "items": [] }));
}

#[tokio::test]
async fn a_mail_server_that_is_away_loses_nothing() {
    let fixture = fixture().await;
    fixture.register("ada").await;
    *fixture.post.failure.lock().unwrap() = Some(MailError::Later("away".to_owned()));
    for _ in 0..20 {
        fixture.auth.deliver_mail().await.unwrap();
        fixture.clock.advance(Duration::from_secs(60 * 60));
    }
    assert_eq!(fixture.count("SELECT attempt AS n FROM mails").await, 20);
    *fixture.post.failure.lock().unwrap() = None;
    assert_eq!(fixture.subjects(ADA).await, ["Confirm your e-mail address"]);
    fixture.auth.verify_email(&fixture.secret(ADA).await, None).await.unwrap();
}

#[tokio::test]
async fn a_process_that_dies_while_it_sends_leaves_the_mail_to_the_next_one() {
    let fixture = fixture().await;
    fixture.register("ada").await;
    // Leased, and then nothing.
    fixture.db.execute("UPDATE mails SET attempt = 1, next_at = next_at + 60000", []).await.unwrap();
    assert!(fixture.subjects(ADA).await.is_empty());
    fixture.clock.advance(Duration::from_secs(60));
    assert_eq!(fixture.subjects(ADA).await.len(), 1);
}

#[tokio::test]
async fn a_mail_that_is_refused_is_kept_and_not_tried_again() {
    let fixture = fixture().await;
    fixture.register("ada").await;
    *fixture.post.failure.lock().unwrap() = Some(MailError::Refused("no such mailbox".to_owned()));
    assert_eq!(fixture.auth.deliver_mail().await, Ok(1));
    *fixture.post.failure.lock().unwrap() = None;
    fixture.clock.advance(Duration::from_secs(24 * 60 * 60));
    assert_eq!(fixture.auth.deliver_mail().await, Ok(0));
    assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM mails WHERE next_at IS NULL").await, 1);
}

#[tokio::test]
async fn no_secret_of_a_mail_is_stored_as_it_is() {
    let fixture = fixture().await;
    fixture.register("ada").await;
    let secret = fixture.secret(ADA).await;
    fixture.auth.request_password_reset(ADA).await.unwrap();
    let mut stored = String::new();
    for table in ["SELECT * FROM mails", "SELECT * FROM mail_tokens"] {
        stored += &format!("{:?}", fixture.db.query(table, []).await.unwrap());
    }
    assert!(stored.contains("verify-email") && stored.contains("reset-password"), "{stored}");
    assert!(!stored.contains(&secret));
}

#[tokio::test]
async fn nobody_is_buried_in_mail() {
    let fixture = fixture().await;
    fixture.register("ada").await;
    for _ in 0..30 {
        let answer = fixture.post("/api/v1/auth/request-password-reset", &json!({ "email": ADA })).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "the answer is the same");
    }
    let resets = fixture.subjects(ADA).await.into_iter().filter(|subject| subject.starts_with("Choose")).count();
    assert_eq!(resets, 4, "and the one of the registration");
}

#[tokio::test]
async fn a_mail_whose_account_cannot_be_read_keeps_no_other_waiting() {
    let fixture = fixture().await;
    fixture.register("ada").await;
    fixture.db.execute("UPDATE accounts SET roles = 'nothing'", []).await.unwrap();
    fixture.clock.advance(Duration::from_secs(1));
    fixture.register("bob").await;
    assert_eq!(fixture.auth.deliver_mail().await, Ok(2));
    assert_eq!(fixture.subjects("bob@example.org").await, ["Confirm your e-mail address"]);
    let given_up = "SELECT COUNT(*) AS n FROM mails WHERE next_at IS NULL AND last_error IS NOT NULL";
    assert_eq!(fixture.count(given_up).await, 1);
}

#[tokio::test]
async fn who_registers_over_and_over_buries_nobody_and_says_nothing_to_them() {
    let fixture = fixture().await;
    for n in 0..8 {
        let body = json!({
            "email": ADA, "handle": format!("mallory{n}"), "password": "correct horse",
            "displayName": "you have won, see evil.example"
        });
        let answer = fixture.post("/api/v1/auth/register", &body).await;
        let token = answer.text("/tokens/accessToken");
        fixture.run_spawned().await;
        let body = json!({ "password": "correct horse" });
        let answer = fixture.act(Method::POST, &token, "/api/v1/auth/delete-account", &body).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
    }
    let mails = fixture.post.mailbox.latest(Some(ADA), 100).await.unwrap();
    assert_eq!(mails.len(), 5);
    for mail in mails {
        assert!(mail.text.starts_with("Hello mallory") && !mail.text.contains("evil"), "{}", mail.text);
    }
}
