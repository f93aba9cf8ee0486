//! Runs SQL on the server of its variable `url`: each line of a POST's body is a statement, all on one connection.
//!
//! 200 with the last rows, a line each; 403 with the refusal's text; 409 with the SQLSTATE when the server refuses a
//! statement; 502 for every other failure. A line `!trap` is an illegal instruction, a line `!types` sends a value of
//! each type there and back, a line `!open` opens the connection that a URL in the rest of the line leads to.

mod types;

use spin_sdk::http::body::IncomingBodyExt as _;
use spin_sdk::http::{IntoResponse, Request, StatusCode};
use spin_sdk::http_service;
use spin_sdk::pg::{Connection, Error, PgError, QueryError};
use spin_sdk::variables;

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let script = match request.into_body().bytes().await {
        Ok(body) => String::from_utf8_lossy(&body).into_owned(),
        Err(error) => return (StatusCode::BAD_REQUEST, error.to_string()),
    };
    match run(&script).await {
        Ok(rows) => (StatusCode::OK, rows),
        Err(Error::PgError(PgError::ConnectionFailed(reason))) if reason.contains("not permitted") => {
            (StatusCode::FORBIDDEN, format!("denied: {reason}"))
        }
        Err(Error::PgError(PgError::QueryFailed(QueryError::DbError(error)))) => {
            (StatusCode::CONFLICT, format!("{} {}", error.code, error.message))
        }
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()),
    }
}

async fn run(script: &str) -> Result<String, Error> {
    let url = variables::get("url").await.unwrap_or_default();
    let mut connection = None;
    let mut answer = String::new();
    for line in script.lines() {
        if let Some(other) = line.strip_prefix("!open ") {
            connection = Some(Connection::open(other).await?);
            continue;
        }
        if line == "!trap" {
            std::process::abort();
        }
        let connection = match &connection {
            Some(connection) => connection,
            None => connection.insert(Connection::open(url.as_str()).await?),
        };
        answer =
            if line == "!types" { types::there_and_back(connection).await? } else { rows(connection, line).await? };
    }
    Ok(answer)
}

async fn rows(connection: &Connection, statement: &str) -> Result<String, Error> {
    let rows = types::fetch(connection, statement.to_owned(), Vec::new()).await?;
    let lines = rows.iter().map(|row| row.iter().map(types::show).collect::<Vec<_>>().join(" "));
    Ok(lines.collect::<Vec<_>>().join("\n"))
}
