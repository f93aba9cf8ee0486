//! Refresh tokens: rotation, honest retries, thieves and races.

use crate::support::{Answer, Fixture, fixture, is_problem};
use axum::http::StatusCode;
use futures::future::join_all;
use std::{collections::BTreeSet, time::Duration};

/// The refresh token of an answer that gave one.
fn given(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.text("/tokens/refreshToken")
}

async fn refused(fixture: &Fixture, token: &str) {
    is_problem(&fixture.refresh(token).await, StatusCode::UNAUTHORIZED);
}

/// A token that was used, and its successor.
async fn used() -> (Fixture, String, String) {
    let fixture = fixture().await;
    let first = fixture.register("ada").await.tokens.refresh_token;
    let second = given(&fixture.refresh(&first).await);
    (fixture, first, second)
}

#[tokio::test]
async fn a_refresh_gives_new_tokens_of_the_same_session() {
    let fixture = fixture().await;
    let begun = fixture.register("ada").await;
    fixture.clock.advance(Duration::from_secs(800));
    let answer = fixture.refresh(&begun.tokens.refresh_token).await;
    let next = given(&answer);
    assert_ne!(next, begun.tokens.refresh_token);
    assert_eq!((answer.body["tokens"]["expiresIn"].as_u64(), answer.header("cache-control")), (Some(900), "no-store"));
    let access = answer.text("/tokens/accessToken");
    assert_eq!(fixture.session_of(&access), fixture.session_of(&begun.tokens.access_token));
    let me = fixture.me(Some(&format!("Bearer {access}"))).await;
    assert_eq!(me.body["handle"], "ada");
    given(&fixture.refresh(&next).await);
}

#[tokio::test]
async fn within_ten_seconds_a_used_token_gets_one_sibling() {
    let (fixture, first, second) = used().await;
    fixture.clock.advance(Duration::from_secs(10));
    let sibling = given(&fixture.refresh(&first).await);
    assert_ne!(sibling, second);
    // A third is not given, and that ends nothing.
    refused(&fixture, &first).await;
    given(&fixture.refresh(&sibling).await);
}

#[tokio::test]
async fn once_its_successor_was_used_there_is_no_sibling() {
    let (fixture, first, second) = used().await;
    let third = given(&fixture.refresh(&second).await);
    refused(&fixture, &first).await;
    given(&fixture.refresh(&third).await);
}

#[tokio::test]
async fn a_token_that_is_used_again_later_ends_its_family() {
    let (fixture, first, second) = used().await;
    let access = given_access(&fixture, &second).await;
    let session = fixture.session_of(&access);
    assert!(fixture.live.is_live(session).await.unwrap());
    fixture.clock.advance(Duration::from_millis(10_001));
    refused(&fixture, &first).await;
    assert!(!fixture.live.is_live(session).await.unwrap());
    refused(&fixture, &second).await;
    is_problem(&fixture.me(Some(&format!("Bearer {access}"))).await, StatusCode::UNAUTHORIZED);
    assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM sessions WHERE ended_at IS NOT NULL").await, 1);
}

/// An access token that was given for a refresh token.
async fn given_access(fixture: &Fixture, token: &str) -> String {
    fixture.refresh(token).await.text("/tokens/accessToken")
}

#[tokio::test]
async fn of_two_siblings_the_one_that_is_left_behind_tells_a_thief() {
    let (fixture, first, second) = used().await;
    // Whoever of owner and thief asks first: both have a token now.
    let sibling = given(&fixture.refresh(&first).await);
    let third = given(&fixture.refresh(&sibling).await);
    refused(&fixture, &second).await;
    let fourth = given(&fixture.refresh(&third).await);
    fixture.clock.advance(Duration::from_secs(11));
    refused(&fixture, &second).await;
    refused(&fixture, &fourth).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_at_once_two_get_tokens_and_the_family_survives() {
    let fixture = std::sync::Arc::new(fixture().await);
    let token = fixture.register("ada").await.tokens.refresh_token;
    let tries = (0..100).map(|_| {
        let (fixture, token) = (fixture.clone(), token.clone());
        tokio::spawn(async move { fixture.refresh(&token).await })
    });
    let answers: Vec<Answer> = join_all(tries).await.into_iter().map(Result::unwrap).collect();
    let tokens: BTreeSet<_> =
        answers.iter().filter(|it| it.status == StatusCode::OK).map(|it| it.text("/tokens/refreshToken")).collect();
    assert_eq!(tokens.len(), 2, "the successor and one sibling");
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::UNAUTHORIZED).count(), 98);
    assert!(!tokens.contains(&token));
    given(&fixture.refresh(tokens.first().unwrap()).await);
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused() {
    let fixture = fixture().await;
    let begun = fixture.register("ada").await;
    let access = begun.tokens.access_token.as_str();
    let long = "x".repeat(10_000);
    for token in ["", "x", "\u{0}", access, &begun.device_token, &long, &begun.tokens.refresh_token[1..]] {
        refused(&fixture, token).await;
    }
    refused(&fixture, &begun.tokens.refresh_token.to_uppercase()).await;
    given(&fixture.refresh(&begun.tokens.refresh_token).await);
}

#[tokio::test]
async fn a_session_that_is_not_seen_for_thirty_days_ends() {
    let fixture = fixture().await;
    let mut token = fixture.register("ada").await.tokens.refresh_token;
    let day = Duration::from_secs(24 * 60 * 60);
    for _ in 0..3 {
        fixture.clock.advance(day * 29);
        token = given(&fixture.refresh(&token).await);
    }
    fixture.clock.advance(day * 30);
    refused(&fixture, &token).await;
}

#[tokio::test]
async fn no_session_goes_on_for_more_than_a_year() {
    let fixture = fixture().await;
    let mut token = fixture.register("ada").await.tokens.refresh_token;
    let day = Duration::from_secs(24 * 60 * 60);
    for _ in 0..14 {
        fixture.clock.advance(day * 26);
        token = given(&fixture.refresh(&token).await);
    }
    fixture.clock.advance(day);
    refused(&fixture, &token).await;
}

#[tokio::test]
async fn tokens_that_were_used_long_ago_are_forgotten() {
    let fixture = fixture().await;
    let mut token = fixture.register("ada").await.tokens.refresh_token;
    for _ in 0..20 {
        fixture.clock.advance(Duration::from_secs(24 * 60 * 60));
        token = given(&fixture.refresh(&token).await);
    }
    assert!(fixture.count("SELECT COUNT(*) AS n FROM refresh_tokens").await <= 9);
}
