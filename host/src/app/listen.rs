//! Accepts connections and gives them to the threads in turn, until the process is asked to end.

use crate::admin::Phase;
use crate::dispatch::Dispatcher;
use crate::http::{Edge, Frontend, serve as serve_connection};
use crate::shutdown;
use crate::threads::Threads;
use anyhow::{Context, Result};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// Connections at the same time.
const MAX_CONNECTIONS: usize = 4096;
/// How long requests may go on after the process was asked to end.
const GRACE: Duration = Duration::from_secs(10);

/// Binds an address, or says what is in the way.
pub(super) async fn bind(address: SocketAddr, option: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let remedy = match error.kind() {
            std::io::ErrorKind::AddrInUse => "another process listens there: stop it, or choose another address",
            std::io::ErrorKind::PermissionDenied => "that port needs privileges: choose one above 1023",
            _ => "choose another address",
        };
        anyhow::anyhow!("cannot listen on {address}: {error}; {remedy} with {option}")
    })
}

/// Serves until the process is asked to end, then finishes what is under way.
pub(super) async fn serve(
    listener: TcpListener,
    threads: &Threads,
    frontend: Arc<Frontend>,
    dispatchers: &[Arc<Dispatcher>],
    phase: &watch::Sender<Phase>,
) -> Result<()> {
    let (end, ending) = watch::channel(false);
    let edge = Edge { frontend: frontend.clone(), ending };
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    tokio::select! {
        result = accept(&listener, threads, &edge, &room) => result?,
        result = shutdown::asked() => result?,
    }
    drop(listener);
    _ = phase.send(Phase::Ending);
    _ = end.send(true);
    dispatchers.iter().for_each(|dispatcher| dispatcher.end());
    let chained = || dispatchers.iter().map(|dispatcher| dispatcher.chained_under_way()).sum::<usize>();
    tracing::info!(in_flight = frontend.in_flight(), chained = chained(), "ending: what is under way is finished");
    let start = Instant::now();
    while frontend.in_flight() > 0 || chained() > 0 {
        if start.elapsed() > GRACE {
            tracing::warn!(in_flight = frontend.in_flight(), chained = chained(), "ended with requests under way");
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // The last bytes of the last answers are on their way to the kernel.
    _ = tokio::time::timeout(Duration::from_secs(1), room.acquire_many(MAX_CONNECTIONS as u32)).await;
    tracing::info!("ended");
    Ok(())
}

async fn accept(listener: &TcpListener, threads: &Threads, edge: &Edge, room: &Arc<Semaphore>) -> Result<()> {
    for (_, runtime) in threads.serving.iter().cycle() {
        let place = room.clone().acquire_owned().await.context("the process is ending")?;
        let (stream, peer) = next(listener).await;
        let edge = edge.clone();
        runtime.spawn(async move {
            serve_connection(stream, peer, edge).await;
            drop(place);
        });
    }
    Ok(())
}

/// The next connection, out of this thread's hands.
async fn next(listener: &TcpListener) -> (std::net::TcpStream, SocketAddr) {
    loop {
        let accepted = listener.accept().await;
        match accepted.and_then(|(stream, peer): (TcpStream, _)| Ok((stream.into_std()?, peer))) {
            Ok(accepted) => return accepted,
            Err(error) => {
                // Most likely too many open files: wait for some to close.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}
