//! Handles the messages of a Redis channel: appends each to the list of its variable `list` on the server of its
//! variable `url`. A message `fail` is an error, `trap` an illegal instruction, and `slow` takes half a second.

use std::time::Duration;

use spin_sdk::redis::{Connection, Error, RedisParameter};
use spin_sdk::{redis_subscriber, variables};

#[redis_subscriber]
async fn handle(message: Vec<u8>) -> Result<(), Error> {
    match message.as_slice() {
        b"fail" => return Err(Error::Other("it fails as it was asked to".to_owned())),
        b"trap" => std::process::abort(),
        b"slow" => spin_sdk::time::sleep(Duration::from_millis(500)).await,
        _ => {}
    }
    let variable = |error: variables::Error| Error::Other(error.to_string());
    let url = variables::get("url").await.map_err(variable)?;
    let list = variables::get("list").await.map_err(variable)?;
    let arguments = [RedisParameter::Binary(list.into_bytes()), RedisParameter::Binary(message)];
    Connection::open(url).await?.execute("RPUSH", arguments).await?;
    Ok(())
}
