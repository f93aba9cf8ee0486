//! The Redis trigger: components that messages run.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::TcpStream;
use std::time::{Duration, Instant};

use vitrine_denied::app::{App, RUNTIME_CONFIG, manifests};
use vitrine_denied::server::{self, OwnRedis};
use vitrine_scenarios::harness::{Deployment, Runtime};

/// An app that listens to the server of this URL.
fn listening(url: &str) -> App {
    App::start("subscriber", &[("url", url), ("host", &server::grant(url))]).unwrap()
}

/// Publishes a message until somebody hears it.
fn publish(redis: &OwnRedis, message: &str) {
    let start = Instant::now();
    while redis.ask(&["PUBLISH", "heard", message]).trim() == "0" {
        assert!(start.elapsed() < Duration::from_secs(20), "nobody listens");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Waits until the list of the granted component holds these messages.
fn heard(redis: &OwnRedis, app: &App, messages: &str) {
    let start = Instant::now();
    while redis.ask(&["LRANGE", "granted", "0", "-1"]).split_whitespace().collect::<Vec<_>>().join(" ") != messages {
        assert!(start.elapsed() < Duration::from_secs(20), "not {messages}:\n{}", app.running.log());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[tokio::test]
async fn messages_are_handled_one_after_another_and_survive_failures() {
    let Some(redis) = OwnRedis::start() else { return };
    let app = listening(&redis.url());
    for message in ["one", "slow", "fail", "trap", "two"] {
        publish(&redis, message);
    }
    heard(&redis, &app, "one slow two");
    // The twin heard them too, and was refused what it wanted to do with them.
    assert_eq!(redis.ask(&["EXISTS", "twin"]).trim(), "0");
    app.running.log_line(&["message failed", "twin"]).unwrap();
    app.running.log_line(&["message failed", "granted", "as it was asked to"]).unwrap();
    let counted = [
        r#"vitrine_message_seconds_count{component="granted",outcome="handled"} 3"#,
        r#"vitrine_message_seconds_count{component="granted",outcome="failed"} 2"#,
        r#"vitrine_message_seconds_count{component="twin",outcome="failed"} 5"#,
        r#"vitrine_refusals_total{capability="redis",component="twin"} 3"#,
    ];
    let start = Instant::now();
    loop {
        let metrics = app.metrics().await.unwrap();
        if counted.iter().all(|counted| metrics.contains(counted)) {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(10), "not {counted:?}:\n{metrics}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn it_listens_again_after_the_server_was_away() {
    let Some(mut redis) = OwnRedis::start() else { return };
    redis.stop();
    // It starts without the server, says so once, and listens as soon as there is one.
    let app = listening(&redis.url());
    app.running.log_line(&["does not listen", "{{ url }}"]).unwrap();
    redis.again();
    publish(&redis, "one");
    heard(&redis, &app, "one");
    redis.stop();
    redis.again();
    publish(&redis, "two");
    heard(&redis, &app, "two");
    let complaints = app.running.log().matches("does not listen").count();
    assert!(complaints <= 2, "{complaints} complaints about two absences:\n{}", app.running.log());
}

#[test]
fn addresses_that_are_none_are_refused_at_start() {
    for url in ["s3same", "", "http://ann:s3same@127.0.0.1", "redis://ann:s3same@127.0.0.1:port"] {
        let mut deployment =
            Deployment::of(Runtime::Host, &manifests().join("subscriber.toml"), RUNTIME_CONFIG).unwrap();
        deployment.set("url", url);
        let refusal = deployment.refusal().unwrap();
        assert_eq!(refusal.code, Some(1), "{}", refusal.said);
        for word in ["subscriber.toml", "granted", "SPIN_VARIABLE_URL", "redis://"] {
            assert!(refusal.said.contains(word), "not a word about {word}:\n{}", refusal.said);
        }
        assert!(!refusal.said.contains("s3same"), "{}", refusal.said);
        assert_eq!(refusal.said.lines().count(), 1, "{}", refusal.said);
    }
}

/// Nobody could be answered there, and another process may want the address.
#[test]
fn an_app_without_http_triggers_does_not_listen() {
    let url = "redis://127.0.0.1:1";
    let app = App::start("subscriber", &[("url", url), ("host", url)]).unwrap();
    app.running.log_line(&["running", "no HTTP trigger"]).unwrap();
    assert!(TcpStream::connect(("127.0.0.1", app.running.port())).is_err());
}
