//! Web origins (RFC 6454).

use http::{HeaderValue, Uri};
use std::{fmt, str::FromStr};

/// Scheme, host and port of a site, as a browser writes them in the header `Origin`: in small letters, without the port that
/// the scheme has anyway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    text: String,
    header: HeaderValue,
}

/// The text is no origin such as `https://example.org`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no origin such as https://example.org: a scheme (http or https), a host, perhaps a port, and nothing else"
)]
pub struct InvalidOrigin(String);

impl Origin {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// As a header's value.
    #[must_use]
    pub fn to_header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// Whether connections to it are encrypted.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.text.starts_with("https://")
    }

    /// Whether the header `Origin` names it.
    #[must_use]
    pub fn is(&self, value: &HeaderValue) -> bool {
        self.text.as_bytes() == value.as_bytes()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let refused = || InvalidOrigin(text.to_owned());
        let uri: Uri = text.trim().parse().map_err(|_| refused())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(refused()) };
        let default = match scheme {
            "http" => 80,
            "https" => 443,
            _ => return Err(refused()),
        };
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() || authority.as_str().contains(['@', '*']) {
            return Err(refused());
        }
        let host = authority.host().to_ascii_lowercase();
        let text = match authority.port_u16().filter(|port| *port != default) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        };
        let header = HeaderValue::from_str(&text).map_err(|_| refused())?;
        if host.is_empty() { Err(refused()) } else { Ok(Self { text, header }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_as_browsers_write_it() {
        for (text, written) in [
            ("https://Example.ORG", "https://example.org"),
            ("https://example.org:443/", "https://example.org"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("http://[::1]:80", "http://[::1]"),
            (" https://example.org:8443 ", "https://example.org:8443"),
        ] {
            let origin: Origin = text.parse().unwrap();
            assert_eq!(origin.as_str(), written);
            assert!(origin.is(&HeaderValue::from_static(written)));
            assert!(!origin.is(&HeaderValue::from_static("null")));
        }
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "",
            "*",
            "null",
            "example.org",
            "https://",
            "ftp://example.org",
            "https://example.org/path",
            "https://a@example.org",
            "https://*.example.org",
            "https://example.org?x",
            "//example.org",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }
}
