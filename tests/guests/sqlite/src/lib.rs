//! Uses the SQLite database named by the query (`/use?things`): 200 with the value read back, 403 with the refusal's text.
//!
//! A hostile guest on other paths, with the database `things`: `/literal?FILE`, `/parameter?FILE`, `/expression?FILE` and
//! `/vacuum?FILE` reach for another file, 403 with the refusal; `/endless` runs a statement without an end; `/large` asks
//! for one value of 900 MB; `/connections?N` opens so many connections and answers how many it got.

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
