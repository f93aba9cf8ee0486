//! A server that goes away and comes back: the adapters make their connections anew, and what was kept is there.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use vitrine_ports::Suites;
use vitrine_scenarios::client::Fetch as _;
use vitrine_servers::{Given, Postgres, Redis};

/// Asserts that the cases go well, each at the first try.
async fn all_well(suites: &Suites, path: &str, cases: &[&str]) {
    for case in cases {
        let answer = suites.client.post(&format!("{path}/{case}")).fetch().await.unwrap();
        assert_eq!(answer.status, 204, "{case}: {}\n{}", answer.text(), suites.running.log());
    }
}

/// Asserts that the store is said to be away, soon and in words.
async fn away(suites: &Suites, path: &str, words: &str) {
    let answer = suites.client.post(path).fetch().await.unwrap();
    assert_eq!(answer.status, 500, "{}", answer.text());
    assert!(answer.text().contains(words), "{}", answer.text());
}

#[tokio::test]
async fn postgres() {
    let Some(server) = Postgres::alone().unwrap() else { return };
    let suites = Suites::start(&Given { postgres: Some(server.url()), ..Given::default() }, &[]).unwrap();
    let cases = ["writers_take_turns", "a_commit_is_seen", "values_come_back_as_they_went_in"];
    all_well(&suites, "/suite/db/postgres", &cases).await;
    for _ in 0..2 {
        server.kill().unwrap();
        away(&suites, "/suite/db/postgres/a_commit_is_seen", "`postgres_url`").await;
        server.start().unwrap();
        all_well(&suites, "/suite/db/postgres", &cases).await;
    }
}

#[tokio::test]
async fn redis() {
    let Some(server) = Redis::alone().unwrap() else { return };
    let suites = Suites::start(&Given { redis: Some(server.url()), ..Given::default() }, &[]).unwrap();
    let cases = ["counting_together_loses_nothing", "a_value_is_what_was_set_last"];
    all_well(&suites, "/suite/kv/redis", &cases).await;
    for _ in 0..2 {
        server.kill().unwrap();
        away(&suites, "/suite/kv/redis/a_value_is_what_was_set_last", "not available").await;
        server.start().unwrap();
        all_well(&suites, "/suite/kv/redis", &cases).await;
    }
}
