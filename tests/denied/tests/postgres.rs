//! PostgreSQL: who may reach a server, and what a guest leaves behind on a connection that others use after it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::{Duration, Instant};

use futures::future::join_all;
use vitrine_denied::app::App;
use vitrine_denied::server;
use vitrine_scenarios::client::{Answer, Fetch as _};

/// Nobody listens there, and nobody need: the refusal comes first.
const NOWHERE: &str = "postgres://ann:s3same@127.0.0.1:5432/shop";

/// An app whose granted component reaches the server of this URL.
fn start(url: &str) -> App {
    App::start("postgres", &[("url", url), ("host", &server::grant(url))]).unwrap()
}

/// Has a component run these statements on one connection.
async fn run(app: &App, component: &str, script: &str) -> Answer {
    app.client.post(&format!("/{component}/")).body(script.to_owned()).fetch().await.unwrap()
}

/// Has a component run these statements, and asserts that the last one gave these rows.
async fn gives(app: &App, script: &str, rows: &str) {
    let answer = run(app, "granted", script).await;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, rows), "{script}\n{}", app.running.log());
}

/// Asserts that the sandbox refused.
async fn refused(app: &App, component: &str, script: &str) {
    let answer = run(app, component, script).await;
    assert_eq!(answer.status, 403, "{component}: {script}: {}\n{}", answer.text(), app.running.log());
}

/// A table that no other test uses.
fn table(name: &str) -> String {
    format!("vitrine_denied_{name}_{}", std::process::id())
}

/// Waits until a statement gives these rows.
async fn soon(app: &App, statement: &str, rows: &str) {
    let start = Instant::now();
    while run(app, "granted", statement).await.text() != rows {
        assert!(start.elapsed() < Duration::from_secs(10), "{statement} does not give {rows}\n{}", app.running.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn twins_are_refused_before_anything_is_sent() {
    let app = start(NOWHERE);
    for component in ["twin", "near"] {
        refused(&app, component, "SELECT 1").await;
    }
    for address in [
        "postgres://127.0.0.1/shop",
        "postgres://127.0.0.1:5434/shop",
        "postgres://127.0.0.2:5432/shop",
        "postgres://[::1]:5432/shop",
        "postgresql://ann:s3same@db.example/shop",
        "host=127.0.0.1 user=ann",
        // Of two hosts one is granted; of a name and an address, the name.
        "host=localhost,127.0.0.1 port=5432 user=ann",
        "host=localhost hostaddr=127.0.0.1 port=5432 user=ann",
        "hostaddr=127.0.0.1 port=5432 user=ann",
    ] {
        refused(&app, "near", &format!("!open {address}")).await;
    }
    // What is no address, or no host, is an error of the guest's.
    for address in ["", "postgres://", "nonsense", "host=/var/run/postgresql user=ann", "user=ann"] {
        assert_eq!(run(&app, "granted", &format!("!open {address}")).await.status, 502, "{address}");
    }
    let metrics = app.metrics().await.unwrap();
    let counted = r#"vitrine_refusals_total{capability="postgres",component="twin"} 1"#;
    assert!(metrics.contains(counted), "{metrics}");
    assert!(!app.running.log().contains("s3same"), "a password is in the log:\n{}", app.running.log());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error_of_the_connection() {
    let app = start("postgres://ann:s3same@127.0.0.1:1/shop");
    let answer = run(&app, "granted", "SELECT 1").await;
    assert_eq!(answer.status, 502, "{}", answer.text());
    assert!(answer.text().contains("postgres://127.0.0.1:1"), "{}", answer.text());
    assert!(!answer.text().contains("s3same"), "{}", answer.text());
}

#[tokio::test]
async fn granted_it_works_with_every_type() {
    let Some(url) = server::postgres() else { return };
    let app = start(&url);
    let table = table("notes");
    let create = format!("CREATE TABLE {table} (id BIGINT PRIMARY KEY, text TEXT)");
    let write = format!("INSERT INTO {table} VALUES (1, 'kept in the database')");
    let read = format!("SELECT text FROM {table}");
    gives(&app, &format!("{create}\n{write}\n{read}"), "kept in the database").await;
    gives(&app, &read, "kept in the database").await;
    gives(&app, "!types", "23 types come back as they went").await;
    // Errors of the server carry their SQLSTATE.
    assert_eq!(run(&app, "granted", &write).await.text().split(' ').next(), Some("23505"));
    // A statement that was prepared before its table changed.
    let all = format!("SELECT * FROM {table}");
    gives(&app, &all, "1 kept in the database").await;
    gives(&app, &format!("ALTER TABLE {table} ADD COLUMN more INTEGER DEFAULT 2"), "").await;
    gives(&app, &all, "1 kept in the database 2").await;
    refused(&app, "twin", &read).await;
    gives(&app, &format!("DROP TABLE {table}"), "").await;
    let metrics = app.metrics().await.unwrap();
    assert!(
        metrics.contains(r#"vitrine_capability_seconds_count{capability="postgres",component="granted"}"#),
        "{metrics}"
    );
}

#[tokio::test]
async fn a_trap_in_a_transaction_leaves_nothing() {
    let Some(url) = server::postgres() else { return };
    let app = start(&url);
    let table = table("trap");
    gives(&app, &format!("CREATE TABLE {table} (id BIGINT)"), "").await;
    let insert = format!("INSERT INTO {table} VALUES (1)");
    let count = format!("SELECT count(*) FROM {table}");
    for leave in ["!trap", "SELECT 1", "SET search_path TO nowhere", "SELECT 1/0"] {
        run(&app, "granted", &format!("BEGIN\n{insert}\n{leave}")).await;
        // Whoever gets the connection next is in no transaction, and sees no row of it.
        assert_eq!(run(&app, "granted", "SAVEPOINT a").await.text().split(' ').next(), Some("25P01"), "{leave}");
        gives(&app, &count, "0").await;
        gives(&app, "SELECT current_setting('search_path') = 'nowhere'", "DbValue::Boolean(false)").await;
        // Nothing is locked for long.
        soon(&app, &format!("BEGIN\nLOCK TABLE {table} IN ACCESS EXCLUSIVE MODE NOWAIT\nCOMMIT\n{count}"), "0").await;
    }
    // A transaction that ends well is kept, one that rolls back is not.
    gives(&app, &format!("ROLLBACK\nBEGIN\n{insert}\nCOMMIT\n{count}"), "1").await;
    gives(&app, &format!("BEGIN\n{insert}\nROLLBACK\n{count}"), "1").await;
    gives(&app, &format!("DROP TABLE {table}"), "").await;
}

#[tokio::test]
async fn a_statement_that_nobody_waits_for_is_stopped() {
    let Some(url) = server::postgres() else { return };
    let app = start(&url);
    let answer = run(&app, "hurried", "SELECT 'abandoned', pg_sleep(60)").await;
    assert_eq!(answer.status, 504, "{}", answer.text());
    let running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT ''abandoned''%' AND state = 'active'";
    soon(&app, running, "0").await;
}

#[tokio::test]
async fn more_users_than_connections_wait_for_each_other() {
    let Some(url) = server::postgres() else { return };
    let app = start(&url);
    let sleepers = join_all((0..100).map(|_| run(&app, "granted", "SELECT 'one of many', pg_sleep(0.2)")));
    for answer in sleepers.await {
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let metrics = app.metrics().await.unwrap();
    assert!(metrics.contains("vitrine_capability_seconds_bucket"), "{metrics}");
}
