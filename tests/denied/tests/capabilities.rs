//! For each capability, a guest that was granted it and works, and its twin that is seen to be refused.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use vitrine_denied::app::App;

/// Asserts that a path answers 200 with this text.
async fn works(app: &App, path: &str, text: &str) {
    let answer = app.get(path).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, text), "{path}\n{}", app.running.log());
}

/// Asserts that the guest was refused: it says so itself, by 403, in words that hold `text`.
async fn refused(app: &App, path: &str, text: &str) {
    let answer = app.get(path).await.unwrap();
    assert_eq!(answer.status, 403, "{path}: {}\n{}", answer.text(), app.running.log());
    assert!(answer.text().to_lowercase().contains(text), "{path}: {}", answer.text());
}

#[tokio::test]
async fn key_value() {
    let app = App::start("key-value", &[]).unwrap();
    works(&app, "/granted/use?things", "kept in the store").await;
    works(&app, "/other/use?others", "kept in the store").await;
    refused(&app, "/twin/use?things", "denied").await;
    refused(&app, "/other/use?things", "denied").await;
    refused(&app, "/granted/use?others", "denied").await;
    refused(&app, "/granted/use?default", "denied").await;
    refused(&app, "/twin/use?../things-kv.db", "denied").await;
}

#[tokio::test]
async fn sqlite() {
    let app = App::start("sqlite", &[]).unwrap();
    works(&app, "/granted/use?things", "kept in the database").await;
    works(&app, "/other/use?others", "kept in the database").await;
    refused(&app, "/twin/use?things", "denied").await;
    refused(&app, "/other/use?things", "denied").await;
    refused(&app, "/granted/use?others", "denied").await;
    refused(&app, "/twin/use?../things.db", "denied").await;
}

/// A database is one file. However a statement names another one, it is not reached.
#[tokio::test]
async fn sqlite_reaches_no_other_file() {
    let app = App::start("sqlite", &[]).unwrap();
    works(&app, "/other/use?others", "kept in the database").await;
    let data = app.running.deployment().unwrap().data();
    let others = data.join("others.db");
    assert!(others.exists(), "{others:?}");
    let new = data.join("new.db");
    for way in ["literal", "parameter", "expression", "vacuum"] {
        for file in [&others, &new] {
            refused(&app, &format!("/granted/{way}?{}", file.display()), "authoriz").await;
        }
    }
    assert!(!new.exists(), "a file was made");
}

/// Settings of the whole process, and memory that no limit of the component counts.
#[tokio::test]
async fn sqlite_reaches_nothing_but_its_database() {
    let app = App::start("sqlite", &[]).unwrap();
    works(&app, "/granted/pragma?user_version=7", "0 rows").await;
    for pragma in ["Journal_Mode=WAL", "busy_timeout=50", "user_version", "table_list"] {
        app.get(&format!("/granted/pragma?{pragma}")).await.unwrap().expect(200).unwrap();
    }
    app.get("/granted/pragma-table?user_version").await.unwrap().expect(200).unwrap();
    for pragma in [
        "hard_heap_limit=1000",
        "HARD_HEAP_LIMIT=1000",
        "soft_heap_limit=1000",
        "temp_store_directory=tmp",
        "temp_store=MEMORY",
        "cache_size=-1000000",
        "main.cache_size=-1000000",
        "cache_spill=OFF",
        "mmap_size=1000000000",
        "threads=8",
        "writable_schema=ON",
        "journal_mode=MEMORY",
        "busy_timeout=2000000000",
    ] {
        refused(&app, &format!("/granted/pragma?{pragma}"), "authoriz").await;
    }
    refused(&app, "/granted/pragma-table?hard_heap_limit", "authoriz").await;
    refused(&app, "/granted/memory", "authoriz").await;
    // The limit would have been everybody's.
    works(&app, "/other/use?others", "kept in the database").await;
}

#[tokio::test]
async fn variables() {
    let app = App::start("variables", &[("password", "s3same")]).unwrap();
    works(&app, "/granted/use?password", "s3same").await;
    works(&app, "/twin/use?greeting", "good morning, twin").await;
    for name in ["password", "spin_variable_password", "path", "unheard_of"] {
        refused(&app, &format!("/twin/use?{name}"), "").await;
    }
    refused(&app, "/granted/use?greeting", "").await;
    assert!(!app.running.log().contains("s3same"), "the secret is in the log:\n{}", app.running.log());
}

/// A server on the network that answers every request with `from outside`. Gives its URL.
async fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                // A client that goes away early is none of this server's business.
                if stream.read(&mut request).await.is_ok() {
                    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 12\r\nconnection: close\r\n\r\nfrom outside";
                    drop(stream.write_all(answer.as_bytes()).await);
                }
            });
        }
    });
    url
}

#[tokio::test]
async fn outbound_http() {
    let server = server().await;
    let app = App::start("http", &[("server", &server)]).unwrap();
    works(&app, &format!("/granted/use?{server}/some/path"), "200 from outside").await;
    refused(&app, &format!("/twin/use?{server}/some/path"), "denied").await;
    // Nearly right: another port, another scheme, another host.
    refused(&app, &format!("/near/use?{server}/some/path"), "denied").await;
    let port = server.rsplit(':').next().unwrap();
    refused(&app, &format!("/granted/use?http://localhost:{port}/"), "denied").await;
    refused(&app, &format!("/granted/use?http://127.0.0.2:{port}/"), "denied").await;
    refused(&app, &format!("/granted/use?https://127.0.0.1:{port}/"), "denied").await;
}

#[tokio::test]
async fn service_chaining() {
    let server = server().await;
    let app = App::start("http", &[("server", &server)]).unwrap();
    works(&app, "/granted/use?http://callee.spin.internal/", "200 still answering").await;
    refused(&app, "/twin/use?http://callee.spin.internal/", "denied").await;
    refused(&app, "/near/use?http://callee.spin.internal/", "denied").await;
    refused(&app, "/granted/use?http://twin.spin.internal/", "denied").await;
    // A private component has no way in from outside.
    assert_eq!(app.get("/callee/").await.unwrap().status, 404);
}
