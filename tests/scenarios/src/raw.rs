//! Requests byte by byte, for what no proper client would send.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What came back on the wire.
#[derive(Debug)]
pub struct RawAnswer {
    /// The status, if a status line came.
    pub status: Option<u16>,
    /// Everything that came, as text.
    pub text: String,
    /// Whether the connection was torn down while bytes were on their way, by which an answer can get lost.
    pub torn: bool,
}

impl RawAnswer {
    /// Whether the request was turned down with one of these statuses. Silence is no refusal: whoever cannot make sense of a
    /// request says so with a status (RFC 9112, sections 2.2, 3 and 6.3).
    #[must_use]
    pub fn is_refused(&self, statuses: &[u16]) -> bool {
        self.status.is_some_and(|status| statuses.contains(&status))
    }

    /// Likewise for a request of which the client was still sending: a server that closes then may tear the connection down,
    /// and its answer may get lost by that (RFC 9112, section 9.6).
    #[must_use]
    pub fn is_refused_midway(&self, statuses: &[u16]) -> bool {
        self.is_refused(statuses) || (self.status.is_none() && self.torn)
    }

    /// Whether the answer is a problem document.
    #[must_use]
    pub fn is_problem(&self) -> bool {
        self.text.to_ascii_lowercase().contains("content-type: application/problem+json")
    }
}

/// Opens a connection to `base` (`http://host:port`).
///
/// # Errors
/// When nobody listens there.
pub async fn connect(base: &str) -> Result<TcpStream> {
    let address = base.strip_prefix("http://").with_context(|| format!("not an http URL: {base}"))?;
    Ok(timeout(PATIENCE, TcpStream::connect(address)).await??)
}

/// Sends these bytes, and reads until the server closes, falls silent after a whole head, or patience ends.
///
/// # Errors
/// When nobody listens, or nothing at all happens for a long time.
pub async fn exchange(base: &str, request: &[u8]) -> Result<RawAnswer> {
    let mut stream = connect(base).await?;
    // The server may refuse in the middle of a long request, and then writing fails: its answer still counts.
    let torn = stream.write_all(request).await.is_err();
    let answer = read_answer(&mut stream).await?;
    Ok(RawAnswer { torn: torn || answer.torn, ..answer })
}

/// Reads one answer from a connection.
///
/// # Errors
/// When nothing at all happens for a long time.
pub async fn read_answer(stream: &mut TcpStream) -> Result<RawAnswer> {
    let mut received = Vec::new();
    let mut chunk = vec![0; 64 * 1024];
    let mut torn = false;
    loop {
        let patience = if received.is_empty() { PATIENCE } else { Duration::from_millis(500) };
        match timeout(patience, stream.read(&mut chunk)).await {
            Ok(Ok(0)) => break,
            Ok(Err(_)) => {
                torn = true;
                break;
            }
            Ok(Ok(read)) => received.extend(chunk.iter().take(read)),
            Err(_) if received.is_empty() => bail!("no answer in {PATIENCE:?}"),
            Err(_) => break,
        }
    }
    let text = String::from_utf8_lossy(&received).into_owned();
    let status = text.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|code| code.parse().ok());
    Ok(RawAnswer { status, text, torn })
}
