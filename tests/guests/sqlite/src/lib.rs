//! Uses the SQLite database named by the query (`/use?things`): 200 with the value read back, 403 with the refusal's text.
//!
//! A hostile guest on other paths, with the database `things`: `/literal?FILE`, `/parameter?FILE`, `/expression?FILE` and
//! `/vacuum?FILE` reach for another file, and `/memory` for a database in memory, 403 with the refusal; `/pragma?TEXT` runs a
//! pragma, and `/pragma-table?NAME` reads one as a table; `/endless` runs a statement without an end; `/large` asks
//! for one value of 900 MB; `/instr` searches in a value for minutes, in one step, and `/search` in smaller ones, row by row;
//! `/locked` waits for a lock that it holds itself; `/rows?N` writes and reads a value of N bytes; `/connections?N` opens so many connections and answers how many it got.

use spin_sdk::http::{IntoResponse, Request, StatusCode};
use spin_sdk::http_service;
use spin_sdk::sqlite::{Connection, Error, Value};

const OWN: &str = "things";

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let query = request.uri().query().unwrap_or("default");
    let path = request.uri().path();
    let answer = match path.rsplit('/').next() {
        Some("literal") => run(&format!("ATTACH '{query}' AS other"), vec![]).await,
        Some("parameter") => run("ATTACH ?1 AS other", vec![Value::Text(query.to_owned())]).await,
        Some("expression") => run(&format!("ATTACH ('{query}' || '') AS other"), vec![]).await,
        Some("vacuum") => run("VACUUM INTO ?1", vec![Value::Text(query.to_owned())]).await,
        Some("endless") => {
            run("WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c", vec![]).await
        }
        Some("memory") => run("ATTACH ':memory:' AS other", vec![]).await,
        Some("pragma") => run(&format!("PRAGMA {query}"), vec![]).await,
        Some("pragma-table") => run(&format!("SELECT * FROM pragma_{query}"), vec![]).await,
        Some("instr") => run("SELECT instr(hex(zeroblob(2000000)), hex(zeroblob(400000)) || '1')", vec![]).await,
        Some("search") => {
            let rows = "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 1000)";
            let search = "SELECT sum(instr(hex(zeroblob(200000)), hex(zeroblob(100000)) || x)) FROM c";
            run(&format!("{rows} {search}"), vec![]).await
        }
        Some("locked") => locked().await,
        Some("rows") => long_value(query.parse().unwrap_or(0)).await,
        Some("large") => run("SELECT length(hex(zeroblob(450000000)))", vec![]).await,
        Some("connections") => connections(query.parse().unwrap_or(0)).await,
        _ => write_and_read(query).await,
    };
    match answer {
        Ok(value) => (StatusCode::OK, value),
        Err(error @ Error::AccessDenied) => (StatusCode::FORBIDDEN, error.to_string()),
        Err(Error::Io(text)) if text.contains("authoriz") => (StatusCode::FORBIDDEN, text),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()),
    }
}

async fn run(statement: &str, parameters: Vec<Value>) -> Result<String, Error> {
    let connection = Connection::open(OWN).await?;
    let rows = connection.execute(statement, parameters).await?.collect().await?;
    Ok(format!("{} rows", rows.len()))
}

async fn locked() -> Result<String, Error> {
    let (holder, waiter) = (Connection::open(OWN).await?, Connection::open(OWN).await?);
    holder.execute("PRAGMA journal_mode = DELETE", []).await?.collect().await?;
    waiter.execute("PRAGMA busy_timeout = 10000", []).await?.collect().await?;
    waiter.execute("SELECT count(*) FROM sqlite_schema", []).await?.collect().await?;
    holder.execute("BEGIN EXCLUSIVE", []).await?.collect().await?;
    let rows = waiter.execute("SELECT name FROM sqlite_schema", []).await?.collect().await?;
    Ok(format!("{} rows", rows.len()))
}

async fn long_value(length: i64) -> Result<String, Error> {
    let connection = Connection::open(OWN).await?;
    connection
        .execute("CREATE TABLE IF NOT EXISTS long (id INTEGER PRIMARY KEY, value BLOB)", [])
        .await?
        .collect()
        .await?;
    let value = vec![Value::Integer(length)];
    connection.execute("INSERT OR REPLACE INTO long VALUES (1, zeroblob(?1))", value).await?.collect().await?;
    let rows = connection.execute("SELECT value FROM long WHERE id = 1", []).await?.collect().await?;
    Ok(rows.first().and_then(|row| row.get::<&[u8]>(0)).map_or(0, <[u8]>::len).to_string())
}

async fn connections(count: usize) -> Result<String, Error> {
    let mut open = Vec::new();
    for _ in 0..count {
        match Connection::open(OWN).await {
            Ok(connection) => open.push(connection),
            Err(_) => break,
        }
    }
    Ok(open.len().to_string())
}

async fn write_and_read(label: &str) -> Result<String, Error> {
    let connection = Connection::open(label).await?;
    let none = [];
    connection
        .execute("CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, text TEXT)", none.clone())
        .await?
        .collect()
        .await?;
    connection
        .execute("INSERT OR REPLACE INTO note VALUES (1, 'kept in the database')", none.clone())
        .await?
        .collect()
        .await?;
    let rows = connection.execute("SELECT text FROM note WHERE id = 1", none).await?.collect().await?;
    let text = rows.first().and_then(|row| row.get::<&str>(0)).unwrap_or_default();
    Ok(text.to_owned())
}
