//! One entry of `allowed_outbound_hosts`.

use std::ops::Range;

use ipnet::IpNet;
use url::Host;

use super::CHAINING_DOMAIN;

/// A parsed entry: `scheme://host[:port]`, each of which may be `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern {
    /// None for any.
    scheme: Option<String>,
    pub(super) host: HostRule,
    port: PortRule,
}

/// Which hosts an entry covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HostRule {
    /// All, the app itself among them (`*`).
    Any,
    /// The app itself (`self`).
    ToSelf,
    /// Those whose name ends in this, which begins with a dot (`*.example.com`).
    Below(String),
    /// This one.
    Exactly(Host<String>),
    /// The addresses of this network (`10.0.0.0/8`).
    Network(IpNet),
}

/// Which ports an entry covers.
#[derive(Clone, Debug, PartialEq, Eq)]
enum PortRule {
    Any,
    One(u16),
    /// Without the last one, as in Spin.
    Within(Range<u16>),
}

/// Why text is no entry. Each message says what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It has no `://`.
    #[error("write scheme://host[:port], such as \"https://example.com\"; for anything at all, \"*://*:*\"")]
    NoScheme,
    /// The scheme has other characters than letters.
    #[error("a scheme is letters only, or `*`")]
    BadScheme,
    /// It has a path.
    #[error("a grant covers a whole host; remove the path")]
    Path,
    /// A `*` stands in the middle of a name.
    #[error("a `*` stands for a whole host, or for all below a domain as in \"https://*.example.com\"")]
    Wildcard,
    /// The host is neither a name nor an address.
    #[error("the host is not a domain name, an IP address or a network such as 10.0.0.0/8")]
    BadHost,
    /// The port is no number and no range.
    #[error("a port is a number, a range such as 8000..9000 (9000 not among it), or `*`")]
    BadPort,
    /// The scheme has no port of its own and none is given.
    #[error("the scheme has no port of its own; write one, or `:*`")]
    NoPort,
}

impl HostPattern {
    /// Parses an entry whose variables are resolved.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let (scheme, rest) = text.trim().split_once("://").ok_or(PatternError::NoScheme)?;
        let (host, port) = split_port(rest)?;
        let any_scheme = scheme == "*";
        if !any_scheme && !scheme.chars().all(char::is_alphabetic) {
            return Err(PatternError::BadScheme);
        }
        Ok(Self {
            port: PortRule::parse(port, scheme)?,
            host: HostRule::parse(host)?,
            scheme: (!any_scheme).then(|| scheme.to_owned()),
        })
    }

    /// Replaces `*.spin.internal` by one entry for each component.
    pub(super) fn for_components<'a>(self, components: impl Iterator<Item = &'a str>) -> Vec<Self> {
        match &self.host {
            HostRule::Below(suffix) if suffix.strip_prefix('.') == Some(CHAINING_DOMAIN) => components
                .map(|component| Self {
                    host: HostRule::Exactly(Host::Domain(format!("{component}{suffix}"))),
                    ..self.clone()
                })
                .collect(),
            _ => vec![self],
        }
    }

    pub(super) fn allows_scheme(&self, scheme: &str) -> bool {
        self.scheme.as_deref().is_none_or(|own| own == scheme)
    }

    pub(super) fn allows(&self, scheme: &str, host: &Host<String>, port: Option<u16>) -> bool {
        self.allows_scheme(scheme) && self.host.allows(host) && self.port.allows(port)
    }
}

/// Parts `host[:port]`; the colons of an IPv6 address belong to the host.
fn split_port(rest: &str) -> Result<(&str, &str), PatternError> {
    match rest.rsplit_once(':') {
        None => Ok((rest, "")),
        Some((host, "")) => Ok((host, "")),
        Some(_) if HostRule::parse(rest).is_ok() => Ok((rest, "")),
        Some((host, tail)) => match tail.split_once('/') {
            Some((_, path)) if !path.is_empty() => Err(PatternError::Path),
            Some((port, _)) => Ok((host, port)),
            None => Ok((host, tail)),
        },
    }
}

impl HostRule {
    fn parse(text: &str) -> Result<Self, PatternError> {
        let host = text.trim();
        match host {
            "*" => return Ok(Self::Any),
            "self" | "self.alt" => return Ok(Self::ToSelf),
            _ => {}
        }
        if let Ok(network) = host.parse::<IpNet>() {
            return Ok(Self::Network(network));
        }
        let host = host.strip_suffix('/').unwrap_or(host);
        if host.contains('/') {
            return Err(PatternError::Path);
        }
        if let Some(domain) = host.strip_prefix("*.") {
            return match Host::parse(domain) {
                _ if domain.contains('*') => Err(PatternError::Wildcard),
                Ok(Host::Domain(domain)) => Ok(Self::Below(format!(".{domain}"))),
                _ => Err(PatternError::BadHost),
            };
        }
        if host.contains('*') {
            return Err(PatternError::Wildcard);
        }
        Host::parse(host).map(Self::Exactly).map_err(|_| PatternError::BadHost)
    }

    fn allows(&self, host: &Host<String>) -> bool {
        match (self, host) {
            (Self::Any, _) => true,
            (Self::Below(suffix), Host::Domain(domain)) => domain.ends_with(suffix.as_str()),
            (Self::Exactly(own), host) => own == host,
            (Self::Network(network), Host::Ipv4(address)) => network.contains(&std::net::IpAddr::V4(*address)),
            (Self::Network(network), Host::Ipv6(address)) => network.contains(&std::net::IpAddr::V6(*address)),
            (Self::Below(_) | Self::Network(_) | Self::ToSelf, _) => false,
        }
    }
}

impl PortRule {
    fn parse(text: &str, scheme: &str) -> Result<Self, PatternError> {
        if text == "*" {
            return Ok(Self::Any);
        }
        if text.is_empty() {
            return well_known_port(scheme).map(Self::One).ok_or(PatternError::NoPort);
        }
        let number = |text: &str| text.parse::<u16>().map_err(|_| PatternError::BadPort);
        match text.split_once("..") {
            Some((from, below)) => Ok(Self::Within(number(from)?..number(below)?)),
            None => number(text).map(Self::One),
        }
    }

    fn allows(&self, port: Option<u16>) -> bool {
        match self {
            Self::Any => true,
            Self::One(own) => port == Some(*own),
            Self::Within(range) => port.is_some_and(|port| range.contains(&port)),
        }
    }
}

/// The port that a scheme means when none is written; only those that Spin knows.
pub(super) fn well_known_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        "mqtt" => Some(1883),
        "mysql" => Some(3306),
        "postgres" => Some(5432),
        "redis" => Some(6379),
        _ => None,
    }
}
