//! Redis: who may reach a server, what guests that share a connection notice of each other, and what happens when the
//! server goes away and comes back.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::{Duration, Instant};

use futures::future::join_all;
use vitrine_denied::app::App;
use vitrine_denied::server::{self, OwnRedis};
use vitrine_scenarios::client::{Answer, Fetch as _};

/// Nobody listens there, and nobody need: the refusal comes first.
const NOWHERE: &str = "redis://ann:s3same@127.0.0.1:6379";

/// An app whose granted component reaches the server of this URL.
fn start(url: &str) -> App {
    App::start("redis", &[("url", url), ("host", &server::grant(url))]).unwrap()
}

/// Has a component send these commands over one connection.
async fn run(app: &App, component: &str, script: &str) -> Answer {
    app.client.post(&format!("/{component}/")).body(script.to_owned()).fetch().await.unwrap()
}

/// Has a component send these commands, and asserts what the last one gave.
async fn gives(app: &App, script: &str, text: &str) {
    let answer = run(app, "granted", script).await;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, text), "{script}\n{}", app.running.log());
}

/// Asserts that the sandbox refused.
async fn refused(app: &App, component: &str, script: &str) {
    let answer = run(app, component, script).await;
    assert_eq!(answer.status, 403, "{component}: {script}: {}\n{}", answer.text(), app.running.log());
}

/// A prefix that no other test uses.
fn prefix(name: &str) -> String {
    format!("vitrine-denied-{name}-{}:", std::process::id())
}

/// Waits until commands give this.
async fn soon(app: &App, script: &str, text: &str) {
    let start = Instant::now();
    loop {
        let answer = run(app, "granted", script).await.text();
        if answer == text {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(15), "{script} gives {answer}\n{}", app.running.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn twins_are_refused_before_anything_is_sent() {
    let app = start(NOWHERE);
    for component in ["twin", "near"] {
        refused(&app, component, "PING").await;
    }
    for address in [
        "redis://127.0.0.1",
        "redis://127.0.0.1:6381",
        "redis://127.0.0.2:6380",
        "redis://[::1]:6380",
        "rediss://127.0.0.1:6380",
        "unix:///run/redis/redis.sock",
        "redis+unix:///run/redis/redis.sock",
        "127.0.0.1:6380",
        "",
    ] {
        refused(&app, "near", &format!("!open {address}")).await;
    }
    // Granted, and nobody is there.
    assert_eq!(run(&app, "near", "!open redis://127.0.0.1:6380").await.status, 502);
    let metrics = app.metrics().await.unwrap();
    let counted = r#"vitrine_refusals_total{capability="redis",component="twin"} 1"#;
    assert!(metrics.contains(counted), "{metrics}");
    assert!(!app.running.log().contains("s3same"), "a password is in the log:\n{}", app.running.log());
}

#[tokio::test]
async fn granted_it_works() {
    let Some(url) = server::redis() else { return };
    let app = start(&url);
    let prefix = prefix("works");
    gives(&app, &format!("!functions {prefix}"), "kept in Redis None 2 2 a+b 1 3").await;
    gives(&app, &format!("SET {prefix}a 1\nGET {prefix}a"), "1").await;
    gives(&app, &format!("EXPIRE {prefix}a 100"), "1").await;
    // An answer of the wrong type is an error, and the connection goes on.
    assert_eq!(run(&app, "granted", &format!("LPUSH {prefix}a 1")).await.status, 502);
    gives(&app, &format!("DEL {prefix}a"), "1").await;
    refused(&app, "twin", "PING").await;
    let metrics = app.metrics().await.unwrap();
    assert!(
        metrics.contains(r#"vitrine_capability_seconds_count{capability="redis",component="granted"}"#),
        "{metrics}"
    );
}

#[tokio::test]
async fn guests_do_not_notice_each_others_connections() {
    let Some(url) = server::redis() else { return };
    let app = start(&url);
    let prefix = prefix("apart");
    gives(&app, &format!("SET {prefix}n 0"), "OK").await;
    // Transactions, other databases and commands that wait, among plain ones.
    let mut scripts = Vec::new();
    for _ in 0..20 {
        scripts.push((format!("MULTI\nINCR {prefix}n\nINCR {prefix}n\nEXEC\nPING"), "PONG"));
        scripts.push((format!("SELECT 5\nGET {prefix}n"), "nil"));
        scripts.push((format!("BLPOP {prefix}nothing 0.2"), "nil"));
        scripts.push(("ECHO hello".to_owned(), "hello"));
    }
    join_all(scripts.iter().map(|(script, text)| gives(&app, script, text))).await;
    gives(&app, &format!("GET {prefix}n"), "40").await;
    // What a guest left open when it trapped is gone with it.
    run(&app, "granted", &format!("MULTI\nSET {prefix}n 1\n!trap")).await;
    gives(&app, &format!("GET {prefix}n"), "40").await;
    gives(&app, &format!("DEL {prefix}n"), "1").await;
}

#[tokio::test]
async fn a_server_that_stops_and_starts_is_found_again() {
    let Some(mut redis) = OwnRedis::start() else { return };
    let app = start(&redis.url());
    gives(&app, "SET a 1\nGET a", "1").await;
    redis.stop();
    let answer = run(&app, "granted", "GET a").await;
    assert_eq!(answer.status, 502, "{}", answer.text());
    redis.again();
    soon(&app, "SET b 2\nGET b", "2").await;
    // Not one of many that follow fails.
    for answer in join_all((0..50).map(|_| run(&app, "granted", "GET b"))).await {
        assert_eq!(answer.text(), "2");
    }
}
