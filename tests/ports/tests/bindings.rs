//! What a deployment that binds a port wrongly is told: one message, which names the variable and the remedy, and repeats no secret.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use vitrine_ports::Suites;
use vitrine_scenarios::client::Fetch as _;
use vitrine_servers::{Given, Url, free_port, not_run};

/// Any case of a suite: the store must be had before it runs.
const BLOB: &str = "/suite/blob/mistaken/what_is_not_there_is_none";
const DB: &str = "/suite/db/mistaken/a_commit_is_seen";
const KV: &str = "/suite/kv/mistaken/a_deleted_key_is_gone";

const URL: &str = "suites_postgres_url";

/// What the guest says that is bound by these variables.
async fn said(path: &str, variables: &[(&str, &str)]) -> String {
    let suites = Suites::start(&Given::default(), variables).unwrap();
    let answer = suites.client.post(path).fetch().await.unwrap();
    assert_eq!(answer.status, 500, "{}", answer.text());
    answer.text()
}

/// What a case says of a server that it cannot use. A store of blobs is opened without asking its server.
async fn case_says(path: &str, variables: &[(&str, &str)]) -> String {
    let suites = Suites::start(&Given::default(), variables).unwrap();
    let answer = suites.client.post(path).fetch().await.unwrap();
    assert_eq!(answer.status, 422, "{}", answer.text());
    answer.text()
}

/// Asserts that a message holds these words, and not the password.
fn tells(message: &str, words: &[&str]) {
    for word in words {
        assert!(message.contains(word), "`{word}` is not in: {message}");
    }
    assert!(!message.contains("s3same"), "the password is in: {message}");
}

async fn database_says(url: &str, host: &str, words: &[&str]) {
    let variables = [("mistaken_db_backend", "postgres"), (URL, url), ("mistaken_host", host)];
    let message = said(DB, &variables).await;
    tells(&message, &["`postgres_url`", "`suites_postgres_url`"]);
    tells(&message, words);
}

async fn redis_says(url: &str, host: &str, words: &[&str]) {
    let variables = [("mistaken_kv_backend", "redis"), ("redis_url", url), ("mistaken_host", host)];
    let message = said(KV, &variables).await;
    tells(&message, &["`redis_url`"]);
    tells(&message, words);
}

async fn blobs_say(variables: &[(&str, &str)], words: &[&str]) {
    let right = [
        ("mistaken_blob_backend", "s3"),
        ("s3_endpoint", "http://127.0.0.1:9000"),
        ("suites_s3_access_key", "key"),
        ("suites_s3_secret_key", "s3same"),
    ];
    let message = said(BLOB, &[&right, variables].concat()).await;
    tells(&message, words);
    tells(&message, &["`blob_backend`"]);
}

#[tokio::test]
async fn an_unknown_backend() {
    let words = ["`blob_backend`", "`disk`", "`key-value` or `s3`"];
    tells(&said(BLOB, &[("mistaken_blob_backend", "disk")]).await, &words);
    tells(&said(DB, &[("mistaken_db_backend", "mysql")]).await, &["`db_backend`", "`mysql`", "`sqlite` or `postgres`"]);
    tells(&said(KV, &[("mistaken_kv_backend", "")]).await, &["`kv_backend`", "`sqlite` or `redis`"]);
}

#[tokio::test]
async fn a_missing_secret() {
    let words =
        ["is empty", "`db_backend` is `postgres`", "SPIN_VARIABLE_SUITES_POSTGRES_URL", "postgres://user:password@"];
    database_says("", "", &words).await;
    redis_says("", "", &["is empty", "`kv_backend` is `redis`", "SPIN_VARIABLE_REDIS_URL", "redis://:password@"]).await;
    for (name, variable) in [
        ("s3_access_key", "suites_s3_access_key"),
        ("s3_secret_key", "suites_s3_secret_key"),
        ("suites_bucket", "suites_bucket"),
    ] {
        let environment = format!("SPIN_VARIABLE_{}", variable.to_uppercase());
        blobs_say(&[(variable, "")], &[&format!("`{name}`"), "is empty", &environment]).await;
    }
}

#[tokio::test]
async fn a_malformed_url() {
    let words = ["SPIN_VARIABLE_SUITES_POSTGRES_URL"];
    database_says("postgres://u:s3same @h/d", "", &words).await;
    database_says("mysql://u:s3same@h/d", "", &["postgres://"]).await;
    database_says("postgres://127.0.0.1/d", "", &["names no user"]).await;
    database_says("postgres://u:s3same@127.0.0.1", "", &["names no database"]).await;
    redis_says("http://:s3same@127.0.0.1", "", &["redis://"]).await;
    for url in ["", "127.0.0.1:9000", "ftp://127.0.0.1", "http://key:s3same@127.0.0.1"] {
        blobs_say(&[("s3_endpoint", url)], &["`s3_endpoint`", "set it to a URL such as", "SPIN_VARIABLE_S3_ENDPOINT"])
            .await;
    }
    blobs_say(&[("s3_public_url", "images")], &["`s3_public_url`"]).await;
    blobs_say(&[("s3_addressing", "dns")], &["`s3_addressing`", "`path` or `virtual-host`"]).await;
    blobs_say(&[("s3_addressing", "virtual-host")], &["`s3_addressing`", "set it to `path`"]).await;
}

#[tokio::test]
async fn an_unreachable_server() {
    let port = free_port().unwrap();
    let words = [&*format!("127.0.0.1:{port}"), "start it", "`postgres_host`"];
    let (url, host) = (format!("postgres://u:s3same@127.0.0.1:{port}/d"), format!("postgres://127.0.0.1:{port}"));
    database_says(&url, &host, &words).await;
    let words = [&*format!("127.0.0.1:{port}"), "start it", "`redis_host`"];
    redis_says(&format!("redis://:s3same@127.0.0.1:{port}"), &format!("redis://127.0.0.1:{port}"), &words).await;
}

#[tokio::test]
async fn an_s3_server_that_cannot_be_used() {
    let address = format!("http://127.0.0.1:{}", free_port().unwrap());
    let mut variables = vec![
        ("mistaken_blob_backend", "s3"),
        ("s3_endpoint", &*address),
        ("suites_s3_access_key", "key"),
        ("suites_s3_secret_key", "s3same"),
    ];
    tells(&case_says(BLOB, &variables).await, &[&address, "may not call", "`s3_host`"]);
    variables.push(("mistaken_host", &address));
    tells(&case_says(BLOB, &variables).await, &[&address, "not available", "`s3_endpoint`"]);
    // A bucket that is named by the host has a host of its own, which the grant must cover.
    let by_name = [
        ("mistaken_blob_backend", "s3"),
        ("s3_addressing", "virtual-host"),
        ("s3_endpoint", "http://s3.example.invalid"),
        ("suites_s3_access_key", "key"),
        ("suites_s3_secret_key", "s3same"),
    ];
    const CALLED: &str = "may not call http://suites.s3.example.invalid; set `s3_host` to http://*.s3.example.invalid";
    for (host, is_granted) in [("http://s3.example.invalid", false), ("http://*.s3.example.invalid", true)] {
        let message = case_says(BLOB, &[&by_name[..], &[("mistaken_host", host)]].concat()).await;
        assert_eq!(message.contains(CALLED), !is_granted, "{message}");
        assert_eq!(message.contains("may not call"), !is_granted, "{message}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_granted() {
    database_says("postgres://u:s3same@127.0.0.1:15432/d", "", &["not permitted", "`postgres_host`"]).await;
    redis_says("redis://:s3same@127.0.0.1:16379", "", &["granted", "`redis_host`"]).await;
}

#[tokio::test]
async fn a_wrong_password() {
    let Some(admin) = Given::from_env().postgres else {
        return not_run("VITRINE_TEST_POSTGRES names no server");
    };
    let admin = Url::parse(&admin).unwrap();
    let server = format!("{}:{}", admin.host, admin.port);
    let url = format!("postgres://{}:s3same@{server}/postgres", admin.user);
    database_says(&url, &format!("postgres://{server}"), &[&server, "password authentication failed"]).await;
}
