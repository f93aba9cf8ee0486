//! A proxy that knows bytes only.

use anyhow::{Context as _, Result};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
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
    /// The next answer to a request that holds this text is lost, and its connection is closed instead: the server has done
    /// what it was asked for. After that, bytes pass.
    LoseAnswerTo(&'static str),
}

/// Passes connections on to one server.
#[derive(Debug)]
pub struct TcpProxy {
    address: SocketAddr,
    fault: watch::Sender<TcpFault>,
    open: watch::Sender<usize>,
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
        let (fault, open) = (watch::Sender::new(TcpFault::Pass), watch::Sender::new(0));
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, server, fault.clone(), open.clone()));
        Ok(Self { address, fault, open, _tasks: tasks })
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

    /// Is done when no connection is open.
    pub async fn closed(&self) {
        // It fails only if the sender is gone, which is here.
        drop(self.open.subscribe().wait_for(|open| *open == 0).await);
    }
}

/// One connection is open until this is dropped.
struct Open(watch::Sender<usize>);

impl Open {
    fn one_of(all: &watch::Sender<usize>) -> Self {
        all.send_modify(|open| *open += 1);
        Self(all.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}

async fn accept(listener: TcpListener, server: String, fault: watch::Sender<TcpFault>, open: watch::Sender<usize>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (server, fault, open) = (server.clone(), fault.clone(), Open::one_of(&open));
        connections.spawn(async move {
            connect(stream, server, fault).await;
            drop(open);
        });
        while connections.try_join_next().is_some() {}
    }
}

/// Carries one connection, and closes both its sides when it returns.
async fn connect(client: TcpStream, server: String, fault: watch::Sender<TcpFault>) {
    let (mut faults, mut down) = (fault.subscribe(), fault.subscribe());
    let carried = async {
        // A connection that comes while nothing passes is not made further.
        faults.wait_for(|fault| *fault != TcpFault::Stall).await.ok()?;
        let server = TcpStream::connect(server).await.ok()?;
        let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
        let asked = AtomicBool::new(false);
        tokio::select! {
            () = pass(from_client, to_server, &fault, |bytes| note(&fault, bytes, &asked)) => {}
            () = pass(from_server, to_client, &fault, |_| lost(&fault, &asked)) => {}
        }
        Some(())
    };
    tokio::select! {
        _ = carried => {}
        _ = down.wait_for(|fault| *fault == TcpFault::Down) => {}
    }
}

/// Passes bytes on in one direction until `ends` says so.
async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    fault: &watch::Sender<TcpFault>,
    ends: impl Fn(&[u8]) -> bool,
) {
    let (mut faults, mut buffer) = (fault.subscribe(), vec![0; 16 * 1024]);
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let unstalled = faults.wait_for(|fault| *fault != TcpFault::Stall).await.is_ok();
        let bytes = buffer.get(..read).unwrap_or_default();
        if !unstalled || ends(bytes) || to.write_all(bytes).await.is_err() {
            break;
        }
    }
}

/// Notes that what is asked here is what the answer is to be lost of; nothing ends.
fn note(fault: &watch::Sender<TcpFault>, bytes: &[u8], asked: &AtomicBool) -> bool {
    if let TcpFault::LoseAnswerTo(text) = *fault.borrow()
        && String::from_utf8_lossy(bytes).contains(text)
    {
        asked.store(true, Ordering::SeqCst);
    }
    false
}

/// Whether this answer is the one to lose.
fn lost(fault: &watch::Sender<TcpFault>, asked: &AtomicBool) -> bool {
    fault.send_if_modified(|fault| {
        let lose = matches!(fault, TcpFault::LoseAnswerTo(_)) && asked.load(Ordering::SeqCst);
        if lose {
            *fault = TcpFault::Pass;
        }
        lose
    })
}
