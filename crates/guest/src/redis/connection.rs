//! A connection that is kept, and made anew when it is lost.

use crate::time::timeout;
use send_wrapper::SendWrapper;
use spin_sdk::redis::{self, Error};
use std::{
    fmt,
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use vitrine_kv::KvError;

/// How long one command may take, with connecting.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection, which serves several tasks at a time.
#[derive(Clone)]
pub(crate) struct Connection(Arc<SendWrapper<redis::Connection>>);

impl Deref for Connection {
    type Target = redis::Connection;
    fn deref(&self) -> &redis::Connection {
        &self.0
    }
}

/// A server. A connection to it is opened at the first use and kept.
pub(crate) struct Redis {
    url: String,
    kept: Mutex<Option<Connection>>,
}

impl fmt::Debug for Redis {
    // Without the URL, which holds a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redis")
    }
}

/// How an attempt failed.
enum Failure {
    /// The server refused the command.
    Refused(KvError),
    /// There is no connection, or it was lost: whether the command was carried out, nobody can tell. What the client
    /// library says ("broken pipe") is the same before the command was sent and after.
    Lost(KvError),
}

impl Redis {
    pub(crate) fn new(url: &str) -> Self {
        Self { url: url.to_owned(), kept: Mutex::default() }
    }

    /// Runs a command that may be run twice: again on a new connection, if the one that was kept is lost.
    pub(crate) async fn idempotent<T, F>(&self, command: impl Fn(Connection) -> F) -> Result<T, KvError>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let had_one = self.kept().is_some();
        match self.attempt(&command).await {
            Err(Failure::Lost(_)) if had_one => self.attempt(&command).await.map_err(Failure::into),
            ended => ended.map_err(Failure::into),
        }
    }

    /// Runs a command that must not be run twice: never again. The host replaces a connection that was lost
    /// while nobody used it; on Spin, the first command after that fails, and the next one gets a new connection.
    pub(crate) async fn once<T, F>(&self, command: impl Fn(Connection) -> F) -> Result<T, KvError>
    where
        F: Future<Output = Result<T, Error>>,
    {
        self.attempt(&command).await.map_err(Failure::into)
    }

    async fn attempt<T, F>(&self, command: impl Fn(Connection) -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let run = async {
            let connection = self.connection().await?;
            command(connection).await
        };
        let failure = match timeout(PATIENCE, run).await {
            Some(Ok(value)) => return Ok(value),
            Some(Err(error)) => failure(error),
            None => Failure::Lost(KvError::Unavailable(format!("no answer within {PATIENCE:?}"))),
        };
        if !matches!(failure, Failure::Refused(_)) {
            *self.kept() = None;
        }
        Err(failure)
    }

    async fn connection(&self) -> Result<Connection, Error> {
        if let Some(connection) = self.kept().clone() {
            return Ok(connection);
        }
        let connection = redis::Connection::open(&self.url).await?;
        let connection = Connection(Arc::new(SendWrapper::new(connection)));
        *self.kept() = Some(connection.clone());
        Ok(connection)
    }

    fn kept(&self) -> MutexGuard<'_, Option<Connection>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<Failure> for KvError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(error) | Failure::Lost(error) => error,
        }
    }
}

fn failure(error: Error) -> Failure {
    let said = match error {
        Error::InvalidAddress => "the address is malformed, or not granted to this component".to_owned(),
        Error::TooManyConnections => "too many connections are open".to_owned(),
        Error::TypeError => return Failure::Refused(KvError::NotANumber),
        Error::Other(said) => said,
    };
    let holds = |words: &[&str]| words.iter().any(|word| said.to_lowercase().contains(word));
    if holds(&["not an integer", "overflow", "wrongtype"]) {
        Failure::Refused(KvError::NotANumber)
    } else {
        Failure::Lost(KvError::Unavailable(said))
    }
}
