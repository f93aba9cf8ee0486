//! Connections that are kept, by thread and address: what reads a connection's answers runs on the thread that opened it,
//! so a guest elsewhere would wait for that thread to be woken.

use super::connect::Connector;
use super::tls::{self, Authority};
use super::{Connection, Error, check, error};
use crate::guest::Guest;
use crate::threads;
use deadpool_postgres::{
    Manager, ManagerConfig, Pool, PoolError, QueueMode, RecyclingMethod, Runtime, TimeoutType, Timeouts,
};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::thread::{self, ThreadId};
use std::time::Duration;
use tokio_postgres::config::{Config, Host};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Connections to one address, as on Spin, which the threads share out among themselves.
const MAX_CONNECTIONS: usize = 64;
/// Connections of one thread to one address, however many threads there are.
const LEAST_CONNECTIONS: usize = 4;
/// Addresses with connections, for each thread. An address holds a user, a password and a database beside the server.
const MAX_ADDRESSES: usize = 64;
/// How long a guest waits for one of the connections to come free, and for a new one to be made.
const WAIT: Duration = Duration::from_secs(5);
/// How long a connection is kept that nobody uses: servers allow only so many.
const IDLE: Duration = Duration::from_secs(60);

/// The connections of the process. Components that know the same address and password share its connections.
#[derive(Default)]
pub struct Pools(Mutex<HashMap<ThreadId, Known>>);

#[derive(Default)]
struct Known {
    servers: HashMap<(String, Option<Authority>), Server>,
    /// What was checked already, by component and address: grants do not change while the process lives.
    granted: HashMap<String, HashMap<String, Server>>,
}

/// What leads to one address.
#[derive(Clone)]
struct Server {
    /// Without user, password and database.
    name: Arc<str>,
    pool: Pool,
    tls: MakeRustlsConnect,
}

impl Pools {
    /// A clean connection to an address that the component may reach.
    ///
    /// # Errors
    /// `Error::ConnectionFailed` when the address is not granted, when the server cannot be reached or refuses, or when
    /// all connections stay in use.
    pub(super) async fn connect(
        &self,
        guest: &Guest,
        address: &str,
        authority: Option<Authority>,
    ) -> Result<Connection, Error> {
        let server = self.server(guest, address, authority).map_err(Error::ConnectionFailed)?;
        let name = &server.name;
        match server.pool.get().await {
            Ok(client) => Ok(Connection::new(client, server.tls)),
            Err(PoolError::Backend(error)) => {
                Err(Error::ConnectionFailed(format!("cannot connect to {name}: {}", error::text(&error))))
            }
            Err(PoolError::Timeout(TimeoutType::Wait)) => {
                let reason = format!(
                    "no connection to {name} came free within {WAIT:?}: all {} of this thread are in use; hold connections for a shorter time",
                    share(threads::count())
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

    fn server(&self, guest: &Guest, address: &str, authority: Option<Authority>) -> Result<Server, String> {
        let thread = thread::current().id();
        if authority.is_none()
            && let Some(known) = self.0.lock().get(&thread)
            && let Some(server) = known.granted.get(&guest.name).and_then(|servers| servers.get(address))
        {
            return Ok(server.clone());
        }
        let config = check::granted(guest, address)?;
        let mut threads = self.0.lock();
        let known = threads.entry(thread).or_default();
        let server = known.server((address.to_owned(), authority.clone()), config)?;
        if authority.is_none() {
            known.granted.entry(guest.name.clone()).or_default().insert(address.to_owned(), server.clone());
        }
        Ok(server)
    }
}

impl Known {
    fn server(&mut self, key: (String, Option<Authority>), config: Config) -> Result<Server, String> {
        if let Some(server) = self.servers.get(&key) {
            return Ok(server.clone());
        }
        if self.servers.len() >= MAX_ADDRESSES {
            self.servers.retain(|_, server| server.pool.status().size > 0);
            self.granted.clear();
        }
        if self.servers.len() >= MAX_ADDRESSES {
            return Err(format!("{MAX_ADDRESSES} addresses of databases are in use already: use fewer"));
        }
        let server = server(config, key.1.as_ref())?;
        self.servers.insert(key, server.clone());
        Ok(server)
    }
}

fn server(config: Config, authority: Option<&Authority>) -> Result<Server, String> {
    let tls = MakeRustlsConnect::new(tls::settings(authority)?);
    let name = name(&config).into();
    // What comes back is cleaned by the session, before it is given back: nothing is left to do when it is taken.
    let settings = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let pool = Pool::builder(Manager::from_connect(config, Connector(tls.clone()), settings))
        .max_size(share(threads::count()))
        .timeouts(Timeouts { wait: Some(WAIT), create: Some(WAIT), recycle: Some(WAIT) })
        .runtime(Runtime::Tokio1)
        // The last one used comes first, so that those beyond what is needed become idle and are closed.
        .queue_mode(QueueMode::Lifo)
        .build()
        .map_err(|error| error.to_string())?;
    tokio::spawn(close_idle(pool.clone()));
    Ok(Server { name, pool, tls })
}

/// The connections to one address that one of so many threads may have.
fn share(threads: usize) -> usize {
    MAX_CONNECTIONS.checked_div(threads).unwrap_or(MAX_CONNECTIONS).max(LEAST_CONNECTIONS)
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
    fn threads_share_out_the_connections_to_an_address() {
        assert_eq!([2, 4, 16, 64].map(share), [32, 16, 4, 4]);
    }

    #[test]
    fn a_name_holds_no_secret() {
        let name_of = |address: &str| name(&address.parse().unwrap());
        assert_eq!(name_of("postgres://ann:s3same@db.example:6543/shop"), "postgres://db.example:6543");
        assert_eq!(name_of("host=a,b port=1,2 user=ann password=s3same"), "postgres://a,b:1,2");
        assert_eq!(name_of("hostaddr=127.0.0.1 user=ann"), "postgres://127.0.0.1");
    }
}
