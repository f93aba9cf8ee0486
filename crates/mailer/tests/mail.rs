//! Mail through each of the adapters.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on has failed")]

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use uuid::Uuid;
use vitrine_clock::{FixedClock, Timestamp};
use vitrine_db::{Db, Migration};
use vitrine_db_rusqlite::Sqlite;
use vitrine_http_out::{Limits, RouterHttpOut};
use vitrine_mailer::{HttpMailer, InvalidApi, MAILBOX_SQL, Mail, MailError, Mailbox, Mailer as _};

fn mail(n: u128, to: &str) -> Mail {
    Mail { id: Uuid::from_u128(n), to: to.to_owned(), subject: "Hello".to_owned(), text: "secret 7".to_owned() }
}

async fn mailbox() -> (Mailbox, FixedClock, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::from(Sqlite::open(folder.path().join("mail.db")).unwrap());
    db.migrate(&[Migration { version: 1, name: "mailbox", sql: MAILBOX_SQL }]).await.unwrap();
    let clock = FixedClock::at(Timestamp::from_seconds(1_769_860_800));
    (Mailbox::new(db, Arc::new(clock.clone())), clock, folder)
}

#[tokio::test]
async fn a_mailbox_shows_what_came_last() {
    let (mailbox, clock, _folder) = mailbox().await;
    for (n, to) in [(1, "ada@example.org"), (2, "bob@example.org"), (3, "ada@example.org")] {
        mailbox.send(&mail(n, to)).await.unwrap();
        clock.advance(Duration::from_secs(1));
    }
    let ids = |list: Vec<vitrine_mailer::Received>| list.iter().map(|it| it.id.as_u128()).collect::<Vec<_>>();
    assert_eq!(ids(mailbox.latest(None, 2).await.unwrap()), [3, 2]);
    assert_eq!(ids(mailbox.latest(Some("ada@example.org"), 9).await.unwrap()), [3, 1]);
    // Tried again it is the same mail.
    mailbox.send(&mail(1, "ada@example.org")).await.unwrap();
    assert_eq!(ids(mailbox.latest(None, 9).await.unwrap()), [1, 3, 2]);
    clock.advance(Duration::from_secs(8 * 24 * 60 * 60));
    mailbox.send(&mail(4, "bob@example.org")).await.unwrap();
    assert_eq!(ids(mailbox.latest(None, 9).await.unwrap()), [4]);
}

type Seen = Arc<Mutex<Vec<(HeaderMap, String)>>>;

/// A mailer, and what its API gets; the API answers with that status.
fn api(status: StatusCode) -> (HttpMailer, Seen) {
    let seen = Seen::default();
    let take = move |State(seen): State<Seen>, headers: HeaderMap, body: String| async move {
        seen.lock().unwrap().push((headers, body));
        status
    };
    let router = Router::new().route("/emails", post(take)).with_state(seen.clone());
    let out = Arc::new(RouterHttpOut::new(Limits::default()).with("https://mail.example", router));
    let mailer = HttpMailer::new(out, "https://mail.example/emails", "key-1", "Vitrine <no-reply@example.org>");
    (mailer.unwrap(), seen)
}

#[tokio::test]
async fn an_api_is_told_all_of_a_mail() {
    let (mailer, seen) = api(StatusCode::OK);
    mailer.send(&mail(7, "ada@example.org")).await.unwrap();
    let seen = seen.lock().unwrap();
    let [(headers, body)] = seen.as_slice() else { panic!("{seen:?}") };
    assert_eq!(headers["authorization"], "Bearer key-1");
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["idempotency-key"], Uuid::from_u128(7).to_string().as_str());
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let expected = serde_json::json!({
        "from": "Vitrine <no-reply@example.org>", "to": ["ada@example.org"], "subject": "Hello", "text": "secret 7"
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn what_may_be_taken_later_is_told_from_what_is_refused() {
    for status in [500, 502, 503, 429, 408, 401, 403, 404] {
        let answer = api(StatusCode::from_u16(status).unwrap()).0.send(&mail(1, "a@b")).await;
        assert!(matches!(answer, Err(MailError::Later(_))), "{status}: {answer:?}");
    }
    for status in [400, 409, 422] {
        let answer = api(StatusCode::from_u16(status).unwrap()).0.send(&mail(1, "a@b")).await;
        assert!(matches!(answer, Err(MailError::Refused(_))), "{status}: {answer:?}");
    }
    let nobody = Arc::new(RouterHttpOut::new(Limits::default()));
    let mailer = HttpMailer::new(nobody, "https://mail.example/emails", "key-1", "a@b").unwrap();
    assert!(matches!(mailer.send(&mail(1, "a@b")).await, Err(MailError::Later(_))));
}

#[test]
fn settings_are_checked_and_secrets_not_shown() {
    let out = || Arc::new(RouterHttpOut::new(Limits::default()));
    let new = |url: &str, token: &str, from: &str| HttpMailer::new(out(), url, token, from).map(drop);
    for url in ["", "emails", "/emails", "not a url"] {
        assert_eq!(new(url, "key-1", "a@b"), Err(InvalidApi::Url), "{url}");
    }
    for token in ["", " ", "a\nb"] {
        assert_eq!(new("https://mail.example", token, "a@b"), Err(InvalidApi::Token), "{token}");
    }
    for from in ["", "nobody", "a@b\r\nBcc: c@d"] {
        assert_eq!(new("https://mail.example", "key-1", from), Err(InvalidApi::From), "{from}");
    }
    let (mailer, _) = api(StatusCode::OK);
    assert!(!format!("{mailer:?} {:?}", mail(1, "a@b")).contains("key-1"));
    assert!(!format!("{:?}", mail(1, "a@b")).contains("secret"));
}
