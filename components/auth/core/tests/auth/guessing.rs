//! Passwords that are guessed, and users who are to be kept out by that.

use crate::support::{Answer, Fixture, PASSWORD, fixture, is_problem};
use axum::http::StatusCode;
use futures::future::join_all;
use serde_json::{Value, json};
use std::time::Duration;

async fn tried(fixture: &Fixture, login: &str, times: usize) -> Vec<StatusCode> {
    let mut seen = Vec::new();
    for _ in 0..times {
        seen.push(fixture.login(login, "not the password").await.status);
    }
    seen
}

fn refused_for_a_while(answer: &Answer) -> u64 {
    is_problem(answer, StatusCode::TOO_MANY_REQUESTS);
    answer.header("retry-after").parse().unwrap()
}

#[tokio::test]
async fn guesses_are_slowed_down_more_and_more() {
    let fixture = fixture().await;
    fixture.register("ada").await;
    let (wrong, slow) = (StatusCode::UNAUTHORIZED, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(tried(&fixture, "ada", 7).await, [wrong, wrong, wrong, wrong, wrong, slow, slow]);
    // The right one is not told from a wrong one now, or the delay would be none.
    assert_eq!(refused_for_a_while(&fixture.login("ada", PASSWORD).await), 60);
    fixture.clock.advance(Duration::from_secs(60));
    assert_eq!(tried(&fixture, "ada", 6).await, [wrong, wrong, wrong, wrong, wrong, slow]);
    fixture.clock.advance(Duration::from_secs(60));
    assert_eq!(refused_for_a_while(&fixture.login("ada", "not the password").await), 13 * 60);
    let mut guesses = 0;
    for _ in 0..24 * 60 {
        fixture.clock.advance(Duration::from_secs(60));
        guesses += tried(&fixture, "ada", 1).await.iter().filter(|status| **status == wrong).count();
    }
    assert!(guesses <= 130, "{guesses} guesses in a day");
}

#[tokio::test]
async fn guesses_at_the_same_time_are_counted_too() {
    let fixture = fixture().await;
    fixture.register("ada").await;
    let answers = join_all((0..50).map(|_| fixture.login("ada", "not the password"))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::UNAUTHORIZED).count(), 5);
}

#[tokio::test]
async fn whoever_has_logged_in_before_is_not_kept_out() {
    let fixture = fixture().await;
    let device = fixture.register("ada").await.device_token;
    assert_eq!(tried(&fixture, "ada", 6).await.last(), Some(&StatusCode::TOO_MANY_REQUESTS));
    let login = |device: String, password: &'static str| {
        let fixture = &fixture;
        async move {
            let body = json!({ "login": "ada", "password": password, "deviceToken": device });
            fixture.post("/api/v1/auth/login", &body).await
        }
    };
    let answer = login(device.clone(), PASSWORD).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.text("/deviceToken"), device, "it stays the same device");
    // As a cookie too.
    let cookie = format!("__Host-vitrine_device={device}");
    let body = json!({ "login": "ada@example.org", "password": PASSWORD });
    let path = "/api/v1/auth/login";
    let answer = fixture.call(axum::http::Method::POST, path, &[("cookie", cookie.as_str())], &body).await;
    assert_eq!(answer.status, StatusCode::OK);
    // A device that guesses is slowed down itself, and what another account was given is worth nothing here.
    for _ in 0..5 {
        assert_eq!(login(device.clone(), "not the password").await.status, StatusCode::UNAUTHORIZED);
    }
    refused_for_a_while(&login(device, PASSWORD).await);
    let other = fixture.register("bob").await.device_token;
    refused_for_a_while(&login(other, PASSWORD).await);
    refused_for_a_while(&login("made up".to_owned(), PASSWORD).await);
}

#[tokio::test]
async fn those_who_know_their_password_are_never_slowed_down() {
    let fixture = fixture().await;
    fixture.register("ada").await;
    for _ in 0..40 {
        assert_eq!(fixture.login("ada", PASSWORD).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_login_that_is_nobodys_is_slowed_down_in_the_same_way() {
    let fixture = fixture().await;
    fixture.register("ada").await;
    let mut answers = Vec::new();
    for login in ["ada", "nobody", "nobody@example.org", "' OR 1=1 --"] {
        let mut seen = Vec::new();
        for _ in 0..6 {
            let mut answer = fixture.login(login, "not the password").await;
            answer.body["instance"] = Value::Null;
            seen.push((answer.status, answer.header("retry-after").to_owned(), answer.body));
        }
        answers.push(seen);
    }
    assert!(answers.iter().all(|seen| *seen == answers[0]), "{answers:?}");
}

#[tokio::test]
async fn whose_address_it_is_is_not_told_by_the_delay_of_a_handle() {
    let fixture = fixture().await;
    fixture.register("ada").await;
    tried(&fixture, "ada", 6).await;
    for login in ["ada@example.org", "other@example.org"] {
        assert_eq!(tried(&fixture, login, 1).await, [StatusCode::UNAUTHORIZED], "{login}");
    }
}
