//! Connections that are kept, by address.

use super::connect::Connector;
use super::tls::{self, Authority};
use super::{Connection, Error, error};
use crate::guest::Guest;
use deadpool_postgres::{Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime, Timeouts};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::time::Duration;
use tokio_postgres::config::{Config, Host};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Connections to one address, as on Spin.
const MAX_CONNECTIONS: usize = 64;
/// Addresses with connections. An address holds a user, a password and a database beside the server.
const MAX_ADDRESSES: usize = 64;
/// How long a guest waits for one of the connections to come free, and for a new one to be made.
const WAIT: Duration = Duration::from_secs(5);
/// How long a connection is kept that nobody uses: servers allow only so many.
const IDLE: Duration = Duration::from_secs(60);

/// The connections of the process. Components that know the same address and password share its connections.
#[derive(Default)]
pub struct Pools(Mutex<HashMap<(String, Option<Authority>), Server>>);

/// What leads to one address.
#[derive(Clone)]
struct Server {
    pool: Pool,
    tls: MakeRustlsConnect,
}

impl Pools {
    /// A clean connection to an address that was granted.
    ///
    /// # Errors
    /// `Error::ConnectionFailed` when the server cannot be reached or refuses, or when all connections stay in use.
    pub(super) async fn connect(
        &self,
        guest: &Guest,
        address: &str,
        config: Config,
        authority: Option<Authority>,
    ) -> Result<Connection, Error> {
        let name = name(&config);
        let server = self.server(address, config, authority).map_err(Error::ConnectionFailed)?;
        match server.pool.get().await {
            Ok(client) => Ok(Connection::new(client, server.tls)),
            Err(PoolError::Backend(error)) => {
                Err(Error::ConnectionFailed(format!("cannot connect to {name}: {}", error::text(&error))))
            }
            Err(PoolError::Timeout(deadpool_postgres::TimeoutType::Wait)) => {
                let reason = format!(
                    "no connection to {name} came free within {WAIT:?}: all {MAX_CONNECTIONS} are in use; hold connections for a shorter time"
                );
                tracing::warn!(component = guest.name, "{reason}");
                Err(Error::ConnectionFailed(reason))
            }
            Err(PoolError::Timeout(_)) => {
                Err(Error::ConnectionFailed(format!("cannot connect to {name}: no answer within {WAIT:?}")))
            }
            Err(error) => Err(Error::ConnectionFailed(format!("cannot connect to {name}: {error}"))),
        }
    }

    fn server(&self, address: &str, config: Config, authority: Option<Authority>) -> Result<Server, String> {
        let key = (address.to_owned(), authority);
        let mut servers = self.0.lock();
        if let Some(server) = servers.get(&key) {
            return Ok(server.clone());
        }
        if servers.len() >= MAX_ADDRESSES {
            servers.retain(|_, server| server.pool.status().size > 0);
        }
        if servers.len() >= MAX_ADDRESSES {
            return Err(format!("{MAX_ADDRESSES} addresses of databases are in use already: use fewer"));
        }
        let server = server(config, key.1.as_ref())?;
        servers.insert(key, server.clone());
        Ok(server)
    }
}

fn server(config: Config, authority: Option<&Authority>) -> Result<Server, String> {
    let tls = tls::connector(authority)?;
    // What comes back is cleaned by the session, before it is given back: nothing is left to do when it is taken.
    let settings = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_connect(config, Connector(tls.clone()), settings);
    let pool = Pool::builder(manager)
        .max_size(MAX_CONNECTIONS)
        .timeouts(Timeouts { wait: Some(WAIT), create: Some(WAIT), recycle: Some(WAIT) })
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|error| error.to_string())?;
    tokio::spawn(close_idle(pool.clone()));
    Ok(Server { pool, tls })
}

/// Closes connections that nobody has used for long, as long as the pool is there.
async fn close_idle(pool: Pool) {
    let weak = pool.weak();
    drop(pool);
    loop {
        tokio::time::sleep(IDLE / 4).await;
        let Some(pool) = weak.upgrade() else { return };
        pool.retain(|_, metrics| metrics.last_used() < IDLE);
    }
}

/// The servers of an address as messages name them, without user, password and database.
fn name(config: &Config) -> String {
    let mut names: Vec<String> = config
        .get_hosts()
        .iter()
        .map(|host| match host {
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(path) => path.display().to_string(),
        })
        .collect();
    if names.is_empty() {
        names = config.get_hostaddrs().iter().map(ToString::to_string).collect();
    }
    let ports: Vec<_> = config.get_ports().iter().map(ToString::to_string).collect();
    match ports.as_slice() {
        [] => format!("postgres://{}", names.join(",")),
        ports => format!("postgres://{}:{}", names.join(","), ports.join(",")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_holds_no_secret() {
        let name_of = |address: &str| name(&address.parse().unwrap());
        assert_eq!(name_of("postgres://ann:s3same@db.example:6543/shop"), "postgres://db.example:6543");
        assert_eq!(name_of("host=a,b port=1,2 user=ann password=s3same"), "postgres://a,b:1,2");
        assert_eq!(name_of("hostaddr=127.0.0.1 user=ann"), "postgres://127.0.0.1");
    }
}
