//! Whether something answers at a URL as the server that it is said to be.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::{Url, program, redis, sql};

const PATIENCE: Duration = Duration::from_secs(5);

/// Asks the server at a URL, by its scheme: PostgreSQL to let its user in (where `psql` is installed; else only whether it
/// listens), Redis to answer a PING under its password, an S3 server to answer HTTP at all.
///
/// # Errors
/// When it does not; the URL's secrets are not in the message.
pub fn answers(url: &str) -> Result<()> {
    let parsed = Url::parse(url)?;
    let place = format!("{}:{}", parsed.host, parsed.port);
    let address = address(&parsed)?;
    TcpStream::connect_timeout(&address, PATIENCE).with_context(|| format!("nothing answers at {place}"))?;
    match parsed.scheme.as_str() {
        "postgres" | "postgresql" if program("psql").is_some() => {
            sql(url, "SELECT 1").map(drop).with_context(|| format!("PostgreSQL at {place} refuses"))
        }
        "postgres" | "postgresql" => Ok(()),
        "redis" => redis(url, &["PING"]).map(drop).with_context(|| format!("Redis at {place} refuses")),
        "http" => http(&place, address).with_context(|| format!("no HTTP server answers at {place}")),
        // Whoever speaks TLS is asked by the app itself.
        "https" | "rediss" => Ok(()),
        other => bail!("{other}:// is no address of a server that the app can use"),
    }
}

/// The first address of a URL's host.
pub(crate) fn address(url: &Url) -> Result<SocketAddr> {
    let found = (url.host.as_str(), url.port).to_socket_addrs();
    let found = found.with_context(|| format!("the host {} has no address", url.host))?;
    found.into_iter().next().with_context(|| format!("the host {} has no address", url.host))
}

fn http(host: &str, address: SocketAddr) -> Result<()> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(format!("GET / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").as_bytes())?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    if line.starts_with("HTTP/1.") { Ok(()) } else { bail!("the answer is not HTTP") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
    use super::*;

    #[test]
    fn a_server_that_is_away_is_told_without_its_password() {
        let port = crate::free_port().unwrap();
        for scheme in ["postgres", "redis", "http"] {
            let error = format!("{:#}", answers(&format!("{scheme}://me:s3same@127.0.0.1:{port}/x")).unwrap_err());
            assert!(error.contains(&format!("nothing answers at 127.0.0.1:{port}")), "{error}");
            assert!(!error.contains("s3same"), "{error}");
        }
    }
}
