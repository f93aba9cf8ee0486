//! A proxy that knows bytes only.

use anyhow::{Context as _, Result};
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    sync::watch,
    task::JoinSet,
};

/// What happens to connections, those that are there and those that come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TcpFault {
    /// Nothing: bytes pass.
    Pass,
    /// They are closed at once, as by a server that was killed.
    Down,
    /// No byte passes any more, and none is closed, as by a network that is cut.
    Stall,
}

/// Passes connections on to one server.
#[derive(Debug)]
pub struct TcpProxy {
    address: SocketAddr,
    fault: watch::Sender<TcpFault>,
    /// Ends all connections when it is dropped.
    _tasks: JoinSet<()>,
}

impl TcpProxy {
    /// Passes connections on to `server`, which is `host:port`.
    ///
    /// # Errors
    /// If no port can be had.
    pub async fn start(server: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("the proxy has no port")?;
        let (address, server) = (listener.local_addr()?, server.to_owned());
        let (fault, faults) = watch::channel(TcpFault::Pass);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, server, faults));
        Ok(Self { address, fault, _tasks: tasks })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Breaks connections so from now on.
    pub fn set(&self, fault: TcpFault) {
        self.fault.send_replace(fault);
    }
}

async fn accept(listener: TcpListener, server: String, faults: watch::Receiver<TcpFault>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(connect(stream, server.clone(), faults.clone()));
        while connections.try_join_next().is_some() {}
    }
}

/// Carries one connection, and closes both its sides when it returns.
async fn connect(client: TcpStream, server: String, mut faults: watch::Receiver<TcpFault>) {
    let mut down = faults.clone();
    let carried = async {
        // A connection that comes while nothing passes is not made further.
        faults.wait_for(|fault| *fault != TcpFault::Stall).await.ok()?;
        let server = TcpStream::connect(server).await.ok()?;
        let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
        tokio::select! {
            () = pass(from_client, to_server, faults.clone()) => {}
            () = pass(from_server, to_client, faults.clone()) => {}
        }
        Some(())
    };
    tokio::select! {
        _ = carried => {}
        _ = down.wait_for(|fault| *fault == TcpFault::Down) => {}
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut faults: watch::Receiver<TcpFault>) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let unstalled = faults.wait_for(|fault| *fault != TcpFault::Stall).await.is_ok();
        if !unstalled || to.write_all(buffer.get(..read).unwrap_or_default()).await.is_err() {
            break;
        }
    }
}
