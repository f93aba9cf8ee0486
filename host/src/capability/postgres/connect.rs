//! Connects to a server, and carries what goes over the connection for as long as it lives.

use deadpool_postgres::Connect;
use futures::future::{BoxFuture, FutureExt};
use std::future::poll_fn;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;
use tokio_postgres::config::{Config, SslMode};
use tokio_postgres::{AsyncMessage, Client, Connection, Error, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Connects with TLS or without, as the address says.
pub(super) struct Connector(pub(super) MakeRustlsConnect);

impl Connect for Connector {
    fn connect(&self, config: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Error>> {
        let config = config.clone();
        async move {
            if config.get_ssl_mode() == SslMode::Disable {
                let (client, connection) = config.connect(NoTls).await?;
                return Ok((client, tokio::spawn(carry(connection))));
            }
            let (client, connection) = config.connect(self.0.clone()).await?;
            Ok((client, tokio::spawn(carry(connection))))
        }
        .boxed()
    }
}

/// Carries messages until the connection ends. What the server only remarks ("relation already exists, skipping") and
/// why a connection was lost is for whoever looks closer: guests are told what concerns them.
async fn carry<S, T>(mut connection: Connection<S, T>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
        match message {
            Ok(AsyncMessage::Notice(notice)) => tracing::debug!(severity = notice.severity(), "{}", notice.message()),
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(%error, "a connection to a database was lost");
                return;
            }
        }
    }
}
