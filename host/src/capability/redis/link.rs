//! A connection as a guest holds it: one that others use too, until it sends a command that others would notice.

use super::Error;
use super::command::is_stateful;
use super::server::{Address, Live, Servers};
use ::redis::{Cmd, ErrorKind, FromRedisValue, RedisError};
use std::sync::Arc;
use tokio::sync::Mutex;

/// A connection, as a guest holds it.
#[derive(Clone)]
pub struct Connection(Arc<Link>);

struct Link {
    servers: Arc<Servers>,
    address: Address,
    /// A connection of the guest's own, once it has asked for something that changes a connection's state.
    own: Mutex<Option<Arc<Live>>>,
}

impl Connection {
    /// Makes sure that the server can be reached.
    pub(super) async fn open(servers: Arc<Servers>, address: Address) -> Result<Self, Error> {
        servers.shared(&address).await?;
        Ok(Self(Arc::new(Link { servers, address, own: Mutex::default() })))
    }

    /// Sends a command and reads its answer.
    pub(super) async fn ask<T: FromRedisValue>(&self, command: Cmd) -> Result<T, Error> {
        let live = self.0.live(&command).await?;
        command.query_async(&mut live.connection()).await.map_err(failed)
    }
}

impl Link {
    /// The connection for a command. A shared one that was lost is replaced; one of the guest's own is not, since what
    /// the guest had set up on it is lost too.
    async fn live(&self, command: &Cmd) -> Result<Arc<Live>, Error> {
        let mut own = self.own.lock().await;
        if let Some(own) = own.as_ref() {
            return Ok(own.clone());
        }
        if is_stateful(command) {
            let opened = Arc::new(Live::open(&self.address, None).await?);
            *own = Some(opened.clone());
            return Ok(opened);
        }
        drop(own);
        self.servers.shared(&self.address).await
    }
}

#[allow(clippy::needless_pass_by_value, reason = "used in map_err")]
fn failed(error: RedisError) -> Error {
    if error.kind() == ErrorKind::UnexpectedReturnType { Error::TypeError } else { Error::Other(error.to_string()) }
}
