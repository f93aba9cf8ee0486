//! Uses the SQLite database named by the query (`/use?things`): 200 with the value read back, 403 with the refusal's text.

use spin_sdk::http::{IntoResponse, Request, StatusCode};
use spin_sdk::http_service;
use spin_sdk::sqlite::{Connection, Error};

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let label = request.uri().query().unwrap_or("default");
    match write_and_read(label).await {
        Ok(value) => (StatusCode::OK, value),
        Err(error @ Error::AccessDenied) => (StatusCode::FORBIDDEN, error.to_string()),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()),
    }
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
