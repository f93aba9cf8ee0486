//! Connections to Redis servers.

use super::Error;
use crate::capability::tls;
use ::redis::aio::MultiplexedConnection;
use ::redis::{AsyncConnectionConfig, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, RedisError};
use parking_lot::Mutex;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::thread::ThreadId;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Host;

/// How long it may take to connect, and to get an answer over a connection that is shared.
const PATIENCE: Duration = Duration::from_secs(5);
/// Connections that are kept to be shared.
const MAX_SHARED: usize = 256;

/// How the scheme of an address that is reached over TLS is written.
const SECURE: &str = "rediss";
const PLAIN: &str = "redis";

/// Where a server is, and how to sign in.
#[derive(Clone)]
pub(crate) struct Address {
    text: Arc<str>,
    info: ConnectionInfo,
    secure: bool,
    host: Host<String>,
    port: u16,
}

impl Address {
    /// Reads `redis://[user:password@]host[:port][/database]`, or the same with `rediss`, which means TLS.
    ///
    /// # Errors
    /// What is wrong with it, without showing it: it may hold a password.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let secure = text.split_once("://").filter(|(scheme, _)| scheme.eq_ignore_ascii_case(SECURE));
        // The library knows the scheme only where it brings TLS of its own.
        let plain = secure.map(|(_, rest)| format!("{PLAIN}://{rest}"));
        let info = plain.as_deref().unwrap_or(text).into_connection_info().map_err(|_| "it is no Redis URL")?;
        let ConnectionAddr::Tcp(name, port) = info.addr() else {
            return Err("it is no redis:// or rediss:// URL, and the host has no Unix sockets");
        };
        let port = *port;
        let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        let host = match bare.parse() {
            Ok(IpAddr::V4(address)) => Host::Ipv4(address),
            Ok(IpAddr::V6(address)) => Host::Ipv6(address),
            Err(_) => Host::parse(bare).map_err(|_| "its host is none")?,
        };
        Ok(Self { text: text.into(), secure: secure.is_some(), info, host, port })
    }

    /// Its scheme, by which it is granted.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.secure { SECURE } else { PLAIN }
    }

    /// Host and port.
    pub(crate) fn server(&self) -> (&Host<String>, u16) {
        (&self.host, self.port)
    }

    /// The connection's settings: user, password, database.
    pub(crate) fn settings(&self) -> &::redis::RedisConnectionInfo {
        self.info.redis_settings()
    }
}

impl std::fmt::Display for Address {
    /// Without user and password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}:{}", self.scheme(), self.host, self.port)
    }
}

/// What goes to and from a server.
pub(crate) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// A TCP connection, with TLS on it where the address says so: then the system must trust the server's certificate.
pub(crate) async fn dial(address: &Address) -> io::Result<Box<dyn Io>> {
    let stream = connect(address).await?;
    if !address.secure {
        return Ok(Box::new(stream));
    }
    let settings = tls::settings(None).map_err(io::Error::other)?;
    Ok(Box::new(timeout(PATIENCE, secure(address, stream, settings)).await??))
}

async fn secure(address: &Address, stream: TcpStream, settings: ClientConfig) -> io::Result<TlsStream<TcpStream>> {
    let name = match &address.host {
        Host::Domain(name) => ServerName::try_from(name.clone()).map_err(io::Error::other)?,
        Host::Ipv4(ip) => ServerName::IpAddress(IpAddr::V4(*ip).into()),
        Host::Ipv6(ip) => ServerName::IpAddress(IpAddr::V6(*ip).into()),
    };
    TlsConnector::from(Arc::new(settings)).connect(name, stream).await
}

async fn connect(address: &Address) -> io::Result<TcpStream> {
    let (host, port) = address.server();
    let connect = async {
        match host {
            Host::Domain(name) => TcpStream::connect((name.as_str(), port)).await,
            Host::Ipv4(ip) => TcpStream::connect((*ip, port)).await,
            Host::Ipv6(ip) => TcpStream::connect((*ip, port)).await,
        }
    };
    let stream = timeout(PATIENCE, connect).await??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A connection that works until it is lost.
pub(super) struct Live {
    connection: MultiplexedConnection,
    driver: JoinHandle<()>,
}

impl Live {
    /// Connects and signs in.
    pub(super) async fn open(address: &Address, patience: Option<Duration>) -> Result<Self, Error> {
        let failed = |error: RedisError| Error::Other(format!("cannot connect to {address}: {error}"));
        let stream = dial(address).await.map_err(|error| failed(error.into()))?;
        let config = AsyncConnectionConfig::new().set_response_timeout(patience);
        let sign_in = MultiplexedConnection::new_with_config(address.settings(), stream, config);
        let (connection, driver) = timeout(PATIENCE, sign_in)
            .await
            .map_err(|elapsed| failed(io::Error::from(elapsed).into()))?
            .map_err(failed)?;
        Ok(Self { connection, driver: tokio::spawn(driver) })
    }

    /// What sends commands.
    pub(super) fn connection(&self) -> MultiplexedConnection {
        self.connection.clone()
    }

    /// Whether the server is still at the other end, as far as is known.
    pub(super) fn is_alive(&self) -> bool {
        !self.driver.is_finished()
    }
}

impl Drop for Live {
    /// Else it would go on waiting for the answer of a command that blocks.
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// The shared connections of the process: one for each address and thread, so that an answer arrives where it is waited
/// for. Components that know the same address and password share them.
#[derive(Default)]
pub struct Servers(Mutex<HashMap<Key, Arc<Live>>>);

/// An address and a thread.
type Key = (Arc<str>, ThreadId);

impl Servers {
    /// The shared connection of this thread; a new one when there is none, or when it was lost.
    pub(super) async fn shared(&self, address: &Address) -> Result<Arc<Live>, Error> {
        let key = (address.text.clone(), std::thread::current().id());
        let find = || self.0.lock().get(&key).filter(|live| live.is_alive()).cloned();
        if let Some(live) = find() {
            return Ok(live);
        }
        let opened = Arc::new(Live::open(address, Some(PATIENCE)).await?);
        if let Some(live) = find() {
            // Somebody else was faster.
            return Ok(live);
        }
        let mut servers = self.0.lock();
        if servers.len() >= MAX_SHARED {
            servers.retain(|_, live| live.is_alive() && Arc::strong_count(live) > 1);
        }
        if servers.len() >= MAX_SHARED {
            return Err(Error::TooManyConnections);
        }
        servers.insert(key, opened.clone());
        Ok(opened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_shown_without_secrets() {
        let shown = |text: &str| Address::parse(text).map(|address| address.to_string());
        assert_eq!(shown("redis://127.0.0.1").unwrap(), "redis://127.0.0.1:6379");
        assert_eq!(shown("redis://ann:s3same@[::1]:7000/2").unwrap(), "redis://[::1]:7000");
        assert_eq!(shown("redis://cache.example:7000").unwrap(), "redis://cache.example:7000");
        assert_eq!(shown("rediss://:s3same@cache.example/1").unwrap(), "rediss://cache.example:6379");
        for text in ["", "127.0.0.1:6379", "http://127.0.0.1", "unix:///run/redis.sock", "redis://", "redis://h:99999"]
        {
            assert!(shown(text).is_err(), "{text}: {shown:?}", shown = shown(text).ok());
        }
    }
}
