//! Sends commands to the Redis server of its variable `url`: each line of a POST's body is a command, all on one
//! connection, with its arguments parted by spaces.
//!
//! 200 with the last answer, 403 when the address is refused, 502 for every other failure. A line `!trap` is an illegal
//! instruction, a line `!functions` uses every function of the interface, a line `!open` opens the connection that the
//! rest of the line leads to.

use spin_sdk::http::body::IncomingBodyExt as _;
use spin_sdk::http::{IntoResponse, Request, StatusCode};
use spin_sdk::http_service;
use spin_sdk::redis::{Connection, Error, RedisParameter, RedisResult};
use spin_sdk::variables;

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let script = match request.into_body().bytes().await {
        Ok(body) => String::from_utf8_lossy(&body).into_owned(),
        Err(error) => return (StatusCode::BAD_REQUEST, error.to_string()),
    };
    match run(&script).await {
        Ok(answer) => (StatusCode::OK, answer),
        Err(Error::InvalidAddress) => (StatusCode::FORBIDDEN, "denied: the address is invalid".to_owned()),
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
            None => connection.insert(Connection::open(&url).await?),
        };
        answer = match line.strip_prefix("!functions ") {
            Some(prefix) => functions(connection, prefix).await?,
            None => command(connection, line).await?,
        };
    }
    Ok(answer)
}

async fn command(connection: &Connection, line: &str) -> Result<String, Error> {
    let mut words = line.split(' ');
    let name = words.next().unwrap_or_default();
    let arguments = words.map(|word| RedisParameter::Binary(word.as_bytes().to_vec()));
    let results = connection.execute(name, arguments).await?;
    Ok(results.iter().map(show).collect::<Vec<_>>().join(" "))
}

fn show(result: &RedisResult) -> String {
    match result {
        RedisResult::Nil => "nil".to_owned(),
        RedisResult::Status(text) => text.clone(),
        RedisResult::Int64(number) => number.to_string(),
        RedisResult::Binary(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Uses every function on keys that begin with `prefix`.
async fn functions(connection: &Connection, prefix: &str) -> Result<String, Error> {
    let key = |name: &str| format!("{prefix}{name}");
    let mut said = Vec::new();
    connection.set(key("text"), b"kept in Redis").await?;
    let text = connection.get(key("text")).await?.unwrap_or_default();
    said.push(String::from_utf8_lossy(&text).into_owned());
    said.push(format!("{:?}", connection.get(key("nothing")).await?));
    connection.incr(key("number")).await?;
    said.push(connection.incr(key("number")).await?.to_string());
    said.push(connection.sadd(key("set"), ["a", "b", "a"]).await?.to_string());
    let mut members = connection.smembers(key("set")).await?;
    members.sort();
    said.push(members.join("+"));
    said.push(connection.srem(key("set"), ["a", "c"]).await?.to_string());
    connection.publish(key("channel"), b"hello").await?;
    said.push(connection.del([key("text"), key("number"), key("set"), key("nothing")]).await?.to_string());
    Ok(said.join(" "))
}
