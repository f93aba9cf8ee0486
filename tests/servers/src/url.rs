//! The parts of a server's URL.

use anyhow::{Context as _, Result, bail};
use percent_encoding::percent_decode_str;

/// `scheme://user:password@host:port/path`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    /// Such as `postgres`.
    pub scheme: String,
    /// Empty where there is none; decoded.
    pub user: String,
    /// Empty where there is none; decoded.
    pub password: String,
    /// Name or address.
    pub host: String,
    /// The one that is named, or the scheme's own.
    pub port: u16,
    /// What follows the first `/` of the path, without a query.
    pub path: String,
}

impl Url {
    /// Takes a URL apart. Its text is not repeated in errors, since it may hold a password.
    ///
    /// # Errors
    /// When it is no URL with a host, or has no port and a scheme whose port is not known.
    pub fn parse(text: &str) -> Result<Self> {
        let uri: http::Uri = text.parse().context("it is not of the form scheme://user:password@host:port/name")?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            bail!("it is not of the form scheme://user:password@host:port/name");
        };
        let login = authority.as_str().rsplit_once('@').map_or("", |(login, _)| login);
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let port = authority.port_u16().or(match scheme {
            "postgres" | "postgresql" => Some(5432),
            "redis" | "rediss" => Some(6379),
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        });
        Ok(Self {
            scheme: scheme.to_owned(),
            user: decoded(user)?,
            password: decoded(password)?,
            host: authority.host().trim_matches(['[', ']']).to_owned(),
            port: port.with_context(|| format!("it names no port, and {scheme} has none of its own"))?,
            path: uri.path().trim_start_matches('/').to_owned(),
        })
    }
}

fn decoded(text: &str) -> Result<String> {
    Ok(percent_decode_str(text).decode_utf8().context("its user or password is no UTF-8")?.into_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
    use super::*;

    #[test]
    fn all_parts_are_found() {
        let url = Url::parse("postgres://auth:p%40ss@127.0.0.1:15432/auth?sslmode=disable").unwrap();
        let parts = (url.user.as_str(), url.password.as_str(), url.host.as_str(), url.port, url.path.as_str());
        assert_eq!(parts, ("auth", "p@ss", "127.0.0.1", 15432, "auth"));
    }

    #[test]
    fn what_is_not_named_is_the_schemes_own() {
        let url = Url::parse("redis://[::1]").unwrap();
        assert_eq!((url.user.as_str(), url.host.as_str(), url.port, url.path.as_str()), ("", "::1", 6379, ""));
    }

    #[test]
    fn errors_do_not_repeat_the_url() {
        for text in ["localhost", "postgres:// secret@x", "ftp://u:secret@host", "/secret", ""] {
            let error = format!("{:#}", Url::parse(text).unwrap_err());
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
