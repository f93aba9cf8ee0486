//! `spin:redis`: Redis servers that the manifest lets a component reach, over connections that guests share.

mod check;
mod command;
mod count;
mod link;
mod server;

pub use link::Connection;
pub use server::Servers;
pub(crate) use server::{Address, dial};

use super::bindings::spin::redis::redis::{self, Error, HostConnectionWithStore, RedisParameter, RedisResult};
use crate::guest::Guest;
use crate::instance::InstanceState;
use ::redis::{Cmd, FromRedisValue};
use std::sync::Arc;
use wasmtime::component::{Accessor, HasData, Linker, Resource};

/// What the Redis trigger's handler gives back when it fails.
pub(crate) type HandlerError = Error;

/// Links `spin:redis`.
///
/// # Errors
/// When a function is linked twice.
pub fn bind(linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
    redis::add_to_linker::<_, Redis>(linker, |state| state)
}

struct Redis;

impl HasData for Redis {
    type Data<'a> = &'a mut InstanceState;
}

type Host = Accessor<InstanceState, Redis>;
type Answer<T> = wasmtime::Result<Result<T, Error>>;

/// A connection to an address that the component may reach.
async fn open(guest: &Arc<Guest>, address: &str) -> Result<Connection, Error> {
    let _timer = count::start(guest);
    let address = check::granted(guest, address)?;
    Connection::open(guest.grants.redis.clone(), address).await
}

/// Sends a command and reads its answer.
async fn ask<T: FromRedisValue>(host: &Host, resource: &Resource<Connection>, command: Cmd) -> Answer<T> {
    let (connection, _timer) = host.with(|mut access| {
        let state = access.get();
        let connection: Connection = state.table.get(resource)?.clone();
        Ok::<_, wasmtime::Error>((connection, count::start(&state.guest)))
    })?;
    Ok(connection.ask(command).await)
}

fn with(name: &str, key: &str) -> Cmd {
    let mut command = ::redis::cmd(name);
    command.arg(key);
    command
}

impl redis::Host for InstanceState {}
impl redis::HostConnection for InstanceState {}

impl HostConnectionWithStore<InstanceState> for Redis {
    async fn open(host: &Host, address: String) -> Answer<Resource<Connection>> {
        let guest = host.with(|mut access| access.get().guest.clone());
        let opened = open(&guest, &address).await;
        host.with(|mut access| {
            Ok(match opened {
                Ok(connection) => Ok(access.get().table.push(connection)?),
                Err(error) => Err(error),
            })
        })
    }

    async fn publish(host: &Host, resource: Resource<Connection>, channel: String, payload: Vec<u8>) -> Answer<()> {
        let mut command = with("PUBLISH", &channel);
        command.arg(payload);
        ask(host, &resource, command).await
    }

    async fn get(host: &Host, resource: Resource<Connection>, key: String) -> Answer<Option<Vec<u8>>> {
        ask(host, &resource, with("GET", &key)).await
    }

    async fn set(host: &Host, resource: Resource<Connection>, key: String, value: Vec<u8>) -> Answer<()> {
        let mut command = with("SET", &key);
        command.arg(value);
        ask(host, &resource, command).await
    }

    async fn incr(host: &Host, resource: Resource<Connection>, key: String) -> Answer<i64> {
        ask(host, &resource, with("INCR", &key)).await
    }

    async fn del(host: &Host, resource: Resource<Connection>, keys: Vec<String>) -> Answer<u32> {
        let mut command = ::redis::cmd("DEL");
        command.arg(keys);
        ask(host, &resource, command).await
    }

    async fn sadd(host: &Host, resource: Resource<Connection>, key: String, values: Vec<String>) -> Answer<u32> {
        let mut command = with("SADD", &key);
        command.arg(values);
        ask(host, &resource, command).await
    }

    async fn smembers(host: &Host, resource: Resource<Connection>, key: String) -> Answer<Vec<String>> {
        ask(host, &resource, with("SMEMBERS", &key)).await
    }

    async fn srem(host: &Host, resource: Resource<Connection>, key: String, values: Vec<String>) -> Answer<u32> {
        let mut command = with("SREM", &key);
        command.arg(values);
        ask(host, &resource, command).await
    }

    async fn execute(
        host: &Host,
        resource: Resource<Connection>,
        name: String,
        arguments: Vec<RedisParameter>,
    ) -> Answer<Vec<RedisResult>> {
        let results: Result<command::Results, Error> = ask(host, &resource, command::command(&name, arguments)).await?;
        Ok(results.map(|results| results.0))
    }

    async fn drop(host: &Host, resource: Resource<Connection>) -> wasmtime::Result<()> {
        host.with(|mut access| access.get().table.delete(resource))?;
        Ok(())
    }
}
